"""A standing watch on a simulated host, on a clock that only moves when it is told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import step_text
from nstui.analysis.watching.deciding import (
    Healing,
    HealResult,
    decide_next,
    note_begun,
    note_outcome,
    what_stopped,
    why_not,
)
from nstui.analysis.watching.decisions import Decision, Observation, WatchOptions
from nstui.analysis.watching.schedule import NEW_SCHEDULE
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import (
    ActionImpossible,
    ContainerVanished,
    DecisionMissing,
    ManagedElsewhere,
    NstuiError,
    PlanOutdated,
    WouldBreakDependents,
    WouldLoseChanges,
)
from nstui.model.step import Verb
from nstui.service.host import open_host
from tests.support.builders import NOON
from tests.support.sim_faults import FaultyEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.analysis.watching.decisions import HealOrder
    from nstui.model.container import ContainerEvent
    from nstui.model.plan import Plan
    from nstui.model.watch import WatchEvent, WatchEventKind
    from nstui.ports import Compose
    from nstui.service.results import Progress

_MOST_ROUNDS = 20
_NOT_ALLOWED = (
    ActionImpossible,
    DecisionMissing,
    ManagedElsewhere,
    WouldBreakDependents,
    WouldLoseChanges,
)


class SimWatch:
    """A world, its clock, and a watch that is run by hand."""

    def __init__(
        self,
        options: WatchOptions | None = None,
        *,
        find_compose: Callable[[World], Compose] | None = None,
        seed: str = "nstui",
    ) -> None:
        self.seconds = 0.0
        self.options = options or WatchOptions()
        self.world = World(lambda: self.now, seed=seed)
        self.audit_log = MemoryAuditLog()
        self.sim = SimEngine(self.world)
        self.engine = FaultyEngine(self.sim)
        self.host = open_host(
            self.engine,
            SimHost(self.world),
            self.audit_log,
            endpoint="sim",
            clock=lambda: self.now,
            find_compose=(
                None if find_compose is None else lambda: find_compose(self.world)
            ),
        )
        self.state = NEW_SCHEDULE
        self.events: list[WatchEvent] = []
        self.acts: Counter[str] = Counter()
        """How often each container was acted on by plans of the watch, by name."""

        self.acted_at: list[tuple[float, str]] = []
        self.before_steps: Callable[[HealOrder, Plan], object] | None = None
        """Called between a decision and its first step."""

        self.decision = Decision()
        self._heard_ns = -1

    @property
    def now(self) -> datetime:
        """The time on the world's clock, which is also that of the watch."""
        return NOON + timedelta(seconds=self.seconds)

    def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass, and the watch look after every step of it."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds = min(end, self.seconds + step)
            self.look()

    def look(self, **more: frozenset[str]) -> Decision:
        """Look at the host, and do what the watch decides."""
        for _ in range(_MOST_ROUNDS):
            report = self.host.observer.look_afresh()
            self.decision = self.decide(report, **more)
            more = {}
            if not self.decision.orders:
                return self.decision
            for order in self.decision.orders:
                self._carry_out(order)
        raise AssertionError("the watch does not come to rest")

    def told(self, *kinds: WatchEventKind) -> list[str]:
        """Return the sentences that were told, of some kinds if any are given."""
        return [e.message for e in self.events if not kinds or e.kind in kinds]

    def decide(self, report: Report, **more: frozenset[str]) -> Decision:
        """Return what follows from a report, without doing it."""
        observation = Observation(
            report=report,
            events=self._news(),
            now=self.now,
            clock_s=self.seconds,
            **more,  # type: ignore[arg-type]
        )
        self.state, decision = decide_next(self.state, observation, self.options)
        self.events += decision.events
        return decision

    def _news(self) -> tuple[ContainerEvent, ...]:
        kept = self.world.journal.kept()
        news = tuple(e for e in kept if e.time_ns > self._heard_ns)
        if kept:
            self._heard_ns = kept[-1].time_ns
        return news

    def _carry_out(self, order: HealOrder) -> None:
        healing = self._heal(order)
        self.state, events = note_outcome(
            self.state,
            healing,
            now=self.now,
            clock_s=self.seconds,
            is_dry_run=self.options.is_dry_run,
        )
        self.events += events

    def _heal(self, order: HealOrder) -> Healing:
        executor = self.host.executor
        try:
            plan = executor.plan(order.request)
            if self.before_steps is not None:
                self.before_steps(order, plan)
            refusal = why_not(order, plan)
            if not plan.steps and not refusal:
                refusal = "; ".join(f"{u.name}: {u.reason}" for u in plan.unhealed)
            if refusal:
                return Healing(key=order.key, result=HealResult.LEFT, message=refusal)
            stopped = what_stopped(order, plan)
            if stopped:
                return Healing(
                    key=order.key, result=HealResult.OUTDATED, message=stopped
                )
            steps = tuple(step_text(step) for step in plan.steps)
            if self.options.is_dry_run:
                self._begin(order, plan, steps)
            else:
                executor.carry_out(plan, self._announcing(order, plan, steps))
        except (PlanOutdated, ContainerVanished) as error:
            return Healing(
                key=order.key, result=HealResult.OUTDATED, message=str(error)
            )
        except _NOT_ALLOWED as error:
            return Healing(key=order.key, result=HealResult.LEFT, message=str(error))
        except NstuiError as error:
            return Healing(key=order.key, result=HealResult.FAILED, message=str(error))
        return Healing(key=order.key, result=HealResult.HEALED, steps=steps)

    def _begin(self, order: HealOrder, plan: Plan, steps: tuple[str, ...]) -> None:
        self.state, events = note_begun(
            self.state,
            order.key,
            plan,
            now=self.now,
            clock_s=self.seconds,
            steps=steps,
            is_dry_run=self.options.is_dry_run,
        )
        self.events += events

    def _announcing(
        self, order: HealOrder, plan: Plan, steps: tuple[str, ...]
    ) -> Callable[[Progress], object]:
        """Return what notes the beginning of a plan, and counts its steps."""
        begun: list[Progress] = []

        def note(progress: Progress) -> None:
            if not begun:
                self._begin(order, plan, steps)
            begun.append(progress)
            step = progress.step
            if not (progress.is_done or progress.has_failed or step.verb is Verb.WAIT):
                self.acts[step.name] += 1
                self.acted_at.append((self.seconds, step.name))

        return note
