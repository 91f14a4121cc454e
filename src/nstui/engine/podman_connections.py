"""Reads the connections that ``podman system connection`` keeps.

Podman 5 keeps them in ``podman-connections.json``; older ones, and administrators, in
``containers.conf``: see containers.conf(5) and podman-system-connection(1).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.json import inner, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SYSTEM_FILE = Path("/etc/containers/containers.conf")


@dataclass(frozen=True, slots=True)
class PodmanConnection:
    """One connection."""

    uri: str
    """``ssh://``, ``unix://`` or ``tcp://``."""

    identity: str | None
    """The file with the key to log in with."""


def podman_connections(
    environ: Mapping[str, str], system_file: Path = SYSTEM_FILE
) -> Mapping[str, PodmanConnection]:
    """Return the connections by name; empty if there are none, or they are damaged.

    Args:
        environ: The environment.
        system_file: The configuration of the whole machine.

    """
    found: dict[str, PodmanConnection] = {}
    for connections, uri, identity in _stored(environ, system_file):
        for name in connections:
            one = inner(connections, name)
            if name not in found and text(one, uri):
                found[name] = PodmanConnection(
                    text(one, uri), text(one, identity) or None
                )
    return found


def _stored(
    environ: Mapping[str, str], system_file: Path
) -> Iterator[tuple[Mapping[str, object], str, str]]:
    """Yield tables of connections, with the keys that they use; what counts first."""
    home = Path(environ.get("HOME") or "~").expanduser()
    folder = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "containers"
    chosen = environ.get("PODMAN_CONNECTIONS_CONF")
    path = Path(chosen) if chosen else folder / "podman-connections.json"
    document = _read_json(path)
    yield inner(inner(document, "Connection"), "Connections"), "URI", "Identity"
    only = environ.get("CONTAINERS_CONF")
    files = [Path(only)] if only else [folder / "containers.conf", system_file]
    for file in files:
        engine = inner(_read_toml(file), "engine")
        yield inner(engine, "service_destinations"), "uri", "identity"


def _read_json(path: Path) -> Mapping[str, object]:
    try:
        return mapping(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return {}


def _read_toml(path: Path) -> Mapping[str, object]:
    if not os.access(path, os.R_OK):
        return {}
    import tomllib  # noqa: PLC0415

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
