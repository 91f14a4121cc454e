"""Containers are made anew with all that depends on them, or everything is put back."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.images import SimImage
from nstui.demo.world import World
from nstui.errors import Interrupted, NstuiError, StepFailed
from nstui.model.container import ComposeService
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Layer, Request
from nstui.model.step import Action, Verb
from nstui.service import recreate
from nstui.service.host import open_host
from tests.support.sim_compose import SimCompose
from tests.support.sim_faults import REFUSAL, Fault, FaultyEngine, Killed

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from nstui.service.results import Progress

IMAGE = "vpn:1"
NEW = SimImage(id=f"sha256:{'1' * 64}", config={"Env": ["VERSION=2"]})
NET, PID = NamespaceKind.NET, NamespaceKind.PID
NAMES = {"own", "dep", "far", "spy", "apart"}

ONE = ["create", "stop", "rename", "rename", "start"]
"""What it takes to replace a container that runs, without removing the old one."""

SERVICE = ComposeService("media", "vpn")

LAST = 3 * len(ONE) + len(["create", "rename", "rename", "start"])
"""How many requests it takes until all new ones run; ``spy`` ends with ``own``."""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0)
    monkeypatch.setattr("nstui.service.step_runner.PAUSE_S", 0.01)
    monkeypatch.setattr(recreate, "PAUSE_S", 0.01)


Picture = dict[str, tuple["ContainerId", str]]


class Scene:
    """An owner, a chain in its network, and one in its pid namespace."""

    def __init__(self, own: Spec | None = None, dep: Spec | None = None) -> None:
        self.world = World()
        self.sim = SimEngine(self.world)
        self.engine = FaultyEngine(self.sim)
        self.compose = SimCompose(self.world)
        self.audit_log = MemoryAuditLog()
        for spec in (
            own or Spec("own", IMAGE),
            dep or Spec("dep", network="container:own"),
            Spec("far", network="container:dep"),
            Spec("spy", pid="container:own"),
            Spec("apart"),
        ):
            self.world.run(spec)
        self.host = self.connect()
        self.host.observer.look()
        self.before = self.picture()

    def connect(self) -> Host:
        """Connect as a program that has just been started."""
        return open_host(
            self.engine,
            SimHost(self.world),
            self.audit_log,
            endpoint="demo://",
            find_compose=lambda: self.compose,
        )

    def request(self, *names: str) -> Request:
        """Return the request to make containers anew, by default the owner."""
        targets = tuple(self.world.records.get(name).id for name in names or ("own",))
        return Request(action=Action.RECREATE, targets=targets, pull=True, wait_s=1)

    def plan(self, request: Request | None = None) -> Plan:
        """Plan to make the owner anew."""
        return self.host.executor.plan(request or self.request())

    def recreate(self, request: Request | None = None) -> list[str]:
        """Make the owner anew; return what the engine was asked for."""
        before = len(self.engine.asked)
        self.host.executor.carry_out(self.plan(request))
        return self.engine.asked[before:]

    def fail(self, request: Request | None = None) -> str:
        """Make the owner anew, which fails; return why."""
        plan = self.plan(request)
        with pytest.raises(StepFailed) as caught:
            self.host.executor.carry_out(plan)
        (failure,) = caught.value.outcome.failed
        return failure.reason

    def restart(self) -> None:
        """Let the program end, and start it again; the engine answers well."""
        self.audit_log.release_all()
        self.engine.recover()
        self.sim.come_back()
        self.host = self.connect()

    def heal(self) -> None:
        """Heal what was cut off."""
        plan = self.plan(Request(action=Action.HEAL, targets=()))
        if plan.steps:
            self.host.executor.carry_out(plan)

    def picture(self) -> Picture:
        """Return the id and the state of each container, by its name."""
        return {r.name: (r.id, r.state.value) for r in self.world.records}

    def states(self) -> dict[str, str]:
        """Return the state of each container, by its name."""
        return {name: state for name, (_, state) in self.picture().items()}

    def wrong(self) -> set[str]:
        """Return the codes of what is worse than a notice."""
        findings = self.host.observer.look_afresh().findings
        return {f.code.value for f in findings if f.severity.value != "notice"}

    def pause(self, *names: str) -> None:
        """Pause containers; they are to be so at the end as well."""
        for name in names:
            self.world.pause(name)
        self.before = self.picture()

    def require_before(self) -> None:
        """Require that everything is as it was before."""
        assert self.picture() == self.before
        assert self.wrong() == set()
        assert self.audit_log.unfinished() == ()

    def require_new(self, *old: str) -> None:
        """Require that all but `old` and those apart are new, and well."""
        now = self.picture()
        assert now.keys() == NAMES
        assert {state for _, state in now.values()} == {"running"}
        same = {name for name in NAMES if now[name][0] == self.before[name][0]}
        assert same == {"apart", *old}
        assert self.wrong() == set()
        assert self.audit_log.unfinished() == ()


def test_all_that_depends_on_it_is_taken_along() -> None:
    scene = Scene()
    scene.world.image_store.publish(IMAGE, NEW)
    asked = scene.recreate()
    assert asked[0] == "pull"
    assert asked[1:6] == ONE
    assert asked[-4:] == ["remove"] * 4
    assert len(asked) == 1 + LAST + 4
    scene.require_new()
    own = scene.world.records.get("own")
    assert own.image_id == NEW.id
    assert own.spec.environment == ("VERSION=2",)
    look = scene.host.observer.look_afresh()
    home = look.snapshot.namespace(own.id, NET)
    for name in ("dep", "far"):
        container = scene.world.records.get(name).id
        assert look.snapshot.namespace(container, NET) == home


def test_the_plan_names_every_step() -> None:
    scene = Scene()
    plan = scene.plan()
    verbs = [(step.verb, step.name) for step in plan.steps]
    assert verbs[:3] == [
        (Verb.PULL, "own"),
        (Verb.RECREATE, "own"),
        (Verb.WAIT, "own"),
    ]
    assert {name for verb, name in verbs if verb is Verb.RECREATE} == NAMES - {"apart"}
    assert [verb for verb, _ in verbs[-4:]] == [Verb.RM] * 4
    assert verbs[-1] == (Verb.RM, "own")
    assert plan.command == ("nstui", "recreate", "--pull", "own")


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.LIED, Fault.LOST_AFTER])
@pytest.mark.parametrize("number", range(1, LAST + 2))
def test_whatever_fails_everything_is_put_back(
    number: int, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.verified.SETTLING_S", 0.0)
    scene = Scene()
    scene.world.image_store.publish(IMAGE, NEW)
    scene.engine.fail(number, fault)
    plan = scene.plan()
    try:
        scene.host.executor.carry_out(plan)
    except StepFailed as error:
        (reason,) = (failure.reason for failure in error.outcome.failed)
    else:
        # What was seen to be done has not failed, whatever the engine said.
        assert fault is not Fault.REFUSED
        scene.require_new()
        return
    assert reason.endswith("everything was put back") or number == 1
    scene.require_before()


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
@pytest.mark.parametrize("number", range(1, LAST + 6))
def test_what_is_cut_off_is_put_back_or_finished_by_the_next_heal(
    number: int, fault: Fault
) -> None:
    scene = Scene()
    scene.world.image_store.publish(IMAGE, NEW)
    scene.engine.fail(number, fault)
    with pytest.raises(Killed):
        scene.recreate()
    scene.restart()
    is_whole = scene.picture().keys() == NAMES
    assert is_whole or "interrupted" in scene.wrong()
    scene.heal()
    if number <= LAST + 1:
        assert scene.picture() == scene.before
    else:
        assert scene.picture().keys() == NAMES
        assert scene.picture()["own"] != scene.before["own"]
    assert set(scene.states().values()) == {"running"}
    assert scene.wrong() == set()


@pytest.mark.parametrize("number", range(1, 12))
def test_the_way_back_may_be_cut_off_as_well(number: int) -> None:
    scene = Scene()
    scene.engine.fail(LAST, Fault.KILLED_BEFORE)
    with pytest.raises(Killed):
        scene.recreate()
    scene.restart()
    scene.engine.fail(number, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        scene.heal()
    scene.restart()
    scene.heal()
    scene.require_before()


def test_an_image_that_cannot_be_pulled_changes_nothing() -> None:
    scene = Scene()
    scene.world.image_store.refuse(IMAGE, "manifest unknown")
    assert scene.fail() == f"{IMAGE} cannot be pulled: manifest unknown"
    assert scene.engine.asked == ["pull"]
    scene.require_before()


def test_an_image_that_does_not_start_is_given_up() -> None:
    scene = Scene()
    scene.world.image_store.publish(
        IMAGE, replace(NEW, start_error="exec: no such file")
    )
    assert scene.fail() == (
        "exec: no such file; own was put back, and so was spy; everything was put back"
    )
    scene.require_before()


def test_an_image_that_does_not_become_healthy_is_given_up() -> None:
    scene = Scene()
    sick = {"Healthcheck": {"Test": ["CMD", "false"]}}
    scene.world.image_store.publish(
        IMAGE, SimImage(id=NEW.id, config=sick, is_sick=True)
    )
    assert scene.fail() == "own was not healthy within 1 s; everything was put back"
    scene.require_before()


def test_what_does_not_run_is_not_started() -> None:
    scene = Scene()
    for name in ("far", "dep", "spy", "own"):
        scene.world.stop(name)
    scene.before = scene.picture()
    scene.engine.fail(5, Fault.REFUSED)
    scene.fail()
    assert scene.picture() == scene.before
    scene.engine.recover()
    scene.recreate()
    assert scene.states() == {
        **dict.fromkeys(NAMES - {"apart"}, "exited"),
        "apart": "running",
    } | dict.fromkeys(NAMES - {"apart"}, "created")


PAUSED = ("own", "far", "spy")

LAST_PAUSED = LAST + len(PAUSED)
"""How many requests it takes until those are paused again."""


def test_what_was_paused_is_paused_again() -> None:
    scene = Scene()
    scene.pause(*PAUSED)
    plan = scene.plan()
    assert plan.notes == tuple(
        f"{name} is paused now, and is paused again once all is well"
        for name in ("far", "own", "spy")
    )
    asked = scene.recreate()
    assert asked[-7:] == ["pause"] * 3 + ["remove"] * 4
    assert scene.states() == dict.fromkeys(NAMES, "running") | dict.fromkeys(
        PAUSED, "paused"
    )
    now = scene.picture()
    assert {n for n in NAMES if now[n][0] == scene.before[n][0]} == {"apart"}
    assert scene.wrong() == set()
    assert scene.audit_log.unfinished() == ()


def test_what_was_paused_and_is_restarted_is_paused_again() -> None:
    scene = Scene()
    scene.world.records.get("dep").modes[NET] = "container:own"
    scene.pause("dep")
    scene.engine.fail(1 + LAST, Fault.REFUSED)
    plan = scene.plan()
    assert (Verb.RESTART, "dep") in [(s.verb, s.name) for s in plan.steps]
    scene.host.executor.carry_out(plan)
    assert scene.picture()["dep"] == scene.before["dep"]


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.LIED, Fault.LOST_AFTER])
@pytest.mark.parametrize("number", range(2, LAST_PAUSED + 2))
def test_whatever_fails_what_was_paused_is_put_back_paused(
    number: int, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.verified.SETTLING_S", 0.0)
    scene = Scene()
    scene.pause(*PAUSED)
    scene.engine.fail(number, fault)
    plan = scene.plan()
    try:
        scene.host.executor.carry_out(plan)
    except StepFailed as error:
        (reason,) = (failure.reason for failure in error.outcome.failed)
    else:
        assert fault is not Fault.REFUSED
        return
    assert reason.endswith("everything was put back")
    scene.require_before()


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
@pytest.mark.parametrize("number", range(2, LAST_PAUSED + 2))
def test_what_was_paused_and_cut_off_is_put_back_paused(
    number: int, fault: Fault
) -> None:
    scene = Scene()
    scene.pause(*PAUSED)
    scene.engine.fail(number, fault)
    with pytest.raises(Killed):
        scene.recreate()
    scene.restart()
    scene.heal()
    is_new = (number, fault) == (LAST_PAUSED + 1, Fault.KILLED_AFTER)
    states = {name: state for name, (_, state) in scene.before.items()}
    assert scene.states() == states
    assert is_new or scene.picture() == scene.before
    assert scene.wrong() == set()


@pytest.mark.parametrize("number", range(1, 15))
def test_the_way_back_to_what_was_paused_may_be_cut_off(number: int) -> None:
    scene = Scene()
    scene.pause(*PAUSED)
    scene.engine.fail(LAST_PAUSED, Fault.KILLED_BEFORE)
    with pytest.raises(Killed):
        scene.recreate()
    scene.restart()
    scene.engine.fail(number, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        scene.heal()
    scene.restart()
    scene.heal()
    scene.require_before()


def cut_off_with_far_paused() -> Scene:
    """Return a scene in which all but the last is new, and ``far`` was paused."""
    scene = Scene()
    scene.pause("far")
    scene.engine.fail(LAST, Fault.KILLED_BEFORE)
    with pytest.raises(Killed):
        scene.recreate()
    scene.restart()
    return scene


def test_what_cannot_be_paused_again_is_said_and_tried_again() -> None:
    whole = cut_off_with_far_paused()
    before = len(whole.engine.asked)
    whole.heal()
    way_back = whole.engine.asked[before:]
    assert way_back[-1] == "pause"
    scene = cut_off_with_far_paused()
    scene.engine.fail(len(way_back), Fault.REFUSED)
    with pytest.raises(StepFailed, match=f"could not pause far again: {REFUSAL}"):
        scene.heal()
    scene.restart()
    assert "interrupted" in scene.wrong()
    scene.heal()
    scene.require_before()


def test_an_engine_that_dies_before_the_pause_is_said_to() -> None:
    scene = cut_off_with_far_paused()
    whole = cut_off_with_far_paused()
    before = len(whole.engine.asked)
    whole.heal()
    starts = len(whole.engine.asked) - before - 1
    scene.engine.then(starts, scene.sim.hang)
    with pytest.raises(StepFailed, match="could not pause far again"):
        scene.heal()
    scene.restart()
    scene.heal()
    scene.require_before()


@pytest.mark.parametrize("breaks", [False, True])
def test_what_compose_has_made_is_paused_again(*, breaks: bool) -> None:
    scene = Scene(Spec("own", IMAGE, compose=SERVICE))
    config: dict[str, object] = {"Healthcheck": {}} if breaks else {}
    image = SimImage(id=NEW.id, config=config, is_sick=breaks)
    scene.world.image_store.publish(IMAGE, image)
    scene.pause("own", "dep")
    states = scene.states()
    plan = scene.plan()
    assert (Verb.COMPOSE, "own") in [(s.verb, s.name) for s in plan.steps]
    if breaks:
        assert scene.fail().endswith("everything was put back")
    else:
        scene.host.executor.carry_out(plan)
    assert scene.states() == states
    assert scene.wrong() == set()
    assert scene.audit_log.unfinished() == ()


def test_somebody_who_ends_it_gets_everything_back() -> None:
    scene = Scene()

    def stop(progress: Progress) -> None:
        if progress.step.name == "dep" and progress.is_done:
            scene.host.executor.stop_soon()

    plan = scene.plan()
    with pytest.raises(Interrupted, match=r"^interrupted; everything was put back$"):
        scene.host.executor.carry_out(plan, stop)
    scene.require_before()


def test_somebody_who_ends_it_at_last_gets_what_is_new() -> None:
    scene = Scene()

    def stop(progress: Progress) -> None:
        if progress.step.is_old:
            scene.host.executor.stop_soon()

    scene.host.executor.carry_out(scene.plan(), stop)
    scene.require_new()


def test_a_pull_can_be_ended() -> None:
    scene = Scene()

    def stop(progress: Progress) -> None:
        if progress.pull is not None:
            scene.host.executor.stop_soon()

    plan = scene.plan()
    with pytest.raises(Interrupted, match=f"interrupted while pulling {IMAGE}"):
        scene.host.executor.carry_out(plan, stop)
    scene.require_before()


def test_old_ones_that_cannot_be_removed_are_left_to_the_next_heal() -> None:
    scene = Scene()
    scene.engine.fail(1 + LAST + 1, Fault.REFUSED)
    with pytest.raises(StepFailed, match=r"to go on, fix that, then: nstui heal$"):
        scene.recreate()
    assert len(scene.picture()) == len(NAMES) + 4
    assert "interrupted" in scene.wrong()
    scene.heal()
    scene.require_new()


def test_an_engine_that_dies_leaves_what_the_next_heal_puts_back() -> None:
    scene = Scene()
    scene.engine.then(8, scene.sim.hang)
    assert "not everything was put back" in scene.fail()
    scene.restart()
    scene.heal()
    scene.require_before()


@pytest.mark.parametrize("breaks", [False, True])
def test_compose_makes_its_own(*, breaks: bool) -> None:
    """Compose removes the old one, which comes back from its kept inspect."""
    scene = Scene(Spec("own", IMAGE, compose=SERVICE))
    config: dict[str, object] = {"Healthcheck": {}} if breaks else {}
    image = SimImage(id=NEW.id, config=config, is_sick=breaks)
    scene.world.image_store.publish(IMAGE, image)
    plan = scene.plan()
    assert [s.verb for s in plan.steps[:3]] == [Verb.PULL, Verb.COMPOSE, Verb.WAIT]
    if not breaks:
        scene.host.executor.carry_out(plan)
        scene.require_new()
        return
    assert scene.fail() == "own was not healthy within 1 s; everything was put back"
    assert scene.states() == dict.fromkeys(NAMES, "running")
    assert scene.world.records.get("own").image_id != NEW.id
    assert scene.wrong() == set()
    assert scene.audit_log.unfinished() == ()


def test_where_compose_refuses_nstui_does_not_do_it_instead() -> None:
    dep = ComposeService("media", "dep", depends_on=("vpn",))
    scene = Scene(
        Spec("own", IMAGE, compose=SERVICE),
        Spec("dep", network="container:own", compose=dep),
    )
    plan = scene.plan()
    assert (Verb.COMPOSE, "dep") in [(s.verb, s.name) for s in plan.steps]

    def refuse(progress: Progress) -> None:
        if progress.step.name == "own" and progress.is_done:
            scene.compose.changes = {"dep": ("image",)}

    with pytest.raises(StepFailed, match="compose would change dep; everything was"):
        scene.host.executor.carry_out(plan, refuse)
    assert scene.states() == dict.fromkeys(NAMES, "running")
    assert scene.wrong() == set()


def test_what_cannot_be_put_back_is_said_and_tried_again() -> None:
    scene = Scene()
    scene.engine.fail(LAST, Fault.KILLED_BEFORE)
    with pytest.raises(Killed):
        scene.recreate()
    scene.restart()
    scene.engine.fail_from(1, Fault.REFUSED)
    with pytest.raises(StepFailed, match=f"could not put spy back: {REFUSAL}"):
        scene.heal()
    scene.restart()
    assert "interrupted" in scene.wrong()
    scene.heal()
    scene.require_before()


def test_what_somebody_has_taken_away_meanwhile_is_not_missed_twice() -> None:
    """The new one is all that is left, so that it stays."""
    scene = Scene()
    old = scene.before["own"][0]

    def remove() -> None:
        scene.world.remove(old, force=True)

    scene.engine.then(7, remove)
    scene.engine.fail(8, Fault.REFUSED)
    scene.fail()
    assert scene.states()["own"] == "running"


@pytest.mark.parametrize("number", range(1, 12))
def test_the_way_back_from_compose_may_be_cut_off(number: int) -> None:
    scene = Scene(Spec("own", IMAGE, compose=SERVICE))
    image = SimImage(id=NEW.id, config={"Healthcheck": {}}, is_sick=True)
    scene.world.image_store.publish(IMAGE, image)
    scene.engine.fail(number, Fault.KILLED_AFTER)
    try:
        scene.recreate()
    except Killed:
        scene.restart()
        assert "interrupted" in scene.wrong() or scene.states().keys() == NAMES
        scene.heal()
    except NstuiError:
        pass
    assert scene.states() == dict.fromkeys(NAMES, "running")
    assert scene.world.records.get("own").image_id != NEW.id
    assert scene.wrong() == set()


def test_one_that_removes_itself_comes_back_from_its_kept_inspect() -> None:
    scene = Scene(Spec("own", IMAGE, removes_itself=True))
    image = SimImage(id=NEW.id, config={"Healthcheck": {}}, is_sick=True)
    scene.world.image_store.publish(IMAGE, image)
    assert scene.fail() == "own was not healthy within 1 s; everything was put back"
    assert scene.states() == dict.fromkeys(NAMES, "running")
    assert scene.wrong() == set()


def test_what_joined_by_name_is_restarted() -> None:
    """An ipc join of Podman's, or a pid join of an old engine, may be by name."""
    scene = Scene()
    record = scene.world.records.get("dep")
    record.modes[NET] = "container:own"
    scene.before = scene.picture()
    plan = scene.plan()
    assert (Verb.RESTART, "dep") in [(s.verb, s.name) for s in plan.steps]
    scene.host.executor.carry_out(plan)
    scene.require_new("dep", "far")


def test_what_is_told_of_a_pull() -> None:
    scene = Scene()
    told: list[Progress] = []
    scene.host.executor.carry_out(scene.plan(), told.append)
    pulls = [progress.pull for progress in told if progress.pull is not None]
    assert len(pulls) > 1
    assert threading.active_count() < 20


def with_layer(request: Request, layer: Layer) -> Request:
    return replace(request, layer=layer)


def test_what_dependents_wrote_is_kept_or_dropped() -> None:
    scene = Scene()
    scene.world.write("dep", "/notes")
    assert [one.name for one in scene.plan().losing] == ["dep"]
    scene.recreate(with_layer(scene.request(), Layer.KEEP))
    assert len(scene.world.images) == 1
    scene.require_new()


def test_a_variable_is_set() -> None:
    scene = Scene(Spec("own", IMAGE, environment=("A=1", "B=2")))
    scene.recreate(replace(scene.request(), environment=("A=3",)))
    assert scene.world.records.get("own").spec.environment == ("B=2", "A=3")
