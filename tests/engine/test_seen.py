"""Done means seen: what happens to a container in the moment after a step counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.errors import StepFailed
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from tests.engine.acting import once
from tests.engine.looking import interfaces, namespace, wrong

if TYPE_CHECKING:
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

SECOND_FAILS = (
    "n=$(cat /data/n 2>/dev/null || echo 0); echo $((n + 1)) > /data/n;"
    " test $n = 1 && { sleep $0; exit 3; }; exec sleep 1000"
)
"""A program that ends soon when it is started the second time."""


@pytest.fixture(autouse=True)
def _look_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.lasting.LASTING_S", 2.0)


def request(connection: Host, action: Action, *names: str) -> Request:
    """Return the request for an action on containers."""
    graph = connection.observer.look_afresh().graph
    targets = tuple(found for n in names if (found := graph.resolve(n)) is not None)
    return Request(
        action=action, targets=targets, policy=Policy.WITH_DEPENDENTS, timeout=0
    )


def run_failing(engine: PrivateEngine, name: str, seconds: float, *options: str) -> str:
    """Start a container that ends soon after its second start; return its id."""
    words = ("sh", "-c", SECOND_FAILS, str(seconds))
    return engine.run(name, "-v", "/data", *options, command=words)


@pytest.mark.parametrize("seconds", [0, 1])
def test_what_ends_after_its_restart_was_not_restarted(
    engine_host: PrivateEngine, connection: Host, seconds: float
) -> None:
    run_failing(engine_host, "app", seconds)
    plan = connection.executor.plan(request(connection, Action.RESTART, "app"))
    with pytest.raises(StepFailed, match="app was restarted, but it ended with exit"):
        connection.executor.carry_out(plan)


def test_what_is_started_again_was_not_stopped(
    engine_host: PrivateEngine, connection: Host
) -> None:
    """An updater, a unit of systemd or a swarm does not know that it was wanted."""
    engine_host.run("app")
    engine_host.run("other")
    plan = connection.executor.plan(request(connection, Action.STOP, "app", "other"))

    def start_again() -> None:
        engine_host.docker("start", "app")

    with pytest.raises(StepFailed) as caught:
        connection.executor.carry_out(plan, once(2, start_again, is_done=True))
    assert str(caught.value) == (
        "app was stopped, but something has started it again: it is running;"
        " done: stop other"
    )


def orphan(engine: PrivateEngine, connection: Host) -> None:
    """Make the owner anew, as somebody does who thinks of nobody else."""
    connection.observer.look()
    engine.docker("rm", "-f", "own")
    engine.run("own")


@pytest.mark.parametrize("seconds", [0, 2])
def test_a_copy_that_ends_soon_is_no_replacement(
    engine_host: PrivateEngine, connection: Host, seconds: float
) -> None:
    engine_host.run("own")
    before = run_failing(engine_host, "dep", seconds, "--net=container:own")
    orphan(engine_host, connection)
    plan = connection.executor.plan(Request(action=Action.HEAL, targets=(), timeout=0))
    with pytest.raises(StepFailed, match="ended with exit code 3; dep was put back"):
        connection.executor.carry_out(plan)
    assert engine_host.inspect("dep", "Id") == before
    assert engine_host.inspect("dep", "State", "Running")
    names = {c.name for c in connection.observer.look_afresh().snapshot.containers}
    assert {name for name in names if name.startswith("dep")} == {"dep"}


def test_another_group_is_healed_although_a_copy_fails(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    run_failing(engine_host, "dep", 0, "--net=container:own")
    engine_host.run("far-own")
    engine_host.run("far", "--net=container:far-own")
    engine_host.docker("restart", "-t", "0", "far-own")
    orphan(engine_host, connection)
    plan = connection.executor.plan(Request(action=Action.HEAL, targets=(), timeout=0))
    with pytest.raises(StepFailed) as caught:
        connection.executor.carry_out(plan)
    assert [step.name for step in caught.value.outcome.done] == ["far"]
    report = connection.observer.look_afresh()
    assert namespace(report, "far") == namespace(report, "far-own")
    assert interfaces(report, "far") == ("lo", "eth0")
    assert ("dep", "owner-gone", "error") in wrong(report)
