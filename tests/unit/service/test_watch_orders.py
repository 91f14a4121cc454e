"""What becomes of an order of the watch, in each case."""

from __future__ import annotations

import time
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.watching.deciding import HealResult
from nstui.analysis.watching.decisions import HealOrder
from nstui.demo.containers import Spec
from nstui.errors import AuditFailed
from nstui.model.plan import Request
from nstui.model.step import Action
from nstui.service.watch_orders import OrderBegun, OrderEnded, OrderRunner, OrderTerms
from tests.support.sim_faults import Fault
from tests.support.watch_scene import WatchScene

if TYPE_CHECKING:
    from nstui.model.container import ContainerId

PATIENCE_S = 60.0
PARALLEL = OrderTerms(at_once=4)


class Desk:
    """A runner of orders, and what it has told."""

    def __init__(self) -> None:
        self.scene = WatchScene("dep", "far")
        self.inbox: SimpleQueue[OrderBegun | OrderEnded] = SimpleQueue()
        self.runner = OrderRunner(self.scene.host.make_executor, self.inbox.put)

    def order(self, name: str = "dep", *spared: str) -> HealOrder:
        request = Request(
            action=Action.HEAL, targets=(self.id(name),), asks_nobody=True
        )
        known = frozenset(map(self.id, spared))
        return HealOrder(key=name, request=request, spared=known)

    def id(self, name: str) -> ContainerId:
        return self.scene.world.records.get(name).id

    def carry_out(self, order: HealOrder, terms: OrderTerms = PARALLEL) -> OrderEnded:
        """Carry out one order; return what came of it."""
        self.runner.add(order)
        assert self.runner.keys == {order.key}
        assert self.runner.proceed(self.scene.host.observer.look(), terms)
        news = self.inbox.get(timeout=PATIENCE_S)
        if isinstance(news, OrderBegun):
            self.begun = news
            news = self.inbox.get(timeout=PATIENCE_S)
        assert isinstance(news, OrderEnded)
        self.runner.end(news.healing.key)
        return news


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_is_broken_is_healed(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    ended = desk.carry_out(desk.order())
    assert not desk.runner.is_busy
    assert ended.healing.result is HealResult.HEALED
    assert ended.healing.steps == ("docker restart dep",)
    assert ended.healing.duration_s is not None
    assert [step.name for step in desk.begun.plan.steps] == ["dep"]


def test_what_is_well_by_then_is_left_as_it_is(desk: Desk) -> None:
    ended = desk.carry_out(desk.order())
    assert ended.healing.result is HealResult.OUTDATED
    assert ended.healing.message == "nothing is broken any more"


def test_what_needs_a_decision_is_left(desk: Desk) -> None:
    desk.scene.world.remove("vpn", force=True)
    ended = desk.carry_out(desk.order())
    assert ended.healing.result is HealResult.LEFT
    assert "with --onto" in ended.healing.message


@pytest.mark.parametrize("is_dry_run", [False, True])
def test_what_must_not_be_touched_is_left(desk: Desk, *, is_dry_run: bool) -> None:
    desk.scene.world.restart("vpn")
    terms = OrderTerms(at_once=4, is_dry_run=is_dry_run)
    ended = desk.carry_out(desk.order("dep", "dep"), terms)
    assert ended.healing.result is HealResult.LEFT
    assert "which the watch leaves alone" in ended.healing.message
    assert desk.scene.engine.asked == []


def test_what_has_appeared_meanwhile_is_decided_on_first(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    seen = desk.scene.host.observer.look()
    desk.scene.world.remove("far", force=True)
    desk.scene.world.run(Spec("late", network="container:dep"))
    desk.runner.add(desk.order())
    assert desk.runner.proceed(seen, PARALLEL)
    news = desk.inbox.get(timeout=PATIENCE_S)
    assert isinstance(news, OrderEnded)
    assert news.healing.result is HealResult.OUTDATED
    assert news.healing.message == "late has appeared meanwhile"
    assert desk.scene.engine.asked == []


def test_what_is_being_restarted_is_decided_anew(desk: Desk) -> None:
    """It is stopped for a moment, in which it must not be started by a watch either."""
    desk.scene.world.restart("vpn")
    order = desk.order()
    desk.scene.world.stop("vpn")
    ended = desk.carry_out(order)
    assert ended.healing.result is HealResult.OUTDATED
    assert ended.healing.message == "vpn was stopped meanwhile"
    assert desk.scene.engine.asked == []


def test_what_vanishes_is_decided_anew(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    order = desk.order()
    desk.scene.world.remove("dep", force=True)
    assert desk.carry_out(order).healing.result is HealResult.OUTDATED


def test_an_engine_that_is_lost_before_the_first_step_is_no_failure(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    order = desk.order()
    desk.runner.add(order)
    seen = desk.scene.host.observer.look()
    desk.scene.sim.hang()
    assert desk.runner.proceed(seen, PARALLEL)
    news = desk.inbox.get(timeout=PATIENCE_S)
    assert isinstance(news, OrderEnded)
    assert news.healing.result is HealResult.OUTDATED


def test_a_step_that_fails_is_a_failure(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    desk.scene.engine.fail(1, Fault.REFUSED)
    ended = desk.carry_out(desk.order())
    assert ended.healing.result is HealResult.FAILED
    assert "device or resource busy" in ended.healing.message
    assert ended.healing.message == f"{ended.healing.reason}; nothing was done"
    assert ended.healing.done == frozenset()


def test_a_plan_that_fails_half_way_says_what_it_has_done(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    desk.scene.engine.fail(2, Fault.REFUSED)
    both = replace(desk.order().request, targets=tuple(map(desk.id, ("dep", "far"))))
    ended = desk.carry_out(replace(desk.order(), request=both), OrderTerms(at_once=1))
    healing = ended.healing
    assert healing.result is HealResult.FAILED
    assert healing.reason == "could not restart far: device or resource busy"
    done = "done: restart dep; not done: restart far"
    assert healing.message == f"{healing.reason}; {done}"
    assert healing.go_on == "to go on, fix that, then: docker restart far"
    assert healing.done == {"dep"}


def test_a_log_that_is_full_is_a_problem_and_no_attempt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise AuditFailed("no space left on device")

    monkeypatch.setattr(desk.scene.audit_log, "require_writable", full)
    desk.scene.world.restart("vpn")
    ended = desk.carry_out(desk.order())
    assert ended.healing.result is HealResult.OUTDATED
    assert ended.problem == "no space left on device"
    assert not hasattr(desk, "begun")


def test_a_dry_run_asks_the_engine_for_nothing(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    ended = desk.carry_out(desk.order(), OrderTerms(at_once=4, is_dry_run=True))
    assert ended.healing.result is HealResult.HEALED
    assert desk.begun.steps == ("docker restart dep",)
    assert desk.scene.engine.asked == []


def test_nothing_is_begun_once_it_is_to_end(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    desk.runner.stop_soon()
    ended = desk.carry_out(desk.order())
    assert ended.healing.result is HealResult.OUTDATED
    assert desk.scene.engine.asked == []


def test_two_orders_of_one_group_take_turns(desk: Desk) -> None:
    desk.scene.world.restart("vpn")
    desk.scene.engine.then(1, lambda: time.sleep(0.2))
    seen = desk.scene.host.observer.look()
    desk.runner.add(desk.order("dep"))
    desk.runner.add(desk.order("far"))
    assert [desk.runner.proceed(seen, PARALLEL) for _ in range(2)] == [True, False]
    assert desk.runner.keys == {"dep", "far"}
    assert isinstance(desk.inbox.get(timeout=PATIENCE_S), OrderBegun)
    assert isinstance(desk.inbox.get(timeout=PATIENCE_S), OrderEnded)
    desk.runner.end("dep")
    assert desk.runner.proceed(seen, PARALLEL)
    assert isinstance(desk.inbox.get(timeout=PATIENCE_S), OrderBegun)


def test_no_more_plans_than_allowed_run_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watch_orders.MOST_PLANS", 1)
    desk.scene.world.run(Spec("wg"))
    desk.scene.world.run(Spec("pihole", network="container:wg"))
    desk.scene.world.restart("vpn")
    desk.scene.world.restart("wg")
    desk.runner.add(desk.order("dep"))
    desk.runner.add(desk.order("pihole"))
    desk.runner.proceed(desk.scene.host.observer.look(), PARALLEL)
    assert [order.key for order in desk.runner.waiting] == ["pihole"]
