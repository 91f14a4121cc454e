"""What a standing watch remembers, and when it reads and decides anew."""

from __future__ import annotations

import pytest

from nstui.analysis.watching.deciding import Healing, HealResult
from nstui.analysis.watching.decisions import Decision, WatchLimits, WatchOptions
from nstui.demo.containers import Spec
from nstui.demo.faults import crash
from nstui.model.watch import Hold
from nstui.service.watch_memory import AHEAD_S, FRESH_S, Agenda, WatchMemory
from nstui.service.watch_orders import OrderBegun
from tests.support.sim_watch import SimWatch
from tests.support.watching import watched


class Clock:
    """A clock that only moves when it is told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def agenda(clock: Clock) -> Agenda:
    return Agenda(clock)


def due(agenda: Agenda) -> tuple[bool, bool]:
    """Return whether it is time to decide, and whether all was just read."""
    return agenda.must_decide, agenda.is_fresh


SETTLING = Decision(incidents=(watched(Hold.SETTLING, "a"),), look_in_s=3.0)


def test_with_nothing_due_it_waits_as_long_as_it_may(agenda: Agenda) -> None:
    assert agenda.wait_s(1.0) == 1.0
    assert not agenda.must_decide
    assert not agenda.take_reading()
    assert not agenda.is_fresh


def test_what_is_to_be_decided_now_is_not_waited_for(agenda: Agenda) -> None:
    agenda.decide_now()
    assert (agenda.wait_s(1.0), agenda.must_decide) == (0.0, True)
    agenda.begin_deciding()
    assert (agenda.wait_s(1.0), agenda.must_decide) == (1.0, False)


def test_everything_is_read_shortly_before_something_may_be_healed(
    agenda: Agenda, clock: Clock
) -> None:
    agenda.plan(SETTLING)
    assert agenda.wait_s(10.0) == pytest.approx(3.0 - AHEAD_S)
    clock.now_s += 3.0 - AHEAD_S
    assert [agenda.take_reading(), agenda.take_reading()] == [True, False]
    assert due(agenda) == (False, True)
    clock.now_s += AHEAD_S
    assert due(agenda) == (True, True)
    clock.now_s += FRESH_S
    assert due(agenda) == (True, False)


def test_what_was_just_read_is_not_read_again(agenda: Agenda, clock: Clock) -> None:
    agenda.plan(SETTLING)
    clock.now_s += 3.0 - AHEAD_S
    assert agenda.take_reading()
    agenda.plan(Decision(incidents=SETTLING.incidents, look_in_s=AHEAD_S))
    assert not agenda.take_reading()
    assert agenda.wait_s(10.0) == pytest.approx(AHEAD_S)


def test_a_hold_without_an_end_needs_no_reading(agenda: Agenda) -> None:
    at_work = (watched(Hold.AT_WORK, "a"),)
    agenda.plan(Decision(incidents=at_work, look_in_s=5.0))
    assert agenda.wait_s(10.0) == 5.0
    agenda.begin_deciding()
    agenda.plan(Decision(incidents=SETTLING.incidents))
    assert agenda.wait_s(10.0) == 10.0


BUDGET = WatchOptions(limits=WatchLimits(budget=1, settle_s=1))


class Remembering:
    """A VPN and what joined it, and the memory of a watch that is asked by hand."""

    def __init__(self) -> None:
        self.seen = SimWatch(BUDGET)
        self.seen.world.run(Spec("vpn", restart="unless-stopped"))
        self.seen.world.run(Spec("web", network="container:vpn"))
        self.memory = WatchMemory(lambda: self.seen.now, lambda: self.seen.seconds)

    def decide(self, seconds: float = 0.0) -> Decision:
        """Return what is decided once some time has passed."""
        self.seen.seconds += seconds
        report = self.seen.host.observer.look_afresh()
        return self.memory.decide(
            report, BUDGET, acting=frozenset(), protected=frozenset()
        )

    def fail(self, decision: Decision) -> None:
        """Note that all that was ordered has failed."""
        for order in decision.orders:
            plan = self.seen.host.executor.plan(order.request)
            self.memory.note_begun(OrderBegun(order.key, plan, ()), is_dry_run=False)
            failed = Healing(key=order.key, result=HealResult.FAILED, message="no")
            self.memory.note_outcome(failed, is_dry_run=False)


@pytest.mark.parametrize("is_repeated", [False, True])
def test_what_was_recalled_does_not_count_twice(*, is_repeated: bool) -> None:
    one = Remembering()
    one.seen.seconds += 60.0
    crash(one.seen.world, "vpn")
    past = one.seen.world.journal.kept()
    one.memory.recall(past)
    assert one.decide(0.5).orders == ()
    for event in past if is_repeated else ():
        one.memory.take_event(event)
    assert len(one.decide(2.0).orders) == 1


def test_a_circuit_that_was_reset_opens_again_when_healing_fails_again() -> None:
    one = Remembering()
    one.decide(60.0)
    one.seen.world.restart("vpn")
    one.decide()
    one.fail(one.decide(5.0))
    assert [circuit.name for circuit in one.decide(5.0).circuits] == ["web"]
    one.memory.reset(frozenset({"web"}))
    again = one.decide()
    assert (again.circuits, len(again.orders)) == ((), 1)
    one.fail(again)
    assert [circuit.name for circuit in one.decide(5.0).circuits] == ["web"]
