"""Carries a plan out, and nothing but the plan."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from nstui.analysis.commands import command_line, step_words
from nstui.analysis.healing import make_heal_plan
from nstui.analysis.plans import make_plan
from nstui.analysis.precheck import what_changed
from nstui.errors import (
    ActionImpossible,
    ContainerVanished,
    EngineUnreachable,
    HalfDone,
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
from nstui.service.health import await_health
from nstui.service.recompose import recompose
from nstui.service.replace import Replacer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nstui.analysis.graph import Graph
    from nstui.analysis.report import Report
    from nstui.ports import Compose, ContainerEngine
    from nstui.service.observer import Observer
    from nstui.service.tracing import PlanTrace, Tracer


_NOT_EVEN_ASKED = frozenset(
    {Unreachable.MISSING_SOCKET, Unreachable.PERMISSION, Unreachable.REFUSED}
)
"""Why an engine cannot have heard of a step at all."""


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
    ) -> None:
        """Take the engine to act on, what checks and traces it, and compose."""
        self._engine = engine
        self._observer = observer
        self._tracer = tracer
        self._compose = compose
        self._replacer = Replacer(engine, observer)

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
        return tuple(self._plan_on(report, request) for request in requests)

    def carry_out(
        self, plan: Plan, tell: Callable[[Progress], object] = _tell_nobody
    ) -> None:
        """Carry out a plan that was shown, if it still holds; otherwise do nothing.

        Everything is read again before the first step, and before each further one
        what that step relies on.

        Args:
            plan: What to carry out.
            tell: Told of each step before and after it is taken.

        Raises:
            ContainerVanished: a target is no longer there; nothing was done.
            PlanOutdated: what the plan relied on has changed.
            WouldBreakDependents: its policy does not permit what it does.
            ActionImpossible: the engine would refuse it.
            TraceFailed: no trace of it can be kept; nothing was done.
            StepFailed: the engine refused a step, or did not answer; those before it
                are done.

        """
        report = self._observer.look_afresh()
        holds = self._plan_on(report, plan.request)
        if holds != plan:
            raise PlanOutdated("something changed meanwhile: nothing was done", holds)
        refuse_unless_permitted(plan)
        if not plan.steps:
            return
        trace = self._tracer.begin(plan, report.graph.containers)
        for number, step in enumerate(plan.steps, start=1):
            if number > 1:
                self._check(plan, number, report.graph)
            tell(Progress(number, len(plan.steps), step, is_done=False))
            self._take(trace, number)
            tell(Progress(number, len(plan.steps), step, is_done=True))

    def _plan_on(self, report: Report, request: Request) -> Plan:
        named = {*request.targets, *({request.onto} if request.onto else ())}
        if not named <= report.graph.containers.keys():
            raise ContainerVanished("the container is no longer there")
        if request.action is not Action.HEAL:
            return make_plan(report.snapshot, report.graph, request)
        costs = find_costs(self._engine, self._compose, report, request)
        return make_heal_plan(report.snapshot, report.graph, request, costs)

    def _check(self, plan: Plan, number: int, then: Graph) -> None:
        try:
            report = self._observer.look_afresh()
        except NstuiError as error:
            raise StepFailed(_could_not(plan, number, error)) from error
        changed = what_changed(plan.steps[number - 1], then, report.graph)
        if changed is not None:
            raise PlanOutdated(f"stopped: {changed}; {_so_far(plan, number - 1)}")

    def _take(self, trace: PlanTrace, number: int) -> None:
        """Take a step; nothing is asked of the engine before it is written down."""
        plan, step = trace.plan, trace.plan.steps[number - 1]
        try:
            if step.removes:
                trace.save(number, self._engine.inspect(step.container))
            trace.begun(number)
        except NstuiError as error:
            raise StepFailed(_could_not(plan, number, error)) from error
        try:
            self._ask(step)
        except EngineUnreachable as error:
            was_asked = error.reason not in _NOT_EVEN_ASKED
            _note_failure(trace, number, error, may_be_done=was_asked)
            say = _may_still if was_asked else _could_not
            raise StepFailed(say(plan, number, error)) from error
        except NstuiError as error:
            may_be_done = isinstance(error, HalfDone)
            _note_failure(trace, number, error, may_be_done=may_be_done)
            raise StepFailed(_could_not(plan, number, error)) from error
        try:
            trace.done(number)
        except NstuiError as error:
            done = f"{step_words(step)} was done, but {error}"
            raise StepFailed(f"{done}; {_so_far(plan, number)}") from error

    def _ask(self, step: Step) -> None:
        match step.verb:
            case Verb.START:
                self._engine.start(step.container)
            case Verb.STOP:
                self._engine.stop(step.container, step.timeout)
            case Verb.RESTART:
                self._engine.restart(step.container, step.timeout)
            case Verb.KILL:
                self._engine.kill(step.container, step.signal)
            case Verb.WAIT:
                await_health(self._observer, step)
            case Verb.RECREATE:
                self._replacer.replace(step)
            case Verb.COMPOSE:
                recompose(self._compose, self._observer, step)
            case Verb.RM:
                self._engine.remove(
                    step.container, force=step.force, volumes=step.volumes
                )
            case _:
                assert_never(step.verb)


def refuse_unless_permitted(plan: Plan) -> None:
    """Raise if a plan must not be carried out.

    Raises:
        WouldBreakDependents: its policy does not permit what it does.
        WouldLoseChanges: it gives up what nobody has decided on.
        ActionImpossible: the engine would refuse it.

    """
    if not plan.is_permitted:
        names = ", ".join(target.name for target in plan.targets)
        because = f"others depend on {names}" if plan.breaks else ""
        if plan.uncertain:
            unread = ", ".join(plan.uncertain)
            because += f"{', and ' if because else ''}could not inspect {unread}"
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


def _note_failure(
    trace: PlanTrace, number: int, error: NstuiError, *, may_be_done: bool
) -> None:
    # Why the step failed matters more than that this could not be written down.
    with suppress(TraceFailed):
        trace.failed(number, str(error), may_be_done=may_be_done)


def _could_not(plan: Plan, number: int, error: NstuiError) -> str:
    step = step_words(plan.steps[number - 1])
    so_far = _so_far(plan, number - 1)
    if number > 1:
        left = command_line(plan.steps[number - 1 :], plan.program)
        so_far += f"; to go on, mend that, then: {left}" if left else ""
    return f"could not {step}: {error}; {so_far}"


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
