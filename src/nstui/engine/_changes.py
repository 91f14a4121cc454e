"""What a container wrote to its own file system, of all that an engine reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.engine._json import items, mapping, number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODIFIED = 0
"""A change's kind, beside 1 for added and 2 for removed: moby ``pkg/archive``."""

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
        "/sys",
    }
)
"""What engines put into every container, with all that is below."""


def written_paths(answer: object, raw: Mapping[str, object]) -> tuple[str, ...]:
    """Return the paths that differ from the image, in order.

    Args:
        answer: What the engine says to a question for changes; null for none.
        raw: An inspect of the container, for what is mounted in it.

    """
    reported = {
        text(change, "Path"): number(change, "Kind")
        for change in map(mapping, items(answer))
    }
    mounts = {text(mapping(m), "Destination") for m in items(raw.get("Mounts"))}
    tmpfs = set(mapping(mapping(raw.get("HostConfig")).get("Tmpfs")))
    not_its_own = _ENGINES_OWN | mounts | tmpfs
    return tuple(
        path
        for path, kind in sorted(reported.items())
        if not any(_is_at_or_below(path, place) for place in not_its_own)
        and not _is_on_the_way(path, kind, reported.keys() | not_its_own)
    )


def _is_on_the_way(path: str, kind: int | None, others: set[str]) -> bool:
    """Tell whether a folder was touched merely because something in it was.

    The engine makes the folders above a place where it mounts something.
    """
    below = [
        other for other in others if other != path and _is_at_or_below(other, path)
    ]
    return bool(below) and kind == _MODIFIED


def _is_at_or_below(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")
