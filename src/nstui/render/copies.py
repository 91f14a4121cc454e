"""What of a container is worth copying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.container import short_id
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId


@dataclass(frozen=True, slots=True)
class Copy:
    """A text to copy, which may hold anything."""

    label: str
    text: str
    note: str = ""
    """What else there is to know of it."""


def copies_of(
    report: Report, container: Container, addresses: tuple[Copy, ...] = ()
) -> tuple[Copy, ...]:
    """Return what can be copied of a container: its name, what heals it, and so on.

    Args:
        report: What was seen.
        container: One of it.
        addresses: Its addresses, if they are known.

    """
    findings = report.findings_by_container.get(container.id, ())
    remedies = dict.fromkeys(f.remedy for f in findings if f.is_command)
    return (
        Copy("name", container.name),
        *(Copy("remedy", remedy) for remedy in remedies),
        Copy("short id", short_id(container.id)),
        Copy("id", container.id),
        *addresses,
        Copy("image", container.image),
    )


def address_holder(report: Report, container: ContainerId) -> ContainerId | None:
    """Return whose addresses a container uses: those of its network's owner."""
    return report.graph.chain(container, NamespaceKind.NET).owner


def addresses_in(inspect: Mapping[str, object], whose: str) -> tuple[Copy, ...]:
    """Return the addresses that an engine's inspect tells of, network by network.

    Args:
        inspect: The engine's answer.
        whose: The name of its container if that is another one than is asked for.

    """
    settings = _inner(inspect, "NetworkSettings")
    of = f"of {whose}, " if whose else ""
    return tuple(
        Copy("address", address, f"{of}on {network}")
        for network, endpoint in _inner(settings, "Networks").items()
        if isinstance(endpoint, Mapping)
        for key in ("IPAddress", "GlobalIPv6Address")
        if isinstance(address := endpoint.get(key), str) and address
    )


def _inner(raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}
