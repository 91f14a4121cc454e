"""What a container has on its networks, as a create of an equal one has to say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.engine._json import mapping, text, texts
from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    Endpoints = dict[str, dict[str, object]]

_BRIDGE = "bridge"
_DEFAULT_MODES = frozenset({"", "default", _BRIDGE})
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


def endpoints(raw: Mapping[str, object]) -> Endpoints:
    """Return what somebody asked for on each network; that of the mode comes first.

    Args:
        raw: An inspect of a container that has networks of its own.

    """
    networks = _networks(raw)
    first = mode_network(raw)
    ordered = sorted(networks, key=lambda name: (name != first, name))
    return {name: _endpoint(raw, name, networks[name]) for name in ordered}


def mode_network(raw: Mapping[str, object]) -> str | None:
    """Return the name of the network that the mode means, if it is attached to it.

    A mode is a network's name, its id or the beginning of that, or the default's.
    """
    mode = text(mapping(raw.get("HostConfig")), "NetworkMode")
    wanted = _BRIDGE if mode in _DEFAULT_MODES else mode
    networks = _networks(raw)
    if wanted in networks:
        return wanted
    by_id = (n for n, found in networks.items() if _has_id(found, wanted))
    # Podman says "bridge" whatever the network is called.
    fallback = next(iter(networks), None) if wanted == _BRIDGE else None
    return next(by_id, fallback)


def _networks(raw: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    networks = mapping(mapping(raw.get("NetworkSettings")).get("Networks"))
    return {name: mapping(found) for name, found in networks.items()}


def _has_id(network: Mapping[str, object], beginning: str) -> bool:
    return text(network, "NetworkID").startswith(beginning)


def _endpoint(
    raw: Mapping[str, object], name: str, network: Mapping[str, object]
) -> dict[str, object]:
    """Return what was asked for on a network, without what the engine chose."""
    # Engines before 26 add the beginning of the container's id by themselves.
    own = text(raw, "Id")[:SHORT_ID_LENGTH]
    asked = {
        **{key: value for key, value in network.items() if key not in _CHOSEN},
        "Aliases": [alias for alias in texts(network.get("Aliases")) if alias != own],
        "MacAddress": _mac_address(raw, name, network),
    }
    return {key: value for key, value in asked.items() if value}


def _mac_address(
    raw: Mapping[str, object], name: str, network: Mapping[str, object]
) -> str:
    """Return the MAC address that was asked for on a network, or may have been.

    While a container runs it has one in any case. The one that was asked for on the
    network of the mode stands elsewhere too. On others only one that is made of the
    address is known to be the engine's choice: newer engines choose at random.
    """
    found = text(network, "MacAddress")
    if mapping(raw.get("State")).get("Running") is not True:
        return found
    is_told = name == _BRIDGE or name == text(
        mapping(raw.get("HostConfig")), "NetworkMode"
    )
    is_chosen = found == _made_of(text(network, "IPAddress"))
    return "" if is_told or is_chosen else found


def _made_of(address: str) -> str:
    """Return the MAC address that engines make of an IPv4 address."""
    try:
        return ":".join(
            ["02", "42", *(f"{int(part):02x}" for part in address.split("."))]
        )
    except ValueError:
        return ""
