"""Plans carried out on a real engine, and what comes in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.errors import (
    ContainerVanished,
    PlanOutdated,
    StepFailed,
    WouldBreakDependents,
)
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from tests.engine.acting import CHAIN, once, present, removal

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import ContainerId
    from nstui.service.host import Host
    from nstui.service.results import Progress
    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]


def gently(target: ContainerId) -> Request:
    """Return the request to stop and remove a container with its dependents."""
    return Request(
        action=Action.RM,
        targets=(target,),
        policy=Policy.WITH_DEPENDENTS,
        stop_first=True,
    )


@pytest.mark.parametrize(("ask", "steps"), [(removal, 3), (gently, 6)])
def test_dependents_go_first_and_all_go_by_id(
    connection: Host,
    target: ContainerId,
    ask: Callable[[ContainerId], Request],
    steps: int,
) -> None:
    plan = connection.executor.plan(ask(target))
    ids = {c.id: c.name for c in connection.observer.look().snapshot.containers}
    told: list[Progress] = []

    connection.executor.carry_out(plan, told.append)

    assert present(connection) == {"other"}
    done = [progress.step for progress in told if progress.is_done]
    assert len(told) == 2 * len(done) == 2 * steps
    assert [ids[s.container] for s in done if s.verb is Verb.RM] == [
        "far",
        "dep",
        "own",
    ]


def test_what_would_break_dependents_is_refused(
    connection: Host, target: ContainerId
) -> None:
    plan = connection.executor.plan(removal(target, Policy.PROTECT))

    with pytest.raises(WouldBreakDependents) as refusal:
        connection.executor.carry_out(plan)

    assert {effect.name for effect in refusal.value.plan.harmed} == {"dep", "far"}
    assert present(connection) == CHAIN | {"other"}


def test_a_dependent_that_joins_after_the_plan_was_shown(
    engine_host: PrivateEngine, connection: Host, target: ContainerId
) -> None:
    plan = connection.executor.plan(removal(target))
    engine_host.run("late", "--network=container:own")

    with pytest.raises(PlanOutdated, match="nothing was done") as outdated:
        connection.executor.carry_out(plan)

    assert present(connection) == CHAIN | {"other", "late"}
    assert outdated.value.plan is not None
    assert [step.name for step in outdated.value.plan.steps] == [
        "far",
        "dep",
        "late",
        "own",
    ]


@pytest.mark.parametrize(
    ("joined", "after", "done"),
    [
        pytest.param("dep", 1, {"far"}, id="the next one"),
        pytest.param("own", 1, {"far", "dep"}, id="the last one"),
        pytest.param("own", 2, {"far", "dep"}, id="later"),
    ],
)
def test_a_dependent_that_joins_between_two_steps(  # noqa: PLR0913, PLR0917 - a table
    engine_host: PrivateEngine,
    connection: Host,
    target: ContainerId,
    joined: str,
    after: int,
    done: set[str],
) -> None:
    plan = connection.executor.plan(removal(target))
    tell = once(
        after,
        lambda: engine_host.run("late", f"--network=container:{joined}"),
        is_done=True,
    )

    with pytest.raises(PlanOutdated) as outdated:
        connection.executor.carry_out(plan, tell)

    left = [step.name for step in plan.steps if step.name not in done]
    assert f"late now depends on {joined}; done: remove far" in f"{outdated.value}"
    not_done = ", ".join(f"remove {name}" for name in left)
    assert f"not done: {not_done}" in str(outdated.value)
    assert present(connection) == (CHAIN - done) | {"other", "late"}


def test_what_is_started_again_between_its_stop_and_its_removal(
    engine_host: PrivateEngine, connection: Host, target: ContainerId
) -> None:
    plan = connection.executor.plan(gently(target))
    tell = once(3, lambda: engine_host.docker("start", "own"), is_done=True)

    with pytest.raises(PlanOutdated, match="own was started again") as outdated:
        connection.executor.carry_out(plan, tell)

    assert "remove dep; not done: remove own" in str(outdated.value)
    assert present(connection) == {"own", "other"}


def test_another_container_of_the_same_name_is_left_alone(
    engine_host: PrivateEngine, connection: Host, target: ContainerId
) -> None:
    plan = connection.executor.plan(removal(target))
    engine_host.docker("rm", "-f", "own")
    engine_host.run("own")

    with pytest.raises(ContainerVanished):
        connection.executor.carry_out(plan)

    assert present(connection) == CHAIN | {"other"}


def test_another_container_of_a_dependents_name_is_left_alone(
    engine_host: PrivateEngine, connection: Host, target: ContainerId
) -> None:
    plan = connection.executor.plan(removal(target))

    def replace() -> None:
        engine_host.docker("rm", "-f", "dep")
        engine_host.run("dep")

    with pytest.raises(PlanOutdated, match="dep is no longer there; done: remove far"):
        connection.executor.carry_out(plan, once(1, replace, is_done=True))

    assert present(connection) == {"own", "dep", "other"}


def test_a_target_that_vanishes_as_it_is_removed(
    engine_host: PrivateEngine, connection: Host, target: ContainerId
) -> None:
    plan = connection.executor.plan(removal(target))
    tell = once(3, lambda: engine_host.docker("rm", "-f", "own"), is_done=False)

    with pytest.raises(StepFailed) as failure:
        connection.executor.carry_out(plan, tell)

    assert str(failure.value).startswith("could not remove own: ")
    assert isinstance(failure.value.__cause__, ContainerVanished)
    assert present(connection) == {"other"}
