"""Takes the steps of one plan in order; after a failure goes on, goes back, or ends."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import step_text
from nstui.analysis.plans.order import is_paused, is_up
from nstui.analysis.plans.preconditions import what_changed, what_ended
from nstui.errors import (
    AuditFailed,
    EngineUnreachable,
    HalfDone,
    Interrupted,
    NstuiError,
    Unreachable,
)
from nstui.model.frozen import dataclass
from nstui.model.outcome import Aftermath, Failure, Outcome
from nstui.model.step import Verb
from nstui.service.lasting import check_lasting
from nstui.service.results import NumberedStep, Results
from nstui.service.rollback import Before
from nstui.service.several import Several, count_independent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from threading import Event

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.step import Step
    from nstui.ports import ContainerEngine
    from nstui.service.audit import ActionAudit, PlanAudit
    from nstui.service.observer import Observer
    from nstui.service.step_runner import CompletedStep, StepRunner


_REQUEST_NOT_SENT = frozenset(
    {Unreachable.MISSING_SOCKET, Unreachable.PERMISSION, Unreachable.REFUSED}
)
"""The reasons that mean that no request has reached the engine."""

_ENDING_ERRORS = EngineUnreachable | AuditFailed
"""The errors that end the plan if they occur before a request."""


class _PlanEnded(Exception):
    """Raised to end the plan before its last step."""


@dataclass(slots=True, kw_only=True)
class PlanRun:
    """Carries out one plan; used once."""

    results: Results
    """What comes of the steps of the plan; new."""

    then: Report
    """The report from which the plan was made."""

    engine: ContainerEngine
    observer: Observer
    audit: ActionAudit
    runner: StepRunner
    stop: Event
    """Set when the program is about to end."""

    at_once: int = 1
    """How many steps may be carried out at the same time."""

    checks_lasting: bool = True
    """Whether to wait for a moment at the end and look whether all has lasted."""

    _made: set[ContainerId] = field(default_factory=set)
    """The new containers of the plan, once they are complete."""

    _has_begun: bool = False
    """Whether a step was begun that changes containers."""

    _begun: bool = False
    """Whether a step has begun, so that the report is no longer new."""

    is_over: bool = False
    """Whether the run has ended, something was done, and the engine still answers."""

    _is_lost: bool = False
    """Whether the engine has stopped answering."""

    def run(self) -> Outcome:
        """Carry out the steps, and check at the end that their effects have lasted.

        Raises:
            AuditFailed: the audit log cannot be written; nothing was done.
            PlanOutdated: something that the plan relied on has changed.
            StepFailed: a step failed; the error has the outcome.
            Interrupted: the program is about to end.

        """
        self.runner.prepare(self.results.plan.steps)
        left: Sequence[NumberedStep] = [
            NumberedStep(number, step)
            for number, step in enumerate(self.results.plan.steps, start=1)
        ]
        with suppress(_PlanEnded):
            while left:
                left = self._run_until_failure(left)
        if self.checks_lasting and not self._is_lost:
            ran = {c.id for c in self.then.graph.containers.values() if is_up(c)}
            check_lasting(self.results, self.observer, ran, self.stop)
        self.is_over = not self._is_lost and bool(self.results.done)
        self.results.raise_if_failed()
        return self.results.outcome

    def _run_until_failure(
        self, steps: Sequence[NumberedStep]
    ) -> Sequence[NumberedStep]:
        """Carry out steps until one fails; return the steps to continue with.

        Each such sequence has its own record: later looks find from it what a failed
        step has left over, whatever the steps after it do.
        """
        plan_audit = self._begin_record(steps)
        try:
            return self._take_steps(plan_audit, steps)
        except Interrupted as error:
            said = self._go_back(plan_audit)
            if said:
                raise Interrupted(f"interrupted; {said}") from error
            raise
        except _PlanEnded:
            said = self._go_back(plan_audit)
            if said:
                self.results.failed |= {
                    number: replace(one, reason=f"{one.reason}; {said}")
                    for number, one in self.results.failed.items()
                }
            raise
        finally:
            plan_audit.close()

    def _take_steps(
        self, plan_audit: PlanAudit, steps: Sequence[NumberedStep]
    ) -> Sequence[NumberedStep]:
        left = steps
        while left:
            # What is left of the old is removed once all that is new is well.
            if self.stop.is_set() and not left[0].step.is_old:
                raise Interrupted(self.results.interruption_text("interrupted"))
            instead, left = self._run_next(plan_audit, len(steps), left)
            if instead is not None:
                return [instead, *left]
            if any(one.number in self.results.failed for one in steps):
                self._end_unless_goes_on()
                return self.results.leave_out_blocked(left)
        plan_audit.is_whole = True
        return ()

    def _run_next(
        self, plan_audit: PlanAudit, total: int, left: Sequence[NumberedStep]
    ) -> tuple[NumberedStep | None, Sequence[NumberedStep]]:
        """Carry out the next step, or several at the same time.

        Args:
            plan_audit: The record of the steps.
            total: How many steps it has.
            left: Those that are still to be carried out; not empty.

        Returns:
            The step to try in place of a failed one, if there is one, and the steps
            that remain.

        """
        begun = total - len(left)
        if self.at_once > 1:
            count = count_independent([one.step for one in left], self.then.graph)
            if count > 1:
                several = enumerate(left[:count], start=begun + 1)
                self._run_several(plan_audit, list(several))
                return None, left[count:]
        one = left[0]
        instead = self._run_step(plan_audit, begun + 1, one)
        other = None if instead is None else NumberedStep(one.number, instead)
        return other, left[1:]

    def _run_several(
        self, plan_audit: PlanAudit, several: Sequence[tuple[int, NumberedStep]]
    ) -> None:
        """Carry out steps of which none needs another, some at the same time.

        A failed one does not keep the others from being carried out.
        """
        try:
            for first in range(0, len(several), self.at_once):
                self._run_batch(plan_audit, several[first : first + self.at_once])
        except Interrupted as error:
            raise Interrupted(self.results.interruption_text(str(error))) from error
        failed = [
            self.results.failed[o.number]
            for _, o in several
            if o.number in self.results.failed
        ]
        if failed:
            unchanged = (one.aftermath is Aftermath.UNCHANGED for one in failed)
            plan_audit.is_whole = all(unchanged)

    def _run_batch(
        self, plan_audit: PlanAudit, batch: Sequence[tuple[int, NumberedStep]]
    ) -> None:
        """Carry out steps all at the same time; return when all have ended.

        All are begun, and recorded, in this thread, and checked by one new report: the
        engine answers nothing about a container while it restarts that, so that a
        report on everything would have to wait for those that are under way. For all
        but the first it is read once more whether what they need still runs.
        """
        self._require_time()
        report = self._newest_report(batch[0][1])

        def begin(of: tuple[int, NumberedStep]) -> Report | None:
            self._require_time()
            ended = None if of is batch[0] else self._what_ended(of[1], report)
            return self._begin_step(plan_audit, *of, report, ended)

        def run(of: tuple[int, NumberedStep], report: Report) -> CompletedStep:
            step = of[1].step
            return self.runner.run(step, report, plan_audit.created, self.stop)

        def end(
            of: tuple[int, NumberedStep], result: CompletedStep | NstuiError
        ) -> None:
            index, one = of
            if isinstance(result, NstuiError):
                self._note_failure(plan_audit, index, one, result)
            else:
                self._note_done(plan_audit, index, one, result)

        Several(len(batch), begin=begin, run=run, end=end).work_through(batch)

    def _require_time(self) -> None:
        if self.stop.is_set():
            raise Interrupted("interrupted")

    def _go_back(self, plan_audit: PlanAudit) -> str:
        """Put everything back if the plan is one that does so; return how that went.

        Nothing is put back once only old containers were to be removed.
        """
        only_old_left = any(one.step.is_old for one in self.results.failed.values())
        if not self.results.plan.goes_back or only_old_left:
            return ""
        if not self._has_begun:
            plan_audit.is_whole = True
            return ""
        there = self.then.graph.containers.values()
        before = Before(
            ran=frozenset(c.id for c in there if is_up(c)),
            paused=frozenset(c.id for c in there if is_paused(c)),
        )
        problems = self.runner.put_back(
            self.results.plan.steps, before, frozenset(self._made), plan_audit.created
        )
        plan_audit.is_whole = not problems
        if problems:
            return f"not everything was put back: {'; '.join(problems)}"
        self.results.done = {
            n: d for n, d in self.results.done.items() if d.step.verb is Verb.PULL
        }
        return "everything was put back"

    def _begin_record(self, steps: Sequence[NumberedStep]) -> PlanAudit:
        part = replace(self.results.plan, steps=tuple(one.step for one in steps))
        try:
            return self.audit.begin(part, self.then.graph.containers)
        except AuditFailed as error:
            if not self.results.failed and not self.results.done:
                raise
            self.results.add_failure(steps[0], error, Aftermath.NOT_ASKED)
            raise _PlanEnded from error

    def _run_step(
        self, plan_audit: PlanAudit, index: int, one: NumberedStep
    ) -> Step | None:
        """Carry out a step; return the step to try in its place, if there is one.

        Args:
            plan_audit: The record of the steps.
            index: The number of the step in that record, from 1.
            one: The step.

        """
        report = self._begin_step(plan_audit, index, one, self._newest_report(one))
        if report is None:
            return None
        try:
            done = self.runner.run(
                one.step,
                report,
                partial(self._note_new, plan_audit),
                self.stop,
                partial(self.results.report_pull, one),
            )
        except Interrupted as error:
            _record_failure(plan_audit, index, error, may_be_done=False)
            raise Interrupted(self.results.interruption_text(str(error))) from error
        except NstuiError as error:
            return self._after_failure(plan_audit, index, one, error)
        self._note_done(plan_audit, index, one, done)
        return None

    def _begin_step(
        self,
        plan_audit: PlanAudit,
        index: int,
        one: NumberedStep,
        report: Report,
        ended: str | None = None,
    ) -> Report | None:
        """Check and record a step that is about to begin; None if it must not begin.

        Args:
            plan_audit: The record of the steps.
            index: The number of the step in that record, from 1.
            one: The step.
            report: The newest report.
            ended: Why the step must not begin according to what was read since; None
                if it may.

        """
        then = self.then
        if ended is None and report is not then:
            ended = what_changed(one.step, then.graph, report.graph)
        if ended is not None:
            self.results.add_failure(one, ended, Aftermath.OUTDATED)
            return None
        self.results.report_progress(one, is_done=False)
        return report if self._record(plan_audit, index, one) else None

    def _note_done(
        self, plan_audit: PlanAudit, index: int, one: NumberedStep, done: CompletedStep
    ) -> None:
        """Record that the effect of a step was seen."""
        self.results.done[one.number] = done
        self.results.remarks += [done.remark] if done.remark else []
        try:
            plan_audit.done(index)
        except NstuiError as error:
            said = f"{step_text(one.step)} was done, but {error}"
            self.results.failed[one.number] = Failure(one.step, said, Aftermath.UNDONE)
            raise _PlanEnded from error
        self.results.report_progress(one, is_done=True)

    def _newest_report(self, one: NumberedStep) -> Report:
        """Return a new report; before the first step, that which the plan is from."""
        is_first = not (self.results.done or self.results.failed or self._begun)
        self._begun = True
        if is_first:
            return self.then
        with self._ending_if_lost(one):
            return self.observer.look_afresh()

    def _what_ended(self, one: NumberedStep, report: Report) -> str | None:
        """Return what has ended since a report that a step needs; None if nothing."""
        with self._ending_if_lost(one):
            rows = {row.id: row for row in self.engine.listed()}
        return what_ended(one.step, report.graph, rows)

    @contextmanager
    def _ending_if_lost(self, one: NumberedStep) -> Iterator[None]:
        """End the plan before a step if the host cannot be read."""
        try:
            yield
        except NstuiError as error:
            self._is_lost = True
            if not self.results.failed:
                self.results.add_failure(one, error, Aftermath.NOT_ASKED)
            raise _PlanEnded from error

    def _record(self, plan_audit: PlanAudit, index: int, one: NumberedStep) -> bool:
        """Record a step before it begins; return whether it may begin."""
        try:
            if one.step.removes:
                plan_audit.save(index, self.engine.inspect(one.step.container))
            plan_audit.begun(index)
            self._has_begun |= one.step.verb is not Verb.PULL
        except NstuiError as error:
            self.results.add_failure(one, error, Aftermath.NOT_ASKED)
            if isinstance(error, _ENDING_ERRORS):
                raise _PlanEnded from error
            return False
        return True

    def _after_failure(
        self, plan_audit: PlanAudit, index: int, one: NumberedStep, error: NstuiError
    ) -> Step | None:
        """Record that a step failed; return the step to try in its place, if any."""
        aftermath = _aftermath(error)
        is_first = index == 1 or self.results.plan.goes_on
        plan_audit.is_whole = is_first and aftermath is Aftermath.UNCHANGED
        _record_failure(plan_audit, index, error, may_be_done=_may_be_done(aftermath))
        instead = self._recreate_instead(one.step, aftermath)
        if instead is None:
            self.results.add_failure(one, error, aftermath)
        else:
            name = one.step.name
            self.results.remarks.append(
                f"compose did not recreate {name}: {error}; nstui does it itself"
            )
        return instead

    def _note_failure(
        self, plan_audit: PlanAudit, index: int, one: NumberedStep, error: NstuiError
    ) -> None:
        """Record that one of several steps failed."""
        aftermath = _aftermath(error)
        _record_failure(plan_audit, index, error, may_be_done=_may_be_done(aftermath))
        self.results.add_failure(one, error, aftermath)

    def _recreate_instead(self, step: Step, aftermath: Aftermath) -> Step | None:
        """Return the step by which nstui recreates a container that compose did not.

        None if something has changed meanwhile, or if nstui would leave something out,
        since the plan that the user accepted did not say so.
        """
        if step.verb is not Verb.COMPOSE or aftermath is not Aftermath.UNCHANGED:
            return None
        if self.results.plan.goes_back:
            return None
        try:
            is_whole = not self.engine.left_out(step.container, step.joins)
        except NstuiError:
            return None
        if not step.as_before or not step.joins or not is_whole:
            return None
        return replace(step, verb=Verb.RECREATE, command=(), changes=())

    def _end_unless_goes_on(self) -> None:
        if not self.results.plan.goes_on:
            raise _PlanEnded

    def _note_new(self, plan_audit: PlanAudit, new: ContainerId) -> None:
        self._made.add(new)
        plan_audit.created(new)


def _aftermath(error: NstuiError) -> Aftermath:
    """Return how an error of the engine has left the container of a step."""
    if isinstance(error, EngineUnreachable):
        is_asked = error.reason not in _REQUEST_NOT_SENT
        return Aftermath.UNKNOWN if is_asked else Aftermath.NOT_ASKED
    return Aftermath.CHANGED if isinstance(error, HalfDone) else Aftermath.UNCHANGED


def _may_be_done(aftermath: Aftermath) -> bool:
    return aftermath in {Aftermath.CHANGED, Aftermath.UNKNOWN}


def _record_failure(
    plan_audit: PlanAudit, number: int, error: NstuiError, *, may_be_done: bool
) -> None:
    # The failure of the step matters more than that of the audit log.
    with suppress(AuditFailed):
        plan_audit.failed(number, str(error), may_be_done=may_be_done)
