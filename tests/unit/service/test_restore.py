"""A removed container that is brought back, and what is left if that fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import (
    ActionImpossible,
    ContainerVanished,
    DecisionMissing,
    PlanOutdated,
    StepFailed,
)
from nstui.model.audit import StepPhase
from nstui.model.outcome import new_name
from nstui.model.plan import Plan, Policy, Request
from nstui.model.snapshot import EngineMachine
from nstui.model.step import Action, Verb
from nstui.service import recompose, verified
from nstui.service.host import open_host
from tests.support.sim_faults import REFUSAL, Fault, FaultyEngine, Killed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nstui.model.audit import RemovedContainer
    from nstui.model.container import Container, ContainerId, Join
    from nstui.model.outcome import PlanRecord
    from nstui.ports import PlanJournal

REQUESTS = ("create", "rename", "start")
"""What it takes to bring back a container that ran."""


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "SETTLING_S", 0.2)
    monkeypatch.setattr(recompose, "STEADY_S", 0.0)
    monkeypatch.setattr(recompose, "MIN_STEADY_S", 0.0)
    monkeypatch.setattr("nstui.service.lasting.LASTING_S", 0.0)


class Odd(FaultyEngine):
    """An engine whose new containers may come out with another mount."""

    def __init__(self, engine: SimEngine) -> None:
        super().__init__(engine)
        self.is_odd = False
        self.before_create: Callable[[], object] = lambda: None

    def create_from(
        self,
        inspect: Mapping[str, object],
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container from an inspect, after something else has happened."""
        self.before_create()
        return super().create_from(inspect, name, joins, image)

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return an inspect; that of a removed one has a mount more."""
        found = super().inspect(container)
        mount = {"Type": "bind", "Source": "/a", "Destination": "/a"}
        name = str(found["Name"])
        return {**found, "Mounts": [] if "-new-" in name else [mount] * self.is_odd}


class Scene:
    """An owner ``own`` with ``dep`` on it, and ``apart``."""

    def __init__(self) -> None:
        self.world = World()
        for spec in (Spec("own"), Spec("dep", network="container:own"), Spec("apart")):
            self.world.run(spec)
        self.engine = Odd(SimEngine(self.world))
        self.audit_log = MemoryAuditLog()
        self.connect()

    def connect(self) -> None:
        """Begin as a program that has just been started, with the same records."""
        host = SimHost(self.world)
        self.host = open_host(self.engine, host, self.audit_log, endpoint="demo://")
        self.executor = self.host.executor

    def rm(self, name: str, policy: Policy = Policy.BREAK_DEPENDENTS) -> None:
        """Remove a container as the key does: it is stopped first."""
        graph = self.host.observer.look().graph
        target = next(c for c in graph.containers if graph.name(c) == name)
        request = Request(
            action=Action.RM, targets=(target,), policy=policy, stop_first=True
        )
        self.executor.carry_out(self.executor.plan(request))
        self.engine.asked.clear()

    def kept(self, name: str) -> RemovedContainer:
        """Return the newest record of a name."""
        return next(one for one in self.executor.removed() if one.name == name)

    def plan(self, name: str, **how: ContainerId | str) -> Plan:
        """Plan to restore the newest of a name."""
        onto, image = how.get("onto"), how.get("image", "")
        request = Request(
            action=Action.RESTORE,
            targets=(self.kept(name).id,),
            onto=None if onto is None else self[str(onto)].id,
            image=str(image),
        )
        return self.executor.plan(request)

    def restore(self, name: str) -> None:
        """Restore the newest of a name."""
        self.executor.carry_out(self.plan(name))

    def heal(self) -> Plan:
        """Heal all that is broken."""
        made = self.executor.plan(Request(action=Action.HEAL, targets=()))
        self.executor.carry_out(made)
        return made

    def findings(self) -> dict[str, str]:
        """Return the messages of what is wrong, by code."""
        report = self.host.observer.look_afresh()
        return {one.code.value: one.message for one in report.findings}

    def end(self) -> None:
        """Let the program be gone, and start it again."""
        self.audit_log.release_all()
        self.engine.recover()
        self.connect()

    def names(self) -> set[str]:
        """Return the names of all containers."""
        return {one.name for one in self.engine.containers()}

    def __getitem__(self, name: str) -> Container:
        """Return a container by its name."""
        return next(one for one in self.engine.containers() if one.name == name)


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Yield a host."""
    made = Scene()
    yield made
    made.engine.close()


def test_it_comes_back_running_and_is_marked(scene: Scene) -> None:
    scene.rm("apart")
    assert scene.kept("apart").ran
    scene.restore("apart")
    now = scene["apart"]
    assert now.state.value == "running"
    assert tuple(scene.engine.asked) == REQUESTS
    mark = scene.kept("apart").restored
    assert mark is not None
    assert (mark.container, mark.name) == (now.id, "apart")
    assert scene.audit_log.unfinished() == ()
    log = [one for one in scene.audit_log.entries if one.action == "restore"]
    assert [one.phase for one in log] == [StepPhase.BEGUN, StepPhase.DONE]
    assert {one.why for one in log} == {"it was removed, and its name is free"}
    with pytest.raises(ActionImpossible, match="apart was restored already: as apart"):
        scene.restore("apart")


def test_one_that_did_not_run_is_only_created(scene: Scene) -> None:
    scene.world.stop("apart")
    scene.rm("apart")
    scene.restore("apart")
    assert scene["apart"].state.value == "created"
    assert tuple(scene.engine.asked) == REQUESTS[:2]
    assert scene.kept("apart").restored is not None


def test_it_can_be_restored_again_once_that_is_gone_too(scene: Scene) -> None:
    scene.rm("apart")
    first = scene.kept("apart")
    scene.restore("apart")
    scene.world.remove("apart", force=True)
    request = Request(action=Action.RESTORE, targets=(first.id,))
    scene.executor.carry_out(scene.executor.plan(request))
    assert scene["apart"].state.value == "running"


def test_an_owner_and_then_its_dependent_find_each_other(scene: Scene) -> None:
    scene.rm("own", Policy.WITH_DEPENDENTS)
    with pytest.raises(DecisionMissing, match="restore own first, or --onto NAME"):
        scene.restore("dep")
    scene.restore("own")
    scene.restore("dep")
    (join,) = scene["dep"].joins
    assert join.reference == scene["own"].id
    assert scene.findings() == {}


def test_onto_decides_which_owner(scene: Scene) -> None:
    scene.rm("own", Policy.WITH_DEPENDENTS)
    scene.executor.carry_out(scene.plan("dep", onto="apart"))
    (join,) = scene["dep"].joins
    assert join.reference == scene["apart"].id


def test_those_that_joined_it_are_healed_afterwards(scene: Scene) -> None:
    scene.rm("own")
    made = scene.plan("own")
    assert made.restoration is not None
    assert made.restoration.left_behind == ("dep",)
    scene.executor.carry_out(made)
    scene.heal()
    assert scene.findings() == {}


@pytest.mark.parametrize("number", range(1, len(REQUESTS) + 1))
@pytest.mark.parametrize(
    "fault", [Fault.REFUSED, Fault.LOST_BEFORE, Fault.LIED, Fault.LOST_AFTER]
)
def test_what_fails_half_way_leaves_nothing(
    scene: Scene, number: int, fault: Fault
) -> None:
    scene.rm("apart")
    scene.engine.fail(number, fault)
    if fault is Fault.LOST_AFTER and number > 1:
        # What is seen to be done is done.
        scene.restore("apart")
        assert scene["apart"].state.value == "running"
        return
    with pytest.raises(StepFailed) as caught:
        scene.restore("apart")
    message = str(caught.value)
    assert "its inspect is still kept" in message
    is_made = number > 1 or fault is Fault.LOST_AFTER
    assert ("the new apart was removed again" in message) == is_made
    assert scene.names() == {"own", "dep"}
    assert scene.kept("apart").restored is None
    scene.end()
    assert "interrupted" not in scene.findings()
    assert scene.audit_log.unfinished() == ()
    scene.restore("apart")
    assert scene["apart"].state.value == "running"


def test_a_start_that_ends_at_once_is_a_failure(scene: Scene) -> None:
    scene.rm("apart")
    scene.world.break_image("busybox:1.36", "no such file or directory")
    with pytest.raises(StepFailed, match="no such file or directory") as caught:
        scene.restore("apart")
    assert "was removed again, and its inspect is still kept" in str(caught.value)
    assert scene.names() == {"own", "dep"}


def test_what_cannot_be_removed_again_is_said_and_found(scene: Scene) -> None:
    scene.rm("apart")
    made = scene.plan("apart")
    scene.engine.fail_from(3, Fault.REFUSED)
    with pytest.raises(StepFailed, match="could not remove the new apart: ") as caught:
        scene.executor.carry_out(made)
    assert REFUSAL in str(caught.value)
    assert "its inspect is still kept" in str(caught.value)
    assert scene.names() == {"own", "dep", "apart"}
    scene.end()
    assert "cut off while it restored apart" in scene.findings()["interrupted"]
    scene.heal()
    assert scene["apart"].state.value == "running"
    assert scene.kept("apart").restored is not None


def test_a_new_one_that_lacks_a_mount_is_removed_again(scene: Scene) -> None:
    scene.engine.is_odd = True
    scene.rm("apart")
    with pytest.raises(StepFailed, match="came out without what was mounted at /a"):
        scene.restore("apart")
    assert scene.names() == {"own", "dep"}


KILLED = [
    pytest.param(1, Fault.KILLED_BEFORE, set(), "", id="before anything"),
    pytest.param(1, Fault.KILLED_AFTER, {"new"}, "rm", id="once it is created"),
    pytest.param(2, Fault.KILLED_BEFORE, {"new"}, "finish", id="once it is complete"),
    pytest.param(2, Fault.KILLED_AFTER, {"apart"}, "finish", id="once it is renamed"),
    pytest.param(3, Fault.KILLED_AFTER, {"apart"}, "", id="once it is started"),
]


@pytest.mark.parametrize(("number", "fault", "left", "verb"), KILLED)
def test_one_that_is_cut_off_is_finished_or_removed(
    scene: Scene, number: int, fault: Fault, left: set[str], verb: str
) -> None:
    scene.rm("apart")
    removed = scene.kept("apart")
    scene.engine.fail(number, fault)
    with pytest.raises(Killed):
        scene.restore("apart")
    scene.end()
    temporary = new_name("apart", removed.id)
    names = {temporary if name == "new" else name for name in left}
    assert scene.names() - {"own", "dep"} == names
    found = scene.findings()
    assert ("interrupted" in found) == bool(verb)
    if not verb:
        return
    if temporary in names:
        with pytest.raises(ActionImpossible, match=f"{temporary} is of another"):
            scene.restore("apart")
    made = scene.heal()
    assert [step.verb for step in made.steps] == [Verb(verb)]
    assert "interrupted" not in scene.findings()
    if verb == "finish":
        assert scene["apart"].state.value == "running"
        assert scene.kept("apart").restored is not None
    else:
        assert scene.names() == {"own", "dep"}
        assert removed in scene.executor.removed()
        scene.restore("apart")


def test_one_that_cannot_be_finished_is_removed_again(scene: Scene) -> None:
    scene.rm("apart")
    scene.engine.fail(2, Fault.KILLED_BEFORE)
    with pytest.raises(Killed):
        scene.restore("apart")
    scene.end()
    scene.world.break_image("busybox:1.36", "no such file or directory")
    with pytest.raises(StepFailed, match="the new apart was removed again"):
        scene.heal()
    assert scene.names() == {"own", "dep"}


def test_a_leftover_that_is_gone_when_it_is_to_be_finished(scene: Scene) -> None:
    scene.rm("apart")
    scene.engine.fail(2, Fault.KILLED_BEFORE)
    with pytest.raises(Killed):
        scene.restore("apart")
    scene.end()
    made = scene.executor.plan(Request(action=Action.HEAL, targets=()))
    (step,) = made.steps
    report = scene.host.observer.look()
    (record,) = report.snapshot.unfinished
    scene.world.remove(step.container, force=True)
    restorer = scene.executor._runner._restorer  # noqa: SLF001 - no plan gets there
    with pytest.raises(ContainerVanished, match="is no longer there; its inspect is"):
        restorer.finish(record, record.steps[0])


def test_an_image_that_is_another_one_now_is_a_decision(scene: Scene) -> None:
    scene.rm("apart")
    scene.world.lost_images["busybox:1.36"] = "sha256:other"
    with pytest.raises(DecisionMissing, match=r"busybox:1\.36 is another image now"):
        scene.restore("apart")
    scene.executor.carry_out(scene.plan("apart", image="busybox:1.37"))
    assert scene["apart"].image == "busybox:1.37"


def test_what_changes_between_the_plan_and_the_act_is_noticed(scene: Scene) -> None:
    scene.rm("apart")
    made = scene.plan("apart")
    scene.world.run(Spec("apart"))
    with pytest.raises(PlanOutdated):
        scene.executor.carry_out(made)
    assert scene.engine.asked == []


def test_one_that_another_nstui_restores_at_the_same_time_is_left_alone(
    scene: Scene,
) -> None:
    scene.rm("apart")
    temporary = new_name("apart", scene.kept("apart").id)
    scene.engine.before_create = lambda: scene.world.run(Spec(temporary))
    with pytest.raises(StepFailed, match="is already in use") as caught:
        scene.restore("apart")
    assert "was removed again" not in str(caught.value)
    assert temporary in scene.names()


def test_a_record_that_is_gone_cannot_be_restored(scene: Scene) -> None:
    scene.rm("apart")
    removed = scene.kept("apart")
    scene.audit_log.discard(removed)
    with pytest.raises(ContainerVanished, match="is no longer kept"):
        scene.executor.plan(Request(action=Action.RESTORE, targets=(removed.id,)))


def test_the_records_of_other_engines_are_left_alone(scene: Scene) -> None:
    scene.rm("apart")
    kept = scene.kept("apart")
    scene.audit_log.save(replace(kept, engine_id="of another"))
    assert scene.executor.removed() == ()
    scene.audit_log.save(replace(kept, engine_id="", endpoint="tcp://elsewhere"))
    assert scene.executor.removed() == ()
    assert scene.executor.damaged() == ()


def test_what_was_removed_at_another_address_is_restored(scene: Scene) -> None:
    scene.rm("apart")
    scene.audit_log.save(replace(scene.kept("apart"), endpoint="ssh://me@nas"))
    scene.restore("apart")
    assert scene["apart"].state.value == "running"
    assert scene.kept("apart").restored is not None


def test_everything_that_is_written_has_the_id_of_the_engine(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[PlanRecord] = []
    begin = scene.audit_log.begin

    def noted(record: PlanRecord) -> PlanJournal:
        begun.append(record)
        return begin(record)

    monkeypatch.setattr(scene.audit_log, "begin", noted)
    scene.rm("apart")
    scene.restore("apart")
    told = scene.engine.machine().engine_id
    assert told
    assert {one.engine_id for one in begun} == {told}
    assert {one.engine_id for one in scene.audit_log.entries} == {told}
    assert scene.kept("apart").engine_id == told


def test_an_engine_is_asked_for_its_id_before_a_plan_and_not_in_its_midst(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = scene.engine.machine().engine_id
    begin = scene.audit_log.begin

    def lose_the_engine(record: PlanRecord) -> PlanJournal:
        monkeypatch.setattr(scene.engine, "machine", EngineMachine)
        return begin(record)

    monkeypatch.setattr(scene.audit_log, "begin", lose_the_engine)
    scene.rm("apart")
    assert {one.engine_id for one in scene.audit_log.entries} == {told}
    assert scene.audit_log.removed()[0].engine_id == told


def test_an_id_that_is_told_late_is_that_of_what_was_removed_then(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as late:
        late.setattr(scene.engine, "machine", EngineMachine)
        scene.engine.then(2, late.undo)
        scene.rm("apart")
    told = scene.engine.machine().engine_id
    assert scene.audit_log.entries[0].engine_id == ""
    assert [one.engine_id for one in scene.audit_log.removed()] == [told]
    scene.audit_log.save(replace(scene.kept("apart"), endpoint="ssh://me@nas"))
    scene.restore("apart")
    assert scene["apart"].state.value == "running"


def test_an_id_that_is_never_told_leaves_the_address(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.engine, "machine", EngineMachine)
    scene.rm("apart")
    monkeypatch.undo()
    (kept,) = scene.audit_log.removed()
    assert (kept.engine_id, kept.is_confirmed) == ("", True)
    scene.restore("apart")
    assert scene["apart"].state.value == "running"


def test_a_mark_that_cannot_be_written_is_said(scene: Scene) -> None:
    scene.rm("apart")
    scene.engine.then(3, scene.audit_log.refuse)
    with pytest.raises(StepFailed, match="was done, but no trace can be kept"):
        scene.restore("apart")
    assert scene["apart"].state.value == "running"
    assert scene.kept("apart").restored is None
