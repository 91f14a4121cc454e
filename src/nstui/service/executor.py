"""Carries a plan out, and nothing but the plan."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.commands import command_line, step_words
from nstui.analysis.healing import (
    make_finish_plan,
    make_heal_plan,
    request_after,
)
from nstui.analysis.plans import make_plan
from nstui.analysis.precheck import what_changed
from nstui.errors import (
    ActionImpossible,
    ContainerVanished,
    EngineUnreachable,
    HalfDone,
    Interrupted,
    NstuiError,
    PlanOutdated,
    StepFailed,
    TraceFailed,
    Unreachable,
    WouldBreakDependents,
    WouldLoseChanges,
)
from nstui.model.plan import Action, Plan, Policy, Request, Step, Verb
from nstui.service.costs import find_costs
from nstui.service.outsiders import with_outsiders
from nstui.service.step_runner import StepRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.analysis.report import Report
    from nstui.ports import Compose, ContainerEngine, HostEvidence
    from nstui.service.observer import Observer
    from nstui.service.tracing import PlanTrace, Tracer


_NOT_EVEN_ASKED = frozenset(
    {Unreachable.MISSING_SOCKET, Unreachable.PERMISSION, Unreachable.REFUSED}
)
"""Why an engine cannot have heard of a step at all."""

_SINGLE = frozenset({Verb.START, Verb.STOP, Verb.RESTART, Verb.KILL, Verb.RM})
"""The steps of one request each, whose failure may have left all as it was."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A step that is about to be taken, or that has been."""

    number: int
    """Counted from 1."""

    total: int
    step: Step
    is_done: bool


def _tell_nobody(progress: Progress) -> None:
    """Let a step go by in silence."""


class Executor:
    """Turns requests into plans, and plans into calls to the engine."""

    def __init__(
        self,
        engine: ContainerEngine,
        observer: Observer,
        tracer: Tracer,
        compose: Compose,
        evidence: HostEvidence | None = None,
    ) -> None:
        """Take the engine to act on, what checks and traces it, and compose.

        What tells more of the machine, if anything does, is for the plans.
        """
        self._evidence = evidence
        self._engine = engine
        self._observer = observer
        self._tracer = tracer
        self._compose = compose
        self._runner = StepRunner(engine, observer, compose, tracer)
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
        report = self._observer.look_afresh()
        made = [self._plan_on(report, request) for request in requests]
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
    ) -> None:
        """Carry out a plan that was shown, if it still holds; otherwise do nothing.

        Everything is read again before the first step, and before each further one
        what that step relies on; after each step what has come of it.

        Args:
            plan: What to carry out.
            tell: Told of each step before and after it is taken.

        Raises:
            ContainerVanished: a target is no longer there; nothing was done.
            PlanOutdated: what the plan relied on has changed.
            WouldBreakDependents: its policy does not permit what it does.
            ActionImpossible: the engine would refuse it.
            TraceFailed: no trace of it can be kept; nothing was done.
            StepFailed: a step failed, or the engine did not answer; those before it
                are done.
            Interrupted: `stop_soon` was called; the message says what was done.

        """
        report = self._observer.look_afresh()
        holds = self._plan_on(report, plan.request)
        if holds != plan:
            raise PlanOutdated("something changed meanwhile: nothing was done", holds)
        refuse_unless_permitted(plan)
        if not plan.steps:
            return
        self._tracer.settle(report)
        trace = self._tracer.begin(plan, report.graph.containers)
        self._acting.set()
        try:
            self._take_all(trace, report, tell)
            trace.is_whole = True
        finally:
            self._acting.clear()
            trace.close()
        with suppress(NstuiError):
            self._tracer.settle(self._observer.look_afresh(), plan)

    def _take_all(
        self, trace: PlanTrace, report: Report, tell: Callable[[Progress], object]
    ) -> None:
        plan, now = trace.plan, report
        for number, step in enumerate(plan.steps, start=1):
            if self._stop.is_set():
                raise Interrupted(f"interrupted; {_so_far(plan, number - 1)}")
            if number > 1:
                now = self._check(plan, number, report.graph)
            tell(Progress(number, len(plan.steps), step, is_done=False))
            self._take(trace, number, now)
            tell(Progress(number, len(plan.steps), step, is_done=True))

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

    def _check(self, plan: Plan, number: int, then: Graph) -> Report:
        try:
            report = self._observer.look_afresh()
        except NstuiError as error:
            raise StepFailed(_not_asked(plan, number, error)) from error
        changed = what_changed(plan.steps[number - 1], then, report.graph)
        if changed is not None:
            raise PlanOutdated(f"stopped: {changed}; {_so_far(plan, number - 1)}")
        return report

    def _take(self, trace: PlanTrace, number: int, report: Report) -> None:
        """Take a step; nothing is asked of the engine before it is written down."""
        plan, step = trace.plan, trace.plan.steps[number - 1]
        try:
            if step.removes:
                trace.save(number, self._engine.inspect(step.container))
            trace.begun(number)
        except NstuiError as error:
            raise StepFailed(_not_asked(plan, number, error)) from error
        try:
            self._runner.run(step, report, trace.created, self._stop)
        except Interrupted as error:
            _note_failure(trace, number, error, may_be_done=False)
            raise Interrupted(f"{error}; {_so_far(plan, number - 1)}") from error
        except EngineUnreachable as error:
            was_asked = error.reason not in _NOT_EVEN_ASKED
            _note_failure(trace, number, error, may_be_done=was_asked)
            say = _may_still if was_asked else _not_asked
            raise StepFailed(say(plan, number, error)) from error
        except NstuiError as error:
            is_half_done = isinstance(error, HalfDone)
            trace.is_whole = number == 1 and not is_half_done
            _note_failure(trace, number, error, may_be_done=is_half_done)
            raise StepFailed(_could_not(plan, number, error)) from error
        try:
            trace.done(number)
        except NstuiError as error:
            done = f"{step_words(step)} was done, but {error}"
            raise StepFailed(f"{done}; {_so_far(plan, number)}") from error


def refuse_unless_permitted(plan: Plan) -> None:
    """Raise if a plan must not be carried out.

    Raises:
        WouldBreakDependents: its policy does not permit what it does.
        WouldLoseChanges: it gives up what nobody has decided on.
        ActionImpossible: the engine would refuse it.

    """
    if not plan.is_permitted:
        because = ", and ".join(_reasons(plan))
        way_out = "--break-dependents accepts the harm"
        if plan.request.policy is Policy.PROTECT and plan.breaks:
            way_out = f"--with-dependents acts on them too, {way_out}"
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


def _note_failure(
    trace: PlanTrace, number: int, error: NstuiError, *, may_be_done: bool
) -> None:
    # Why the step failed matters more than that this could not be written down.
    with suppress(TraceFailed):
        trace.failed(number, str(error), may_be_done=may_be_done)


def _could_not(plan: Plan, number: int, error: NstuiError) -> str:
    """Say that a step failed, and what is the case now as far as it was seen."""
    step = plan.steps[number - 1]
    so_far = f"; {_so_far(plan, number - 1)}" if number > 1 else ""
    if number == 1 and step.verb in _SINGLE and not isinstance(error, HalfDone):
        # It was seen to be as before.
        so_far = "; nothing was done"
    return f"could not {step_words(step)}: {error}{so_far}{_to_go_on(plan, number)}"


def _not_asked(plan: Plan, number: int, error: NstuiError) -> str:
    """Say that a step was not even begun."""
    step, so_far = step_words(plan.steps[number - 1]), _so_far(plan, number - 1)
    return f"could not {step}: {error}; {so_far}{_to_go_on(plan, number)}"


def _to_go_on(plan: Plan, number: int) -> str:
    """Return how to take the steps that are left, if others were taken before."""
    left = command_line(plan.steps[number - 1 :], plan.program) if number > 1 else ""
    return f"; to go on, mend that, then: {left}" if left else ""


def _may_still(plan: Plan, number: int, error: NstuiError) -> str:
    """Say that a step was asked for, and that nobody knows what came of it.

    An engine that is merely slow does what it was asked once it gets to it.
    """
    step = step_words(plan.steps[number - 1])
    before = (
        _so_far(plan, number - 1, number) if number > 1 else "nothing else was done"
    )
    return f"{error}, and may still {step}; {before}"


def _so_far(plan: Plan, done: int, begun: int | None = None) -> str:
    """Say which steps were taken, and which after those that were begun were not."""
    if not done:
        return "nothing was done"
    said = ", ".join(step_words(step) for step in plan.steps[:done])
    left = ", ".join(step_words(step) for step in plan.steps[begun or done :])
    return f"done: {said}; not done: {left}" if left else f"done: {said}"
