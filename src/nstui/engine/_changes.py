"""What a container wrote to its own file system, of all that an engine reports."""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING

from nstui.engine._json import items, mapping, number, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_REMOVED = 2
"""A change's kind, beside 0 for modified and 1 for added: moby ``pkg/archive``."""

_ENGINES_OWN = frozenset(
    {
        "/.dockerenv",
        "/dev",
        "/etc/hostname",
        "/etc/hosts",
        "/etc/mtab",
        "/etc/resolv.conf",
        "/proc",
        "/run/.containerenv",
        "/run/podman-init",
        "/sbin/docker-init",
        "/sys",
    }
)
"""What engines put into containers, with all that is below."""


def written_paths(answer: object, raw: Mapping[str, object]) -> tuple[str, ...]:
    """Return the paths that differ from the image, in order.

    Args:
        answer: What the engine says to a question for changes; null for none.
        raw: An inspect of the container, for what is mounted in it.

    """
    reported = {
        path: number(change, "Kind")
        for change in map(mapping, items(answer))
        if (path := text(change, "Path"))
    }
    places = _ENGINES_OWN | set(_mounted(raw))
    # The engine makes the folders above what it mounts, and the one to work in.
    workdir = normpath(text(mapping(raw.get("Config")), "WorkingDir") or "/")
    passed = {workdir}
    for path in (*reported, *places, workdir):
        passed.update(_above(path))
    return tuple(
        path
        for path, kind in sorted(reported.items())
        if path not in places
        and places.isdisjoint(_above(path))
        and (kind == _REMOVED or path not in passed)
    )


def _mounted(raw: Mapping[str, object]) -> Iterator[str]:
    host = mapping(raw.get("HostConfig"))
    found: Iterable[str] = (
        *(text(mapping(mount), "Destination") for mount in items(raw.get("Mounts"))),
        *(text(mapping(mount), "Target") for mount in items(host.get("Mounts"))),
        *mapping(host.get("Tmpfs")),
    )
    yield from (normpath(place) for place in found if place)


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path is in."""
    while "/" in path[1:]:
        path = path.rpartition("/")[0]
        yield path
