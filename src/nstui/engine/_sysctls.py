"""Sysctls of a network interface, which newer engines want to be told elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.engine._json import strings

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT_SYSCTLS = "com.docker.network.endpoint.sysctls"
"""The option of an endpoint's driver that has them, since API 1.46."""

_FIRST_INTERFACE = "eth0"
_ANY_INTERFACE = "IFNAME"

Fields = dict[str, object]


def on_the_endpoint(
    host: Mapping[str, object], endpoint: Mapping[str, object]
) -> tuple[Fields, Fields]:
    """Return the settings of a host and of the first network, each in its place.

    From API 1.48 on an engine refuses sysctls that name an interface among those of the
    container. Until then it moved those of the first interface itself (moby
    ``handleSysctlBC``). It keeps what containers have that were made before.
    """
    sysctls = strings(host.get("Sysctls"))
    moved = {key: _of_any(key) for key in sysctls if _of_any(key)}
    if not moved:
        return dict(host), dict(endpoint)
    options = strings(endpoint.get("DriverOpts"))
    # What was said of the endpoint comes last, and counts.
    entries = [f"{name}={sysctls[key]}" for key, name in moved.items()]
    entries += filter(None, [options.get(ENDPOINT_SYSCTLS, "")])
    kept = {key: value for key, value in sysctls.items() if key not in moved}
    return (
        {**host, "Sysctls": kept},
        {**endpoint, "DriverOpts": {**options, ENDPOINT_SYSCTLS: ",".join(entries)}},
    )


def _of_any(key: str) -> str:
    """Return the name of a sysctl of the first interface for any, or ""."""
    parts = key.split(".", maxsplit=4)
    if len(parts) < len(("net", "ipv4", "conf", "eth0", "rest")):
        return ""
    if parts[0] != "net" or parts[3] != _FIRST_INTERFACE:
        return ""
    return ".".join((*parts[:3], _ANY_INTERFACE, parts[4]))
