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
    return {name: _endpoint(raw, networks[name]) for name in ordered}


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
    raw: Mapping[str, object], network: Mapping[str, object]
) -> dict[str, object]:
    """Return what was asked for on a network, without what the engine chose."""
    # Engines before 26 add the beginning of the container's id by themselves.
    own = text(raw, "Id")[:SHORT_ID_LENGTH]
    aliases = [alias for alias in texts(network.get("Aliases")) if alias != own]
    is_running = mapping(raw.get("State")).get("Running") is True
    asked = {
        "IPAMConfig": network.get("IPAMConfig"),
        "Links": network.get("Links"),
        "Aliases": aliases,
        "DriverOpts": network.get("DriverOpts"),
        "GwPriority": network.get("GwPriority"),
        # While it runs there is one in any case, mostly the engine's own choice.
        "MacAddress": None if is_running else network.get("MacAddress"),
    }
    return {key: value for key, value in asked.items() if value}
