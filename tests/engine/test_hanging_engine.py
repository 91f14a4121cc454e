"""Plans that an engine does not live to finish, or takes its time over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import EngineUnreachable, StepFailed
from tests.engine.acting import CHAIN, once, present, removal
from tests.engine.attach import attached
from tests.support.busy import PATIENT_S, fastest, give_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.model.container import ContainerId
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]


class HastyEngine(DockerEngine):
    """Something may happen before each removal."""

    def __init__(self, url: str) -> None:
        super().__init__(Endpoint(url, None), timeout=PATIENT_S, patience=PATIENT_S)
        self.before_removal: dict[ContainerId, Callable[[], object]] = {}

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Let it happen, then ask."""
        if container in self.before_removal:
            self.before_removal[container]()
        super().remove(container, force=force, volumes=volumes)


@pytest.fixture
def hasty_engine(engine_host: PrivateEngine) -> HastyEngine:
    """Return what asks the session's engine."""
    return HastyEngine(engine_host.url)


@pytest.fixture
def freeze(
    engine_host: PrivateEngine, hasty_engine: HastyEngine
) -> Callable[[], object]:
    """Return what lets the engine hang, of which an answer takes half a second."""

    def freeze() -> None:
        give_time(hasty_engine, 0.5)
        engine_host.pause_daemon()

    return freeze


@pytest.fixture
def hasty(engine_host: PrivateEngine, hasty_engine: HastyEngine) -> Iterator[Host]:
    """Yield a connection that may be in a hurry."""
    with attached(engine_host.url, engine=hasty_engine) as connection:
        yield connection


def test_an_engine_that_hangs_before_the_first_step(
    engine_host: PrivateEngine,
    connection: Host,
    hasty: Host,
    freeze: Callable[[], object],
    target: ContainerId,
) -> None:
    plan = hasty.executor.plan(removal(target))

    def attempt() -> float:
        began = time.monotonic()
        with pytest.raises(EngineUnreachable, match=r"did not answer within 0\.5 s"):
            hasty.executor.carry_out(plan)
        return time.monotonic() - began

    freeze()
    assert fastest(attempt, 4) < 4
    engine_host.resume_daemon()
    assert present(connection) == CHAIN | {"other"}


def test_an_engine_that_hangs_between_two_steps(
    engine_host: PrivateEngine,
    connection: Host,
    hasty: Host,
    freeze: Callable[[], object],
    target: ContainerId,
) -> None:
    plan = hasty.executor.plan(removal(target))

    with pytest.raises(StepFailed) as failure:
        hasty.executor.carry_out(plan, once(1, freeze, is_done=True))

    assert str(failure.value).startswith("could not remove dep: ")
    assert "done: remove far; not done: remove dep, remove own" in str(failure.value)
    engine_host.resume_daemon()
    assert present(connection) == {"own", "dep", "other"}


def test_an_engine_that_hangs_as_it_is_asked_may_still_do_it(  # noqa: PLR0913, PLR0917 - one for each part
    engine_host: PrivateEngine,
    connection: Host,
    hasty: Host,
    hasty_engine: HastyEngine,
    freeze: Callable[[], object],
    target: ContainerId,
) -> None:
    plan = hasty.executor.plan(removal(target))
    hasty_engine.before_removal[plan.steps[1].container] = freeze

    with pytest.raises(StepFailed) as failure:
        hasty.executor.carry_out(plan)

    assert (
        "did not answer within 0.5 s; may still happen: remove dep;"
        " done: remove far; not done: remove own"
    ) in str(failure.value)
    engine_host.resume_daemon()
    deadline = time.monotonic() + 60
    while "dep" in present(connection) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert present(connection) == {"own", "other"}


def test_an_engine_that_is_killed_while_a_plan_is_carried_out(
    engine_host: PrivateEngine,
    hasty: Host,
    hasty_engine: HastyEngine,
    target: ContainerId,
) -> None:
    plan = hasty.executor.plan(removal(target))
    hasty_engine.before_removal[plan.steps[0].container] = engine_host.kill_daemon

    with pytest.raises(StepFailed, match="; nothing was done") as failure:
        hasty.executor.carry_out(plan)

    assert str(failure.value).startswith("could not remove far: ")
