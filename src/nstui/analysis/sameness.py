"""Whether a container has what another one had: its mounts and its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ITS_OWN = frozenset({"HOSTNAME", "container"})
"""Variables that an engine sets by itself, for each container anew."""


def why_different(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """Return what a container lacks that another one had; "" if it lacks nothing.

    What it has besides is not looked at: an image may have got more since.

    Args:
        before: The inspect of the other one.
        after: The inspect of the container.

    """
    now = dict(_mounts(after))
    places = [place for place, what in _mounts(before) if now.get(place) != what]
    values = dict(_environment(after))
    names = [
        name
        for name, value in _environment(before)
        if name not in _ITS_OWN and values.get(name) != value
    ]
    said = []
    if places:
        said.append(f"without what was mounted at {', '.join(places)}")
    if names:
        said.append(f"without the environment's {', '.join(names)} as it was")
    return " and ".join(said)


def _mounts(inspect: Mapping[str, object]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield where something is mounted, and what."""
    mounts = inspect.get("Mounts")
    for one in mounts if isinstance(mounts, list) else []:
        if isinstance(one, dict) and isinstance(place := one.get("Destination"), str):
            what = one.get("Name") or one.get("Source")
            yield place, (one.get("Type"), what, one.get("RW"))


def _environment(inspect: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    config = inspect.get("Config")
    lines = config.get("Env") if isinstance(config, dict) else None
    for line in lines if isinstance(lines, list) else []:
        if isinstance(line, str):
            name, _, value = line.partition("=")
            yield name, value
