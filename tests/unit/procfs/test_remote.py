"""What is asked of a shell on another machine, and what is made of a bad answer."""

from __future__ import annotations

import gzip
import os
import secrets
import shutil
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.holders import MountScan
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.network import Interior
from nstui.model.snapshot import ReadProblem
from nstui.procfs.host import ProcHost
from nstui.procfs.namespaces import REMOTE_WORDS
from nstui.procfs.remote import RemoteHost, RemoteMachine, remote_host
from tests.support.local_shell import LocalShell
from tests.unit.procfs.tree import ProcTree, container_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.snapshot import HostReading

A, B = container_id("a"), container_id("b")
NET = NamespaceKind.NET
KIB = 1024
PATIENCE_S = 60.0

SHELLS = {"sh": ("sh",), "ash": ("busybox", "ash")}


@pytest.fixture(params=SHELLS.values(), ids=tuple(SHELLS))
def shell(request: pytest.FixtureRequest) -> Iterator[LocalShell]:
    """Return a shell, which is ended afterwards."""
    started = LocalShell(request.param)
    yield started
    started.close()


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """Return a machine with no process but the first."""
    return ProcTree(tmp_path)


def with_containers(tree: ProcTree, count: int) -> dict[ContainerId, int]:
    """Add containers, one network for every two; return them with their pids."""
    (tree.root / "1/comm").write_text("systemd\n")
    found = {}
    for at in range(count):
        container, pid = type(A)(secrets.token_hex(32)), 2_000_000 + 37 * at
        tree.add(pid, f"0::/system.slice/docker-{container}.scope", net=f"net{at // 2}")
        tree.path(pid, "comm").write_text("nginx\n")
        found[container] = pid
    return found


def read_here(tree: ProcTree, pids: Mapping[ContainerId, int]) -> HostReading:
    """Return the same reading without a shell, but for what gives more rights."""
    return replace(ProcHost(tree.root).read(pids), remedy=REMOTE_WORDS.remedy)


def test_a_look_at_a_hundred_containers_is_one_round_trip_of_twenty_kib(
    tree: ProcTree, shell: LocalShell
) -> None:
    pids = with_containers(tree, 100)

    reading = remote_host(shell, f"{tree.root}").read(pids)

    assert reading == read_here(tree, pids)
    assert reading.level is NamespacesRead.INODE
    assert shell.round_trips == 1
    assert shell.bytes <= 20 * KIB


class Held(LocalShell):
    """A shell that answers once it may, or fails."""

    def __init__(self) -> None:
        super().__init__(SHELLS["sh"])
        self.asked, self.may_answer = threading.Event(), threading.Event()
        self.failure: EngineUnreachable | None = None

    def run(self, script: str, *, timeout_s: float) -> bytes:
        self.asked.set()
        assert self.may_answer.wait(timeout_s)
        if self.failure is not None:
            raise self.failure
        return super().run(script, timeout_s=timeout_s)


@pytest.fixture
def held() -> Iterator[Held]:
    shell = Held()
    yield shell
    shell.may_answer.set()
    shell.close()


def test_a_reading_that_was_begun_is_under_way_before_it_is_wanted(
    tree: ProcTree, held: Held
) -> None:
    pids = with_containers(tree, 3)
    begun = remote_host(held, f"{tree.root}").begin(pids)
    assert held.asked.wait(PATIENCE_S)
    held.may_answer.set()
    assert begun() == read_here(tree, pids)
    assert held.round_trips == 1


def test_a_reading_that_was_begun_fails_where_it_is_wanted(
    tree: ProcTree, held: Held
) -> None:
    held.failure = EngineUnreachable("the connection was lost")
    begun = remote_host(held, f"{tree.root}").begin(with_containers(tree, 3))
    held.may_answer.set()
    with pytest.raises(EngineUnreachable, match="lost"):
        begun()


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda host: host.kept({A: "/proc/1/cgroup"}), id="kept"),
        pytest.param(lambda host: host.evidence(A, os.getpid()), id="evidence"),
        pytest.param(lambda host: host.interior(A, os.getpid()), id="interior"),
        pytest.param(lambda host: host.usage({A: os.getpid()}), id="usage"),
        pytest.param(lambda host: host.processes(A, os.getpid()), id="processes"),
        pytest.param(lambda host: host.outsiders([], []), id="outsiders"),
        pytest.param(lambda host: host.holders(NamespaceKind), id="holders"),
        pytest.param(lambda host: host.read({A: os.getpid()}), id="read"),
    ],
)
def test_each_reading_of_the_real_machine_is_one_round_trip(
    shell: LocalShell, ask: Callable[[RemoteHost], object]
) -> None:
    ask(remote_host(shell))

    assert shell.round_trips == 1


def test_without_gzip_the_answer_is_longer_and_the_same(
    tree: ProcTree, tmp_path: Path
) -> None:
    pids = with_containers(tree, 3)
    shell = LocalShell(_alone(tmp_path, "cat", "stat", "head", "grep", "id"))
    try:
        assert remote_host(shell, f"{tree.root}").read(pids) == read_here(tree, pids)
    finally:
        shell.close()


@pytest.mark.parametrize(
    ("stat", "said"),
    [(None, "stat -c"), ("#!/bin/sh\necho usage: stat FILE\n", "stat -c")],
)
def test_without_a_usable_stat_the_level_is_declared_and_says_so(
    tree: ProcTree, tmp_path: Path, stat: str | None, said: str
) -> None:
    pids = with_containers(tree, 2)
    shell = LocalShell(_alone(tmp_path, "head", "grep", "id", "gzip"))
    if stat is not None:
        (tmp_path / "bin/stat").write_text(stat)
        (tmp_path / "bin/stat").chmod(0o755)
    try:
        reading = remote_host(shell, f"{tree.root}").read(pids)
        assert reading.level is NamespacesRead.DECLARED
        assert said in (reading.note or "")
        assert set(reading.processes) == set(pids)
        assert {p.problem for p in reading.processes.values()} == {ReadProblem.DENIED}
    finally:
        shell.close()


def _alone(folder: Path, *programs: str) -> tuple[str, ...]:
    """Return a shell that finds only some programs."""
    (folder / "bin").mkdir()
    for program in programs:
        real = shutil.which(program)
        assert real is not None
        (folder / "bin" / program).symlink_to(real)
    return ("env", "-i", f"PATH={folder / 'bin'}", "/bin/sh")


class Recorded:
    """A shell that changes what another one answers."""

    refusal: str | None = None

    def __init__(self, shell: LocalShell, change: Callable[[bytes], bytes]) -> None:
        self._shell, self._change = shell, change

    def run(self, script: str, *, timeout_s: float) -> bytes:
        """Run a script in the other shell."""
        return self._change(self._shell.run(script, timeout_s=timeout_s))


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "half of it": lambda answer: answer[: len(answer) // 2],
    "without its last byte": lambda answer: answer[:-1],
    "half of what was packed": lambda a: gzip.decompress(a)[:-40],
    "something else": lambda _: b"This account is currently not available.\n",
    "noise": lambda _: bytes(range(256)) * 40,
    "damaged": lambda answer: answer[:100] + bytes(20) + answer[120:],
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_not_taken_for_processes_that_are_gone(
    tree: ProcTree, shell: LocalShell, change: Callable[[bytes], bytes]
) -> None:
    pids = with_containers(tree, 3)
    host = remote_host(Recorded(shell, change), f"{tree.root}")
    first, pid = next(iter(pids.items()))

    reading = host.read(pids)

    assert reading.level is NamespacesRead.DECLARED
    assert "the processes behind ssh cannot be read" in (reading.note or "")
    assert {p.problem for p in reading.processes.values()} == {ReadProblem.DENIED}
    _is_unread(host, first, pid)


def _is_unread(
    host: RemoteHost,
    container: ContainerId,
    pid: int,
    problem: ReadProblem = ReadProblem.UNANSWERED,
    said: str = "its machine does not answer",
) -> None:
    assert host.usage({container: pid}) == {container: problem}
    assert host.processes(container, pid) is problem
    interior = host.interior(container, pid)
    assert isinstance(interior, Interior)
    assert interior.processes is problem
    assert host.evidence(container, pid).joins_problem == said
    assert host.outsiders([], []) is None
    holders = host.holders([NET])
    assert (holders.processes.holders, holders.processes.hides_others) == (None, True)
    assert holders.mounts == MountScan(holders=None, leftovers=None)
    assert host.kept({container: "/proc/1/cgroup"}) == {}


def test_a_banner_before_the_answer_is_passed_over(
    tree: ProcTree, shell: LocalShell
) -> None:
    pids = with_containers(tree, 2)

    def change(answer: bytes) -> bytes:
        return b"Welcome!\n" + gzip.decompress(answer)

    host = remote_host(Recorded(shell, change), f"{tree.root}")
    assert host.read(pids) == read_here(tree, pids)


def test_a_shell_that_has_died_is_not_a_machine_without_processes(
    tree: ProcTree, shell: LocalShell
) -> None:
    pids = with_containers(tree, 2)
    host = remote_host(shell, f"{tree.root}")
    host.read(pids)
    shell.kill()

    with pytest.raises(EngineUnreachable):
        host.read(pids)
    first, pid = next(iter(pids.items()))
    _is_unread(host, first, pid)


def test_where_there_is_no_shell_at_all_the_engine_is_still_shown(
    shell: LocalShell,
) -> None:
    def refuse(_: bytes) -> bytes:
        raise EngineUnreachable("no shell runs on nas (No)", Unreachable.NO_SHELL)

    host = remote_host(Recorded(shell, refuse))
    reading = host.read({A: 10})

    assert reading.level is NamespacesRead.DECLARED
    assert reading.obstacle == "no shell there"
    assert reading.note == (
        "no shell runs on nas (No), so only what the engine declares is known: connect"
        " as a user who may run a shell there"
    )
    assert reading.processes[A].problem is ReadProblem.NO_SHELL
    # Not even root would read more.
    assert reading.remedy == "connect as a user who may run a shell there"
    _is_unread(host, A, 10, ReadProblem.NO_SHELL, "no shell runs there")


class Between:
    """A shell with a program that does something before it is what it is called."""

    def __init__(self, folder: Path, program: str, script: str) -> None:
        self.folder = folder / "before"
        self.folder.mkdir()
        path = self.folder / program
        path.write_text(f'#!/bin/sh\n{script}\nexec {shutil.which(program)} "$@"\n')
        path.chmod(0o755)
        self.shell = LocalShell(
            ("env", f"PATH={self.folder}:{os.environ['PATH']}", "sh")
        )


def test_a_pid_that_is_another_process_during_the_look_is_not_believed(
    tree: ProcTree, tmp_path: Path
) -> None:
    pids = with_containers(tree, 2)
    (first, pid), (second, _) = pids.items()
    other = f"echo 0::/docker/{B} > {tree.path(pid, 'cgroup')}"
    between = Between(tmp_path, "stat", other)
    try:
        reading = remote_host(between.shell, f"{tree.root}").read(pids)
    finally:
        between.shell.close()

    assert reading.processes[first].problem is ReadProblem.VANISHED
    assert not reading.processes[first].namespaces
    assert reading.processes[second].problem is None


def test_what_is_asked_for_later_is_of_the_same_process(
    tree: ProcTree, shell: LocalShell
) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")
    tree.mount(10, "/", "/etc/hosts")
    with RemoteMachine(shell, f"{tree.root}").process(10) as process:
        process.cgroup()
        tree.path(10, "cgroup").write_text(f"0::/docker/{B}\n")
        with pytest.raises(ProcessLookupError):
            process.text("mountinfo")


def test_texts_cannot_look_like_another_file_or_section(
    tree: ProcTree, shell: LocalShell
) -> None:
    tree.add(10, f"0::/docker/{A}", net="a", interfaces=("lo",))
    forged = (
        f"0::/docker/{A}\n\n==> ././10/mountinfo <==\n31 20 8:1 /x /etc/hosts rw - e\n"
        "\n0123456789abcdef01234567 end\n==> 10/mountinfo <==\n"
        "head: cannot open '10/mountinfo' for reading: Permission denied\n"
        "4 5 10/ns/net\n"
    )
    tree.path(10, "cgroup").write_text(forged)
    tree.mount(10, "/d/hosts", "/etc/hosts")

    reading = remote_host(shell, f"{tree.root}").read({A: 10})

    assert reading == read_here(tree, {A: 10})
    with RemoteMachine(shell, f"{tree.root}").process(10) as process:
        assert process.cgroup() == forged


def test_a_command_line_of_megabytes_is_cut_and_nothing_else(
    tree: ProcTree, shell: LocalShell
) -> None:
    (tree.root / "1/comm").write_text("systemd\n")
    tree.add(10, f"0::/docker/{A}", net="a")
    tree.add(20, "0::/system.slice/web.service", net="machine")
    tree.start(20, 1, "systemd")
    tree.path(20, "comm").write_text("docker\n")
    tree.path(20, "cmdline").write_bytes(b"docker\0run\0--name\0web\0" + b"x" * 2**21)

    reading = remote_host(shell, f"{tree.root}").read({A: 10})

    assert reading.processes[A].problem is None
    assert reading.units == {}
    assert shell.bytes < 20 * KIB


def test_nothing_is_written_there(tree: ProcTree, shell: LocalShell) -> None:
    pids = with_containers(tree, 2)
    before = sorted(tree.root.rglob("*"))
    host = remote_host(shell, f"{tree.root}")
    host.read(pids)
    host.holders(NamespaceKind)
    host.usage(pids)

    assert sorted(tree.root.rglob("*")) == before
