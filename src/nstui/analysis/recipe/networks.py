"""The networks of a container, and what was requested on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH
from nstui.model.healing import Attachment
from nstui.model.json import flag, inner, strings, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    Json = Mapping[str, object]

BRIDGE = "bridge"
DEFAULT_MODES = frozenset({"", "default", BRIDGE})
"""The network modes that mean the engine's default network."""

_CHOSEN = frozenset(
    {
        *("NetworkID", "EndpointID", "DNSNames", "Gateway", "IPAddress", "IPPrefixLen"),
        *("IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen"),
    }
)
"""The fields of a network in an inspect that the engine chose."""

_NOT_ATTACHED = frozenset({"host", "none"})

ENDPOINT_SYSCTLS = "com.docker.network.endpoint.sysctls"
"""The driver option of a network that holds them, since API 1.46."""

_FIRST_INTERFACE = "eth0"
_ANY_INTERFACE = "IFNAME"

Settings = dict[str, object]


def has_networks(mode: str) -> bool:
    """Tell whether a network mode allows the container networks of its own."""
    return mode not in _NOT_ATTACHED and not mode.startswith(JOIN_PREFIX)


def read_networks(inspect: Json) -> tuple[Attachment | None, tuple[Attachment, ...]]:
    """Return the attachment to the network of the mode, and all others.

    The first value is None if the container has left the network of its mode.
    """
    mode = text(inner(inspect, "HostConfig"), "NetworkMode")
    if not has_networks(mode):
        return None, ()
    networks = inner(inner(inspect, "NetworkSettings"), "Networks")
    first = _mode_network(mode, networks)
    found = {name: _attachment(inspect, name, networks) for name in sorted(networks)}
    return found.pop(first, None), tuple(found.values())


def _mode_network(mode: str, networks: Json) -> str:
    """Return the name of the network that the mode means, if it is attached.

    A mode is a network's name, its id, a prefix of it, or the default's name.
    """
    wanted = BRIDGE if mode in DEFAULT_MODES else mode
    if wanted in networks:
        return wanted
    ids = {name: text(inner(networks, name), "NetworkID") for name in networks}
    by_id = (name for name, found in ids.items() if found.startswith(wanted))
    # Podman reports the mode "bridge" whatever the network's name is.
    return next(by_id, next(iter(networks), "") if wanted == BRIDGE else "")


def _attachment(inspect: Json, name: str, networks: Json) -> Attachment:
    """Return the requested settings on a network, without what the engine chose."""
    network = inner(networks, name)
    # Engines before 26 add the beginning of the container's id themselves.
    own = text(inspect, "Id")[:SHORT_ID_LENGTH]
    aliases = [alias for alias in texts(network, "Aliases") if alias != own]
    asked = {
        **{key: value for key, value in network.items() if key not in _CHOSEN},
        "Aliases": aliases or None,
        "MacAddress": _mac_address(inspect, name, network),
    }
    return Attachment(
        network=name,
        # Null and empty values are kept: the engine distinguishes them.
        asked={
            key: value for key, value in asked.items() if value or value in ({}, [])
        },
        # Both this field and several networks at once came with API 1.44.
        allows_several="DNSNames" in network,
        # Both this field and the refusal of the other place came with API 1.48.
        takes_sysctls="GwPriority" in network,
    )


def _mac_address(inspect: Json, name: str, network: Json) -> str:
    """Return the MAC address that was, or may have been, requested on a network.

    A running container always has one. The address requested on the network of the mode
    is also recorded elsewhere. On other networks, only an address derived from the IP
    address is known to be the engine's choice: newer engines choose at random.
    """
    found = text(network, "MacAddress")
    if not flag(inner(inspect, "State"), "Running"):
        return found
    is_told = name in {BRIDGE, text(inner(inspect, "HostConfig"), "NetworkMode")}
    is_chosen = found == _derived_mac_address(text(network, "IPAddress"))
    return "" if is_told or is_chosen else found


def _derived_mac_address(address: str) -> str:
    """Return the MAC address that engines derive from an IPv4 address."""
    try:
        parts = [f"{int(part):02x}" for part in address.split(".")]
    except ValueError:
        return ""
    return ":".join(("02", "42", *parts))


def move_sysctls(host: Json, endpoint: Json) -> tuple[Settings, Settings]:
    """Move the sysctls of the first interface from the host config to its network.

    From API 1.48 on an engine refuses sysctls that name an interface among those of the
    container. Until then it moved those of the first interface itself (moby
    ``handleSysctlBC``). Containers created earlier keep theirs.
    """
    sysctls = strings(host.get("Sysctls"))
    moved = {key: _for_any_interface(key) for key in sysctls if _for_any_interface(key)}
    if not moved:
        return dict(host), dict(endpoint)
    options = strings(endpoint.get("DriverOpts"))
    # The last entry counts, so those of the endpoint override the others.
    entries = [f"{name}={sysctls[key]}" for key, name in moved.items()]
    entries += filter(None, [options.get(ENDPOINT_SYSCTLS, "")])
    kept = {key: value for key, value in sysctls.items() if key not in moved}
    return (
        {**host, "Sysctls": kept},
        {**endpoint, "DriverOpts": {**options, ENDPOINT_SYSCTLS: ",".join(entries)}},
    )


def _for_any_interface(key: str) -> str:
    """Return a sysctl of the first interface with the placeholder for any interface.

    Returns an empty string for any other sysctl.
    """
    parts = key.split(".", maxsplit=4)
    if len(parts) < len(("net", "ipv4", "conf", "eth0", "rest")):
        return ""
    if parts[0] != "net" or parts[3] != _FIRST_INTERFACE:
        return ""
    return ".".join((*parts[:3], _ANY_INTERFACE, parts[4]))
