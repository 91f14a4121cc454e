"""Carries a plan out, and nothing but the plan."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.healing import (
    make_finish_plan,
    make_heal_plan,
    request_after,
)
from nstui.analysis.plans import make_plan
from nstui.analysis.podman import can_be_forced
from nstui.errors import (
    ActionImpossible,
    ContainerVanished,
    ManagedElsewhere,
    NstuiError,
    PlanOutdated,
    WouldBreakDependents,
    WouldLoseChanges,
)
from nstui.model.outcome import Outcome
from nstui.model.plan import Action, Plan, Policy, Request
from nstui.service.costs import find_costs, with_compose_joins
from nstui.service.course import Course, Progress
from nstui.service.outsiders import with_outsiders
from nstui.service.step_runner import StepRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.ports import Compose, ContainerEngine, HostEvidence, Managers
    from nstui.service.observer import Observer
    from nstui.service.tracing import Tracer


__all__ = ["Executor", "Progress", "refuse_unless_permitted"]


def _tell_nobody(progress: Progress) -> None:
    """Let a step go by in silence."""


class Executor:
    """Turns requests into plans, and plans into calls to the engine."""

    def __init__(  # noqa: PLR0913 - it acts through as many
        self,
        engine: ContainerEngine,
        observer: Observer,
        tracer: Tracer,
        compose: Compose,
        managers: Managers,
        *,
        evidence: HostEvidence | None = None,
    ) -> None:
        """Take whom to ask, and what checks and traces what they do.

        What tells more of the machine, if anything does, is for the plans.
        """
        self._evidence = evidence
        self._engine = engine
        self._observer = observer
        self._tracer = tracer
        self._compose = compose
        self._runner = StepRunner(engine, observer, compose, tracer, managers)
        self._stop = threading.Event()
        self._acting = threading.Event()

    @property
    def is_acting(self) -> bool:
        """Whether a plan is being carried out at the moment."""
        return self._acting.is_set()

    def plan(self, request: Request) -> Plan:
        """Return the plan that holds now, from everything read afresh.

        Raises:
            ContainerVanished: a target is no longer there.

        """
        return self.plans((request,))[0]

    def plans(self, requests: Iterable[Request]) -> tuple[Plan, ...]:
        """Return the plans that hold now for several requests, from one look.

        Raises:
            ContainerVanished: a target is no longer there.

        """
        wanted = tuple(requests)
        report = self._look_for(wanted)
        made = [self._plan_on(report, request) for request in wanted]
        return with_outsiders(self._evidence, report, made)

    def request_after(self, plan: Plan) -> Request | None:
        """Return the request for what is broken still after what was cut off is done.

        None if a plan was no plan for that.
        """
        if not plan.interruptions:
            return None
        return request_after(self._observer.look_afresh().graph, plan)

    def stop_soon(self) -> None:
        """Begin no further step: the program is to end; from any thread.

        The step under way is finished, or undone if it fails.
        """
        self._stop.set()

    def carry_out(
        self, plan: Plan, tell: Callable[[Progress], object] = _tell_nobody
    ) -> Outcome:
        """Carry out a plan that was shown, if it still holds; otherwise do nothing.

        Everything is read again before the first step, and before each further one
        what that step relies on; after each step what has come of it, and at the end
        whether that has lasted.

        A plan that goes on takes the steps that do not need one that has failed.

        Args:
            plan: What to carry out.
            tell: Told of each step before and after it is taken.

        Returns:
            What has come of it; all of its steps are done.

        Raises:
            ContainerVanished: a target is no longer there; nothing was done.
            PlanOutdated: what the plan relied on has changed.
            WouldBreakDependents: its policy does not permit what it does.
            ActionImpossible: the engine would refuse it.
            TraceFailed: no trace of it can be kept; nothing was done.
            StepFailed: a step failed, or the engine did not answer; the error has the
                outcome.
            Interrupted: `stop_soon` was called; the message says what was done.

        """
        report = self._look_for((plan.request,))
        holds = self._plan_on(report, plan.request)
        if holds != plan:
            raise PlanOutdated("something changed meanwhile: nothing was done", holds)
        refuse_unless_permitted(plan)
        if not plan.steps:
            return Outcome()
        self._tracer.settle(report)
        course = Course(
            plan=plan,
            then=report,
            engine=self._engine,
            observer=self._observer,
            tracer=self._tracer,
            runner=self._runner,
            stop=self._stop,
            tell=tell,
        )
        self._acting.set()
        try:
            return course.run()
        finally:
            self._acting.clear()
            if course.is_over:
                self._settle(replace(plan, steps=course.outcome.done))

    def _settle(self, done: Plan) -> None:
        with suppress(NstuiError):
            self._tracer.settle(self._observer.look_afresh(), done)

    def _look_for(self, requests: tuple[Request, ...]) -> Report:
        """Return what is the case, with all that plans for requests are made from."""
        report = self._observer.look_afresh()
        heals = tuple(one for one in requests if one.action is Action.HEAL)
        return with_compose_joins(self._compose, report, heals)

    def _plan_on(self, report: Report, request: Request) -> Plan:
        named = {*request.targets, *({request.onto} if request.onto else ())}
        if not named <= report.graph.containers.keys():
            raise ContainerVanished("the container is no longer there")
        if request.action is not Action.HEAL:
            return make_plan(report.snapshot, report.graph, request)
        finishing = make_finish_plan(report.snapshot, report.graph, request)
        if finishing is not None:
            return finishing
        costs = find_costs(self._engine, self._compose, report, request)
        return make_heal_plan(report.snapshot, report.graph, request, costs)


def refuse_unless_permitted(plan: Plan, too: Plan | None = None) -> None:
    """Raise if a plan must not be carried out.

    Args:
        plan: The plan.
        too: What would be done with the dependents too; None if it is not known.

    Raises:
        ManagedElsewhere: something else manages a container of it.
        WouldBreakDependents: its policy does not permit what it does.
        WouldLoseChanges: it gives up what nobody has decided on.
        ActionImpossible: the engine would refuse it.

    """
    if plan.managed:
        raise ManagedElsewhere(
            f"refused, nothing was changed: {'; '.join(plan.managed)}"
        )
    if not plan.is_permitted:
        because = ", and ".join(_reasons(plan))
        way_out = ", ".join(_ways_out(plan, too)) or "nothing else would be accepted"
        raise WouldBreakDependents(
            f"refused, nothing was changed: {because}; {way_out}", plan
        )
    if plan.losing:
        names = ", ".join(one.name for one in plan.losing)
        raise WouldLoseChanges(
            f"refused, nothing was changed: {names} would lose what it wrote outside"
            " its volumes; --keep-changes makes that an image first, --drop-changes"
            " gives it up"
        )
    if plan.objections:
        raise ActionImpossible("; ".join(plan.objections))


def _ways_out(plan: Plan, too: Plan | None) -> Iterator[str]:
    """Yield which policies would let it be done, each as a clause."""
    # What the engine objects to either way, as that one runs, is not because of them.
    may_be_too = too is None or (
        too.is_permitted and (too.is_possible or not plan.is_possible)
    )
    if plan.request.policy is Policy.PROTECT and plan.breaks and may_be_too:
        yield "--with-dependents acts on them too"
    if can_be_forced(plan):
        yield "--break-dependents accepts the harm"


def _reasons(plan: Plan) -> Iterator[str]:
    """Yield why a plan is not permitted, each as a clause."""
    if plan.breaks:
        named = {name for effect in plan.harmed for name in effect.because_of}
        names = sorted(named) or [target.name for target in plan.targets]
        yield f"others depend on {', '.join(names)}"
    if plan.uncertain:
        yield f"could not inspect {', '.join(plan.uncertain)}"
    if plan.unplaced:
        unplaced = ", ".join(plan.unplaced)
        yield f"nobody knows in whose namespace {unplaced} is"
