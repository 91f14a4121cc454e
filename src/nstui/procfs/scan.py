"""What keeps namespaces alive on the whole machine: processes, and mounts.

This is what lsns does, and what it costs is one link for each process and kind. The
kernel lists the leaders of thread groups only: a thread may be in another network than
its process, and is not seen here.

The mounts are those in ``/proc/PID/mountinfo``, see proc(5): the file system of a
mounted namespace is nsfs, the root of the mount is the namespace's name, as in
``net:[4026532184]``, and the device is the one that a stat of ``/proc/PID/ns/net``
tells.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.holders import (
    FEW,
    HolderKind,
    HoldingProcess,
    MountHolder,
    MountScan,
    ProcessHolder,
    ProcessScan,
    Unread,
)
from nstui.model.namespace import Namespace, NamespaceKind
from nstui.model.snapshot import ReadProblem
from nstui.procfs.cgroup import containers_of
from nstui.procfs.process import (
    FIRST_PID,
    SELF,
    Process,
    pids_of,
    problem_of,
    read_start,
    unescaped,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.model.container import ContainerId


_STARTED_AT = 19
"""Among the fields of ``/proc/PID/stat`` behind the command; see proc(5)."""

_BOOTED = b"btime "

_TARGET = re.compile(r"\w+:\[(\d+)\]")
"""Where the link of a namespace leads, as in ``net:[4026531840]``."""

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


class HoldingProcesses:
    """Processes by their pids, each read once: one is often in several namespaces."""

    def __init__(self, root: Path) -> None:
        """Read them below `root`."""
        self._root = str(root)
        self._booted_s = _booted_s(root)
        self._cgroups: dict[bytes, tuple[ContainerId, ...]] = {}
        self._tick_s = 1 / os.sysconf("SC_CLK_TCK")
        # Where the machine is a container itself, that is said of all its processes.
        self._own = frozenset(self._containers(FIRST_PID))
        self._known: dict[int, HoldingProcess] = {}

    def of(self, pid: int) -> HoldingProcess:
        """Return what can be read of a process, which may have ended meanwhile."""
        if pid not in self._known:
            inner = [each for each in self._containers(pid) if each not in self._own]
            self._known[pid] = HoldingProcess(
                pid,
                self._command(pid),
                self._started_at(pid),
                inner[-1] if inner else None,
            )
        return self._known[pid]

    def _containers(self, pid: int) -> tuple[ContainerId, ...]:
        text = read_start(self._root, pid, "cgroup") or b""
        if text not in self._cgroups:
            # All processes of a container have the same.
            found = containers_of(text.decode(errors="backslashreplace"))
            self._cgroups[text] = found
        return self._cgroups[text]

    def _command(self, pid: int) -> str | None:
        text = read_start(self._root, pid, "comm")
        if text is None:
            return None
        return text.decode(errors="backslashreplace").removesuffix("\n")

    def _started_at(self, pid: int) -> datetime | None:
        text = read_start(self._root, pid, "stat")
        if text is None or self._booted_s is None:
            return None
        # The command in front may hold blanks and brackets of its own.
        fields = text.rpartition(b")")[2].split()
        with suppress(IndexError, ValueError):
            since_s = int(fields[_STARTED_AT]) * self._tick_s
            return datetime.fromtimestamp(self._booted_s + since_s, UTC)
        return None


def _booted_s(root: Path) -> int | None:
    """Return when the machine was started, in seconds since the epoch."""
    with suppress(OSError, ValueError):
        for line in (root / "stat").read_bytes().splitlines():
            if line.startswith(_BOOTED):
                return int(line.removeprefix(_BOOTED))
    return None


def scan_processes(
    root: Path, kinds: Iterable[NamespaceKind] = NamespaceKind
) -> ProcessScan:
    """Count the processes in each namespace of some kinds; never raises.

    Args:
        root: where ``/proc`` is.
        kinds: which kinds are wanted.

    """
    wanted = tuple(kinds)
    pids = _list(root)
    if not pids:
        unknown = MappingProxyType(dict.fromkeys(wanted, Unread()))
        return ProcessScan(holders=None, unread=unknown, hides_others=True)
    tallies = [_Tally(root, kind) for kind in wanted]
    for tally in tallies:
        tally.count(pids)
    processes = HoldingProcesses(root)
    return ProcessScan(
        holders=tuple(
            holder for tally in tallies for holder in tally.holders(processes)
        ),
        unread=MappingProxyType({tally.kind: tally.unread() for tally in tallies}),
        hides_others=pids[0] != FIRST_PID,
    )


def _list(root: Path) -> list[int]:
    """Return all pids in order; none if they cannot be listed.

    Where even the reader's own process is missing, that is no list of processes.
    """
    try:
        return pids_of(root)
    except OSError:
        return []


class _Tally:
    """The processes counted in the namespaces of one kind."""

    def __init__(self, root: Path, kind: NamespaceKind) -> None:
        self.kind = kind
        self._before, self._after = f"{root}/", f"/ns/{kind}"
        self._counts: dict[tuple[int, int], int] = {}
        self._first: dict[tuple[int, int], list[int]] = {}
        self._refused = 0
        self._vanished = 0

    def count(self, pids: list[int]) -> None:
        """Look at each process, in the order of the pids.

        There may be thousands: nothing is done here that can be done afterwards. To
        read where a link leads takes a third less time than to follow it.
        """
        before, after, read = self._before, self._after, os.readlink
        counts: dict[str, int] = {}
        first: dict[str, list[int]] = {}
        for pid in pids:
            try:
                target = read(f"{before}{pid}{after}")
            except OSError as error:
                self._miss(error, 1)
                continue
            count = counts.get(target, 0)
            if count < FEW:
                first.setdefault(target, []).append(pid)
            counts[target] = count + 1
        self._identify(counts, first)

    def _identify(self, counts: dict[str, int], first: dict[str, list[int]]) -> None:
        """Find the device and the inode of each namespace that links lead to.

        The text of a link has the inode; all namespaces of a kernel are on one device.
        Who follows a link to its end may find that the process has ended meanwhile.
        """
        found: dict[str, os.stat_result | OSError] = {}
        for target, pids in first.items():
            try:
                found[target] = Path(f"{self._before}{pids[0]}{self._after}").stat()
            except OSError as error:
                found[target] = error
        stats = (each for each in found.values() if isinstance(each, os.stat_result))
        device = next((each.st_dev for each in stats), None)
        for target, each in found.items():
            text = _TARGET.fullmatch(target)
            if text is not None and device is not None:
                self._add((device, int(text[1])), counts[target], first[target])
            elif isinstance(each, OSError):
                self._miss(each, counts[target])
            else:
                identity = each.st_dev, each.st_ino
                self._add(identity, counts[target], first[target])

    def _add(self, identity: tuple[int, int], count: int, first: list[int]) -> None:
        self._counts[identity] = self._counts.get(identity, 0) + count
        self._first.setdefault(identity, []).extend(first)

    def _miss(self, error: OSError, count: int) -> None:
        """Count processes that did not tell."""
        if problem_of(error) is ReadProblem.VANISHED:
            self._vanished += count
        else:
            self._refused += count

    def unread(self) -> Unread:
        """Return how many did not tell."""
        return Unread(self._refused, self._vanished)

    def holders(self, processes: HoldingProcesses) -> Iterable[ProcessHolder]:
        """Yield what was counted, by the lowest pid."""
        for (device, inode), pids in self._first.items():
            yield ProcessHolder(
                namespace=Namespace(self.kind, device, inode),
                count=self._counts[device, inode],
                first=tuple(map(processes.of, pids[:FEW])),
            )


def find_strangers(
    root: Path,
    namespaces: Collection[Namespace],
    containers: Collection[ContainerId],
) -> dict[Namespace, tuple[HoldingProcess, ...]] | None:
    """Return the processes in some namespaces; None if they cannot be listed.

    A process with unreadable namespaces, such as one that has ended, is left out.

    Args:
        root: where ``/proc`` is.
        namespaces: which ones, by the kernel's own identity.
        containers: the containers to leave out.

    """
    try:
        pids = pids_of(root)
    except OSError:
        return None
    wanted = {f"{each.kind}:[{each.inode}]": each for each in namespaces}
    kinds = {each.kind.value for each in namespaces}
    processes = HoldingProcesses(root)
    found: dict[Namespace, list[HoldingProcess]] = {each: [] for each in namespaces}
    for pid in pids:
        there = [wanted[t] for t in _targets(root, pid, kinds) if t in wanted]
        if there and not _is_of(root, pid, containers):
            for namespace in there:
                found[namespace].append(processes.of(pid))
    return {namespace: tuple(several) for namespace, several in found.items()}


def _targets(root: Path, pid: int, kinds: Collection[str]) -> Iterator[str]:
    """Yield where the links of a process's namespaces lead."""
    # There may be thousands of processes: a Path costs more than the read.
    read = os.readlink
    for kind in kinds:
        try:
            yield read(f"{root}/{pid}/ns/{kind}")
        except OSError:
            continue


def _is_of(root: Path, pid: int, containers: Collection[ContainerId]) -> bool:
    """Tell whether a process is in one of some containers.

    A process that has ended counts as one of them, so that it is left out.
    """
    text = read_start(str(root), pid, "cgroup")
    if text is None:
        return True
    inside = containers_of(text.decode(errors="backslashreplace"))
    return any(each in containers for each in inside)


def scan_mounts(root: Path, process: str = SELF) -> MountScan:
    """Return the namespaces that are mounted, and the names without one; never raises.

    Args:
        root: where ``/proc`` is.
        process: the pid of the process to read the mounts of; they may differ.

    """
    try:
        with Process(root, process) as opened:
            text = opened.text("mountinfo")
    except OSError:
        # Of such a process not even the root is known: its folder would seem missing.
        return MountScan(holders=None, leftovers=None)
    holders = mounted_namespaces(text)
    mounted = {one.name for one in holders if one.kind is HolderKind.NAMED}
    folder = root / process / "root" / NAMED
    return MountScan(holders=holders, leftovers=_leftovers(folder, mounted))


def mounted_namespaces(mountinfo: str) -> tuple[MountHolder, ...]:
    """Return the mounts of namespaces of the kinds that containers share, by path.

    One that another is mounted over is among them: it still holds its namespace.
    """
    # The folder of ip netns is often mounted on itself, with all that is in it.
    found = {(each.path, each.namespace): each for each in _read_mounted(mountinfo)}
    return tuple(found[key] for key in sorted(found))


def _read_mounted(mountinfo: str) -> Iterator[MountHolder]:
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
    """Return what kind of mount this is, by its path."""
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
    is mounted has a device of its own. A link that leads somewhere is a user's own
    way to name a process's namespace.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return path.is_symlink()
    except OSError:
        return False
    return found.st_dev == device and not path.is_symlink()
