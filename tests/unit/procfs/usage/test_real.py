"""What real processes use, and who is in a real network."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.model.network import NetworkProcess, Usage
from nstui.model.snapshot import ReadProblem
from tests.unit.procfs.usage import as_nobody
from tests.unit.procfs.ways import host_at, machine_at

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.network import ProcessUsage
    from tests.unit.procfs.processes import Sleepers

    Ids = tuple[ContainerId, ContainerId]

SLEEP = "sleep 600"


@pytest.fixture
def pids(sleepers: Sleepers, hierarchy: Path, ids: Ids) -> tuple[int, int]:
    """Start two processes in the cgroup of the first id; return them in order."""
    first, second = sleepers.start(ids[0]), sleepers.start(None)
    (hierarchy / ids[0] / "cgroup.procs").write_text(f"{second}")
    return first, second


def processes(container: ContainerId, pid: int) -> tuple[ProcessUsage, ...]:
    """Return the processes of a container that can be read."""
    found = host_at().processes(container, pid)
    assert not isinstance(found, ReadProblem)
    return found


def resident(pid: int) -> int:
    """Return how many bytes the kernel says that a process has in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (words,) = (line.split() for line in lines if line.startswith("VmRSS:"))
    return int(words[1]) * 1024


def read_as_nobody(
    container: ContainerId, pid: int, mount: str = "true"
) -> dict[str, object]:
    """Read as the user nobody, after a command in a mount namespace of its own."""
    program = [sys.executable, as_nobody.__file__, container, f"{pid}"]
    script = f'{mount} && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", script, "sh", *program]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_the_processes_are_those_of_its_cgroup(pids: tuple[int, int], ids: Ids) -> None:
    found = processes(ids[0], pids[1])

    assert tuple(each.pid for each in found) == tuple(sorted(pids))
    for each in found:
        assert (each.command, each.user, each.state) == (SLEEP, "root", "sleeping")
        assert each.memory == resident(each.pid)
        age = datetime.now(UTC) - each.started_at
        assert timedelta() <= age + timedelta(seconds=1) < timedelta(minutes=1)
        assert 0 <= each.cpu_s < 1
        assert each.taken_s <= machine_at().now_s()


def test_a_zombie_has_a_name_and_nothing_else(
    pids: tuple[int, int], ids: Ids, sleepers: Sleepers
) -> None:
    sleepers.kill(pids[1])
    by_pid = {each.pid: each for each in processes(ids[0], pids[0])}
    zombie = by_pid.pop(pids[1], None)
    # A cgroup of version 1 has let go of it.
    if zombie is not None:
        assert (zombie.command, zombie.state, zombie.memory) == ("[sleep]", "zombie", 0)
    assert list(by_pid) == [pids[0]]


def test_what_has_ended_has_vanished(
    pids: tuple[int, int], ids: Ids, sleepers: Sleepers
) -> None:
    sleepers.end(pids[0])
    assert [each.pid for each in processes(ids[0], pids[1])] == [pids[1]]
    host, (container, _) = host_at(), ids
    assert host.processes(container, pids[0]) is ReadProblem.VANISHED
    assert host.usage({container: pids[0]}) == {container: ReadProblem.VANISHED}


def test_another_containers_process_is_not_believed(
    pids: tuple[int, int], ids: Ids
) -> None:
    host, (_, other) = host_at(), ids
    assert host.processes(other, pids[0]) is ReadProblem.NOT_THE_CONTAINER
    assert host.usage({other: pids[0]}) == {other: ReadProblem.NOT_THE_CONTAINER}


def test_where_no_cgroups_are_mounted_it_is_added_up(
    pids: tuple[int, int], ids: Ids, tmp_path: Path
) -> None:
    for pid in pids:
        (tmp_path / f"{pid}").symlink_to(f"/proc/{pid}")
    (tmp_path / "stat").symlink_to("/proc/stat")

    found = host_at(tmp_path).usage({ids[0]: pids[0], ids[1]: pids[1]})

    usage = found[ids[0]]
    assert isinstance(usage, Usage)
    assert usage.is_summed
    assert usage.memory == sum(resident(pid) for pid in pids)
    assert found[ids[1]] is ReadProblem.NOT_THE_CONTAINER


def test_nobody_reads_what_root_reads(pids: tuple[int, int], ids: Ids) -> None:
    told = read_as_nobody(ids[0], pids[0])
    assert told["processes"] == sorted(pids)
    assert isinstance(told["usage"], int)
    assert told["usage"] > 0


def test_hidepid_refuses_everything(pids: tuple[int, int], ids: Ids) -> None:
    hide = "mount -t proc -o hidepid=1 proc /proc"
    told = read_as_nobody(ids[0], pids[0], hide)
    assert {told[name] for name in ("usage", "processes", "inside")} == {"denied"}


def test_all_that_are_in_a_network(sleepers: Sleepers, ids: Ids) -> None:
    own, dep = ids
    first = sleepers.start(own)
    mate = sleepers.start(dep, join=first)
    outsider = sleepers.start(None, join=first)
    sleepers.start(None)
    expected = sorted(
        [(first, SLEEP, (own,)), (mate, SLEEP, (dep,)), (outsider, SLEEP, ())]
    )

    for container, pid in ((own, first), (dep, mate)):
        inside = host_at().interior(container, pid)
        assert inside.processes == tuple(NetworkProcess(*each) for each in expected)
        assert not inside.hides_processes

    told = read_as_nobody(own, first)
    assert told["inside"] == [[pid, name, list(ids)] for pid, name, ids in expected]
    assert told["hides"] is False


def test_one_that_ends_is_not_in_it_any_more(sleepers: Sleepers, ids: Ids) -> None:
    first = sleepers.start(ids[0])
    outsider = sleepers.start(None, join=first)
    sleepers.kill(outsider)
    inside = host_at().interior(ids[0], first)
    assert inside.processes == (NetworkProcess(first, SLEEP, (ids[0],)),)


def test_all_of_the_machine_is_not_listed(
    sleepers: Sleepers, ids: Ids, tmp_path: Path
) -> None:
    first = sleepers.start(None)
    pid = sleepers.start(ids[0], join=first)
    # A machine whose first process is in the same network.
    (tmp_path / "1").symlink_to(f"/proc/{first}")
    (tmp_path / f"{pid}").symlink_to(f"/proc/{pid}")
    inside = host_at(tmp_path).interior(ids[0], pid)
    assert inside.processes is None
    assert not isinstance(inside.interfaces, ReadProblem)


def test_where_processes_are_hidden_there_may_be_others(
    sleepers: Sleepers, ids: Ids, tmp_path: Path
) -> None:
    first = sleepers.start(ids[0])
    # As under hidepid=2, where others' processes are not even listed.
    (tmp_path / f"{first}").symlink_to(f"/proc/{first}")
    inside = host_at(tmp_path).interior(ids[0], first)
    assert inside.processes == (NetworkProcess(first, SLEEP, (ids[0],)),)
    assert inside.hides_processes


def test_one_that_is_refused_may_be_in_it(
    sleepers: Sleepers, ids: Ids, tmp_path: Path
) -> None:
    first = sleepers.start(ids[0])
    for pid in (1, first):
        (tmp_path / f"{pid}").symlink_to(f"/proc/{pid}")
    assert not host_at(tmp_path).interior(ids[0], first).hides_processes
    # Refused to whoever runs the tests, root included.
    refused = tmp_path / f"{first + 1}"
    refused.symlink_to(refused)
    assert host_at(tmp_path).interior(ids[0], first).hides_processes
