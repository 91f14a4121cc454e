"""What is made of real processes, in real namespaces and cgroups."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, NoReturn, TypedDict

import pytest

from nstui.model.container import ContainerId
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import ReadProblem
from nstui.procfs.machine import LocalMachine
from nstui.procfs.process import Process, problem_of
from tests.unit.procfs import unprivileged
from tests.unit.procfs.processes import Sleepers, writable_hierarchy
from tests.unit.procfs.ways import PROC, host_at, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NET = NamespaceKind.NET

PROGRAMS = ("unshare", "nsenter", "lsns", "ip")
LSNS_TRIES = 10


class Printed(TypedDict):
    """What the unprivileged program prints of one process."""

    namespaces: list[str]
    interfaces: list[str] | None
    problem: str | None
    files: bool


class Output(TypedDict):
    """What the unprivileged program prints."""

    level: str
    note: str | None
    processes: dict[str, Printed]


def cannot(reason: str) -> NoReturn:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"no real processes: {reason}")
    pytest.skip(f"no real processes: {reason}")


@pytest.fixture(scope="module", autouse=True)
def hierarchy() -> Path:
    """Return where cgroups can be made, if this machine has all that is needed."""
    if os.geteuid() != 0:
        cannot("needs root")
    for program in PROGRAMS:
        if which(program) is None:
            cannot(f"needs {program}")
    found = writable_hierarchy()
    if found is None:
        cannot("needs a cgroup hierarchy that can be written to")
    return found


@pytest.fixture
def sleepers(hierarchy: Path) -> Iterator[Sleepers]:
    """Return a way to start processes, all of which are ended afterwards."""
    processes = Sleepers(hierarchy)
    yield processes
    processes.close()


def new_id() -> ContainerId:
    """Return an id that nothing on this machine has."""
    return ContainerId(secrets.token_hex(32))


def as_nobody(pids: dict[ContainerId, int], *, mount: str | None = None) -> Output:
    """Read as the user nobody, with something else mounted on /proc if asked to.

    The mount is in a mount namespace of the program's own and ends with it.
    """
    arguments = [f"{container}={pid}" for container, pid in pids.items()]
    command = [sys.executable, unprivileged.__file__, *arguments]
    if mount is not None:
        script = f'{mount} /proc && exec "$@"'
        command = ["unshare", "-m", "sh", "-c", script, "sh", *command]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    output: Output = json.loads(done.stdout)
    return output


def lsns_inode(pid: int, kind: NamespaceKind) -> int:
    """Return the inode of a namespace as lsns tells it.

    It fails if any process of the machine ends while it reads them all.
    """
    command = ["lsns", "-J", "-t", kind, "-p", f"{pid}"]
    for _ in range(LSNS_TRIES):
        listed = subprocess.run(command, capture_output=True, check=False, timeout=30)
        if listed.returncode == 0:
            return int(json.loads(listed.stdout)["namespaces"][0]["ns"])
    raise AssertionError(listed.stderr.decode())


def test_root_reads_the_inodes_that_lsns_shows(sleepers: Sleepers) -> None:
    owner, dependent, other = new_id(), new_id(), new_id()
    pids = {owner: sleepers.start(owner)}
    pids[dependent] = sleepers.start(dependent, join=pids[owner])
    pids[other] = sleepers.start(other)

    reading = host_at().read(pids)

    assert (reading.level, reading.note) == (NamespacesRead.INODE, None)
    for container, pid in pids.items():
        process = reading.processes[container]
        assert (process.problem, process.interfaces) == (None, ("lo",))
        for kind in NamespaceKind:
            assert process.namespaces[kind].inode == lsns_inode(pid, kind)
    nets = [reading.processes[each].namespaces[NET] for each in pids]
    assert nets[0] == nets[1] != nets[2]


def test_the_interfaces_are_the_namespaces_own(sleepers: Sleepers) -> None:
    owner = new_id()
    pid = sleepers.start(owner)
    add = ["nsenter", "-n", "-t", f"{pid}", "ip", "link", "add", "up0", "type", "veth"]
    subprocess.run(add, check=True, timeout=30)

    interfaces = host_at().read({owner: pid}).processes[owner].interfaces

    assert set(interfaces or ()) == {"lo", "up0", "veth0"}


def test_a_process_outside_the_containers_cgroup_is_not_believed(
    sleepers: Sleepers,
) -> None:
    believed, stranger = new_id(), new_id()
    pids = {believed: sleepers.start(believed), stranger: sleepers.start(None)}

    reading = host_at().read(pids)

    assert reading.level is NamespacesRead.INODE
    assert reading.processes[believed].problem is None
    assert reading.processes[stranger].problem is ReadProblem.NOT_THE_CONTAINER


def test_a_zombie_has_vanished(sleepers: Sleepers) -> None:
    running, ended = new_id(), new_id()
    pids = {running: sleepers.start(running), ended: sleepers.start(ended)}
    sleepers.kill(pids[ended])

    reading = host_at().read(pids)

    assert reading.level is NamespacesRead.INODE
    assert reading.processes[ended].problem is ReadProblem.VANISHED
    assert not reading.processes[ended].namespaces


READS: dict[str, Callable[[Process], object]] = {
    "cgroup": Process.cgroup,
    "namespace": lambda process: process.namespace(NET),
    "fingerprint": Process.fingerprint,
    "interfaces": Process.interfaces,
    "mountinfo": lambda process: process.text("mountinfo"),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_process_that_ends_after_it_was_opened_tells_nothing(
    sleepers: Sleepers, read: Callable[[Process], object]
) -> None:
    pid = sleepers.start(None)
    with LocalMachine(PROC).process(pid) as process:
        read(process)
        sleepers.end(pid)

        with pytest.raises(OSError, match="process") as caught:
            read(process)

    assert problem_of(caught.value) is ReadProblem.VANISHED


def test_nobody_tells_networks_apart_by_fingerprint(sleepers: Sleepers) -> None:
    owner, dependent, other = new_id(), new_id(), new_id()
    pids = {owner: sleepers.start(owner)}
    pids[dependent] = sleepers.start(dependent, join=pids[owner])
    pids[other] = sleepers.start(other)

    found = as_nobody(pids)

    assert (found["level"], found["note"]) == ("fingerprint", words().needs_root)
    processes = [found["processes"][each] for each in pids]
    nets = [process["namespaces"] for process in processes]
    assert nets[0] == nets[1] != nets[2]
    for pid, net in zip(pids.values(), nets, strict=True):
        assert net == [f"net:~{Path(f'/proc/{pid}/net/dev').stat().st_ino}"]
    assert {process["problem"] for process in processes} == {"denied"}
    assert [process["interfaces"] for process in processes] == [["lo"]] * 3
    # The kernel shows everybody what a process has mounted.
    assert [process["files"] for process in processes] == [True] * 3


def test_nobody_without_containers_is_told_what_is_possible() -> None:
    found = as_nobody({})

    assert (found["level"], found["note"]) == ("fingerprint", words().needs_root)


@pytest.mark.parametrize(("hidepid", "problem"), [(1, "denied"), (2, "vanished")])
def test_hidepid_leaves_only_what_is_declared(
    sleepers: Sleepers, hidepid: int, problem: str
) -> None:
    container = new_id()
    pids = {container: sleepers.start(container)}
    mount = f"mount -t proc -o hidepid={hidepid} proc"

    found = as_nobody(pids, mount=mount)
    empty = as_nobody({}, mount=mount)

    for output in (found, empty):
        assert output["level"] == "declared"
        assert (output["note"] or "").startswith("/proc is mounted with hidepid=")
    assert found["processes"][container]["problem"] == problem
    assert found["processes"][container]["namespaces"] == []


def test_a_machine_whose_proc_is_empty_is_no_error() -> None:
    found = as_nobody({new_id(): 1}, mount="mount -t tmpfs none")

    assert found["level"] == "declared"
    assert f"does not show the processes of {words().machine}" in (found["note"] or "")
