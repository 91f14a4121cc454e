"""The standing watch: what it heals, whom it tells, and what does not stop it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.watching.decisions import WatchChoice, WatchOptions
from nstui.audit.watch_state import WatchStateFile
from nstui.demo.containers import Spec
from nstui.errors import AuditFailed, EngineUnreachable, UsageProblem
from nstui.model.watch import Hold, WatchEventKind, WatchMode
from nstui.service.observer import now_utc
from nstui.service.watch import WatchSetup
from nstui.service.watch_orders import OrderRunner
from tests.support.sim_faults import Fault
from tests.support.watch_scene import QUICK, Told, WatchScene

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from nstui.analysis.report import Report
    from nstui.model.watch import WatchEvent, WatchStatus
    from nstui.service.watch_orders import OrderTerms

Kind = WatchEventKind


@pytest.fixture
def scene() -> WatchScene:
    return WatchScene()


@pytest.fixture
def state(tmp_path: Path) -> WatchStateFile:
    return WatchStateFile(tmp_path / "nstui", "demo://")


def test_the_dependents_of_a_restarted_owner_are_healed() -> None:
    scene = WatchScene("a", "b", "c")
    with scene.watched():
        scene.world.restart("vpn")
        scene.until(lambda: scene.broken() == set())
        scene.await_told(Kind.HEALED)
        scene.await_told(Kind.OVER)
    kinds = [e.kind for e in scene.told.events]
    assert kinds[0] is Kind.STARTED
    assert kinds[-1] is Kind.STOPPED
    order = [kinds.index(k) for k in (Kind.FOUND, Kind.HEALING, Kind.HEALED, Kind.OVER)]
    assert order == sorted(order)
    (healing,) = (e for e in scene.told.events if e.kind is Kind.HEALING)
    assert set(healing.steps) == {f"docker restart {name}" for name in "abc"}
    (healed,) = (e for e in scene.told.events if e.kind is Kind.HEALED)
    assert healed.duration_s is not None
    assert healed.duration_s >= 0
    assert scene.engine.asked == ["restart"] * 3
    last = scene.told.statuses[-1]
    assert (last.healed, last.failed, last.findings) == (1, 0, {})
    assert last.last == healed
    assert scene.told.is_closed


def test_what_was_broken_before_is_healed(scene: WatchScene) -> None:
    scene.world.restart("vpn")
    with scene.watched():
        scene.until(lambda: scene.broken() == set())


def test_what_a_person_has_stopped_stays_stopped(scene: WatchScene) -> None:
    with scene.watched():
        scene.world.stop("vpn")
        scene.await_told(Kind.FOUND)
        scene.until(
            lambda: (
                [o.hold for o in scene.told.statuses[-1].incidents] == [Hold.STOPPED]
            )
        )
    assert scene.engine.asked == []


@pytest.mark.parametrize("what", ["is_dry_run", "is_read_only"])
def test_it_can_be_told_to_change_nothing(scene: WatchScene, what: str) -> None:
    scene.choose(**{what: True})
    scene.world.restart("vpn")
    with scene.watched():
        kind = Kind.HEALED if what == "is_dry_run" else Kind.LEFT
        scene.await_told(kind)
        events = [e for e in scene.told.events if e.kind is kind]
    assert len(events) == 1
    if what == "is_dry_run":
        assert events[0].is_dry_run
        assert events[0].steps == ("docker restart dep",)
    assert scene.engine.asked == []
    assert scene.told.statuses[-1].healed == 0


def test_a_step_that_fails_is_told_and_tried_again(scene: WatchScene) -> None:
    scene.engine.fail(1, Fault.REFUSED)
    with scene.watched():
        scene.world.restart("vpn")
        scene.await_told(Kind.FAILED)
        scene.await_told(Kind.HEALED)
    assert scene.told.statuses[-1].failed == 1
    assert scene.broken() == set()


def test_what_needs_a_decision_is_left_alone_and_told_once(scene: WatchScene) -> None:
    scene.world.remove("vpn", force=True)
    with scene.watched():
        left = scene.await_told(Kind.LEFT)
        scene.world.run(Spec("other"))
        scene.until(lambda: len(scene.told.statuses[-1].incidents) > 0)
    assert "dep" in left
    assert len(scene.told.of(Kind.LEFT)) == 1
    assert scene.engine.asked == []


def test_what_would_be_lost_is_left_to_a_person(scene: WatchScene) -> None:
    # The proof of the new owner is its name; dep wrote files of its own.
    scene.world.write("dep", "/data")
    with scene.watched():
        scene.world.remove("vpn", force=True)
        scene.world.run(Spec("vpn"))
        left = scene.await_told(Kind.LEFT)
    assert "would lose its changes" in left
    assert "create" not in scene.engine.asked


def test_a_replaced_owner_gets_its_dependents_back(scene: WatchScene) -> None:
    with scene.watched():
        scene.world.remove("vpn", force=True)
        scene.world.run(Spec("vpn"))
        scene.await_told(Kind.HEALED)
    assert scene.broken() == set()
    assert "create" in scene.engine.asked


def test_groups_are_healed_side_by_side(scene: WatchScene) -> None:
    scene.world.run(Spec("wg"))
    scene.world.run(Spec("pihole", network="container:wg"))
    both = threading.Barrier(2)
    scene.engine.then(1, lambda: both.wait(60))
    scene.engine.then(2, lambda: both.wait(60))
    with scene.watched():
        scene.world.restart("vpn")
        scene.world.restart("wg")
        scene.await_told(Kind.HEALED, 2)
    assert scene.broken() == set()


def test_the_engine_may_go_and_come_back(scene: WatchScene) -> None:
    with scene.watched(interval=0.05):
        scene.sim.go_away()
        lost = scene.await_told(Kind.ENGINE_LOST)
        scene.until(lambda: scene.told.statuses[-1].problem != "")
        scene.sim.come_back()
        scene.await_told(Kind.ENGINE_BACK)
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)
    assert "refuses connections" in lost
    assert len(scene.told.of(Kind.ENGINE_LOST)) == 1
    assert scene.told.statuses[-1].problem == ""


def test_an_engine_that_does_not_answer_is_told_once(scene: WatchScene) -> None:
    with scene.watched(interval=0.05):
        scene.sim.hang()
        assert "does not answer in time" in scene.await_told(Kind.ENGINE_LOST)
        scene.sim.come_back()
        scene.await_told(Kind.ENGINE_BACK)
    assert len(scene.told.of(Kind.ENGINE_LOST)) == 1


def test_without_an_engine_there_is_nothing_to_watch(scene: WatchScene) -> None:
    scene.sim.go_away()
    watch = scene.make()
    with pytest.raises(EngineUnreachable):
        watch.run()


def test_events_that_stay_away_are_told(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watcher.pause_s", lambda _: 0.02)
    monkeypatch.setattr("nstui.service.watch.TICK_S", 0.02)
    listen = scene.engine.events
    broken = threading.Event()
    broken.set()

    def events(since_ns: int | None = None) -> object:
        if broken.is_set():
            raise EngineUnreachable("the stream is cut")
        return listen(since_ns)

    monkeypatch.setattr(scene.engine, "events", events)
    with scene.watched(interval=0.05):
        assert "the stream is cut" in scene.await_told(Kind.EVENTS_LOST)
        scene.until(lambda: not scene.told.statuses[-1].has_events)
        monkeypatch.setattr("nstui.service.watcher.LONGEST_RETRY_S", 0.1)
        broken.clear()
        scene.await_told(Kind.EVENTS_BACK)
    assert len(scene.told.of(Kind.EVENTS_LOST)) == 1


def test_nothing_cached_is_relied_on_without_events(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    proceed = OrderRunner.proceed

    def noting(runner: OrderRunner, seen: Report, terms: OrderTerms) -> bool:
        if runner.waiting:
            asked.append(terms.afresh)
        return proceed(runner, seen, terms)

    def cut(_: int | None = None) -> object:
        raise EngineUnreachable("the stream is cut")

    monkeypatch.setattr(OrderRunner, "proceed", noting)
    monkeypatch.setattr(scene.engine, "events", cut)
    scene.choose(limits=replace(QUICK, settle_s=0.5))
    with scene.watched(interval=0.05):
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)
    assert asked == [True]


def test_a_clock_that_is_set_is_told_and_shortens_no_wait(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watch.TICK_S", 0.02)
    ahead = timedelta()

    def wall() -> datetime:
        return now_utc() + ahead

    with scene.watched(wall=wall):
        ahead = timedelta(hours=1)
        assert "forward by 3600 s" in scene.await_told(Kind.PROBLEM)
        ahead = timedelta()
        assert "back by 3600 s" in scene.await_told(Kind.PROBLEM, 2)
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)


def test_a_full_disk_is_told_once_and_nothing_is_done_meanwhile(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.analysis.watching.deciding.LONGEST_WAIT_S", 0.05)
    is_full = threading.Event()
    is_full.set()
    tries: list[bool] = []
    before = scene.audit_log.require_writable

    def require_writable() -> None:
        tries.append(is_full.is_set())
        if is_full.is_set():
            raise AuditFailed("no trace can be kept: no space left on device")
        before()

    monkeypatch.setattr(scene.audit_log, "require_writable", require_writable)
    with scene.watched():
        scene.world.restart("vpn")
        told = scene.await_told(Kind.PROBLEM)
        scene.until(lambda: len(tries) > 2)
        assert scene.engine.asked == []
        assert len(scene.told.of(Kind.PROBLEM)) == 1
        is_full.clear()
        scene.await_told(Kind.HEALED)
        assert "written down again" in scene.await_told(Kind.PROBLEM, 2)
    assert "no space left" in told
    assert Kind.FAILED not in {e.kind for e in scene.told.events}


def test_a_storm_of_events_is_weathered(scene: WatchScene) -> None:
    with scene.watched():
        for _ in range(200):
            scene.world.kill("vpn", "HUP")
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)
    assert scene.engine.asked == ["restart"]


def test_what_takes_is_finished_when_it_is_ended(scene: WatchScene) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        may_end.wait(60)

    scene.engine.then(1, hold)
    with scene.watched() as watch:
        scene.world.restart("vpn")
        scene.until(begun.is_set)
        watch.stop()
        time.sleep(0.1)
        assert not scene.told.is_closed
        may_end.set()
        scene.until(lambda: scene.told.is_closed)
    assert [e.phase for e in scene.audit_log.entries] == ["begun", "done"]
    assert scene.told.events[-1].kind is Kind.STOPPED
    assert scene.told.events[-2].kind in {Kind.HEALED, Kind.FAILED}


def test_between_steps_it_ends_at_once(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What would wait for the next moment to look around would wait for ever.
    monkeypatch.setattr("nstui.service.watch.TICK_S", 3600.0)
    with scene.watched() as watch:
        begun = time.monotonic()
        watch.stop()
        scene.until(lambda: scene.told.is_closed)
        assert time.monotonic() - begun < 30


def test_orders_that_wait_are_not_begun_when_it_is_ended(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watch_orders.MOST_PLANS", 1)
    scene.world.run(Spec("wg"))
    scene.world.run(Spec("pihole", network="container:wg"))
    begun, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        may_end.wait(60)

    scene.engine.then(1, hold)
    with scene.watched() as watch:
        scene.world.restart("vpn")
        scene.world.restart("wg")
        scene.until(begun.is_set)
        watch.stop()
        may_end.set()
        scene.until(lambda: scene.told.is_closed)
    assert scene.engine.asked == ["restart"]


def test_one_of_two_watches_acts_and_the_other_takes_over(
    scene: WatchScene, state: WatchStateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watch.TICK_S", 0.02)
    first = WatchStateFile(state.path.parents[1], "demo://")
    assert first.acquire()
    scene.state = state
    with scene.watched():
        assert "another watch" in scene.await_told(Kind.WAITING)
        scene.world.restart("vpn")
        scene.until(
            lambda: (
                [o.hold for o in scene.told.statuses[-1].incidents]
                == [Hold.OTHER_WATCH]
            )
        )
        assert scene.engine.asked == []
        assert state.read() is None
        first.release()
        assert "this one does now" in scene.await_told(Kind.STARTED, 2)
        scene.await_told(Kind.HEALED)
        scene.until(lambda: state.read() is not None)
    assert first.acquire()
    assert len(scene.told.of(Kind.STARTED)) == 2


def test_a_lock_that_cannot_be_taken_is_told_and_tried_again(
    scene: WatchScene, state: WatchStateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watch.TICK_S", 0.02)
    acquire, reason = state.acquire, "read-only file system"

    def broken() -> bool:
        raise OSError(reason)

    monkeypatch.setattr(state, "acquire", broken)
    scene.state = state
    with scene.watched():
        assert reason in scene.await_told(Kind.PROBLEM)
        scene.world.restart("vpn")
        scene.await_told(Kind.FOUND)
        assert scene.engine.asked == []
        monkeypatch.setattr(state, "acquire", acquire)
        scene.await_told(Kind.HEALED)
    assert len(scene.told.of(Kind.PROBLEM)) == 1


def test_what_it_does_is_shown_to_other_programs(
    scene: WatchScene, state: WatchStateFile
) -> None:
    scene.state = state
    with scene.watched():
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)
        scene.until(lambda: (s := state.read()) is not None and s.healed == 1)
    status = state.read()
    assert status == scene.told.statuses[-1]
    assert not state.is_watched()


def test_a_status_that_cannot_be_written_is_told_once(
    scene: WatchScene, state: WatchStateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.state = state
    write = state.write

    def full(_: WatchStatus) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state, "write", full)
    with scene.watched():
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)
        assert "No space left" in scene.await_told(Kind.PROBLEM)
        monkeypatch.setattr(state, "write", write)
        scene.world.restart("vpn")
        assert "can show again" in scene.await_told(Kind.PROBLEM, 2)
    assert len(scene.told.of(Kind.PROBLEM)) == 2


def test_a_circuit_opens_and_a_person_closes_it(
    scene: WatchScene, state: WatchStateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watch.TICK_S", 0.02)
    scene.state = state
    scene.choose(limits=replace(QUICK, budget=1))
    scene.engine.fail(1, Fault.REFUSED)
    with scene.watched():
        scene.world.restart("vpn")
        scene.await_told(Kind.CIRCUIT_OPEN)
        scene.until(lambda: scene.told.statuses[-1].circuits != ())
        WatchStateFile(state.path.parents[1], "demo://").request_reset(["dep"])
        scene.await_told(Kind.CIRCUIT_CLOSED)
        scene.await_told(Kind.HEALED)
    assert scene.told.statuses[-1].circuits == ()


class Unwell(Told):
    """A sink that makes mistakes."""

    def take(self, event: WatchEvent) -> None:
        """Fail."""
        raise ValueError(f"ouch: {event.kind}")

    def update(self, status: WatchStatus) -> None:
        """Fail."""
        raise ValueError(f"ouch: {status.pid}")


def test_a_sink_that_fails_is_told_once_and_healing_goes_on(scene: WatchScene) -> None:
    scene.setup = replace(scene.setup, sinks=(Unwell(), scene.told))
    with scene.watched():
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)
    (said,) = scene.told.of(Kind.PROBLEM)
    assert "ouch" in said


def test_a_sink_may_tell_a_problem_of_its_own(scene: WatchScene) -> None:
    with scene.watched():
        scene.problem("the page is taken")
        assert scene.await_told(Kind.PROBLEM) == "the page is taken"


class Slow(Told):
    """A sink that does not want to end."""

    END_S = 30

    def close(self) -> None:
        """Take too long."""
        time.sleep(self.END_S)


def test_a_sink_that_hangs_does_not_hold_up_the_end(scene: WatchScene) -> None:
    scene.setup = replace(scene.setup, sinks=(Slow(), scene.told))
    begun = 0.0
    with scene.watched():
        begun = time.monotonic()
    assert time.monotonic() - begun < Slow.END_S


def test_a_mistake_of_its_own_does_not_end_it(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = [True]
    from nstui.analysis.watching.deciding import decide_next  # noqa: PLC0415

    def odd(*given: object) -> object:
        if fails and len(scene.told.statuses) > 0:
            fails.pop()
            raise ZeroDivisionError("odd")
        return decide_next(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("nstui.service.watch_memory.decide_next", odd)
    with scene.watched(interval=0.05):
        scene.world.restart("vpn")
        assert "please report it" in scene.await_told(Kind.PROBLEM)
        scene.await_told(Kind.HEALED)


def test_a_mistake_while_healing_is_a_failure(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: object) -> str:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr("nstui.service.watch_orders.why_not", odd)
    with scene.watched():
        scene.world.restart("vpn")
        assert "please report it" in scene.await_told(Kind.FAILED)
    assert scene.engine.asked == []


def test_a_look_that_fails_by_a_mistake_is_told_as_such(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = scene.host.observer.look

    def odd() -> object:
        raise ZeroDivisionError("odd")

    with scene.watched(interval=0.05):
        monkeypatch.setattr(scene.host.observer, "look", odd)
        assert "please report it" in scene.await_told(Kind.PROBLEM)
        monkeypatch.setattr(scene.host.observer, "look", look)
        scene.until(lambda: "nstui works again" in scene.told.of(Kind.PROBLEM))


def test_the_configuration_is_read_again(scene: WatchScene) -> None:
    scene.choose(mode=WatchMode.NOTIFY)
    with scene.watched() as watch:
        scene.world.restart("vpn")
        scene.await_told(Kind.LEFT)
        scene.choose(mode=WatchMode.HEAL)
        before, scene.told = scene.told, Told()
        scene.setup = WatchSetup(
            scene.setup.options, (scene.told,), ("x is no setting",)
        )
        watch.reload()
        scene.await_told(Kind.CONFIG_READ)
        assert scene.await_told(Kind.PROBLEM) == "x is no setting"
        scene.await_told(Kind.HEALED)
        scene.until(lambda: before.is_closed)
    assert scene.broken() == set()


def test_a_configuration_that_makes_no_sense_changes_nothing(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(_: Callable[[str], None]) -> WatchSetup:
        raise UsageProblem("that makes no sense")

    watch = scene.make()
    monkeypatch.setattr(watch, "_set_up", wrong)
    thread = threading.Thread(target=watch.run, daemon=True)
    thread.start()
    scene.until(lambda: bool(scene.told.statuses))
    watch.reload()
    said = scene.await_told(Kind.PROBLEM)
    assert said == "that makes no sense; the settings stay as they are"
    watch.stop()
    thread.join(60)


def test_only_what_is_named_is_healed_and_a_name_without_a_container_is_told(
    scene: WatchScene,
) -> None:
    scene.world.run(Spec("wg", labels=(("team", "home"),)))
    scene.world.run(Spec("pihole", network="container:wg"))
    scene.choose(only=("team=home", "nobody"))
    with scene.watched():
        scene.world.restart("vpn")
        scene.world.restart("wg")
        scene.await_told(Kind.HEALED)
        said = scene.await_told(Kind.PROBLEM)
    assert said == "--only nobody: no container has this name or label at present"
    assert len(scene.told.of(Kind.PROBLEM)) == 1
    assert scene.broken() == {"dep"}


def test_a_label_that_makes_no_sense_is_told_once(scene: WatchScene) -> None:
    scene.world.run(Spec("odd", labels=(("nstui.watch", "hael"),)))
    with scene.watched():
        assert "hael" in scene.await_told(Kind.PROBLEM)
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)
    assert len(scene.told.of(Kind.PROBLEM)) == 1


def test_what_it_runs_in_is_left_alone(scene: WatchScene) -> None:
    dep = scene.world.records.get("dep").id
    with scene.watched(protect=lambda _: frozenset({dep})):
        scene.world.restart("vpn")
        scene.await_told(Kind.LEFT)
    assert scene.engine.asked == []


def test_what_healing_takes_is_prepared_when_something_breaks(
    scene: WatchScene,
) -> None:
    prepared: list[int] = []
    with scene.watched(prepare=lambda: prepared.append(1)):
        assert prepared == []
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED, 2)
    assert prepared == [1]


def test_the_engine_s_memory_tells_who_stopped_what(scene: WatchScene) -> None:
    scene.world.stop("vpn")
    with scene.watched():
        scene.until(lambda: scene.told.statuses[-1].incidents != ())
        (incident,) = scene.told.statuses[-1].incidents
        assert incident.hold is Hold.STOPPED
    assert scene.engine.asked == []


def test_an_engine_without_memory_is_no_obstacle(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_: object) -> tuple[()]:
        raise EngineUnreachable("the proxy does not allow that")

    monkeypatch.setattr(scene.engine, "past_events", forbidden)
    scene.world.run(Spec("job"))
    scene.world.stop("job")
    with scene.watched():
        scene.world.restart("vpn")
        scene.await_told(Kind.HEALED)


def test_a_heartbeat_is_shown_although_nothing_happens(
    scene: WatchScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watch.TICK_S", 0.01)
    monkeypatch.setattr("nstui.service.watch.HEARTBEAT_S", 0.02)
    with scene.watched():
        scene.until(lambda: len(scene.told.statuses) > 4)
    moments = [status.written_at for status in scene.told.statuses]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (WatchOptions(), "heals what has proof, 3 s after its owner was started"),
        (WatchOptions(is_dry_run=True), "says what it would heal, and changes nothing"),
        (WatchOptions(is_read_only=True), "tells what is broken, and changes nothing"),
        (WatchOptions(mode=WatchMode.NOTIFY), "mode notify: heals only what a label"),
    ],
)
def test_what_it_will_do_is_said_at_the_start(options: WatchOptions, says: str) -> None:
    scene = WatchScene(options=options)
    with scene.watched():
        pass
    (started,) = scene.told.of(Kind.STARTED)
    assert "2 containers, no incident; " in started
    assert says in started


def test_the_configuration_speaks_of_single_containers(scene: WatchScene) -> None:
    silent = WatchChoice(mode=WatchMode.OFF)
    scene.choose(by_name=MappingProxyType({"vpn": silent}))
    scene.world.run(Spec("wg"))
    scene.world.run(Spec("pihole", network="container:wg"))
    with scene.watched():
        scene.world.restart("vpn")
        scene.world.restart("wg")
        scene.await_told(Kind.HEALED)
    assert scene.broken() == {"dep"}
