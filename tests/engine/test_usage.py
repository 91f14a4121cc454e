"""What a real container uses, and who has entered its network from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.tree.members import cpu_percent
from nstui.model.container import ContainerId
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem
from nstui.procfs.host import ProcHost
from tests.engine import nobody
from tests.engine.program import NSTUI, run_nstui

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

AS_NOBODY = (sys.executable, nobody.__file__)
PATIENCE = 60.0
MIB = 2**20
HELD, CACHED = 16 * MIB, 24 * MIB

HUNGRY = f"""\
dd if=/dev/zero of=/written bs={CACHED} count=1
held=$(dd if=/dev/zero bs={HELD} count=1 | tr '\\0' x)
touch /ready
sleep 1000
"""
MAY_ENTER = (
    *("--cap-add=SYS_ADMIN", "--cap-add=SYS_PTRACE"),
    *("--security-opt=apparmor=unconfined", "--pid=host"),
)
BUSY = "while :; do :; done"


def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds, but not for ever."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def cannot(reason: str) -> None:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class Meter:
    """Reads what the containers of an engine use."""

    def __init__(self, engine: PrivateEngine, *names: str) -> None:
        self._host = ProcHost()
        self._ids = {
            name: ContainerId(f"{engine.inspect(name, 'Id')}") for name in names
        }
        self._pids = {c: engine.pid_of(name) for name, c in self._ids.items()}

    def read(self) -> dict[str, Usage]:
        """Return what each uses; a cgroup tells it."""
        found = self._host.usage(self._pids)
        told = {}
        for name, container in self._ids.items():
            usage = found[container]
            assert isinstance(usage, Usage)
            assert not usage.is_summed
            told[name] = usage
        return told

    def commands(self, name: str) -> list[str]:
        """Return the command lines of a container."""
        container = self._ids[name]
        found = self._host.processes(container, self._pids[container])
        assert not isinstance(found, ReadProblem)
        return [each.command for each in found]


def test_it_is_what_the_engine_counts(engine_host: PrivateEngine) -> None:
    engine_host.run("own", command=("sh", "-c", HUNGRY))
    engine_host.run("dep", "--network=container:own", command=("sh", "-c", BUSY))
    meter = Meter(engine_host, "own", "dep")
    ready = ("exec", "own", "test", "-e", "/ready")
    until(lambda: engine_host.docker(*ready, check=False).returncode == 0)
    before = meter.read()
    until(lambda: meter.read()["dep"].cpu_s > before["dep"].cpu_s)

    stats = engine_host.client.stats("own", stream=False, one_shot=True)
    busy = engine_host.client.stats("dep", stream=False, one_shot=True)
    after = meter.read()

    counted = busy["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9
    assert before["dep"].cpu_s < counted <= after["dep"].cpu_s
    percents = {name: cpu_percent(before[name], after[name]) for name in before}
    assert (percents["dep"] or 0) > (percents["own"] or 0)

    memory = stats["memory_stats"]
    details = memory["stats"]
    idle = details.get("total_inactive_file", details.get("inactive_file", 0))
    assert idle > CACHED / 2
    assert abs(after["own"].memory - (memory["usage"] - idle)) < MIB
    assert HELD < after["own"].memory < HELD + CACHED / 2

    assert meter.commands("own")[0].startswith("sh -c dd if=/dev/zero")
    assert meter.commands("own")[1:] == ["sleep 1000"]


@pytest.fixture
def visited(engine_host: PrivateEngine) -> Iterator[tuple[PrivateEngine, int]]:
    """Yield an engine with visited containers, and the pid of one visitor."""
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    pid = engine_host.pid_of("own")
    enter = ("nsenter", "-t", f"{pid}", "-n", "sleep", "777")
    script = f"busybox {' '.join(enter)} & wait"
    engine_host.run("debugger", *MAY_ENTER, command=("sh", "-c", script))
    with subprocess.Popen(enter) as visitor:
        modes = {
            path: path.stat().st_mode
            for path in (engine_host.folder, engine_host.socket)
        }
        engine_host.folder.chmod(0o711)
        engine_host.socket.chmod(0o666)
        try:
            yield engine_host, visitor.pid
        finally:
            visitor.kill()
            for path, mode in modes.items():
                path.chmod(mode)


@pytest.mark.parametrize("program", [NSTUI, AS_NOBODY], ids=["root", "nobody"])
def test_who_entered_from_outside(
    visited: tuple[PrivateEngine, int], program: Sequence[str]
) -> None:
    engine, visitor = visited
    tried = run_nstui("--help", program=program)
    if tried.returncode:
        cannot(f"nobody cannot run {sys.executable}: {tried.stderr.strip()}")
    shell = engine.pid_of("debugger")
    children = Path(f"/proc/{shell}/task/{shell}/children")
    until(lambda: bool(children.read_text()))
    debugger = int(children.read_text())
    engine.docker("exec", "-d", "dep", "sleep", "888")
    command = ("-H", engine.url, "explain", "dep")

    def shows_both() -> bool:
        said = run_nstui(*command, program=program).stdout
        return f"  {visitor}  sleep 777, no" in said and f"  {debugger}  sl" in said

    until(shows_both)
    done = run_nstui(*command, program=program)

    assert (done.returncode, done.stderr) == (0, "")
    _, _, more = done.stdout.partition("processes from outside\n")
    lines = more.partition("\ninterfaces\n")[0].splitlines()
    assert sorted(lines) == sorted(
        [
            f"  {visitor}  sleep 777, no container's",
            f"  {debugger}  sleep 777, of debugger",
        ]
    )
    _, _, more = done.stdout.partition("members\n")
    own, dep = more.splitlines()[:2]
    assert re.match(r"  ● own  running  up (a moment|\d+ \w+)  CPU ", own)
    assert re.match(r"  ● dep  running  up (a moment|\d+ \w+)  CPU ", dep)
    assert "  memory " in own

    document = json.loads(run_nstui(*command, "--json", program=program).stdout)
    assert [one["name"] for one in document["members"]] == ["own", "dep"]
    for member in document["members"]:
        assert member["cpu_percent"] >= 0
        assert member["memory"] > 0
        assert member["problem"] is None
    assert {
        one["pid"]: one["container"] for one in document["inside"]["outsiders"]
    } == {
        visitor: None,
        debugger: engine.inspect("debugger", "Id"),
    }
    assert document["inside"]["routes"]["ipv4"][0]["interface"] == "eth0"
