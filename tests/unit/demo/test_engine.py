"""Tests of how a simulated engine can be reached, or not."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.container import ContainerId
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.demo.engine import SimEngine
    from nstui.demo.kernel import SimClock
    from nstui.demo.world import World
    from nstui.model.container import ContainerEvent

ANY = ContainerId("0" * 64)

CALLS: dict[str, Callable[[SimEngine], object]] = {
    "info": lambda engine: engine.info(),
    "containers": lambda engine: engine.containers(),
    "events": lambda engine: engine.events(),
    "stop": lambda engine: engine.stop(ANY),
    "restart": lambda engine: engine.restart(ANY),
    "kill": lambda engine: engine.kill(ANY),
    "remove": lambda engine: engine.remove(ANY),
}


def test_it_says_what_it_is(engine: SimEngine) -> None:
    info = engine.info()
    assert (info.endpoint, info.context, info.name) == ("demo://", None, "Docker")
    assert info.version.startswith("28.5")


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize(
    ("hangs", "reason"), [(True, Unreachable.TIMED_OUT), (False, Unreachable.REFUSED)]
)
def test_nobody_answers(
    engine: SimEngine,
    call: Callable[[SimEngine], object],
    *,
    hangs: bool,
    reason: Unreachable,
) -> None:
    engine.hang() if hangs else engine.go_away()
    with pytest.raises(EngineUnreachable) as problem:
        call(engine)
    assert problem.value.reason is reason
    engine.come_back()
    assert engine.containers() == ()


def test_what_cannot_be_inspected_still_tells_its_network(
    world: World, engine: SimEngine
) -> None:
    owner = world.run(Spec("own"))
    world.run(Spec("dep", network="container:own", pid="container:own"))
    engine.hide("dep", "the engine said no")
    container = engine.containers()[0]
    assert container.inspection is None
    assert container.inspection_problem == "the engine said no"
    assert container.pid is None
    assert [(join.kind, join.reference) for join in container.joins] == [
        (NamespaceKind.NET, owner)
    ]


def test_ages_grow(world: World, engine: SimEngine, clock: SimClock) -> None:
    world.run(Spec("own"))
    clock.advance(timedelta(hours=3))
    assert engine.containers()[0].status == "Up 3 hours"
    world.stop("own")
    clock.advance(timedelta(minutes=2))
    assert engine.containers()[0].status == "Exited (137) 2 minutes ago"


def test_the_past_begins_with_the_moment_that_is_named(
    world: World, engine: SimEngine
) -> None:
    everything = engine.events(0)
    world.run(Spec("own"))
    world.kill("own")
    engine.close()
    heard = list(everything)
    assert [event.action for event in heard] == ["create", "start", "kill", "die"]
    again = engine.events(heard[2].time_ns)
    engine.close()
    assert list(again) == heard[2:]


def test_listening_begins_with_the_call(world: World, engine: SimEngine) -> None:
    world.create(Spec("before"))
    events = engine.events()
    after = world.create(Spec("after"))
    assert next(events).container == after


@pytest.mark.parametrize("how", ["close", "go_away"])
def test_a_blocked_listener_is_let_go(engine: SimEngine, how: str) -> None:
    heard: list[ContainerEvent] = []
    events = engine.events()
    thread = threading.Thread(target=lambda: heard.extend(events), daemon=True)
    thread.start()
    engine.close() if how == "close" else engine.go_away()
    thread.join(60)
    assert not thread.is_alive()
    assert heard == []
    assert list(events) == []


def test_each_engine_has_its_own_listeners(world: World, engine: SimEngine) -> None:
    first, second = engine.events(), engine.events()
    container = world.create(Spec("own"))
    assert next(first).container == next(second).container == container


def test_a_health_check_reports_by_itself(
    world: World, engine: SimEngine, clock: SimClock
) -> None:
    world.run(Spec("own", has_health_check=True))
    events = engine.events()
    heard: list[str] = []
    listener = threading.Thread(
        target=lambda: heard.append(next(events).action), daemon=True
    )
    listener.start()
    clock.advance(timedelta(seconds=3))
    listener.join(60)
    assert heard == ["health_status"]


def test_a_kill_that_ends_nothing_tells_its_signal(world: World) -> None:
    world.run(Spec("web"))
    world.kill("web", "WINCH")
    kills = [e.signal for e in world.journal.kept() if e.action == "kill"]
    assert kills == ["WINCH"]
