"""Where the guard's files are, for the front, the commands and the units alike."""

from __future__ import annotations

from typing import NamedTuple


class Places(NamedTuple):
    """The paths of the guard; those of a test are below a folder of its own."""

    plugin_socket: str = "/run/docker/plugins/nstui.sock"
    """Where the engine looks for the guard."""

    control_socket: str = "/run/nstui/guard.sock"
    """Where nstui itself asks it."""

    settings: str = "/etc/nstui/guard.json"
    rescue: str = "/etc/nstui/guard-rescue.sh"
    """What takes the guard out of the engine, without Python."""

    units: str = "/etc/systemd/system"
    """The folder of the machine's own units."""


def places_below(root: str) -> Places:
    """Return the same paths below a folder; those of the machine for an empty text."""
    return Places(*(root.rstrip("/") + path for path in Places()))
