"""Orders under way, their outcomes, and what a plan may do in the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.analysis.watching.deciding import (
    Healing,
    HealResult,
    note_begun,
    note_outcome,
    what_stopped,
    why_not,
)
from nstui.analysis.watching.decisions import Decision, HealOrder, WatchChoice
from nstui.demo.containers import Spec
from nstui.demo.faults import set_health
from nstui.errors import EngineRefused
from nstui.model.container import Health, Manager, ManagerKind, ManagerProof
from nstui.model.step import Action
from nstui.model.watch import Hold, WatchEventKind
from tests.support.builders import NOON
from tests.support.sim_accidents import disconnect
from tests.unit.analysis.watching.seen import dependent, holds, reasons, watch

if TYPE_CHECKING:
    from nstui.model.watch import WatchEvent
    from tests.support.sim_watch import SimWatch


def restarted(seen: SimWatch) -> HealOrder:
    """Return the order that follows from a restart of the VPN."""
    seen.world.restart("vpn")
    seen.look()
    seen.seconds += 4
    (order,) = observed(seen).orders
    return order


def observed(seen: SimWatch) -> Decision:
    """Return what a look leads to, without doing it."""
    seen.decision = seen.decide(seen.host.observer.look_afresh())
    return seen.decision


def ended(
    seen: SimWatch, order: HealOrder, result: HealResult, message: str = ""
) -> tuple[WatchEvent, ...]:
    """Note an outcome; return what is told."""
    healing = Healing(key=order.key, result=result, message=message)
    seen.state, events = note_outcome(
        seen.state, healing, now=seen.now, clock_s=seen.seconds
    )
    return events


def begun(seen: SimWatch, order: HealOrder) -> None:
    """Note that an order is carried out."""
    plan = seen.host.executor.plan(order.request)
    seen.state, _ = note_begun(
        seen.state, order.key, plan, now=seen.now, clock_s=seen.seconds
    )


def failed(seen: SimWatch, healing: Healing) -> WatchEvent:
    """Note a failure; return what is told of it."""
    seen.state, (event,) = note_outcome(
        seen.state, healing, now=seen.now, clock_s=seen.seconds
    )
    return event


HALF_DONE = Healing(
    key="",
    result=HealResult.FAILED,
    message="could not restart web: it is busy; not done: restart web",
    reason="could not restart web: it is busy",
    go_on="to go on, fix that, then: docker restart web",
)


def test_a_failure_has_one_command_for_a_person() -> None:
    seen = watch()
    order = restarted(seen)
    begun(seen, order)
    event = failed(seen, replace(HALF_DONE, key=order.key))
    assert event.message == f"healing web failed: {HALF_DONE.message}"
    assert event.reason == HALF_DONE.reason
    assert event.command == "nstui heal vpn"


def test_a_failure_without_a_command_of_its_own_says_how_to_go_on() -> None:
    seen = watch()
    order = restarted(seen)
    begun(seen, order)
    known = seen.state.tracked[order.key]
    undecided = replace(known.incident, remedy="decide", is_command=False)
    seen.state = replace(
        seen.state, tracked={order.key: replace(known, incident=undecided)}
    )
    event = failed(seen, replace(HALF_DONE, key=order.key))
    assert event.message.endswith("; to go on, fix that, then: docker restart web")
    assert event.command == ""


@pytest.mark.parametrize(
    ("done", "wait_s"), [(frozenset({"web"}), 0.0), (frozenset({"db"}), 10.0)]
)
def test_what_a_plan_has_healed_that_failed_is_not_waited_for(
    done: frozenset[str], wait_s: float
) -> None:
    seen = watch()
    order = restarted(seen)
    begun(seen, order)
    failed(seen, replace(HALF_DONE, key=order.key, done=done))
    attempts = seen.state.attempts["web"]
    assert attempts.next_s(seen.options.limits) == seen.seconds + wait_s


def test_an_order_under_way_is_not_made_again() -> None:
    seen = watch()
    order = restarted(seen)
    seen.seconds += 100
    assert observed(seen).orders == ()
    assert holds(seen) == {"web": None}
    begun(seen, order)
    assert observed(seen).orders == ()


def test_two_plans_of_one_group_are_never_under_way_at_once() -> None:
    seen = watch(others=(dependent("db"),))
    seen.world.stop("db")
    seen.pass_time(61)
    order = restarted(seen)
    begun(seen, order)
    seen.world.stop("vpn")
    with pytest.raises(EngineRefused):
        seen.world.start("db")
    seen.world.start("vpn")
    observed(seen)
    seen.seconds += 5
    assert observed(seen).orders == ()
    assert holds(seen)["db"] is Hold.AT_WORK
    assert "its group is being healed" in reasons(seen)
    seen.world.restart("web")
    ended(seen, order, HealResult.HEALED)
    seen.seconds += 1
    (next_order,) = observed(seen).orders
    assert next_order.starts == {seen.world.records.get("db").id}


def test_two_groups_are_healed_at_the_same_time() -> None:
    other = Spec("app", network="container:gate", restart="always")
    seen = watch(others=(Spec("gate", restart="always"), other))
    seen.world.restart("vpn")
    seen.world.restart("gate")
    seen.look()
    seen.seconds += 4
    assert len(observed(seen).orders) == 2


def test_what_cannot_share_a_plan_comes_one_after_the_other() -> None:
    labels = (("autoheal", "true"), ("nstui.stop-timeout", "20s"))
    web = dependent("web", has_health_check=True, labels=labels)
    seen = watch(web=web, others=(dependent("db"),))
    seen.world.stop("db")
    seen.world.stop("vpn")
    with pytest.raises(EngineRefused):
        seen.world.start("db")
    seen.world.start("vpn")
    seen.world.restart("web")
    set_health(seen.world, "web", Health.UNHEALTHY)
    observed(seen)
    seen.seconds += 70
    (first,) = observed(seen).orders
    assert Hold.AT_WORK in holds(seen).values()
    ended(seen, first, HealResult.HEALED)
    assert first.request.action is Action.HEAL
    assert first.also == ()


def test_the_time_to_stop_is_the_longest_of_those_that_share_a_plan() -> None:
    slow = dependent("db", labels=(("nstui.stop-timeout", "20s"),))
    seen = watch(others=(slow,))
    for name in ("web", "db"):
        seen.world.stop(name)
    seen.world.stop("vpn")
    for name in ("web", "db"):
        with pytest.raises(EngineRefused):
            seen.world.start(name)
    seen.pass_time(70)
    seen.world.start("vpn")
    seen.look()
    seen.seconds += 4
    (order,) = observed(seen).orders
    assert order.request.timeout == 20
    assert len(order.also) == 1


def test_what_was_read_before_an_order_ended_tells_nothing_of_it() -> None:
    seen = watch()
    seen.options = replace(
        seen.options, limits=replace(seen.options.limits, back_off_s=0)
    )
    order = restarted(seen)
    before = seen.host.observer.look_afresh()
    begun(seen, order)
    ended(seen, order, HealResult.HEALED)
    decision = seen.decide(before)
    assert decision.orders == ()
    assert decision.look_in_s == pytest.approx(5)
    seen.seconds += 5
    assert len(seen.decide(before).orders) == 1


def test_an_order_that_came_to_nothing_is_decided_anew_after_a_moment() -> None:
    seen = watch()
    order = restarted(seen)
    waits = []
    for result in (HealResult.OUTDATED, HealResult.FAILED, HealResult.OUTDATED):
        ended(seen, order, result, "the engine does not answer")
        seen.seconds += 0.01
        decision = observed(seen)
        assert decision.orders == ()
        assert reasons(seen) == ["the last attempt came to nothing"]
        assert decision.look_in_s is not None
        waits.append(decision.look_in_s)
        seen.seconds += decision.look_in_s
        (order,) = observed(seen).orders
    assert waits == pytest.approx([0.99, 1.99, 3.99])


def test_a_failure_is_told_each_time_and_what_was_outdated_is_not() -> None:
    seen = watch()
    order = restarted(seen)
    assert ended(seen, order, HealResult.OUTDATED) == ()
    seen.seconds += 2
    (order,) = observed(seen).orders
    (told,) = ended(seen, order, HealResult.FAILED, "no answer")
    assert told.kind is WatchEventKind.FAILED
    assert told.message == "healing web failed: no answer"
    assert told.command == "nstui heal vpn"


def test_the_outcome_of_an_unknown_order_changes_nothing() -> None:
    seen = watch()
    strange = HealOrder(key="none", request=restarted(seen).request)
    assert ended(seen, strange, HealResult.HEALED) == ()
    begun(seen, strange)
    assert holds(seen) == {"web": None}


def test_a_plan_that_came_to_act_on_more_is_refused() -> None:
    seen = watch()
    order = restarted(seen)
    plan = seen.host.executor.plan(order.request)
    web = seen.world.records.get("web").id
    assert why_not(order, plan) == ""
    said = why_not(replace(order, spared=frozenset({web})), plan)
    assert said == "it would act on web, which the watch leaves alone"
    seen.world.stop("vpn")
    later = seen.host.executor.plan(order.request)
    assert why_not(order, later) == ""
    assert what_stopped(order, later) == "vpn was stopped meanwhile"
    vpn = seen.world.records.get("vpn").id
    assert what_stopped(replace(order, starts=frozenset({vpn})), later) == ""


def test_a_glimpse_decides_nothing() -> None:
    seen = watch()
    seen.world.restart("vpn")
    report = seen.host.observer.look_afresh()
    glimpse = Report(replace(report.snapshot, is_glimpse=True))
    before = seen.state
    assert seen.decide(glimpse) == Decision()
    assert seen.state is before


def test_what_all_of_several_need_and_may_not_have_is_told() -> None:
    quiet = (("nstui.watch", "notify"),)
    seen = watch(
        others=(
            dependent("db"),
            Spec("leaf", network="container:web", restart="always", labels=quiet),
            Spec("twig", network="container:db", restart="always", labels=quiet),
        )
    )
    seen.world.restart("vpn")
    seen.pass_time(30)
    assert not seen.acts
    assert holds(seen) == {"db,leaf,twig,web": Hold.NOTIFY_ONLY}


def test_what_another_program_manages_is_left_to_it() -> None:
    unit = Manager(
        kind=ManagerKind.SYSTEMD, name="web.service", proof=ManagerProof.CGROUP
    )
    seen = watch(web=dependent("web", runs_in=unit))
    seen.world.restart("vpn")
    seen.pass_time(30)
    assert not seen.acts
    assert holds(seen) == {"web": Hold.MANAGED}
    (left,) = (e for e in seen.events if e.kind is WatchEventKind.LEFT)
    assert "systemd unit web.service" in left.message


def test_a_network_that_is_gone_is_one_incident_and_left() -> None:
    seen = watch(vpn=Spec("vpn", network="media", restart="always"))
    seen.world.lost_networks.add("media")
    disconnect(seen.world, "vpn")
    seen.pass_time(30)
    assert not seen.acts
    assert [one.key for one in seen.decision.incidents] == ["network:media"]
    assert set(holds(seen).values()) == {Hold.NO_PROOF}


def test_clock_jumps_change_no_wait() -> None:
    seen = watch()
    seen.world.restart("vpn")
    seen.look()
    report = seen.host.observer.look_afresh()
    for hours in (1, -1):
        moved = replace(
            report.snapshot,
            taken_at=report.snapshot.taken_at.replace(hour=12 + hours),
        )
        assert seen.decide(Report(moved)).orders == ()
        assert seen.decision.look_in_s == pytest.approx(3, abs=0.1)


def test_an_engine_with_another_clock_shortens_no_settling_time() -> None:
    seen = watch()
    seen.world.restart("vpn")
    report = seen.host.observer.look_afresh()
    early = tuple(
        replace(one, inspection=replace(one.inspection, started_at=NOON))
        if one.name == "vpn" and one.inspection is not None
        else one
        for one in report.snapshot.containers
    )
    decision = seen.decide(Report(replace(report.snapshot, containers=early)))
    assert decision.orders == ()
    assert decision.look_in_s == pytest.approx(2, abs=0.1)


def test_a_setting_for_a_container_is_found_by_its_name() -> None:
    seen = watch()
    seen.options = replace(
        seen.options, by_name={"web": WatchChoice(settle_s=30, stop_timeout_s=7)}
    )
    seen.world.restart("vpn")
    seen.look()
    seen.seconds += 29
    assert observed(seen).orders == ()
    seen.seconds += 2
    (order,) = observed(seen).orders
    assert order.request.timeout == 7
