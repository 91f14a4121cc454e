"""Dependents are not restarted onto an owner that ends soon after its start."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from nstui.analysis import startable
from nstui.errors import StepFailed
from nstui.model.plan import Policy, Request
from nstui.model.step import Action

if TYPE_CHECKING:
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

SECOND_FAILS = "[ -e /v/ran ] && { sleep 1; exit 3; }; touch /v/ran; exec sleep 1000"

ENDS_AFTER_A_WHILE = "until [ -e /go ]; do sleep 0.1; done; sleep 4; exit 3"
"""A program that runs on until it is joined, and ends after that."""


@pytest.fixture(autouse=True)
def _real_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startable, "TRIAL_S", 3)
    monkeypatch.setattr(startable, "DOUBTFUL_S", 10)


def started_at(engine: PrivateEngine, name: str) -> object:
    """Return when a container was started, if it runs."""
    assert engine.inspect(name, "State", "Running")
    return engine.inspect(name, "State", "StartedAt")


def fail(connection: Host, request: Request) -> str:
    """Carry out what fails; return what is said."""
    with pytest.raises(StepFailed) as caught:
        connection.executor.carry_out(connection.executor.plan(request))
    return str(caught.value)


def test_an_owner_that_ended_after_a_while_is_looked_at_for_longer(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own", command=("sh", "-c", ENDS_AFTER_A_WHILE))
    engine_host.run("dep", "--net=container:own")
    engine_host.docker("exec", "own", "touch", "/go")
    before = started_at(engine_host, "dep")
    end = time.monotonic() + 60
    while engine_host.inspect("own", "State", "Running"):
        assert time.monotonic() < end
        time.sleep(0.1)
    said = fail(connection, Request(action=Action.HEAL, targets=()))
    assert "own was started, but it ended with exit code 3" in said
    assert "docker start own" in said
    assert started_at(engine_host, "dep") == before


def test_an_owner_that_fails_at_its_second_start_takes_nobody_along(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own", "-v", "/v", command=("sh", "-c", SECOND_FAILS))
    engine_host.run("dep", "--net=container:own")
    before = started_at(engine_host, "dep")
    own = connection.observer.look_afresh().graph.resolve("own")
    assert own is not None
    request = Request(
        action=Action.RESTART,
        targets=(own,),
        policy=Policy.WITH_DEPENDENTS,
        timeout=0,
    )
    said = fail(connection, request)
    assert "own was restarted, but it ended with exit code 3" in said
    assert "docker restart -t 0 own dep" in said
    assert started_at(engine_host, "dep") == before
