"""How long an owner without a health check has to run before others rely on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis import startable
from nstui.analysis.graph.graph import Graph
from nstui.analysis.startable import with_trials
from nstui.model.container import Health
from nstui.model.step import Step, Verb
from nstui.render.plan_text import wait_lines
from tests.support.builders import cid, container
from tests.unit.analysis.healing.hosts import heal

if TYPE_CHECKING:
    from nstui.model.container import Container


@pytest.fixture(autouse=True)
def _real_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startable, "TRIAL_S", 3)
    monkeypatch.setattr(startable, "DOUBTFUL_S", 10)


def test_many_that_ended_with_an_error_are_not_waited_for_without_end() -> None:
    owns = [container(f"o{n}", restart_count=1) for n in range(30)]
    waits = [wait(own.name) for own in owns]
    steps = with_trials(waits, Graph(owns))
    assert sum(step.trial for step in steps) == startable.DOUBTFUL_IN_ALL_S


def wait(name: str, limit: int = 60, health: Health | None = None) -> Step:
    """Return the step that waits for a container."""
    container = cid(name)
    return Step(
        verb=Verb.WAIT, container=container, name=name, timeout=limit, health=health
    )


@pytest.mark.parametrize(
    ("own", "limit", "health", "seconds"),
    [
        (container("own"), 60, None, 3),
        (container("own", state="exited"), 60, None, 3),
        (container("own", state="exited", exit_code=137), 60, None, 3),
        (container("own", state="exited", exit_code=3), 60, None, 10),
        (container("own", restart_count=2), 60, None, 10),
        (container("own", state="exited", exit_code=3), 4, None, 4),
        (container("own"), 0, None, 0),
        (container("own"), 60, Health.UNHEALTHY, 0),
        (
            container("own", state="exited", exit_code=128, start_error="x"),
            60,
            None,
            3,
        ),
    ],
)
def test_how_long_one_has_to_run(
    own: Container, limit: int, health: Health | None, seconds: int
) -> None:
    steps = with_trials((wait("own", limit, health),), Graph((own,)))
    assert [step.trial for step in steps] == [seconds]


@pytest.mark.parametrize(("count", "seconds"), [(1, 3), (5, 3), (7, 2), (40, 1)])
def test_many_have_less_time_each(count: int, seconds: int) -> None:
    names = [f"own{number}" for number in range(count)]
    graph = Graph([container(name) for name in names])
    steps = with_trials([wait(name) for name in names], graph)
    assert {step.trial for step in steps} == {seconds}


def test_a_plan_says_what_has_to_last_how_long() -> None:
    own = container("own", state="exited", exit_code=3)
    plan = heal(own, container("dep", joins=cid("own")))
    said = "looks for 10 s whether own keeps running; if not, what joined it is left"
    assert list(wait_lines(plan)) == [f"{said} alone"]
