"""What cgroups say that are made of files, of either version."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem
from nstui.procfs.host import ProcHost
from tests.unit.procfs.tree import ProcTree, container_id
from tests.unit.procfs.ways import host_at

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId

PID = 7
_NUMBERS = " ".join(str(each) for each in range(4, 53))
"""The fields of ``PID/stat`` from the fourth on, each by its number in proc(5)."""

NOBODYS = 2**23
"""More than any pid."""

ID, OTHER = container_id("a"), container_id("b")

V2 = {
    "cpu.stat": "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n",
    "memory.current": "10000\n",
    "memory.stat": "anon 4000\nfile 5000\ninactive_file 3000\nactive_file 2000\n",
}
V1_CPU = {"cpuacct.usage": "2500000000\n"}
V1_MEMORY = {
    "memory.usage_in_bytes": "20000\n",
    "memory.stat": "inactive_file 1\ntotal_cache 9000\ntotal_inactive_file 7000\n",
}


class Machine:
    """A made-up ``/proc`` with one container, and its cgroups in a folder beside it."""

    def __init__(self, folder: Path, version: int) -> None:
        self.tree = ProcTree(folder)
        self.groups = folder / "cgroup"
        if version == 1:
            text = f"3:cpu,cpuacct:/docker/{ID}\n7:memory:/docker/{ID}\n0::/"
            mounts = [
                f"1 1 0:1 / {self.groups}/cpu rw - cgroup cgroup rw,cpu,cpuacct",
                f"2 1 0:2 / {self.groups}/memory rw - cgroup cgroup rw,memory",
            ]
            self.write("cpu", V1_CPU)
            self.write("memory", V1_MEMORY)
        else:
            text = f"0::/docker/{ID}/app"
            mounts = [f"1 1 0:1 / {self.groups} rw - cgroup2 cgroup2 rw"]
            self.write(".", V2)
        (self.tree.root / "self").mkdir()
        (self.tree.root / "self/mountinfo").write_text("\n".join(mounts) + "\n")
        self.tree.add(PID, text, net="own")
        self.tree.path(PID, "cmdline").write_text("it")
        self.tree.path(PID, "stat").write_text(f"{PID} (a) b) S {_NUMBERS}\n")
        self.tree.path(PID, "status").write_text("Uid:\t0\t1\nVmRSS:\t 2048 kB\n")
        (self.tree.root / "stat").write_text("cpu 1\nbtime 1700000000\n")

    def write(self, hierarchy: str, files: dict[str, str]) -> None:
        """Write what the container's cgroup says."""
        folder = self.groups / hierarchy / "docker" / ID
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text)

    def usage(self, pid: int = PID, container: ContainerId = ID) -> Usage | ReadProblem:
        """Read it."""
        return host_at(self.tree.root).usage({container: pid})[container]


def read(machine: Machine) -> tuple[float, int]:
    """Return the seconds and the bytes that a cgroup tells."""
    found = machine.usage()
    assert isinstance(found, Usage)
    assert not found.is_summed
    return found.cpu_s, found.memory


@pytest.mark.parametrize(("version", "used"), [(1, (2.5, 13_000)), (2, (1.5, 7_000))])
def test_either_version(tmp_path: Path, version: int, used: tuple[float, int]) -> None:
    assert read(Machine(tmp_path, version)) == used


def test_what_can_be_given_back_is_not_more_than_there_is(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 2)
    machine.write(".", {"memory.current": "2000\n"})
    assert read(machine) == (1.5, 2_000)


def test_time_goes_on(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 2)
    first = machine.usage()
    assert isinstance(first, Usage)
    end = time.monotonic() + 30
    later = first
    # Another machine tells its time in hundredths of a second.
    while later.taken_s == first.taken_s and time.monotonic() < end:
        found = machine.usage()
        assert isinstance(found, Usage)
        later = found
    assert first.taken_s < later.taken_s


@pytest.mark.parametrize("text", [None, "", "many\n"])
@pytest.mark.parametrize("name", V2)
def test_what_it_does_not_tell_is_added_up(
    tmp_path: Path, name: str, text: str | None
) -> None:
    machine = Machine(tmp_path, 2)
    file = machine.groups / "docker" / ID / name
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    found = machine.usage()
    assert isinstance(found, Usage)
    assert found.is_summed
    assert found.memory == 2 * 2**20
    # Those of the user, and of the kernel for it, in hundredths.
    assert found.cpu_s == pytest.approx((14 + 15) / 100)


def test_a_process_that_nobody_has_is_no_zero(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 2)
    machine.tree.path(PID).rename(machine.tree.path(NOBODYS))
    machine.tree.path(NOBODYS, "stat").unlink()
    (machine.groups / "docker" / ID / "cpu.stat").unlink()
    assert machine.usage(NOBODYS) is ReadProblem.VANISHED


def test_why_it_could_not_be_read(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 2)
    machine.tree.add(43, f"0::/docker/{OTHER}", net="own")
    machine.tree.add(44, f"0::/docker/{OTHER}", net="own")
    machine.tree.refuse(44, "cgroup")
    assert machine.usage(43) is ReadProblem.NOT_THE_CONTAINER
    assert machine.usage(1) is ReadProblem.NOT_THE_CONTAINER
    assert machine.usage(44) is ReadProblem.DENIED
    assert machine.usage(99) is ReadProblem.VANISHED
    assert host_at(tmp_path / "no").usage({ID: PID}) == {ID: ReadProblem.VANISHED}


def test_there_is_an_answer_for_each_in_the_same_order(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 2)
    found = host_at(machine.tree.root).usage({OTHER: PID, ID: PID})
    assert list(found) == [OTHER, ID]
    assert found[OTHER] is ReadProblem.NOT_THE_CONTAINER
    assert isinstance(found[ID], Usage)


def test_a_process_that_ends_meanwhile_is_not_taken_for_a_later_one(
    tmp_path: Path,
) -> None:
    machine = Machine(tmp_path, 2)
    host = ProcHost(machine.tree.root)
    assert not isinstance(host.processes(ID, PID), ReadProblem)
    command = machine.tree.path(PID, "cmdline")
    command.unlink()
    os.mkfifo(command)

    def end() -> None:
        # Opening it waits until it is read.
        with command.open("w"):
            machine.tree.path(PID, "stat").unlink()

    thread = threading.Thread(target=end)
    thread.start()
    machine.tree.path(PID, "comm").write_text("it")
    assert host.processes(ID, PID) is ReadProblem.VANISHED
    thread.join()
