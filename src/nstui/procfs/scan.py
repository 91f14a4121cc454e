"""Every process of the machine, by the namespaces it is in.

This is what lsns does, and what it costs is one stat for each process and kind. The
kernel lists the leaders of thread groups only: a thread may be in another network than
its process, and is not seen here.
"""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.holders import FEW, ProcessHolder, ProcessScan, Unread
from nstui.model.namespace import Namespace, NamespaceKind
from nstui.model.snapshot import ReadProblem
from nstui.procfs.directory import pids_of
from nstui.procfs.holding import HoldingProcesses
from nstui.procfs.level import FIRST_PID
from nstui.procfs.process import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


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
        self._root = root
        self._counts: dict[tuple[int, int], int] = {}
        self._first: dict[tuple[int, int], list[int]] = {}
        self._refused = 0
        self._vanished = 0

    def count(self, pids: list[int]) -> None:
        """Look at each process, in the order of the pids.

        There may be thousands: nothing is done here that can be done afterwards.
        """
        before, after = f"{self._root}/", f"/ns/{self.kind}"
        stat, counts, first = os.stat, self._counts, self._first
        for pid in pids:
            try:
                found = stat(f"{before}{pid}{after}")
            except OSError as error:
                self._miss(error)
                continue
            identity = found.st_dev, found.st_ino
            count = counts.get(identity, 0)
            if count < FEW:
                first.setdefault(identity, []).append(pid)
            counts[identity] = count + 1

    def _miss(self, error: OSError) -> None:
        """Count a process that did not tell."""
        if problem_of(error) is ReadProblem.VANISHED:
            self._vanished += 1
        else:
            self._refused += 1

    def unread(self) -> Unread:
        """Return how many did not tell."""
        return Unread(self._refused, self._vanished)

    def holders(self, processes: HoldingProcesses) -> Iterable[ProcessHolder]:
        """Yield what was counted, by the lowest pid."""
        for (device, inode), pids in self._first.items():
            yield ProcessHolder(
                namespace=Namespace(self.kind, device, inode),
                count=self._counts[device, inode],
                first=tuple(map(processes.of, pids)),
            )
