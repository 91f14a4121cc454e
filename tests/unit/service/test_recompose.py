"""Healing what compose manages, on a simulated host with a simulated compose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import crash, loop
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused, StepFailed
from nstui.model.container import ComposeService, short_id
from nstui.model.healing import Recomposition
from nstui.model.outcome import Aftermath
from nstui.model.plan import Request
from nstui.model.step import Action, Verb
from nstui.service.host import Host, open_host
from nstui.service.recompose import NoCompose
from tests.support.builders import container
from tests.support.sim_compose import ActingCompose, SimCompose
from tests.support.sim_faults import REFUSAL, Fault, FaultyEngine, Killed

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import Container, ContainerId
    from nstui.model.outcome import Failure
    from nstui.ports import ContainerEngine
    from nstui.service.results import Progress

HEAL = Request(action=Action.HEAL, targets=())
WEB = ComposeService("p", "web", depends_on=("vpn",))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what is new for well at once, and believe no answer soon."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)
    monkeypatch.setattr("nstui.service.verified.SETTLING_S", 0.3)


@pytest.fixture
def world() -> World:
    """Build a project whose owner was recreated alone."""
    world = World()
    vpn = Spec("vpn", compose=ComposeService("p", "vpn"))
    world.run(vpn)
    world.run(Spec("web", network="container:vpn", compose=WEB))
    world.remove("vpn", force=True)
    world.run(replace(vpn, name="vpn-2"))
    return world


def attach(
    world: World,
    compose: SimCompose,
    audit_log: MemoryAuditLog | None = None,
    engine: ContainerEngine | None = None,
) -> Host:
    """Connect nstui to a world with a compose."""
    return open_host(
        engine or SimEngine(world),
        SimHost(world),
        audit_log or MemoryAuditLog(),
        endpoint="sim",
        find_compose=lambda: compose,
    )


def test_compose_heals_what_it_manages(world: World) -> None:
    host = attach(world, SimCompose(world))
    plan = host.executor.plan(HEAL)
    assert [step.verb for step in plan.steps] == [Verb.COMPOSE]
    host.executor.carry_out(plan)
    assert host.observer.look_afresh().findings == ()


def fail(host: Host, meanwhile: Callable[[], object] = lambda: None) -> Failure:
    """Heal, which fails; return why.

    Args:
        host: Where.
        meanwhile: Happens once the plan holds, before its first step is taken.

    """

    def tell(progress: Progress) -> None:
        if not progress.is_done | progress.has_failed:
            meanwhile()

    plan = host.executor.plan(HEAL)
    with pytest.raises(StepFailed) as caught:
        host.executor.carry_out(plan, tell)
    (failure,) = caught.value.outcome.failed
    return failure


def names(world: World) -> dict[str, str]:
    """Return the states of all but the owner."""
    return {r.name: r.state.value for r in world.records if r.name != "vpn-2"}


def way_back(old: ContainerId) -> str:
    """Return how nstui says that compose has removed the old container."""
    return (
        f"; the old web is gone; what makes it again: nstui removed show --as-run {old}"
    )


def test_a_container_without_its_join_is_no_success(world: World) -> None:
    def without_it(old: Container) -> None:
        """Make it on the default network, as v1 may."""
        world.remove(old.id, force=True)
        world.run(Spec("web", compose=WEB))

    host = attach(world, ActingCompose(world, without_it))
    with pytest.raises(StepFailed, match="web without what it joined: it is on bridge"):
        host.executor.carry_out(host.executor.plan(HEAL))


@pytest.mark.parametrize("is_oneoff", [True, False])
def test_compose_is_not_asked_to_do_more_than_replace_one(
    world: World, *, is_oneoff: bool
) -> None:
    """It would make a service as large as its file says, or miss a stray one."""
    gone = world.records.get("web").joins[0].reference
    world.remove("web", force=True)
    world.rename("vpn-2", "vpn")
    for name in ("web-1",) if is_oneoff else ("web-1", "web-2"):
        service = replace(WEB, is_oneoff=is_oneoff)
        world.create(Spec(name, network=f"container:{gone}", compose=service))
    host = attach(world, SimCompose(world))
    plan = host.executor.plan(HEAL)
    assert {step.verb for step in plan.steps} == {Verb.RECREATE}
    host.executor.carry_out(plan)
    assert host.observer.look_afresh().findings == ()


def test_what_compose_puts_into_another_network_is_no_success(world: World) -> None:
    world.run(Spec("oth"))
    old = world.records.get("web").id

    def elsewhere(old: Container) -> None:
        world.remove(old.id, force=True)
        world.run(Spec("web", network="container:oth", compose=WEB))

    failure = fail(attach(world, ActingCompose(world, elsewhere)))
    assert failure.aftermath is Aftermath.CHANGED
    assert failure.reason == (
        "the new web joined oth, not in the net namespace of vpn-2" + way_back(old)
    )


def replace_well(world: World, old: Container) -> None:
    """Replace a container as compose should."""
    SimCompose(world).recreate(old, ("docker", "compose", "-p", "p", "web"))


def test_what_ends_at_once_is_no_success(world: World) -> None:
    old = world.records.get("web").id

    def ending(old: Container) -> None:
        replace_well(world, old)
        crash(world, "web", 3)

    failure = fail(attach(world, ActingCompose(world, ending)))
    assert failure.reason == "the new web ended with exit code 3" + way_back(old)


def test_what_has_lost_its_owner_again_is_no_success(world: World) -> None:
    old = world.records.get("web").id

    def behind(old: Container) -> None:
        replace_well(world, old)
        world.restart("vpn-2")

    failure = fail(attach(world, ActingCompose(world, behind)))
    assert failure.aftermath is Aftermath.CHANGED
    assert failure.reason.startswith("compose recreated web, which runs in net:[")
    assert failure.reason.endswith(way_back(old))


def test_what_is_made_beside_the_old_one_is_no_success(world: World) -> None:
    old = world.records.get("web").id
    beside = ActingCompose(world, lambda _: world.run(Spec("web-2", compose=WEB)))
    failure = fail(attach(world, beside))
    assert failure.reason == (
        "compose did not replace web, which is there as before; it made web-2"
    )
    assert world.records.get("web").id == old


@pytest.mark.parametrize("makes", [True, False])
def test_where_compose_fails_once_the_old_one_is_gone_that_is_said(
    world: World, *, makes: bool
) -> None:
    old = world.records.get("web").id

    def late(old: Container) -> None:
        if makes:
            replace_well(world, old)
        else:
            world.remove(old.id, force=True)
        raise EngineRefused("disk full")

    failure = fail(attach(world, ActingCompose(world, late)))
    assert failure.aftermath is Aftermath.CHANGED
    made = "" if makes else "; compose removed web and made no new one"
    assert failure.reason == f"disk full{made}{way_back(old)}"
    assert names(world) == ({"web": "running"} if makes else {})


def refusing(world: World, *, has_begun: bool) -> ActingCompose:
    """Return a compose that fails, with a new one beside the stopped old one or not."""

    def refuse(old: Container) -> None:
        if has_begun:
            world.stop(old.id)
            world.rename(old.id, f"{short_id(old.id)}_web")
            world.create(Spec("web", compose=WEB))
        raise EngineRefused("no such image: app:2")

    return ActingCompose(world, refuse)


@pytest.mark.parametrize("has_begun", [False, True])
def test_where_compose_refuses_nstui_does_it(world: World, *, has_begun: bool) -> None:
    host = attach(world, refusing(world, has_begun=has_begun))
    outcome = host.executor.carry_out(host.executor.plan(HEAL))
    assert outcome.remarks == (
        "compose did not recreate web: no such image: app:2; nstui does it itself",
    )
    report = host.observer.look_afresh()
    assert report.findings == ()
    assert sorted(c.name for c in report.snapshot.containers) == ["vpn-2", "web"]


def test_where_compose_sees_nothing_to_do_nstui_does_it(world: World) -> None:
    host = attach(world, ActingCompose(world, lambda _: None))
    outcome = host.executor.carry_out(host.executor.plan(HEAL))
    (remark,) = outcome.remarks
    assert remark == (
        "compose did not recreate web: compose did not replace web;"
        " nstui does it itself"
    )
    assert host.observer.look_afresh().findings == ()


def test_where_there_is_no_compose_nothing_of_it_is_run() -> None:
    web = container("web", compose="p/web")
    compose = NoCompose()
    assert compose.recreation(web) == Recomposition()
    assert compose.joins(web) is None
    with pytest.raises(
        EngineRefused, match="no compose was found here to recreate web with x"
    ):
        compose.recreate(web, ("x",))


def test_where_the_old_one_cannot_be_put_back_that_is_said(world: World) -> None:
    host = attach(world, refusing(world, has_begun=True))
    before = world.records.get("web").id
    world.break_image("busybox:1.36", "exec format error")
    failure = fail(host)
    assert failure.reason.startswith(
        "no such image: app:2; could not start web again: what it joined"
    )
    assert world.records.get("web").id == before
    assert names(world) == {"web": "exited"}


def test_where_compose_stops_it_and_does_no_more_that_is_said(world: World) -> None:
    host = attach(world, ActingCompose(world, lambda old: world.stop(old.id)))
    world.break_image("busybox:1.36", "exec format error")
    failure = fail(host)
    assert failure.aftermath is Aftermath.CHANGED
    assert failure.reason.startswith(
        "compose did not replace web; could not start web again: what it joined"
    )


@pytest.mark.parametrize(
    ("number", "left"),
    [
        pytest.param(1, {"OLD_web": "exited", "web": "created"}, id="remove"),
        pytest.param(2, {"OLD_web": "exited"}, id="rename"),
    ],
)
def test_what_the_engine_does_not_put_back_is_finished_later(
    world: World, number: int, left: dict[str, str]
) -> None:
    engine, audit_log = FaultyEngine(SimEngine(world)), MemoryAuditLog()
    old = world.records.get("web").id
    engine.fail(number, Fault.REFUSED)
    failure = fail(attach(world, refusing(world, has_begun=True), audit_log, engine))
    assert failure.aftermath is Aftermath.CHANGED
    assert failure.reason == (
        f"no such image: app:2; could not put web back: {REFUSAL}"
    )
    assert engine.asked == ["remove", "rename"][:number]
    assert names(world) == {
        name.replace("OLD", short_id(old)): state for name, state in left.items()
    }

    host = attach(world, SimCompose(world), audit_log, engine)
    plan = host.executor.plan(HEAL)
    assert [step.verb for step in plan.steps] == [Verb.FINISH]
    host.executor.carry_out(plan)
    assert engine.asked[number:] == ["remove", "rename"][number - 1 :]
    assert names(world) == {"web": "running"}
    assert host.observer.look_afresh().findings == ()


class Unknowing(SimCompose):
    """A compose that cannot tell what a service joins."""

    def joins(self, container: Container) -> None:
        """Know nothing."""


def test_where_compose_cannot_tell_the_owner_the_user_is_asked(world: World) -> None:
    assert attach(world, SimCompose(world)).executor.plan(HEAL).choices == ()
    plan = attach(world, Unknowing(world)).executor.plan(HEAL)
    assert plan.steps == ()
    assert [choice.needed_by for choice in plan.choices] == [("web",)]


STAGES = ("stopped", "renamed", "made", "alone")
"""What compose has done of its work, in order: at last the new one is alone."""


def cut_off(
    world: World, at: str, audit_log: MemoryAuditLog, *, aside: bool = False
) -> None:
    """Let compose recreate ``web``, and nstui be killed meanwhile.

    Args:
        world: The host.
        at: The stage that compose has reached.
        audit_log: Where the record of that is kept.
        aside: Whether the new one has not got its name yet, as v2 does it.

    """

    def die(container: Container) -> None:
        old, stage = container.id, STAGES.index(at)
        other = f"{short_id(old)}_web"
        world.stop(old)
        if stage >= STAGES.index("renamed") and not aside:
            world.rename(old, other)
        if stage >= STAGES.index("made"):
            network = f"container:{world.records.get('vpn-2').id}"
            name = other if aside else "web"
            world.create(Spec(name, network=network, compose=WEB))
        if stage >= STAGES.index("alone"):
            world.remove(old, force=True)
        raise Killed

    host = attach(world, ActingCompose(world, die), audit_log)
    with pytest.raises(Killed):
        host.executor.carry_out(host.executor.plan(HEAL))
    audit_log.release_all()


@pytest.mark.parametrize("at", STAGES)
@pytest.mark.parametrize("aside", [False, True])
def test_what_compose_was_cut_off_in_is_finished(
    world: World, at: str, *, aside: bool
) -> None:
    audit_log = MemoryAuditLog()
    cut_off(world, at, audit_log, aside=aside)

    host = attach(world, SimCompose(world), audit_log)
    plan = host.executor.plan(HEAL)
    assert [(step.verb, step.name) for step in plan.steps] == [(Verb.FINISH, "web")]
    host.executor.carry_out(plan)
    assert host.observer.look_afresh().findings == ()
    assert names(world) == {"web": "running"}
    assert host.executor.plan(HEAL).steps == ()


def keep_from_starting(world: World) -> None:
    """Let ``web`` have failed to start, as after the machine has started."""
    world.stop("web")
    with pytest.raises(EngineRefused, match="No such container"):
        world.start("web")


def test_what_could_not_start_before_is_started_where_it_was_cut_off(
    world: World,
) -> None:
    audit_log = MemoryAuditLog()
    keep_from_starting(world)
    cut_off(world, "alone", audit_log)
    assert names(world) == {"web": "created"}
    host = attach(world, SimCompose(world), audit_log)
    host.executor.carry_out(host.executor.plan(HEAL))
    assert names(world) == {"web": "running"}


def test_what_could_not_start_before_is_not_started_again_where_compose_fails(
    world: World,
) -> None:
    engine, audit_log = FaultyEngine(SimEngine(world)), MemoryAuditLog()
    keep_from_starting(world)
    cut_off(world, "renamed", audit_log)
    compose = refusing(world, has_begun=False)
    failure = fail(attach(world, compose, audit_log, engine))
    assert failure.reason == "no such image: app:2"
    assert engine.asked == ["rename"]
    assert names(world) == {"web": "exited"}


def test_what_runs_already_only_gets_its_name(world: World) -> None:
    engine, audit_log = FaultyEngine(SimEngine(world)), MemoryAuditLog()
    old = world.records.get("web").id
    cut_off(world, "alone", audit_log, aside=True)
    world.start(f"{short_id(old)}_web")
    host = attach(world, SimCompose(world), audit_log, engine)
    host.executor.carry_out(host.executor.plan(HEAL))
    assert engine.asked == ["rename"]
    assert names(world) == {"web": "running"}


def test_what_is_removed_while_it_is_put_in_place_is_not_finished(world: World) -> None:
    engine, audit_log = FaultyEngine(SimEngine(world)), MemoryAuditLog()
    old = world.records.get("web").id
    cut_off(world, "alone", audit_log, aside=True)
    engine.then(1, lambda: world.remove("web"))
    failure = fail(attach(world, SimCompose(world), audit_log, engine))
    assert failure.reason.endswith(f"{short_id(old)}_web is no longer there")
    assert engine.asked == ["rename"]


def test_where_both_are_gone_nothing_is_finished(world: World) -> None:
    engine, audit_log = FaultyEngine(SimEngine(world)), MemoryAuditLog()
    cut_off(world, "alone", audit_log)
    host = attach(world, SimCompose(world), audit_log, engine)
    failure = fail(host, meanwhile=lambda: world.remove("web"))
    assert failure.reason == "web is no longer there"
    assert engine.asked == []


def test_where_compose_fails_again_the_old_one_runs_as_it_did(world: World) -> None:
    audit_log = MemoryAuditLog()
    before = world.records.get("web").id
    cut_off(world, "renamed", audit_log)

    failure = fail(attach(world, refusing(world, has_begun=False), audit_log))
    assert failure.reason == "no such image: app:2; web runs again as it was"
    assert failure.aftermath is Aftermath.CHANGED
    assert world.records.get("web").id == before
    assert names(world) == {"web": "running"}


def test_what_was_paused_is_paused_again_where_compose_fails(world: World) -> None:
    engine = FaultyEngine(SimEngine(world))
    world.pause("web")
    host = attach(world, refusing(world, has_begun=True), engine=engine)
    host.executor.carry_out(host.executor.plan(HEAL))
    # Nstui does it itself once the old one is as it was.
    assert engine.asked.index("pause") < engine.asked.index("stop")


def test_what_was_paused_is_so_again_where_compose_fails_again(world: World) -> None:
    audit_log = MemoryAuditLog()
    world.pause("web")
    cut_off(world, "renamed", audit_log)
    failure = fail(attach(world, refusing(world, has_begun=False), audit_log))
    assert failure.reason == "no such image: app:2; web runs again as it was"
    assert names(world) == {"web": "paused"}


def test_what_was_never_stopped_is_not_started_where_compose_fails_again(
    world: World,
) -> None:
    engine, audit_log = FaultyEngine(SimEngine(world)), MemoryAuditLog()

    def die(old: Container) -> None:
        """End once the new one is made, as v2 does first."""
        world.create(Spec(f"{short_id(old.id)}_web", compose=WEB))
        raise Killed

    with pytest.raises(Killed):
        fail(attach(world, ActingCompose(world, die), audit_log))
    audit_log.release_all()

    compose = refusing(world, has_begun=False)
    failure = fail(attach(world, compose, audit_log, engine))
    assert failure.reason == "no such image: app:2"
    assert failure.aftermath is Aftermath.UNCHANGED
    assert engine.asked == ["remove"]
    assert names(world) == {"web": "running"}


def test_where_compose_fails_again_and_the_old_one_does_not_run_on_that_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 10.0)
    audit_log = MemoryAuditLog()
    cut_off(world, "renamed", audit_log)

    class Fragile(SimEngine):
        def start(self, container: ContainerId) -> None:
            super().start(container)
            if world.records.get(container).name == "web":
                loop(world, "web")

    compose = refusing(world, has_begun=False)
    failure = fail(attach(world, compose, audit_log, Fragile(world)))
    assert failure.reason == (
        "no such image: app:2;"
        " web was started again, but it keeps exiting and being restarted"
    )


def test_where_compose_removes_the_old_one_and_fails_again_it_is_said_to_be_gone(
    world: World,
) -> None:
    audit_log = MemoryAuditLog()
    before = world.records.get("web").id
    cut_off(world, "renamed", audit_log)

    def lose(old: Container) -> None:
        world.remove(old.id)
        raise EngineRefused("disk full")

    failure = fail(attach(world, ActingCompose(world, lose), audit_log))
    assert failure.reason == (
        "disk full; compose removed web and made no new one" + way_back(before)
    )
    assert names(world) == {}
