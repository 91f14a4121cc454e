"""A container is replaced by an equal one, or put back as far as that can be done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import StepFailed
from nstui.model.container import ContainerState, short_id
from nstui.model.outcome import Aftermath
from nstui.model.plan import Layer, Request
from nstui.model.step import Action, Verb
from nstui.service import recreate
from nstui.service.host import open_host
from tests.support.sim_faults import REFUSAL, Fault, FaultyEngine, Killed

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import Container, ContainerId
    from nstui.model.outcome import Failure
    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from nstui.service.results import Progress

HEAL = Request(action=Action.HEAL, targets=())
REQUESTS = ["create", "stop", "rename", "rename", "start", "remove"]
"""What it takes to replace a container that runs."""

LOST = "the engine at demo:// does not answer in time"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)
    monkeypatch.setattr(recreate, "PAUSE_S", 0.01)


class Scene:
    """An owner that was made anew, and ``dep``, which joined the old one."""

    def __init__(
        self,
        dep: Spec | None = None,
        engine: type[FaultyEngine] = FaultyEngine,
    ) -> None:
        self.world = World()
        self.sim = SimEngine(self.world)
        self.engine = engine(self.sim)
        self.audit_log = MemoryAuditLog()
        self.world.run(Spec("own"))
        self.old = self.world.run(dep or Spec("dep", network="container:own"))
        self.host = self.connect()
        self.host.observer.look()
        self.remake_owner()

    def connect(self) -> Host:
        """Connect as a program that has just been started."""
        return open_host(
            self.engine, SimHost(self.world), self.audit_log, endpoint="demo://"
        )

    def remake_owner(self) -> None:
        """Make the owner anew."""
        self.world.remove("own", force=True)
        self.world.run(Spec("own"))

    def plan(self, request: Request = HEAL) -> Plan:
        """Plan to heal."""
        return self.host.executor.plan(request)

    def heal(self, request: Request = HEAL) -> list[str]:
        """Heal; return what the engine was asked for."""
        before = len(self.engine.asked)
        self.host.executor.carry_out(self.plan(request))
        return self.engine.asked[before:]

    def fail(
        self, request: Request = HEAL, meanwhile: Callable[[], object] | None = None
    ) -> Failure:
        """Heal, which fails; return why.

        Args:
            request: What is asked for.
            meanwhile: Happens once the plan holds, before its first step is taken.

        """

        def tell(progress: Progress) -> None:
            if meanwhile is not None and not progress.is_done | progress.has_failed:
                meanwhile()

        plan = self.plan(request)
        with pytest.raises(StepFailed) as caught:
            self.host.executor.carry_out(plan, tell)
        (failure,) = caught.value.outcome.failed
        return failure

    def cut_off(self, number: int) -> None:
        """Heal, and end the program after a request; begin anew."""
        self.engine.fail(number, Fault.KILLED_AFTER)
        with pytest.raises(Killed):
            self.heal()
        self.restart()

    def restart(self) -> None:
        """Let the program end, and start it again; the engine answers well."""
        self.audit_log.release_all()
        self.engine.recover()
        self.sim.come_back()
        self.host = self.connect()

    def verbs(self) -> list[Verb]:
        """Return the steps of the plan that heals what is there."""
        return [step.verb for step in self.plan().steps]

    def picture(self) -> dict[str, str]:
        """Return the states of all but the owner; the old and a new one by words."""
        short = short_id(self.old)
        return {
            record.name.replace(short, "OLD"): record.state.value
            for record in self.world.records
            if record.name != "own"
        }

    def is_old(self) -> bool:
        """Tell whether ``dep`` is the container that it was."""
        return self.world.records.get("dep").id == self.old


def test_it_takes_six_requests_and_leaves_a_new_one() -> None:
    scene = Scene()
    assert scene.heal() == REQUESTS
    assert scene.picture() == {"dep": "running"}
    assert not scene.is_old()
    assert scene.verbs() == []


@pytest.mark.parametrize("number", range(1, len(REQUESTS) + 1))
def test_an_engine_that_dies_leaves_what_can_be_finished(number: int) -> None:
    """Nothing can be looked at from then on, so that nothing is known or put back."""
    scene = Scene()
    scene.engine.then(number, scene.sim.hang)
    failure = scene.fail()
    assert failure.aftermath is Aftermath.CHANGED
    assert scene.engine.asked == REQUESTS[:number]
    name = f"dep-old-{short_id(scene.old)}"
    taken_back = (
        f"{LOST}; could not remove the new one: {LOST};"
        f" could not rename {name} to dep: {LOST};"
        f" could not start dep again: {LOST}"
    )
    not_removed = (
        f"the new dep is in its place, but the old one, {name}, could not be removed:"
        f" {LOST}"
    )
    is_last = number == len(REQUESTS)
    assert failure.reason == (not_removed if is_last else taken_back)

    scene.restart()
    assert scene.verbs() == ([] if is_last else [Verb.FINISH])
    scene.host.executor.carry_out(scene.plan())
    assert scene.picture() == {"dep": "running"}
    assert not scene.is_old()
    assert scene.verbs() == []


def test_what_it_wrote_is_made_an_image_first() -> None:
    scene = Scene()
    scene.world.write("dep", "/notes")
    scene.heal(replace(HEAL, layer=Layer.KEEP))
    assert scene.engine.asked == ["commit", *REQUESTS]
    assert scene.world.images == [f"nstui-kept/dep:{short_id(scene.old)}"]
    assert scene.world.records.get("dep").spec.image == scene.world.images[0]


def test_where_no_image_can_be_made_nothing_is_begun() -> None:
    scene = Scene()
    scene.world.write("dep", "/notes")
    scene.engine.fail(1, Fault.REFUSED)
    failure = scene.fail(replace(HEAL, layer=Layer.KEEP))
    assert (failure.reason, failure.aftermath) == (REFUSAL, Aftermath.UNCHANGED)
    assert scene.engine.asked == ["commit"]
    assert scene.is_old()
    assert scene.picture() == {"dep": "running"}


@pytest.mark.parametrize("name", ["A_b.c", "_._"])
def test_an_image_is_named_as_engines_want_it(name: str) -> None:
    scene = Scene(Spec(name, network="container:own"))
    scene.world.write(name, "/notes")
    scene.heal(replace(HEAL, layer=Layer.KEEP))
    word = "a-b-c" if name == "A_b.c" else "container"
    assert scene.world.images == [f"nstui-kept/{word}:{short_id(scene.old)}"]


def test_where_somebody_removes_the_new_one_the_old_one_is_put_back() -> None:
    scene = Scene()
    new = f"dep-new-{short_id(scene.old)}"
    scene.engine.then(2, lambda: scene.world.remove(new, force=True))
    failure = scene.fail()
    assert failure.reason == "the new dep is no longer there; dep was put back"
    # What it joined is gone, so that something stands in for that while it is started.
    assert scene.engine.asked[3:] == ["rename", "start", "start", "remove"]
    assert scene.is_old()
    assert scene.picture() == {"dep": "running"}


def test_where_somebody_removes_the_old_one_nothing_is_left_of_the_new_one() -> None:
    scene = Scene()
    scene.engine.then(2, lambda: scene.world.remove("dep", force=True))
    failure = scene.fail()
    gone = "the old dep is no longer there"
    assert failure.reason == (
        "dep is no longer there;"
        f" could not rename dep-old-{short_id(scene.old)} to dep: {gone};"
        f" could not start dep again: {gone}"
    )
    assert failure.aftermath is Aftermath.CHANGED
    assert scene.picture() == {}


def test_what_did_not_run_is_put_back_and_not_started() -> None:
    scene = Scene()
    scene.world.stop("dep")
    scene.engine.fail(3, Fault.REFUSED)
    assert scene.fail().reason == f"{REFUSAL}; dep was put back"
    assert scene.engine.asked == ["create", "rename", "rename", "remove", "rename"]
    assert scene.picture() == {"dep": "exited"}
    assert scene.is_old()


@pytest.mark.parametrize("number", [3, 4, 5])
def test_what_was_paused_is_put_back_paused(number: int) -> None:
    scene = Scene()
    scene.world.pause("dep")
    scene.engine.fail(number, Fault.REFUSED)
    assert scene.fail().reason == f"{REFUSAL}; dep was put back"
    assert scene.picture() == {"dep": "paused"}
    assert scene.is_old()


def test_what_was_paused_and_cannot_be_so_again_is_said() -> None:
    whole, scene = Scene(), Scene()
    for one in (whole, scene):
        one.world.pause("dep")
        one.engine.fail(5, Fault.REFUSED)
    whole.fail()
    assert whole.engine.asked[-1] == "pause"
    scene.engine.fail(len(whole.engine.asked), Fault.REFUSED)
    reason = scene.fail().reason
    assert reason == f"{REFUSAL}; could not pause dep again: {REFUSAL}"
    assert scene.picture() == {"dep": "running"}


class Lingering(FaultyEngine):
    """An engine that takes a few looks to remove what removes itself."""

    def __init__(self, engine: SimEngine) -> None:
        super().__init__(engine)
        self.looks = 3
        self.world = World()

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop a container, and begin to remove it."""
        del timeout, signal
        self.asked.append("stop")
        with self.world.lock:
            record = self.world.records.get(container)
            self.world.machine.leave_namespaces(record)
            record.state = ContainerState.REMOVING

    def containers(self) -> tuple[Container, ...]:
        """Return every container, once more the one that removes itself."""
        for record in tuple(self.world.records):
            if record.state is ContainerState.REMOVING:
                self.looks -= 1
                if self.looks == 0:
                    self.world.records.discard(record)
        return super().containers()


BRIEF = Spec("dep", network="container:own", removes_itself=True)


def lingering() -> tuple[Scene, Lingering]:
    """Return a scene whose dependent removes itself, which takes a while."""
    scene = Scene(BRIEF, Lingering)
    assert isinstance(scene.engine, Lingering)
    scene.engine.world = scene.world
    return scene, scene.engine


def test_one_that_removes_itself_is_waited_for_and_not_removed() -> None:
    scene, engine = lingering()
    assert scene.heal() == ["create", "stop", "rename", "start"]
    assert engine.looks == 0
    assert scene.picture() == {"dep": "running"}
    assert not scene.is_old()


def test_one_that_does_not_go_is_no_reason_to_remove_the_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once it has gone after all, the new one would be missed."""
    monkeypatch.setattr(recreate, "REMOVAL_S", 0.0)
    scene, engine = lingering()
    engine.looks = 100
    failure = scene.fail()
    assert failure.reason == (
        "dep was stopped, but did not go; dep removes itself: it cannot be put back"
    )
    assert failure.aftermath is Aftermath.CHANGED
    assert scene.picture() == {"dep": "removing", "dep-new-OLD": "created"}

    engine.looks = 1
    scene.host.observer.look_afresh()
    assert scene.verbs() == [Verb.FINISH]
    assert scene.heal() == ["rename", "start"]
    assert scene.picture() == {"dep": "running"}


@pytest.mark.parametrize("number", [3, 4])
def test_where_the_old_one_has_removed_itself_the_new_one_is_left(number: int) -> None:
    scene = Scene(BRIEF)
    scene.engine.fail(number, Fault.REFUSED)
    failure = scene.fail()
    assert failure.reason == f"{REFUSAL}; dep removes itself: it cannot be put back"
    assert failure.aftermath is Aftermath.CHANGED
    assert scene.engine.asked == ["create", "stop", "rename", "start"][:number]
    assert list(scene.picture().values()) == ["created"]

    assert scene.verbs() == [Verb.FINISH]
    scene.heal()
    assert scene.picture() == {"dep": "running"}
    assert scene.verbs() == []


def test_one_that_would_remove_itself_and_was_not_stopped_is_put_back() -> None:
    scene = Scene(BRIEF)
    scene.engine.fail(2, Fault.REFUSED)
    assert scene.fail().reason == f"{REFUSAL}; dep was put back"
    assert scene.engine.asked == ["create", "stop", "remove"]
    assert scene.is_old()
    assert scene.picture() == {"dep": "running"}


def test_where_nobody_answers_one_that_removes_itself_may_be_there_still() -> None:
    scene = Scene(BRIEF)
    scene.engine.then(2, scene.sim.hang)
    reason = scene.fail().reason
    assert "could not remove the new one" in reason
    assert "cannot be put back" not in reason
    assert scene.picture() == {"dep-new-OLD": "created"}
    scene.restart()
    assert scene.heal() == ["rename", "start"]
    assert scene.picture() == {"dep": "running"}


def lose_the_old_one(scene: Scene) -> None:
    """Cut a replacement off before the new one is started, and remove the old one."""
    scene.cut_off(4)
    assert scene.picture() == {"dep": "created", "dep-old-OLD": "exited"}
    scene.world.remove(f"dep-old-{short_id(scene.old)}")


def test_where_the_old_one_is_gone_the_new_one_is_put_in_its_place() -> None:
    scene = Scene()
    lose_the_old_one(scene)
    assert scene.verbs() == [Verb.FINISH]
    assert scene.heal() == ["start"]
    assert scene.picture() == {"dep": "running"}


def test_where_the_old_one_is_gone_and_the_new_one_fails_it_is_left() -> None:
    scene = Scene()
    lose_the_old_one(scene)
    scene.engine.fail(1, Fault.REFUSED)
    failure = scene.fail()
    assert failure.reason == f"{REFUSAL}; the old dep is gone"
    assert failure.aftermath is Aftermath.CHANGED
    assert scene.picture() == {"dep": "created"}
    assert scene.heal() == ["start"]
    assert scene.picture() == {"dep": "running"}


def test_where_both_are_gone_nothing_is_finished() -> None:
    scene = Scene()
    lose_the_old_one(scene)
    before = len(scene.engine.asked)
    failure = scene.fail(meanwhile=lambda: scene.world.remove("dep"))
    assert failure.reason == "dep is no longer there"
    assert scene.engine.asked[before:] == []


@pytest.mark.parametrize(
    ("number", "left"),
    [
        # A new one may lack a part until its id was noted: it is made again.
        pytest.param(1, ["remove", *REQUESTS], id="create"),
        pytest.param(2, REQUESTS[2:], id="stop"),
        pytest.param(3, REQUESTS[3:], id="first rename"),
        pytest.param(4, REQUESTS[4:], id="second rename"),
    ],
)
def test_what_was_cut_off_and_fails_again_is_put_back(
    number: int, left: list[str]
) -> None:
    scene = Scene()
    scene.cut_off(number)
    before = len(scene.engine.asked)
    to_start = left.index("start") + 1
    scene.engine.fail(to_start, Fault.REFUSED)
    failure = scene.fail()
    assert failure.reason == f"{REFUSAL}; dep was put back"
    assert failure.aftermath is Aftermath.UNCHANGED
    assert scene.engine.asked[before:][:to_start] == left[:to_start]
    assert scene.picture() == {"dep": "running"}
    assert scene.is_old()
    assert scene.heal() == REQUESTS
    assert scene.picture() == {"dep": "running"}
    assert not scene.is_old()


def to_undo(scene: Scene) -> None:
    """Cut a replacement off whose owner is lost then, so that it has to be undone."""
    scene.cut_off(3)
    scene.world.remove("own", force=True)
    assert scene.verbs() == [Verb.UNDO]


def test_what_cannot_be_undone_is_said_and_undone_later() -> None:
    scene = Scene()
    to_undo(scene)
    scene.engine.fail(1, Fault.REFUSED)
    scene.engine.fail(2, Fault.REFUSED)
    failure = scene.fail()
    name = f"dep-old-{short_id(scene.old)}"
    assert failure.reason == (
        f"could not remove the new one: {REFUSAL};"
        f" could not rename {name} to dep: {REFUSAL}"
    )
    assert failure.aftermath is Aftermath.CHANGED
    assert scene.picture() == {"dep-new-OLD": "created", "dep-old-OLD": "running"}
    assert scene.verbs() == [Verb.UNDO]
    assert scene.heal() == ["remove", "rename"]
    assert scene.picture() == {"dep": "running"}
    assert scene.is_old()


def test_what_is_gone_is_not_put_back() -> None:
    scene = Scene()
    to_undo(scene)
    before = len(scene.engine.asked)
    name = f"dep-old-{short_id(scene.old)}"
    failure = scene.fail(meanwhile=lambda: scene.world.remove(name))
    assert failure.reason == "the old dep is no longer there"
    assert scene.engine.asked[before:] == []
    assert scene.picture() == {"dep-new-OLD": "created"}
