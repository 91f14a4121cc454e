"""What a watch tells, for tests of those that are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

from nstui.model.container import ContainerId
from nstui.model.finding import Severity
from nstui.model.watch import (
    Circuit,
    Hold,
    WatchedIncident,
    WatchEvent,
    WatchEventKind,
    WatchStatus,
)

if TYPE_CHECKING:
    from typing import Unpack

AT = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
"""The time of all that is told."""


class Details(TypedDict, total=False):
    """What may be said of an event beside its kind."""

    severity: Severity | None
    key: str
    cause: str
    subject: str
    names: tuple[str, ...]
    hold: Hold | None
    command: str
    steps: tuple[str, ...]
    is_dry_run: bool
    waited_s: float | None


_VPN = WatchEvent(
    kind=WatchEventKind.FOUND,
    at=AT,
    message="",
    severity=Severity.ERROR,
    key="vpn",
    subject="vpn",
    names=("sonarr", "radarr"),
)


def told(
    kind: WatchEventKind, message: str = "", **details: Unpack[Details]
) -> WatchEvent:
    """Return an event about the incident of a VPN, unless it is said otherwise."""
    message = message or f"it is {kind.value}"
    return replace(_VPN, kind=kind, message=message, **details)


FOUND = told(
    WatchEventKind.FOUND,
    message="vpn was restarted: 2 containers have no network",
    cause="owner-restarted",
)
HEALED = told(WatchEventKind.HEALED, message="2 containers were restarted", waited_s=4)
OVER = told(WatchEventKind.OVER, message="nothing is wrong with vpn any more")


def incident(hold: Hold | None = None) -> WatchedIncident:
    """Return an incident that a watch knows of."""
    return WatchedIncident(
        key="vpn",
        message="vpn was restarted: 2 containers have no network",
        severity=Severity.ERROR,
        names=("sonarr", "radarr"),
        since=AT,
        hold=hold,
        reason="",
    )


def circuit(name: str = "sonarr") -> Circuit:
    """Return an open circuit."""
    return Circuit(container=ContainerId("f" * 64), name=name, attempts=5, until=AT)


def watch_status(  # noqa: PLR0913 - one for each fact
    *,
    looked_at: datetime | None = AT,
    problem: str = "",
    has_events: bool = True,
    findings: dict[str, int] | None = None,
    incidents: tuple[WatchedIncident, ...] = (),
    circuits: tuple[Circuit, ...] = (),
    is_dry_run: bool = False,
) -> WatchStatus:
    """Return what a watch is doing: nothing, unless it is said otherwise."""
    return WatchStatus(
        pid=1,
        endpoint="unix:///var/run/docker.sock",
        started_at=AT,
        written_at=AT,
        looked_at=looked_at,
        has_events=has_events,
        problem=problem,
        findings=findings or {},
        incidents=incidents,
        circuits=circuits,
        is_dry_run=is_dry_run,
    )
