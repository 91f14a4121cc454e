"""Scans the whole machine for what keeps namespaces alive: processes and mounts.

Like lsns, it reads one link for each process and kind. The kernel lists only the
leaders of thread groups: a thread in another network than its process is not found.

The mounts are read from ``/proc/PID/mountinfo``, see proc(5): a mounted namespace has
the file system nsfs, the root of the mount is the namespace's name, as in
``net:[4026532184]``, and the device is the same as that of a stat of
``/proc/PID/ns/net``.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.holders import (
    FEW,
    HolderKind,
    Holders,
    HoldingProcess,
    MountHolder,
    MountScan,
    ProcessHolder,
    ProcessScan,
    Unread,
)
from nstui.model.namespace import Namespace, NamespaceKind
from nstui.model.snapshot import ReadProblem
from nstui.procfs.belonging import container_by_supervisor
from nstui.procfs.cgroup import containers_of
from nstui.procfs.process import (
    FIRST_PID,
    SELF,
    problem_of,
    unescaped,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.model.container import ContainerId
    from nstui.procfs.machine import Machine


_STARTED_AT = 19
"""The index among the fields of ``/proc/PID/stat`` after the command; see proc(5)."""

_TARGET = re.compile(r"\w+:\[(\d+)\]")
"""The target of a namespace's link, as in ``net:[4026531840]``."""

NETNS_FOLDER = "run/netns"
"""The folder of ``ip netns``, below a root; see ip-netns(8)."""

_NAMED = re.compile(rf"(?:/var)?/{NETNS_FOLDER}/[^/]+")
_ENGINE = re.compile(
    r"(?:/var)?/run/docker/netns/[^/]+"
    # With another --exec-root only the name is certain: a sandbox, that of containers
    # on the host's network, and swarm's for networks and load balancers.
    r"|.*/netns/(?:[0-9a-f]{12}|default|ingress_sbox|\d-[0-9a-z]{10}|lb_[0-9a-z]{9})",
    re.DOTALL,
)
_ROOT = re.compile(rf"({'|'.join(NamespaceKind)}):\[(\d+)\]")
_DEVICE = re.compile(r"(\d+):(\d+)")

_DEVICE_AT, _ROOT_AT, _PATH_AT = 2, 3, 4


class HoldingProcesses:
    """The processes by pid, each read only once: one is often in several namespaces."""

    def __init__(self, machine: Machine) -> None:
        """Read the processes of a machine."""
        self._machine = machine
        self._booted_s = machine.booted_s
        self._cgroups: dict[bytes, tuple[ContainerId, ...]] = {}
        self._tick_s = machine.tick_s
        # If the machine is itself a container, all processes are in that one as well.
        self._own = frozenset(self._containers(FIRST_PID))
        self._known: dict[int, HoldingProcess] = {}

    def of(self, pid: int) -> HoldingProcess:
        """Return what can be read of a process, which may have ended meanwhile."""
        if pid not in self._known:
            self._known[pid] = HoldingProcess(
                pid,
                self._command(pid),
                self._started_at(pid),
                self._container(pid),
            )
        return self._known[pid]

    def _container(self, pid: int) -> ContainerId | None:
        named = self._containers(pid)
        if not named:
            return container_by_supervisor(self._machine, pid)
        inner = [each for each in named if each not in self._own]
        return inner[-1] if inner else None

    def _containers(self, pid: int) -> tuple[ContainerId, ...]:
        text = self._machine.start_of(pid, "cgroup") or b""
        if text not in self._cgroups:
            # All processes of a container have the same text.
            found = containers_of(text.decode(errors="backslashreplace"))
            self._cgroups[text] = found
        return self._cgroups[text]

    def _command(self, pid: int) -> str | None:
        text = self._machine.start_of(pid, "comm")
        if text is None:
            return None
        return text.decode(errors="backslashreplace").removesuffix("\n")

    def _started_at(self, pid: int) -> datetime | None:
        text = self._machine.start_of(pid, "stat")
        if text is None or self._booted_s is None:
            return None
        # The command before it may contain blanks and brackets itself.
        fields = text.rpartition(b")")[2].split()
        with suppress(IndexError, ValueError):
            since_s = int(fields[_STARTED_AT]) * self._tick_s
            return datetime.fromtimestamp(self._booted_s + since_s, UTC)
        return None


def scan_machine(machine: Machine, kinds: Iterable[NamespaceKind]) -> Holders:
    """Find what keeps the namespaces of some kinds alive; never raises."""
    return Holders(scan_processes(machine, kinds), scan_mounts(machine))


def scan_processes(
    machine: Machine, kinds: Iterable[NamespaceKind] = NamespaceKind
) -> ProcessScan:
    """Count the processes in each namespace of some kinds; never raises.

    Args:
        machine: The machine to scan.
        kinds: The kinds of namespace to count.

    """
    wanted = tuple(kinds)
    pids = _pids_or_none(machine)
    if not pids:
        unknown = MappingProxyType(dict.fromkeys(wanted, Unread()))
        return ProcessScan(holders=None, unread=unknown, hides_others=True)
    tallies = [_Tally(machine, kind) for kind in wanted]
    for tally in tallies:
        tally.count(pids)
    processes = HoldingProcesses(machine)
    return ProcessScan(
        holders=tuple(
            holder for tally in tallies for holder in tally.holders(processes)
        ),
        unread=MappingProxyType({tally.kind: tally.unread() for tally in tallies}),
        hides_others=pids[0] != FIRST_PID,
    )


def _pids_or_none(machine: Machine) -> list[int]:
    """Return all pids in order; empty if they cannot be listed.

    An empty list is no real one, since it lacks even the reader's own process.
    """
    try:
        return machine.pids()
    except OSError:
        return []


class _Tally:
    """The processes counted in the namespaces of one kind."""

    def __init__(self, machine: Machine, kind: NamespaceKind) -> None:
        self.kind = kind
        self._machine, self._name = machine, f"ns/{kind}"
        self._counts: dict[tuple[int, int], int] = {}
        self._first: dict[tuple[int, int], list[int]] = {}
        self._refused = 0
        self._vanished = 0

    def count(self, pids: list[int]) -> None:
        """Count the processes by namespace, in the order of the pids.

        There may be thousands: everything that can wait is done afterwards.
        """
        name, read = self._name, self._machine.target
        counts: dict[str, int] = {}
        first: dict[str, list[int]] = {}
        for pid in pids:
            try:
                target = read(pid, name)
            except OSError as error:
                self._count_unread(error, 1)
                continue
            count = counts.get(target, 0)
            if count < FEW:
                first.setdefault(target, []).append(pid)
            counts[target] = count + 1
        self._identify(counts, first)

    def _identify(self, counts: dict[str, int], first: dict[str, list[int]]) -> None:
        """Find the device and the inode of the namespace of each link target.

        The target has the inode; all namespaces of a kernel are on one device.
        Following a link fails if the process has ended meanwhile.
        """
        found: dict[str, tuple[int, int] | OSError] = {}
        for target, pids in first.items():
            try:
                found[target] = self._machine.identity(f"{pids[0]}/{self._name}")
            except OSError as error:
                found[target] = error
        identities = (each for each in found.values() if isinstance(each, tuple))
        device = next((device for device, _ in identities), None)
        for target, each in found.items():
            text = _TARGET.fullmatch(target)
            if text is not None and device is not None:
                self._add((device, int(text[1])), counts[target], first[target])
            elif isinstance(each, OSError):
                self._count_unread(each, counts[target])
            else:
                self._add(each, counts[target], first[target])

    def _add(self, identity: tuple[int, int], count: int, first: list[int]) -> None:
        self._counts[identity] = self._counts.get(identity, 0) + count
        self._first.setdefault(identity, []).extend(first)

    def _count_unread(self, error: OSError, count: int) -> None:
        """Count processes that could not be read."""
        if problem_of(error) is ReadProblem.VANISHED:
            self._vanished += count
        else:
            self._refused += count

    def unread(self) -> Unread:
        """Return how many processes could not be read."""
        return Unread(self._refused, self._vanished)

    def holders(self, processes: HoldingProcesses) -> Iterable[ProcessHolder]:
        """Yield the holders of each namespace, by the lowest pid."""
        for (device, inode), pids in self._first.items():
            yield ProcessHolder(
                namespace=Namespace(self.kind, device, inode),
                count=self._counts[device, inode],
                first=tuple(map(processes.of, pids[:FEW])),
            )


def scan_outsiders(
    machine: Machine,
    namespaces: Collection[Namespace],
    containers: Collection[ContainerId],
) -> dict[Namespace, tuple[HoldingProcess, ...]] | None:
    """Return the processes in some namespaces; None if they cannot be listed.

    A process with unreadable namespaces, such as one that has ended, is left out.

    Args:
        machine: The machine to scan.
        namespaces: The namespaces, identified by inode.
        containers: The containers to leave out.

    """
    try:
        pids = machine.pids()
    except OSError:
        return None
    wanted = {f"{each.kind}:[{each.inode}]": each for each in namespaces}
    kinds = {each.kind.value for each in namespaces}
    processes = HoldingProcesses(machine)
    found: dict[Namespace, list[HoldingProcess]] = {each: [] for each in namespaces}
    for pid in pids:
        entered = [wanted[t] for t in _link_targets(machine, pid, kinds) if t in wanted]
        if entered and not _is_in_any(machine, pid, containers):
            for namespace in entered:
                found[namespace].append(processes.of(pid))
    return {namespace: tuple(held) for namespace, held in found.items()}


def _link_targets(machine: Machine, pid: int, kinds: Collection[str]) -> Iterator[str]:
    """Yield the targets of a process's namespace links."""
    for kind in kinds:
        try:
            yield machine.target(pid, f"ns/{kind}")
        except OSError:
            continue


def _is_in_any(machine: Machine, pid: int, containers: Collection[ContainerId]) -> bool:
    """Return whether a process is in one of some containers.

    A process that has ended counts as one of them, so that it is left out.
    """
    text = machine.start_of(pid, "cgroup")
    if text is None:
        return True
    found = containers_of(text.decode(errors="backslashreplace"))
    if not found:
        return container_by_supervisor(machine, pid) in containers
    return any(each in containers for each in found)


def scan_mounts(machine: Machine, process: str = SELF) -> MountScan:
    """Return the mounted namespaces, and the names of none; never raises.

    Args:
        machine: The machine to scan.
        process: The pid of the process that sees the mounts; they may differ.

    """
    try:
        with machine.process(process) as opened:
            text = opened.text("mountinfo")
    except OSError:
        # The root of such a process is unknown, too: its folder would seem missing.
        return MountScan(holders=None, leftovers=None)
    holders = mounted_namespaces(text)
    mounted = {mount.name for mount in holders if mount.kind is HolderKind.NAMED}
    folder = f"{process}/root/{NETNS_FOLDER}"
    return MountScan(holders=holders, leftovers=_leftovers(machine, folder, mounted))


def mounted_namespaces(mountinfo: str) -> tuple[MountHolder, ...]:
    """Return the mounted namespaces of the kinds that containers share, by path.

    A mount hidden by another one is included: it still holds its namespace.
    """
    # The folder of ip netns is often mounted on itself, with everything in it.
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
    """Return whether these are the fields of a mounted namespace.

    Any number of optional fields precedes the lone dash.
    """
    try:
        return fields[fields.index("-") + 1] == "nsfs"
    except (ValueError, IndexError):
        return False


def _kind(path: str) -> HolderKind:
    """Return the kind of a mount by its path."""
    if _NAMED.fullmatch(path):
        return HolderKind.NAMED
    return HolderKind.ENGINE if _ENGINE.fullmatch(path) else HolderKind.MOUNT


def _leftovers(
    machine: Machine, folder: str, mounted: Collection[str]
) -> tuple[str, ...] | None:
    """Return the names in a folder without a namespace; None if it cannot be read."""
    try:
        device, _ = machine.identity(folder)
        names = sorted(machine.names(folder))
    except FileNotFoundError:
        return ()
    except OSError:
        return None
    return tuple(
        name
        for name in names
        if name not in mounted and _is_leftover(machine, f"{folder}/{name}", device)
    )


def _is_leftover(machine: Machine, path: str, device: int) -> bool:
    """Return whether a file in a folder of this device has nothing mounted on it.

    The file is checked again, since names come and go, and not every name is text: a
    mounted namespace has a device of its own. A link to an existing file is a user's
    own way to name the namespace of a process.
    """
    try:
        found, _ = machine.identity(path)
    except FileNotFoundError:
        return machine.is_link(path)
    except OSError:
        return False
    return found == device and not machine.is_link(path)
