"""Steps that are carried out at the same time: which, how many, and what fails."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import (
    AuditFailed,
    EngineRefused,
    EngineUnreachable,
    Interrupted,
    PlanOutdated,
    StepFailed,
)
from nstui.model.audit import StepPhase
from nstui.model.outcome import Aftermath, PlanRecord
from nstui.model.plan import Request
from nstui.model.step import Action, Step, Verb
from nstui.service.host import open_host
from nstui.service.several import Several, Shared, count_independent
from tests.support.builders import cid, container, report
from tests.support.guard_program import wait_until
from tests.support.sim_faults import Fault, FaultyEngine, Killed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.model.container import Container, ContainerId
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan
    from nstui.service.results import Progress

PATIENCE_S = 60.0
NAMES = ("a", "b", "c", "d", "e", "f")


def restart(name: str, *needs: str, **what: object) -> Step:
    step = Step(verb=Verb.RESTART, container=cid(name), name=name)
    return replace(step, needs=tuple(map(cid, needs)), **what)  # type: ignore[arg-type]


GRAPH = report(
    container("vpn"),
    container("mid", joins="vpn"),
    container("leaf", joins="mid"),
    *(container(name, joins="vpn") for name in NAMES),
).graph


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        ([], 0),
        ([restart("a")], 1),
        ([restart("a"), restart("b"), restart("c")], 3),
        ([restart("a"), replace(restart("b"), verb=Verb.START)], 2),
        ([restart("a"), replace(restart("b"), verb=Verb.RECREATE), restart("c")], 1),
        ([replace(restart("a"), verb=Verb.STOP), restart("b")], 0),
        ([restart("a"), restart("b", removes=True)], 1),
        ([restart("a"), restart("b", "a")], 1),
        ([restart("a"), restart("a")], 1),
        ([restart("a"), restart("mid"), restart("b")], 1),
        ([restart("vpn"), restart("a", "vpn")], 0),
        ([restart("a", "vpn"), restart("b", "vpn")], 2),
    ],
)
def test_what_can_be_done_at_the_same_time(steps: list[Step], count: int) -> None:
    assert count_independent(steps, GRAPH) == count


class Work:
    """Items that take until they are let go."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.most = 0
        self._under_way = 0
        self._changed = threading.Condition()
        self._at_once = 0
        self.fails: dict[str, BaseException] = {}
        self.fails_to_end: dict[str, BaseException] = {}

    def begin(self, item: str) -> str | None:
        self.log.append(f"begin {item}")
        if f"begin {item}" in self.fails:
            raise self.fails[f"begin {item}"]
        return None if item == "left out" else item

    def run(self, item: str, given: str) -> str:
        assert item == given
        with self._changed:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most >= self._at_once, PATIENCE_S)
        # Long enough for more to begin than may.
        threading.Event().wait(0.05)
        with self._changed:
            self._under_way -= 1
        if item in self.fails:
            raise self.fails[item]
        return f"{item} done"

    def end(self, item: str, result: object) -> None:
        self.log.append(f"end {item}: {result}")
        if item in self.fails_to_end:
            raise self.fails_to_end[item]

    def all(self, *items: str, at_once: int = 2) -> None:
        self._at_once = at_once
        crew = Several(at_once, begin=self.begin, run=self.run, end=self.end)
        crew.work_through(items)

    def begun(self) -> list[str]:
        return [line for line in self.log if line.startswith("begin")]

    def ended(self) -> list[str]:
        return sorted(line for line in self.log if line.startswith("end"))


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_no_more_than_allowed_are_under_way(at_once: int) -> None:
    work = Work()
    work.all(*NAMES, at_once=at_once)
    assert work.most == at_once
    assert work.begun() == [f"begin {name}" for name in NAMES]
    assert work.ended() == [f"end {name}: {name} done" for name in NAMES]


def test_what_is_left_out_does_not_run() -> None:
    work = Work()
    work.all("a", "left out", "b")
    assert work.ended() == ["end a: a done", "end b: b done"]


def test_an_error_is_a_result_and_the_others_go_on() -> None:
    work = Work()
    work.fails["a"] = EngineRefused("no")
    work.all("a", "b", "c")
    assert work.ended() == ["end a: no", "end b: b done", "end c: c done"]


@pytest.mark.parametrize("where", ["begin c", "a", "end a"])
def test_an_exception_begins_nothing_more_and_lets_the_rest_end(where: str) -> None:
    work = Work()
    problem = KeyError("odd")
    if where == "end a":
        work.fails_to_end["a"] = problem
    else:
        work.fails[where] = problem
    with pytest.raises(KeyError, match="odd"):
        work.all("a", "b", "c", "d", "e", "f")
    assert "begin f" not in work.log
    began = {line.removeprefix("begin ") for line in work.begun()}
    ended = {line.split()[1].rstrip(":") for line in work.ended()}
    assert ended == began - ({"c"} if where == "begin c" else set()) - (
        {"a"} if where == "a" else set()
    )


class Calls:
    """A function that takes until it is let go, and what several threads get of it."""

    def __init__(self, count: int) -> None:
        self.count = self._asked = 0
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)
        self.fails: dict[int, BaseException] = {}
        self.shared = Shared(self._call)
        self.got: SimpleQueue[object] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._ask, daemon=True) for _ in range(count)
        ]

    def _call(self) -> int:
        self.count += 1
        number = self.count
        self.begun.release()
        assert self.let_go.acquire(timeout=PATIENCE_S)
        if number in self.fails:
            raise self.fails[number]
        return number

    def _ask(self) -> None:
        try:
            self.got.put(self.shared())
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.got.put(error)

    def ask(self) -> None:
        """Let one more thread ask, and wait until it makes a call or waits for one."""
        self._asked += 1
        self._threads.pop().start()
        wait_until(lambda: self._heard() == self._asked)

    def _heard(self) -> int:
        """Return how many have been heard, as long as no call has ended."""
        turn = self.shared._next  # noqa: SLF001 - nothing else tells
        if turn is None:
            return self.count
        waiting = getattr(getattr(turn.is_over, "_cond"), "_waiters")  # noqa: B009 - the same
        return self.count + 1 + len(waiting)

    def begin(self) -> None:
        assert self.begun.acquire(timeout=PATIENCE_S)

    def results(self, count: int) -> list[object]:
        return [self.got.get(timeout=PATIENCE_S) for _ in range(count)]


def test_those_that_ask_during_a_call_share_the_next_one() -> None:
    calls = Calls(4)
    calls.ask()
    calls.begin()
    for _ in range(3):
        calls.ask()
    calls.let_go.release()
    assert calls.results(1) == [1]
    calls.begin()
    calls.let_go.release()
    assert calls.results(3) == [2, 2, 2]
    assert (calls.count, calls.shared.latest) == (2, 2)


def test_an_error_of_a_call_is_that_of_all_who_share_it() -> None:
    calls = Calls(3)
    calls.fails[2] = EngineRefused("no")
    calls.ask()
    calls.begin()
    calls.ask()
    calls.ask()
    calls.let_go.release()
    calls.begin()
    calls.let_go.release()
    assert list(map(str, calls.results(3))) == ["1", "no", "no"]
    assert calls.shared.latest == 1


def test_an_exception_of_a_call_is_told_by_its_thread_and_the_others_ask_again() -> (
    None
):
    calls = Calls(3)
    calls.fails[2] = KeyError("odd")
    calls.ask()
    calls.begin()
    calls.ask()
    calls.ask()
    calls.let_go.release()
    calls.begin()
    calls.let_go.release()
    first, second = calls.results(2)
    calls.begin()
    calls.let_go.release()
    assert first == 1
    assert isinstance(second, KeyError)
    assert calls.results(1) == [3]


class Gate(FaultyEngine):
    """An engine whose restarts take until enough of them are under way."""

    def __init__(self, engine: SimEngine) -> None:
        super().__init__(engine)
        self.barrier: threading.Barrier | None = None
        self.on_restart: Callable[[str], object] = str
        self.refused: set[ContainerId] = set()
        self.looks = self.most_at_once = self._under_way = 0
        self._counting = threading.Lock()

    def containers(self) -> tuple[Container, ...]:
        """Return the containers, and count how often."""
        self.looks += 1
        return super().containers()

    def restart(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Restart a container."""
        with self._counting:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            if self.barrier is not None:
                self.barrier.wait(PATIENCE_S)
            self.on_restart(container)
            if container in self.refused:
                raise EngineRefused("device or resource busy")
            super().restart(container, timeout, signal)
        finally:
            with self._counting:
                self._under_way -= 1


class Scene:
    """An owner that was restarted, and dependents that it left behind."""

    def __init__(self, names: tuple[str, ...] = NAMES) -> None:
        self.world = World()
        self.world.run(Spec("vpn"))
        for name in names:
            self.world.run(Spec(name, network="container:vpn"))
        self.sim = SimEngine(self.world)
        self.engine = Gate(self.sim)
        self.audit_log = MemoryAuditLog()
        self.host = open_host(
            self.engine, SimHost(self.world), self.audit_log, endpoint="demo://"
        )
        self.world.restart("vpn")

    def heal(self, at_once: int = 4) -> Outcome:
        return self.host.executor.carry_out(self.plan(), at_once=at_once)

    def plan(self) -> Plan:
        request = Request(action=Action.HEAL, targets=(), asks_nobody=True)
        return self.host.executor.plan(request)

    def id(self, name: str) -> ContainerId:
        return self.world.records.get(name).id

    def stopper(self, name: str) -> Callable[[str], None]:
        """Return what stops a container that is to be restarted."""

        def stop(container: str) -> None:
            if container == self.id(name):
                self.world.stop(name)

        return stop

    def broken(self) -> set[str]:
        report = self.host.observer.look_afresh()
        return {report.graph.name(f.container) for f in report.findings}

    def log(self, phase: StepPhase) -> list[str]:
        return [e.name for e in self.audit_log.entries if e.phase is phase]

    def records(self) -> list[PlanRecord]:
        return [r for r in self.audit_log.unfinished() if isinstance(r, PlanRecord)]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_dependents_are_restarted_at_the_same_time(scene: Scene) -> None:
    # Nobody passes unless three are there: one after the other would never end.
    scene.engine.barrier = threading.Barrier(3)
    outcome = scene.heal(at_once=3)
    assert {step.name for step in outcome.done} == set(NAMES)
    assert scene.broken() == set()
    assert scene.log(StepPhase.BEGUN) == list(NAMES)
    assert sorted(scene.log(StepPhase.DONE)) == list(NAMES)
    assert scene.records() == []


def test_one_that_fails_does_not_keep_the_others(scene: Scene) -> None:
    scene.engine.refused.add(scene.id("b"))
    with pytest.raises(StepFailed) as failed:
        scene.heal()
    (failure,) = failed.value.outcome.failed
    assert (failure.step.name, failure.aftermath) == ("b", Aftermath.UNCHANGED)
    assert len(failed.value.outcome.done) == len(NAMES) - 1
    assert scene.broken() == {"b"}
    assert scene.log(StepPhase.FAILED) == ["b"]
    # It left nothing behind that would have to be finished.
    assert scene.records() == []


def test_one_that_is_stopped_by_its_failure_stays_on_record(scene: Scene) -> None:
    scene.engine.refused.add(scene.id("b"))
    scene.engine.on_restart = scene.stopper("b")
    with pytest.raises(StepFailed) as failed:
        scene.heal()
    (failure,) = failed.value.outcome.failed
    assert failure.aftermath is Aftermath.CHANGED
    (record,) = scene.records()
    assert {step.name for step in record.steps} == set(NAMES)


def test_a_lost_engine_ends_the_plan_once_those_under_way_have_ended(
    scene: Scene,
) -> None:
    # The first two are under way when the third is to be checked.
    scene.engine.barrier = threading.Barrier(2, action=scene.sim.hang)
    with pytest.raises(StepFailed) as failed:
        scene.heal(at_once=2)
    assert isinstance(failed.value.__cause__, EngineUnreachable)
    assert scene.log(StepPhase.BEGUN) == ["a", "b"]
    # Nobody knows what has become of them.
    (record,) = scene.records()
    assert (record.begun, record.done) == (2, 0)


def test_no_step_is_begun_once_the_program_is_to_end(scene: Scene) -> None:
    stop_soon = scene.host.executor.stop_soon
    scene.engine.barrier = threading.Barrier(2, action=stop_soon)
    with pytest.raises(Interrupted, match="interrupted; done: restart a, restart b"):
        scene.heal(at_once=2)
    assert scene.log(StepPhase.BEGUN) == ["a", "b"]
    assert sorted(scene.log(StepPhase.DONE)) == ["a", "b"]
    (record,) = scene.records()
    assert (record.begun, record.done) == (2, 2)


def test_an_owner_that_has_stopped_keeps_the_rest_from_being_stopped(
    scene: Scene,
) -> None:
    plan = scene.plan()
    scene.engine.barrier = threading.Barrier(2)
    scene.engine.then(2, lambda: scene.world.stop("vpn"))
    with pytest.raises(PlanOutdated, match="vpn is not running"):
        scene.host.executor.carry_out(plan, at_once=2)
    assert scene.log(StepPhase.BEGUN) == ["a", "b"]
    running = {r.name for r in scene.world.records if r.state.has_process}
    assert running >= {"c", "d", "e", "f"}


def heal_when(scene: Scene, name: str, act: Callable[[], object]) -> Outcome:
    """Heal, and do something when a step has been checked and is about to begin."""

    def note(progress: Progress) -> None:
        is_begin = not (progress.is_done or progress.has_failed)
        if is_begin and progress.step.name == name:
            act()

    return scene.host.executor.carry_out(scene.plan(), note, at_once=4)


def test_each_of_several_is_read_again_before_it_is_begun(scene: Scene) -> None:
    gone = scene.id("b")
    with pytest.raises(PlanOutdated, match="b is no longer there"):
        heal_when(scene, "a", lambda: scene.world.remove(gone, force=True))
    assert scene.log(StepPhase.BEGUN) == ["a", "c", "d", "e", "f"]
    assert scene.broken() == set()


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda world: world.stop("vpn"), "vpn is exited now"),
        (lambda world: world.remove("vpn", force=True), "vpn is no longer there"),
    ],
)
def test_what_several_need_is_read_again_before_each_is_begun(
    scene: Scene, act: Callable[[World], object], says: str
) -> None:
    # The first is refused, so that nothing has changed but the owner.
    scene.engine.refused.add(scene.id("a"))
    with pytest.raises(StepFailed, match=says):
        heal_when(scene, "a", lambda: act(scene.world))
    assert scene.log(StepPhase.BEGUN) == ["a"]
    assert scene.engine.asked == []


def test_an_engine_that_is_lost_while_several_are_begun_ends_the_plan(
    scene: Scene,
) -> None:
    scene.engine.refused.add(scene.id("a"))
    with pytest.raises(StepFailed, match=r"could not restart b: .* does not answer"):
        heal_when(scene, "a", scene.sim.hang)
    assert scene.log(StepPhase.BEGUN) == ["a"]


def test_a_hundred_dependents_are_restarted_four_at_a_time() -> None:
    names = tuple(f"d{number:03}" for number in range(100))
    scene = Scene(names)
    # Nobody passes unless four are there.
    scene.engine.barrier = threading.Barrier(4)
    before = scene.engine.looks
    outcome = scene.heal(at_once=4)
    assert {step.name for step in outcome.done} == set(names)
    assert scene.engine.most_at_once == 4
    assert scene.broken() == set()
    # One look before each four, and few after them: not one before and after each.
    assert scene.engine.looks - before < 2 * len(names)


def test_a_log_that_is_full_ends_the_plan(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = scene.audit_log.append

    def full(entry: object) -> None:
        if len(scene.audit_log.entries) == 1:
            raise AuditFailed("no space left on device")
        append(entry)  # type: ignore[arg-type]

    monkeypatch.setattr(scene.audit_log, "append", full)
    with pytest.raises(StepFailed, match="no space left"):
        scene.heal(at_once=2)
    assert len(scene.engine.asked) == 1


@contextmanager
def killed() -> Iterator[None]:
    with pytest.raises(Killed):
        yield


def test_what_a_killed_program_had_under_way_is_found_from_its_record(
    scene: Scene,
) -> None:
    plan = scene.plan()
    # The engine stops what it was to restart, and the program ends.
    scene.engine.fail(1, Fault.KILLED_BEFORE)
    scene.engine.on_restart = scene.stopper("a")
    with killed():
        scene.host.executor.carry_out(plan, at_once=3)
    (record,) = scene.records()
    assert record.begun >= 1
    again = open_host(
        scene.sim, SimHost(scene.world), scene.audit_log, endpoint="demo://"
    )
    request = Request(action=Action.HEAL, targets=(), asks_nobody=True)
    finishing = again.executor.plan(request)
    assert [(s.verb, s.name) for s in finishing.steps] == [(Verb.START, "a")]
    again.executor.carry_out(finishing)
    left = again.executor.request_after(finishing)
    assert left is not None
    rest = again.executor.plan(left)
    if rest.steps:
        again.executor.carry_out(rest, at_once=3)
    assert scene.broken() == set()
