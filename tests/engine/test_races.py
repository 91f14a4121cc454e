"""What changes while, or between, two looks that no event announces."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import pytest

from nstui.model.namespace import NamespacesRead
from nstui.procfs.host import ProcHost
from tests.engine.attach import attached
from tests.engine.looking import (
    NET,
    errors,
    interfaces,
    names,
    namespace,
    of,
    together,
    wrong,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace
    from nstui.model.snapshot import HostReading
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

TRIES = 30


class InterruptedHost:
    """The machine's ``/proc``, with something happening before each read of it."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._host = ProcHost()
        self._steps = list(steps)

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Let the next thing happen, then read."""
        if self._steps:
            self._steps.pop(0)()
        return self._host.read(pids)

    def begin(self, pids: Mapping[ContainerId, int]) -> Callable[[], HostReading]:
        """Return what reads them."""
        return partial(self.read, pids)

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        """Read the mounts."""
        return self._host.kept(sandboxes)

    @property
    def has_been_interrupted(self) -> bool:
        """Whether everything has happened."""
        return not self._steps


@pytest.fixture
def look(engine_host: PrivateEngine) -> Callable[..., Report]:
    """Return a look during which docker commands are carried out, one for each read."""

    def look_during(*commands: str) -> Report:
        steps = [lambda c=c: engine_host.docker(*c.split()) for c in commands]
        host = InterruptedHost(*steps)
        with attached(engine_host.url, host=host) as connection:
            report = connection.observer.look()
        assert host.has_been_interrupted
        return report

    return look_during


def run_pair(engine: PrivateEngine) -> None:
    """Start an owner, a dependent, and one that has nothing to do with them."""
    engine.run("own")
    engine.run("dep", "--network=container:own")
    engine.run("other")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("kill own", errors("owner-stopped", "dep")),
        ("rm -f own", errors("owner-gone", "dep")),
        ("restart -t 0 own", errors("stale-join", "dep")),
        ("kill dep", set()),
        ("rm -f dep", set()),
        ("restart -t 0 dep", set()),
    ],
)
def test_what_happens_while_it_is_read_is_seen(
    engine_host: PrivateEngine,
    look: Callable[..., Report],
    command: str,
    expected: set[tuple[str, str, str]],
) -> None:
    run_pair(engine_host)

    report = look(command)

    assert wrong(report) == expected
    assert report.snapshot.namespaces_read is NamespacesRead.INODE
    for container in report.snapshot.containers:
        shown = report.snapshot.namespace(container.id, NET) is not None
        assert shown == container.state.has_process


def test_what_happens_again_while_it_is_read_again_makes_nothing_up(
    engine_host: PrivateEngine, look: Callable[..., Report]
) -> None:
    run_pair(engine_host)

    report = look("kill dep", "kill other")

    assert wrong(report) == set()
    assert together(report) == {("own", "dep")}
    assert namespace(report, "other") is None
    assert interfaces(report, "other") is None
    assert report.snapshot.namespaces_read is NamespacesRead.INODE


def test_an_owner_that_goes_while_everything_is_read_again(
    engine_host: PrivateEngine, look: Callable[..., Report]
) -> None:
    run_pair(engine_host)

    report = look("kill other", "rm -f own")

    # It was there when the engine was asked last; what is gone is its process.
    assert names(report) == {"own", "dep", "other"}
    assert together(report) == {("own", "dep")}
    assert namespace(report, "own") is None
    assert interfaces(report, "dep") == ("lo",)


@pytest.mark.parametrize("name", ["own", "dep", "alone"])
def test_a_restart_that_no_event_announced(
    engine_host: PrivateEngine, connection: Host, name: str
) -> None:
    run_pair(engine_host)
    engine_host.run("alone", "--network=none")
    before = of(connection.observer.look(), name)

    engine_host.docker("restart", "-t", "0", name)

    report = connection.observer.look()
    after = of(report, name)
    assert after.pid == engine_host.pid_of(name) != before.pid
    assert after.inspection is not None
    assert before.inspection is not None
    assert after.inspection.started_at != before.inspection.started_at
    assert wrong(report) == (errors("stale-join", "dep") if name == "own" else set())


def test_an_inode_that_another_container_has_now(
    engine_host: PrivateEngine, connection: Host
) -> None:
    owners = [f"own{number}" for number in range(8)]
    for owner in owners:
        engine_host.run(owner)
        engine_host.create(f"{owner}-dep", f"--network=container:{owner}")
    before = connection.observer.look()
    earlier = {namespace(before, owner): owner for owner in owners}
    engine_host.docker("kill", *owners)

    report, owner = _run_until_reused(engine_host, connection, earlier)

    groups = {(each, f"{each}-dep") for each in owners}
    assert together(report) == groups
    assert namespace(report, owner) is None
    assert {code for _, code, _ in wrong(report)} == {"owner-stopped"}

    engine_host.docker("start", owner, f"{owner}-dep")
    report = connection.observer.look()
    assert together(report) == groups
    assert namespace(report, owner) == namespace(report, f"{owner}-dep")
    assert earlier.get(namespace(report, owner)) != owner


def _run_until_reused(
    engine: PrivateEngine,
    connection: Host,
    earlier: Mapping[Namespace | None, str],
) -> tuple[Report, str]:
    """Start containers until one is in a namespace with the number of an earlier one.

    The kernel gives the lowest number that is free to a namespace of any kind, and a
    container takes several: one more that is held shifts which is its network's.
    """
    with ExitStack() as held:
        for number in range(TRIES):
            engine.run(f"new{number}")
            report = connection.observer.look()
            found = namespace(report, f"new{number}")
            if found in earlier:
                return report, earlier[found]
            engine.docker("rm", "-f", f"new{number}")
            held.enter_context(_one_number())
    pytest.skip("the kernel gave no network namespace the number of an earlier one")


@contextmanager
def _one_number() -> Iterator[None]:
    """Hold the number of one namespace."""
    with subprocess.Popen(["unshare", "--ipc", "sleep", "1000"]) as holder:
        yield
        holder.kill()
