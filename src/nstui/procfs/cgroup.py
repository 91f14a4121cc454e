"""Which container a process belongs to, by the text of its ``cgroup`` file."""

from __future__ import annotations

import re

from nstui.model.container import ID_LENGTH, ContainerId

_FULL_ID = re.compile(
    rf"(?<![0-9A-Za-z])(?<!conmon-)(?<!libpod_pod_)[0-9a-f]{{{ID_LENGTH}}}"
    "(?![0-9A-Za-z])"
)
"""A full id that is not a piece of something longer.

``libpod-conmon-<id>.scope`` is the program that supervises a container, outside of it,
and ``libpod_pod_<id>`` is a pod.
"""


def names_container(text: str, container: ContainerId) -> bool:
    """Return whether a process with this ``cgroup`` file is the container's.

    The id stands alone or beside a prefix and a suffix, as in ``docker/<id>``,
    ``docker-<id>.scope`` and ``libpod-<id>``, under a cgroup of anybody's choice and
    with cgroups of the container's own below it.

    Each line is ``hierarchy:controllers:path``, see cgroups(7). A reader in a cgroup
    namespace of its own sees paths that begin with ``/..``.
    """
    return any(
        container in _FULL_ID.findall(path_of(line)) for line in text.splitlines()
    )


def container_of(text: str) -> ContainerId | None:
    """Return whose process has this ``cgroup`` file; None if it is no container's."""
    for line in text.splitlines():
        found = _FULL_ID.findall(path_of(line))
        if found:
            return ContainerId(found[-1])
    return None


def containers_of(text: str) -> tuple[ContainerId, ...]:
    """Return every container that a process is in: one may run in another.

    The outermost comes first.
    """
    found = (
        ContainerId(each)
        for line in text.splitlines()
        for each in _FULL_ID.findall(path_of(line))
    )
    return tuple(dict.fromkeys(found))


def end_of_id(path: str, container: ContainerId) -> int | None:
    """Return where the part of a path ends that names a container, if there is one."""
    for found in _FULL_ID.finditer(path):
        if found[0] == container:
            end = path.find("/", found.end())
            return end if end >= 0 else len(path)
    return None


def path_of(line: str) -> str:
    """Return the third field of a line; it may hold colons itself."""
    return line.split(":", 2)[-1]
