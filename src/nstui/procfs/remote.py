"""Reads a machine behind a shell: what a reading needs is fetched by one script.

The readers are those of this machine: they ask a `RemoteMachine`, which answers from
what has come back. If a reading needs more than its script foresaw, which is rare, that
is asked for alone. What could not be fetched is never taken for something that is not
there: it is a refused read.
"""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from nstui.analysis.unread import unread_text
from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.holders import Holders, MountScan, ProcessScan, Unread
from nstui.model.namespace import NamespacesRead
from nstui.model.snapshot import HostReading, ProcessReading, ReadProblem
from nstui.procfs import script
from nstui.procfs.answer import Fetched, Unusable
from nstui.procfs.host import read_kept, read_namespaces
from nstui.procfs.machine import CHUNK, booted_s
from nstui.procfs.namespaces import REMOTE_WORDS
from nstui.procfs.process import Process
from nstui.procfs.scan import scan_machine, scan_outsiders

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from nstui.model.container import ContainerId
    from nstui.model.holders import Evidence, HoldingProcess
    from nstui.model.namespace import Namespace, NamespaceKind
    from nstui.model.network import Interior, ProcessUsage, Usage
    from nstui.ports import RemoteShell
    from nstui.procfs.machine import ByteOrder

_T = TypeVar("_T")

TIMEOUT_S = 10.0
SCAN_TIMEOUT_S = 30.0
"""How long a script may take: one for some processes, one for all of them."""

_MOST_ASKED = 64
"""How many things that were not foreseen are asked for in one reading."""

_ONLY = "so only what the engine declares is known"

_ELF_ORDER_AT, _BIG = 5, 2
"""Where a program's file tells the byte order, and what it tells; see elf(5)."""


class RemoteMachine:
    """A machine behind a shell, as it was at one moment; implements `Machine`."""

    is_here = False

    def __init__(self, shell: RemoteShell, root: str = "/proc") -> None:
        """Take what runs scripts there; nothing is fetched yet."""
        self.path = root
        self._shell = shell
        self._asked = 0
        self._known = Fetched()
        self.listing = script.PIDS
        """The script for the first list of all processes."""

    @property
    def refusal(self) -> str | None:
        """See `Machine`."""
        return self._shell.refusal

    def fetch(self, body: str, timeout_s: float = TIMEOUT_S) -> None:
        """Run a script and take in what it tells.

        Raises:
            EngineUnreachable: the connection is lost.
            Unusable: the answer cannot be used.

        """
        marks = script.Marks.new()
        text = script.framed(body, self.path, marks)
        self._known.take(self._shell.run(text, timeout_s=timeout_s), marks)

    def process(self, pid: int | str) -> Process:
        """See `Machine`; the process is looked for at the first read."""
        if isinstance(pid, int) and pid <= 0:
            raise _error(errno.ENOENT, f"{pid}")
        return _FetchedProcess(self, str(pid))

    def pids(self) -> list[int]:
        """See `Machine`."""
        if self._known.pids is None and not self._known.is_missing:
            self._ask("", self.listing)
        if self._known.pids is None:
            raise _error(errno.ENOENT, self.path)
        return self._known.pids

    def called(self, commands: Collection[str]) -> list[int]:
        """See `Machine`."""
        key = " ".join(sorted(commands))
        if key not in self._known.called and not self._known.is_missing:
            self._ask("", script.called(commands))
        wanted = {f"{command}\n".encode() for command in commands}
        found = self._known.called.get(key, [])
        return [pid for pid in found if self.start_of(pid, "comm") in wanted]

    def start_of(self, pid: int, name: str, size: int = CHUNK) -> bytes | None:
        """See `Machine`."""
        with suppress(OSError):
            return self.content(f"{pid}/{name}", size)
        return None

    def target(self, pid: int, name: str) -> str:
        """See `Machine`; the kernel writes the kind and the inode."""
        _, inode = self.identity(f"{pid}/{name}")
        return f"{name.rpartition('/')[2]}:[{inode}]"

    def read(self, path: str) -> bytes:
        """See `Machine`."""
        return self.content(path)

    def content(self, path: str, size: int | None = None) -> bytes:
        """Return the content of a file, or its first bytes.

        Raises:
            OSError: as when the file is read; also if not all of it was fetched.

        """
        found = self._value(self._known.files, path, script.file(path))
        text, limit = found
        if size is None and len(text) >= limit:
            raise _error(errno.EFBIG, path)
        return text[:size]

    def identity(self, path: str) -> tuple[int, int]:
        """See `Machine`."""
        return self._value(self._known.stats, path, script.identity(path))

    def link(self, path: str) -> str:
        """See `Machine`."""
        return self._value(self._known.links, path, script.link(path))

    def links(self, path: str) -> list[str]:
        """Return the targets of the links in a folder of a process."""
        return self._value(self._known.descriptors, path, script.descriptors(path))

    def names(self, path: str) -> list[str]:
        """See `Machine`."""
        return [*self._value(self._known.names, path, script.folder(path))]

    def is_link(self, path: str) -> bool:
        """See `Machine`."""
        folder, _, name = path.rpartition("/")
        with suppress(OSError):
            return self._value(self._known.names, folder, script.folder(folder)).get(
                name, False
            )
        return False

    def user(self, uid: int) -> str:
        """See `Machine`: the name is that of the file, as on most small machines."""
        with suppress(OSError):
            for line in os.fsdecode(self.content("/etc/passwd")).split("\n"):
                fields = line.split(":")
                if len(fields) > 2 and fields[2] == str(uid):  # noqa: PLR2004 - passwd(5)
                    return fields[0]
        return str(uid)

    def now_s(self) -> float:
        """See `Machine`."""
        return float(self._fact("up", "0"))

    @property
    def is_root(self) -> bool:
        """See `Machine`."""
        return self._fact("uid", "") == "0"

    @property
    def tick_s(self) -> float:
        """See `Machine`."""
        return 1 / int(self._fact("hz", "100"))

    @property
    def byte_order(self) -> ByteOrder:
        """See `Machine`."""
        with suppress(OSError):
            start = self.content("/proc/self/exe", _ELF_ORDER_AT + 1)
            return "big" if start[_ELF_ORDER_AT:] == bytes([_BIG]) else "little"
        return "little"

    @property
    def booted_s(self) -> int | None:
        """See `Machine`."""
        with suppress(ValueError):
            return booted_s(f"btime {self._fact('btime', '')}".encode())
        return None

    def _fact(self, name: str, otherwise: str) -> str:
        """Return what the machine tells about itself."""
        if name not in self._known.about:
            self._known.about.setdefault(name, otherwise)
            with suppress(OSError):
                self._ask("", script.ABOUT)
        return self._known.about[name]

    def _value(self, memory: dict[str, _T | int], path: str, body: str) -> _T:
        """Return what was fetched of a path; fetch it now if it was not.

        Raises:
            OSError: what the machine said instead.

        """
        pid = path.partition("/")[0]
        if self._known.is_missing and not path.startswith("/"):
            raise _error(errno.ENOENT, path)
        if path not in memory and pid not in self._known.reused:
            self._ask(pid if pid.isdecimal() else "", body)
        if pid in self._known.reused:
            raise _error(errno.ESRCH, path)
        found = memory.setdefault(path, errno.EIO)
        if isinstance(found, int):
            raise _error(found, path)
        return found

    def _ask(self, pid: str, body: str) -> None:
        """Fetch something that was not foreseen, of the same process as before.

        Raises:
            OSError: too much was asked for.

        """
        self._asked += 1
        if self._asked > _MOST_ASKED:
            raise _error(errno.EIO, self.path)
        self.fetch(script.guarded(pid, body) if pid else body)


class _FetchedProcess(Process):
    """A process of which is known what was fetched."""

    def __init__(self, machine: RemoteMachine, pid: str) -> None:
        self._machine = machine
        self._pid = pid

    def close(self) -> None:
        pass

    def identity(self, name: str) -> tuple[int, int]:
        return self._machine.identity(f"{self._pid}/{name}")

    def links(self, folder: str) -> Iterator[str]:
        yield from self._machine.links(f"{self._pid}/{folder}")

    def link(self, name: str) -> str:
        return self._machine.link(f"{self._pid}/{name}")

    def data(self, name: str, limit: int | None = None) -> bytes:
        return self._machine.content(f"{self._pid}/{name}", limit)


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)


def remote_host(shell: RemoteShell, root: str = "/proc") -> RemoteHost:
    """Return what reads the machine behind a shell.

    Args:
        shell: Runs scripts there, with the rights that the reading shall have.
        root: The root of ``/proc`` there.

    """
    return RemoteHost(shell, root)


class RemoteHost:
    """Implements `HostNamespaces` and `HostEvidence` of `nstui.ports` by a shell.

    It keeps no state between calls, each of which is one round trip. If the shell gives
    no usable answer, a look says so in its note, with the level ``declared``. If it
    cannot be reached, a look raises what the shell raised, so that the last one stays;
    the other readings are then those of something refused.
    """

    def __init__(self, shell: RemoteShell, root: str) -> None:
        """See `remote_host`."""
        self._shell = shell
        self._root = root

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Read the namespaces of containers by their first processes.

        Raises:
            EngineUnreachable: the shell is not reached; perhaps later.

        """
        known = sorted({pid for pid in pids.values() if pid > 0})
        try:
            return read_namespaces(self._fetched(script.look(known)), pids)
        except Unusable as problem:
            return _declared(pids, f"{problem}")
        except EngineUnreachable as problem:
            if problem.reason is not Unreachable.NO_SHELL:
                raise
            return _without_shell(pids, f"{problem}")

    def begin(self, pids: Mapping[ContainerId, int]) -> Callable[[], HostReading]:
        """Read them in a thread; return what waits for that."""
        return _Begun(partial(self.read, pids)).result

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        """Read the network namespaces that the engine keeps for containers."""
        usual = {c: path for c, path in sandboxes.items() if path.isprintable()}
        nothing: Mapping[ContainerId, Namespace] = MappingProxyType({})
        return self._read(
            script.kept(usual.values()),
            lambda m: read_kept(m, usual),
            lambda _: nothing,
        )

    def evidence(self, container: ContainerId, pid: int) -> Evidence:
        """Read the evidence about a container beside its namespaces."""
        from nstui.procfs.evidence import read_evidence, unreadable  # noqa: PLC0415

        return self._read(
            script.evidence(pid),
            lambda machine: read_evidence(machine, container, pid),
            lambda problem: unreadable(unread_text(problem, REMOTE_WORDS.remedy)),
        )

    def interior(self, container: ContainerId, pid: int) -> Interior:
        """Read the network of a container as seen from inside, and its listeners."""
        from nstui.procfs.network import read_interior, unreadable  # noqa: PLC0415

        return self._read(
            script.interior(pid),
            lambda machine: read_interior(machine, container, pid),
            unreadable,
            SCAN_TIMEOUT_S,
        )

    def usage(
        self, pids: Mapping[ContainerId, int]
    ) -> Mapping[ContainerId, Usage | ReadProblem]:
        """Read the CPU time and memory of containers by their first processes."""
        from nstui.procfs.usage import read_usage  # noqa: PLC0415

        known = {each: pid for each, pid in pids.items() if pid > 0}

        def nothing(
            problem: ReadProblem,
        ) -> Mapping[ContainerId, Usage | ReadProblem]:
            return MappingProxyType(dict.fromkeys(pids, problem))

        def read(machine: RemoteMachine) -> Mapping[ContainerId, Usage | ReadProblem]:
            # Where no cgroups are mounted, all processes are read after that.
            machine.listing = script.processes(known)
            return MappingProxyType(read_usage(machine, pids))

        return self._read(script.usage(known), read, nothing)

    def processes(
        self, container: ContainerId, pid: int
    ) -> tuple[ProcessUsage, ...] | ReadProblem:
        """Read all processes of one container."""
        from nstui.procfs.usage import read_processes  # noqa: PLC0415

        def nothing(problem: ReadProblem) -> tuple[ProcessUsage, ...] | ReadProblem:
            return problem

        return self._read(
            script.processes([container]),
            lambda machine: read_processes(machine, container, pid),
            nothing,
            SCAN_TIMEOUT_S,
        )

    def outsiders(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> Mapping[Namespace, tuple[HoldingProcess, ...]] | None:
        """Read the processes in some namespaces that are in no container named."""
        return self._read(
            script.outsiders(namespaces),
            lambda machine: scan_outsiders(machine, namespaces, containers),
            lambda _: None,
            SCAN_TIMEOUT_S,
        )

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        """Read what keeps the namespaces of some kinds alive on the whole machine."""
        wanted = tuple(kinds)
        unread = MappingProxyType(dict.fromkeys(wanted, Unread()))
        nothing = ProcessScan(holders=None, unread=unread, hides_others=True)
        return self._read(
            script.holders(wanted),
            lambda machine: scan_machine(machine, wanted),
            lambda _: Holders(nothing, MountScan(holders=None, leftovers=None)),
            SCAN_TIMEOUT_S,
        )

    def _fetched(self, body: str, timeout_s: float = TIMEOUT_S) -> RemoteMachine:
        machine = RemoteMachine(self._shell, self._root)
        machine.fetch(body, timeout_s)
        return machine

    def _read(
        self,
        body: str,
        reader: Callable[[RemoteMachine], _T],
        otherwise: Callable[[ReadProblem], _T],
        timeout_s: float = TIMEOUT_S,
    ) -> _T:
        """Return what a reader makes of the machine; `otherwise` if it is not told."""
        try:
            return reader(self._fetched(body, timeout_s))
        except EngineUnreachable as failure:
            if failure.reason is Unreachable.NO_SHELL:
                return otherwise(ReadProblem.NO_SHELL)
            return otherwise(ReadProblem.UNANSWERED)
        except Unusable:
            return otherwise(ReadProblem.UNANSWERED)


class _Begun:
    """A reading in a thread of its own, which nobody has to wait for."""

    def __init__(self, read: Callable[[], HostReading]) -> None:
        self._read = read
        self._found: HostReading | Exception | None = None
        self._thread = threading.Thread(target=self._run, name="proc", daemon=True)
        self._thread.start()

    def result(self) -> HostReading:
        """Return the reading once it is there, or raise what kept it from that."""
        self._thread.join()
        assert self._found is not None  # noqa: S101 - the thread sets it
        if isinstance(self._found, Exception):
            raise self._found
        return self._found

    def _run(self) -> None:
        try:
            self._found = self._read()
        except Exception as problem:  # noqa: BLE001 - `result` raises it
            self._found = problem


def _declared(pids: Mapping[ContainerId, int], problem: str) -> HostReading:
    """Return the reading of a machine whose processes cannot be read."""
    return HostReading(
        NamespacesRead.DECLARED,
        processes=_all_unread(pids, ReadProblem.DENIED),
        note=f"the processes behind ssh cannot be read, {problem}, {_ONLY}",
        remedy=REMOTE_WORDS.remedy,
    )


def _without_shell(pids: Mapping[ContainerId, int], problem: str) -> HostReading:
    """Return the reading of a machine with an engine, and without a shell."""
    remedy = "connect as a user who may run a shell there"
    return HostReading(
        NamespacesRead.DECLARED,
        processes=_all_unread(pids, ReadProblem.NO_SHELL),
        note=f"{problem}, {_ONLY}: {remedy}",
        obstacle="no shell there",
        remedy=remedy,
    )


def _all_unread(
    pids: Mapping[ContainerId, int], problem: ReadProblem
) -> Mapping[ContainerId, ProcessReading]:
    nothing: Mapping[NamespaceKind, Namespace] = MappingProxyType({})
    return MappingProxyType(
        {
            container: ProcessReading(pid, nothing, None, problem)
            for container, pid in pids.items()
        }
    )
