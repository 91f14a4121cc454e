"""Where on its host the containers of an engine can write."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nstui.engine._json import items, mapping, text
from nstui.errors import ContainerVanished
from nstui.model.container import ContainerId, short_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.engine._connection import Connection

Identity = tuple[int, int]
"""What tells a file from all others, whatever it is called: its device and inode."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path of the host, by all that it can be known by."""

    paths: frozenset[str]
    """As it was said, and without links."""

    identity: Identity | None
    """None if it is not there, as with an engine of another machine."""

    def is_at(self, path: str, identity: Identity) -> bool:
        """Tell whether it is what is at a path."""
        return path in self.paths or identity == self.identity

    def is_below(self, folder: str) -> bool:
        """Tell whether it is in a folder, however deep."""
        return any(PurePosixPath(path).is_relative_to(folder) for path in self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What belongs to containers, and what is mounted into them to be written."""

    volumes: tuple[Place, ...] = ()
    """Volumes, and the engine's own folder."""

    binds: tuple[tuple[Place, str], ...] = ()
    """Each with the name of the container."""

    volumes_of: Mapping[ContainerId, frozenset[str]] = field(default_factory=dict)
    """The names of the volumes of each container."""

    def is_volume(self, path: str, identity: Identity) -> bool:
        """Tell whether a path is one that belongs to containers."""
        return any(place.is_at(path, identity) for place in self.volumes)

    def writer(self, path: str, identity: Identity, *, is_project: bool) -> str:
        """Return who can write a path, or below it if it is a project's folder."""
        for place, name in self.binds:
            if place.is_at(path, identity) or (is_project and place.is_below(path)):
                return name
        return ""


def read_reach(connection: Connection) -> Reach:
    """Ask an engine for everything that can be written in its containers.

    Raises:
        EngineRefused: it does not say; nothing is known then.
        EngineUnreachable: nobody answers, or not in time.

    """
    mounts = [
        (row, mount) for row in connection.rows() for mount in _mounts(connection, row)
    ]
    of_engine = text(mapping(connection.ask("info")), "DockerRootDir")
    listed = items(mapping(connection.ask("volumes")).get("Volumes"))
    volumes = [of_engine, *(p for v in listed for p in _volume_paths(mapping(v)))]
    volumes += [text(m, "Source") for _, m in mounts if text(m, "Type") != "bind"]
    names: dict[ContainerId, frozenset[str]] = {}
    for row, mount in mounts:
        if text(mount, "Type") == "volume":
            one = ContainerId(text(row, "Id"))
            names[one] = names.get(one, frozenset()) | {text(mount, "Name")}
    return Reach(
        volumes=tuple(_places(volumes)),
        binds=tuple(
            (place, _name(row))
            for row, mount in mounts
            if text(mount, "Type") == "bind" and mount.get("RW") is not False
            for place in _places([text(mount, "Source")])
        ),
        volumes_of=names,
    )


def identity_of(status: os.stat_result) -> Identity:
    """Return what tells a file from all others."""
    return status.st_dev, status.st_ino


def _mounts(
    connection: Connection, row: Mapping[str, object]
) -> list[Mapping[str, object]]:
    """Return a container's mounts; Podman's list tells no more than where they are."""
    listed = row.get("Mounts")
    if connection.info().name == "Podman" or not isinstance(listed, list):
        try:
            raw = connection.inspect(ContainerId(text(row, "Id")))
        except ContainerVanished:
            return []
        listed = raw.get("Mounts")
    return [mapping(mount) for mount in items(listed)]


def _volume_paths(volume: Mapping[str, object]) -> Iterator[str]:
    """Yield where a volume is, and what of the host it stands for, if it does."""
    yield text(volume, "Mountpoint")
    yield text(mapping(volume.get("Options")), "device")


def _places(paths: Iterable[str]) -> Iterator[Place]:
    for path in paths:
        if not path.startswith("/"):
            continue
        said = os.path.normpath(path)
        try:
            identity = identity_of(os.stat(said))  # noqa: PTH116 - as the rest of it
        except (OSError, ValueError):
            identity = None
        yield Place(frozenset({said, os.path.realpath(said)}), identity)


def _name(row: Mapping[str, object]) -> str:
    names = [name for name in items(row.get("Names")) if isinstance(name, str)]
    plain = (name.lstrip("/") for name in names)
    return min(plain, key=len, default="") or short_id(text(row, "Id"))
