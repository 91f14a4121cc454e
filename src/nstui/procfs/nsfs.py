"""Namespaces that are mounted, and so live on without a process.

Read from ``/proc/PID/mountinfo``, see proc(5): the file system of a mounted namespace
is nsfs, the root of the mount is the namespace's name, as in ``net:[4026532184]``, and
the device is the one that a stat of ``/proc/PID/ns/net`` tells.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from nstui.model.holders import HolderKind, MountHolder, MountScan
from nstui.model.namespace import Namespace, NamespaceKind
from nstui.procfs.directory import unescaped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

SELF = "self"
"""What ``/proc`` calls the process that reads it."""

NAMED = "run/netns"
"""The folder of ``ip netns``, below a root; see ip-netns(8)."""

_NAMED = re.compile(rf"(?:/var)?/{NAMED}/[^/]+")
_ENGINE = re.compile(
    r"(?:/var)?/run/docker/netns/[^/]+"
    # Under another --exec-root only the names tell: a sandbox, the one of containers
    # on the host's network, and swarm's of networks and load balancers.
    r"|.*/netns/(?:[0-9a-f]{12}|default|ingress_sbox|\d-[0-9a-z]{10}|lb_[0-9a-z]{9})",
    re.DOTALL,
)
_ROOT = re.compile(rf"({'|'.join(NamespaceKind)}):\[(\d+)\]")
_DEVICE = re.compile(r"(\d+):(\d+)")

_DEVICE_AT, _ROOT_AT, _PATH_AT = 2, 3, 4


def scan_mounts(root: Path, process: str = SELF) -> MountScan:
    """Return the namespaces that are mounted, and the names without one; never raises.

    Args:
        root: where ``/proc`` is.
        process: whose mounts are read, by its pid; processes may see others.

    """
    try:
        text = (root / process / "mountinfo").read_bytes()
    except OSError:
        # Of such a process not even the root is known: its folder would seem missing.
        return MountScan(holders=None, leftovers=None)
    holders = mounted_namespaces(text.decode(errors="backslashreplace"))
    mounted = {one.name for one in holders if one.kind is HolderKind.NAMED}
    folder = root / process / "root" / NAMED
    return MountScan(holders=holders, leftovers=_leftovers(folder, mounted))


def mounted_namespaces(mountinfo: str) -> tuple[MountHolder, ...]:
    """Return the mounts of namespaces of the kinds that containers share, by path.

    One that another is mounted over is among them: it still holds its namespace.
    """
    # The folder of ip netns is often mounted on itself, with all that is in it.
    found = {(each.path, each.namespace): each for each in _read(mountinfo)}
    return tuple(found[key] for key in sorted(found))


def _read(mountinfo: str) -> Iterator[MountHolder]:
    for line in mountinfo.split("\n"):
        fields = line.split(" ")
        if not _is_nsfs(fields):
            continue
        root = _ROOT.fullmatch(fields[_ROOT_AT])
        device = _DEVICE.fullmatch(fields[_DEVICE_AT])
        if root is None or device is None:
            continue
        number = os.makedev(int(device[1]), int(device[2]))
        path = unescaped(fields[_PATH_AT])
        yield MountHolder(
            namespace=Namespace(NamespaceKind(root[1]), number, int(root[2])),
            kind=_kind(path),
            path=path,
        )


def _is_nsfs(fields: list[str]) -> bool:
    """Tell whether these are the fields of a mounted namespace.

    Any number of optional fields comes before the lone dash.
    """
    try:
        return fields[fields.index("-") + 1] == "nsfs"
    except (ValueError, IndexError):
        return False


def _kind(path: str) -> HolderKind:
    """Return whose mount this is, by where it is."""
    if _NAMED.fullmatch(path):
        return HolderKind.NAMED
    return HolderKind.ENGINE if _ENGINE.fullmatch(path) else HolderKind.MOUNT


def _leftovers(folder: Path, mounted: Collection[str]) -> tuple[str, ...] | None:
    """Return the names in a folder that no namespace belongs to."""
    try:
        device = folder.stat().st_dev
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return ()
    except OSError:
        return None
    return tuple(
        name
        for name in names
        if name not in mounted and _is_left(folder / name, device)
    )


def _is_left(path: Path, device: int) -> bool:
    """Tell whether nothing is mounted on a file in a folder of this device.

    It is looked at once more, for names come and go, and not every name is text: what
    is mounted has a device of its own. A link that leads somewhere is somebody's own
    way to name a process's namespace.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return path.is_symlink()
    except OSError:
        return False
    return found.st_dev == device and not path.is_symlink()
