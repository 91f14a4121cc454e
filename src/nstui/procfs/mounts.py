"""Whose files the engine has put into a container's ``/etc``, as the kernel has them.

Read from ``/proc/PID/mountinfo``, see proc(5): the fourth field is the place of a mount
in its file system, the fifth where it is seen. Of a file that has been removed the
kernel writes ``//deleted`` behind its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.model.container import ContainerId
from nstui.model.snapshot import MountedFile
from nstui.procfs.directory import unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = {f"/etc/{name}": name for name in ("resolv.conf", "hosts", "hostname")}
_DELETED = "//deleted"
_FOLDER = re.compile(r"/([0-9a-f]{64})/(?:userdata/)?[^/]+$")
"""Docker: ``…/containers/<id>/hosts``; Podman has one folder more."""

_PLACE, _SEEN_AT = 3, 4


def mounted_files(mountinfo: str) -> tuple[MountedFile, ...]:
    """Return the engine's files that a process sees, in the order of the mounts.

    What is mounted over another is listed after it, and hides it.
    """
    return tuple({file.name: file for file in _read(mountinfo)}.values())


def _read(mountinfo: str) -> Iterator[MountedFile]:
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        if len(fields) <= _SEEN_AT or fields[_SEEN_AT] not in _FILES:
            continue
        place = unescaped(fields[_PLACE])
        source = place.removesuffix(_DELETED)
        folder = _FOLDER.search(source)
        yield MountedFile(
            name=_FILES[fields[_SEEN_AT]],
            source=source,
            is_deleted=place.endswith(_DELETED),
            belongs_to=None if folder is None else ContainerId(folder[1]),
        )
