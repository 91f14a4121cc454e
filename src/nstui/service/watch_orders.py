"""Carries out what a standing watch has decided, one plan of a group at a time."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.claimed import group_around
from nstui.analysis.plans.commands import (
    commands_line,
    first_failure_text,
    go_on_text,
    step_text,
    what_failed_text,
)
from nstui.analysis.watching.deciding import (
    Healing,
    HealResult,
    what_stopped,
    why_not,
)
from nstui.errors import (
    ActionImpossible,
    AuditFailed,
    ContainerVanished,
    DecisionMissing,
    EngineUnreachable,
    GroupInUse,
    InternalFault,
    Interrupted,
    ManagedElsewhere,
    NstuiError,
    PlanOutdated,
    StepFailed,
    WouldBreakDependents,
    WouldLoseChanges,
)
from nstui.model.frozen import dataclass
from nstui.model.step import Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.report import Report
    from nstui.analysis.watching.decisions import HealOrder
    from nstui.model.container import ContainerId
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan
    from nstui.service.executor import Executor
    from nstui.service.results import Progress


MOST_PLANS = 4
"""How many plans are carried out at the same time."""

_NOT_ALLOWED = (
    ActionImpossible,
    DecisionMissing,
    ManagedElsewhere,
    WouldBreakDependents,
    WouldLoseChanges,
)
"""The errors of plans that need a person; nothing was done."""

_BY_CHANCE = (
    AuditFailed,
    ContainerVanished,
    EngineUnreachable,
    GroupInUse,
    Interrupted,
    PlanOutdated,
)
"""The errors after which it is decided anew, if no step was begun."""


@dataclass(frozen=True, slots=True)
class OrderBegun:
    """The first step of an order is about to begin."""

    key: str
    plan: Plan
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """An order was carried out, or not."""

    healing: Healing
    problem: str = ""
    """Why nothing at all can be carried out, as a sentence; empty if it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """How orders are carried out."""

    at_once: int
    """How many steps of one plan may be carried out at the same time."""

    is_dry_run: bool = False
    afresh: bool = True
    """Whether nothing cached is used before the first step; see
    `nstui.service.executor.Executor.carry_out_new`."""


class OrderRunner:
    """Carries out orders in threads; used from one thread.

    At most `MOST_PLANS` plans run at the same time, and of one group only one: the
    others wait for their turn.
    """

    def __init__(
        self,
        make_executor: Callable[[], Executor],
        tell: Callable[[OrderBegun | OrderEnded], object],
    ) -> None:
        """Begin without orders.

        Args:
            make_executor: Returns what carries out a plan; called in a thread.
            tell: Called in a thread when an order begins and when it has ended.

        """
        self._make_executor = make_executor
        self._tell = tell
        self._waiting: list[HealOrder] = []
        self._running: dict[str, frozenset[ContainerId]] = {}
        self._executors: dict[str, Executor] = {}
        self._stopped = threading.Event()

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the orders that run or wait for their turn."""
        return frozenset((*self._running, *(order.key for order in self._waiting)))

    @property
    def waiting(self) -> tuple[HealOrder, ...]:
        """The orders that wait for their turn."""
        return tuple(self._waiting)

    @property
    def is_busy(self) -> bool:
        """Whether a plan is being carried out."""
        return bool(self._running)

    def add(self, order: HealOrder) -> None:
        """Let an order wait for its turn; see `proceed`."""
        self._waiting.append(order)

    def proceed(self, report: Report, terms: OrderTerms) -> bool:
        """Begin the orders whose turn it is; return whether there was any.

        Args:
            report: The latest report.
            terms: How they are carried out.

        """
        begun = False
        for order in tuple(self._waiting):
            group = group_around(report.graph, order.request.targets)
            busy = {c for acted_on in self._running.values() for c in acted_on}
            if len(self._running) >= MOST_PLANS or not busy.isdisjoint(group):
                continue
            self._waiting.remove(order)
            self._running[order.key] = group
            begun = True
            threading.Thread(
                target=self._run,
                args=(order, report, group, terms),
                name=f"heal {order.key}",
                daemon=True,
            ).start()
        return begun

    def end(self, key: str) -> None:
        """Forget an order that has ended."""
        self._running.pop(key, None)
        self._executors.pop(key, None)

    def stop_soon(self) -> None:
        """Begin no further step; those under way are finished and told."""
        self._stopped.set()
        self._waiting.clear()
        for executor in tuple(self._executors.values()):
            executor.stop_soon()

    def _run(
        self,
        order: HealOrder,
        report: Report,
        group: frozenset[ContainerId],
        terms: OrderTerms,
    ) -> None:
        begun = time.monotonic()
        try:
            ended = self._carry_out(order, report, group, terms)
        except Exception as error:  # noqa: BLE001 - no thread ends in silence
            fault = str(InternalFault.of(error))
            ended = _end(order, HealResult.FAILED, fault)
        self._tell(_timed(ended, time.monotonic() - begun))

    def _carry_out(
        self,
        order: HealOrder,
        report: Report,
        group: frozenset[ContainerId],
        terms: OrderTerms,
    ) -> OrderEnded:
        executor = self._make_executor()
        self._executors[order.key] = executor
        if self._stopped.is_set():
            executor.stop_soon()
        attempt = _Attempt(order, report.graph, self._tell)
        try:
            if terms.is_dry_run:
                if attempt.may(executor.plan_on(report, order.request)):
                    attempt.begin()
            else:
                executor.carry_out_new(
                    order.request,
                    _named(report.graph, group),
                    attempt.may,
                    attempt.begin,
                    at_once=terms.at_once,
                    afresh=terms.afresh,
                )
        except NstuiError as error:
            return _end_with(order, error, attempt)
        return attempt.refused or _end(order, HealResult.HEALED, "", attempt.steps)


class _Attempt:
    """Accepts the plan for an order, or not, and tells when its first step begins."""

    def __init__(
        self, order: HealOrder, then: Graph, tell: Callable[[OrderBegun], object]
    ) -> None:
        """Take the order, and the dependencies that it was decided on."""
        self._order = order
        self._then = then
        self._tell = tell
        self.plan: Plan | None = None
        """The plan that was accepted; None before."""

        self.refused: OrderEnded | None = None
        self.steps: tuple[str, ...] = ()
        self.is_begun = False

    def may(self, plan: Plan) -> bool:
        """Tell whether a plan is what was decided on, and note what is said if not."""
        left = _why_nothing(plan) or why_not(self._order, plan)
        if left:
            self.refused = _end(self._order, HealResult.LEFT, left)
            return False
        changed = self._why_outdated(plan)
        if changed:
            self.refused = _end(self._order, HealResult.OUTDATED, changed)
            return False
        self.plan, self.steps = plan, _step_lines(plan)
        return True

    def begin(self, _: Progress | None = None) -> None:
        """Tell at the first step that the plan begins."""
        if self.plan is not None and not self.is_begun:
            self._tell(OrderBegun(self._order.key, self.plan, self.steps))
        self.is_begun = True

    def _why_outdated(self, plan: Plan) -> str:
        if not plan.steps:
            return "nothing is broken any more"
        known = self._then.containers
        new = next((s.name for s in plan.steps if s.container not in known), "")
        if new:
            return f"{new} has appeared meanwhile"
        return what_stopped(self._order, plan)


def _named(graph: Graph, containers: Iterable[ContainerId]) -> dict[ContainerId, str]:
    """Return those containers that are there, with their names."""
    return {c: graph.name(c) for c in containers if c in graph.containers}


def _end(
    order: HealOrder, result: HealResult, message: str, steps: tuple[str, ...] = ()
) -> OrderEnded:
    healing = Healing(key=order.key, result=result, message=message, steps=steps)
    return OrderEnded(healing)


def _end_with(order: HealOrder, error: NstuiError, attempt: _Attempt) -> OrderEnded:
    """Return what came of an order that ended with an error."""
    said = str(error)
    if isinstance(error, _NOT_ALLOWED):
        return _end(order, HealResult.LEFT, said)
    is_outdated = isinstance(error, _BY_CHANCE) and not attempt.is_begun
    result = HealResult.OUTDATED if is_outdated else HealResult.FAILED
    ended = _end(order, result, said, attempt.steps)
    if isinstance(error, AuditFailed):
        return replace(ended, problem=said)
    if isinstance(error, StepFailed) and attempt.plan is not None:
        healing = _half_done(ended.healing, attempt.plan, error.outcome)
        return replace(ended, healing=healing)
    return ended


def _half_done(healing: Healing, plan: Plan, outcome: Outcome) -> Healing:
    """Return what came of a plan of which steps failed, with the outcome of each."""
    unwell = {one.step.name for one in outcome.failed}
    unwell |= {one.step.name for one in outcome.left}
    return replace(
        healing,
        message=what_failed_text(plan, outcome),
        reason=first_failure_text(outcome),
        go_on=go_on_text(plan, outcome),
        done=frozenset(step.name for step in outcome.done) - unwell,
    )


def _timed(ended: OrderEnded, duration_s: float) -> OrderEnded:
    return replace(ended, healing=replace(ended.healing, duration_s=duration_s))


def _why_nothing(plan: Plan) -> str:
    """Return why a plan has no steps, if a person is needed; otherwise empty."""
    if plan.steps and plan.is_possible:
        return ""
    left = (f"{one.name}: {one.reason}" for one in plan.unhealed)
    return "; ".join(dict.fromkeys((*plan.managed, *plan.objections, *left)))


def _step_lines(plan: Plan) -> tuple[str, ...]:
    """Return each step as a command or, if it cannot be written so, as text."""
    return tuple(
        commands_line((step,), plan.program) or step_text(step)
        for step in plan.steps
        if step.verb is not Verb.WAIT
    )
