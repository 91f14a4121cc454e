"""Where the files are that tell what a container's cgroup uses.

A cgroup is a folder in a mounted hierarchy, see cgroups(7): in one of version 1 for
each controller, or in that of version 2. Both may be there at once. What is mounted
need not be the whole hierarchy, and in a cgroup namespace of its own a reader is told
paths that begin with ``/..``: then the folder cannot be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.procfs.cgroup import end_of_id
from nstui.procfs.directory import unescaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.container import ContainerId

_VERSIONS = {"cgroup": 1, "cgroup2": 2}
_ROOT, _MOUNT, _FIELDS = 3, 4, 5


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A mounted hierarchy of cgroups, or a part of one."""

    version: int
    """1 or 2."""

    controllers: frozenset[str]
    """Those of version 1, beside other words."""

    root: str
    """The cgroup that is mounted, and all below it."""

    mount: str
    """The folder where it is."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A cgroup's folder."""

    version: int
    path: str


def mounted_hierarchies(mountinfo: str) -> tuple[Hierarchy, ...]:
    """Return the hierarchies that a process sees, by its ``mountinfo``."""
    return tuple(_read(mountinfo))


def folders_of(
    cgroup: str,
    container: ContainerId,
    controller: str,
    hierarchies: Iterable[Hierarchy],
) -> Iterator[Folder]:
    """Yield where a container's cgroup may be, version 1 first.

    Args:
        cgroup: the text of a ``cgroup`` file of one of its processes, which may be in
            a cgroup of its own below the container's.
        container: whose cgroup is looked for.
        controller: what shall be told, as version 1 calls it.
        hierarchies: where cgroups are.

    """
    mounted = sorted(hierarchies, key=lambda each: each.version)
    for line in cgroup.split("\n"):
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        end = end_of_id(path, container)
        # What is above the reader's own cgroup namespace is not in any mount.
        if end is None or ".." in path.split("/"):
            continue
        for each in mounted:
            is_told = (
                controller in names.split(",") and controller in each.controllers
                if each.version == 1
                else not names
            )
            if is_told and (below := _below(each.root, path[:end])) is not None:
                yield Folder(each.version, each.mount + below)


def _below(root: str, path: str) -> str | None:
    """Return a path below a root, with a slash before it; None if it is elsewhere."""
    if root == "/":
        return path
    return path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else None


def _read(mountinfo: str) -> Iterator[Hierarchy]:
    for line in mountinfo.split("\n"):
        fields, _, more = line.partition(" - ")
        words, kinds = fields.split(" "), more.split(" ")
        version = _VERSIONS.get(kinds[0])
        if version is not None and len(words) >= _FIELDS:
            yield Hierarchy(
                version=version,
                controllers=frozenset(kinds[-1].split(",")),
                root=unescaped(words[_ROOT]),
                mount=unescaped(words[_MOUNT]),
            )
