"""What a container has on its networks, as far as somebody asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH
from nstui.model.recipe import Attachment

if TYPE_CHECKING:
    from nstui.model.fields import Fields

BRIDGE = "bridge"
DEFAULT_MODES = frozenset({"", "default", BRIDGE})
"""The words that mean the engine's own network."""

_CHOSEN = frozenset(
    {
        *("NetworkID", "EndpointID", "DNSNames", "Gateway", "IPAddress", "IPPrefixLen"),
        *("IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen"),
    }
)
"""What an inspect tells of a network and nobody asks for."""

_NOT_ATTACHED = frozenset({"host", "none"})


def has_networks(mode: str) -> bool:
    """Tell whether a network mode lets a container have networks of its own."""
    return mode not in _NOT_ATTACHED and not mode.startswith(JOIN_PREFIX)


def read_networks(
    inspect: Fields,
) -> tuple[Attachment | None, tuple[Attachment, ...]]:
    """Return what a container has on the network of its mode, and on all others.

    The mode may mean one that it has left; then it has nothing there.
    """
    if not has_networks(_mode(inspect)):
        return None, ()
    networks = inspect.inner("NetworkSettings").inner("Networks")
    first = _mode_network(_mode(inspect), networks)
    further = tuple(
        _attachment(inspect, name, networks.inner(name))
        for name in sorted(networks.raw)
        if name != first
    )
    if first is None:
        return None, further
    return _attachment(inspect, first, networks.inner(first)), further


def _mode(inspect: Fields) -> str:
    return inspect.inner("HostConfig").text("NetworkMode")


def _mode_network(mode: str, networks: Fields) -> str | None:
    """Return the name of the network that the mode means, if it is attached to it.

    A mode is a network's name, its id or the beginning of that, or the default's.
    """
    wanted = BRIDGE if mode in DEFAULT_MODES else mode
    if wanted in networks.raw:
        return wanted
    ids = {name: networks.inner(name).text("NetworkID") for name in networks.raw}
    by_id = (name for name, found in ids.items() if found.startswith(wanted))
    # Podman says "bridge" whatever the network is called.
    fallback = next(iter(networks.raw), None) if wanted == BRIDGE else None
    return next(by_id, fallback)


def _attachment(inspect: Fields, name: str, network: Fields) -> Attachment:
    """Return what was asked for on a network, without what the engine chose."""
    # Engines before 26 add the beginning of the container's id by themselves.
    own = inspect.text("Id")[:SHORT_ID_LENGTH]
    aliases = [alias for alias in network.texts("Aliases") if alias != own]
    asked = {
        **{key: value for key, value in network.raw.items() if key not in _CHOSEN},
        "Aliases": aliases or None,
        "MacAddress": _mac_address(inspect, name, network),
    }
    return Attachment(
        network=name,
        # What is null and what is empty stay so: the engine tells them apart.
        asked={
            key: value for key, value in asked.items() if value or value in ({}, [])
        },
        # Came with API 1.44, and so did several networks at once.
        allows_several=network.has("DNSNames"),
    )


def _mac_address(inspect: Fields, name: str, network: Fields) -> str:
    """Return the MAC address that was asked for on a network, or may have been.

    While a container runs it has one in any case. The one that was asked for on the
    network of the mode stands elsewhere too. On others only one that is made of the
    address is known to be the engine's choice: newer engines choose at random.
    """
    found = network.text("MacAddress")
    if not inspect.inner("State").flag("Running"):
        return found
    is_told = name in {BRIDGE, _mode(inspect)}
    is_chosen = found == _made_of(network.text("IPAddress"))
    return "" if is_told or is_chosen else found


def _made_of(address: str) -> str:
    """Return the MAC address that engines make of an IPv4 address."""
    try:
        parts = [f"{int(part):02x}" for part in address.split(".")]
    except ValueError:
        return ""
    return ":".join(("02", "42", *parts))
