"""Carries out steps of a plan in order until one fails, and records each."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import step_text
from nstui.errors import (
    AuditFailed,
    EngineUnreachable,
    HalfDone,
    Interrupted,
    NstuiError,
    Unreachable,
)
from nstui.model.frozen import dataclass
from nstui.model.outcome import Aftermath, Failure
from nstui.model.step import Verb
from nstui.service.plan_check import PlanEnded
from nstui.service.results import NumberedStep
from nstui.service.several import Several, count_independent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.step import Step
    from nstui.ports import ContainerEngine
    from nstui.service.audit import PlanAudit
    from nstui.service.plan_check import PlanCheck
    from nstui.service.results import Results
    from nstui.service.step_runner import CompletedStep, StepRunner


_REQUEST_NOT_SENT = frozenset(
    {Unreachable.MISSING_SOCKET, Unreachable.PERMISSION, Unreachable.REFUSED}
)
"""The reasons that mean that no request has reached the engine."""

_ENDING_ERRORS = EngineUnreachable | AuditFailed
"""The errors that end the plan if they occur before a request."""


@dataclass(slots=True, kw_only=True)
class StepSequence:
    """Carries out steps that have one record; used once."""

    steps: Sequence[NumberedStep]
    plan_audit: PlanAudit
    """The record of the steps, in which they are numbered from 1."""

    results: Results
    check: PlanCheck
    engine: ContainerEngine
    runner: StepRunner
    stop: Event
    """Set when the program is about to end."""

    at_once: int
    """How many steps may be carried out at the same time."""

    def run(self) -> Sequence[NumberedStep]:
        """Carry out the steps until one fails; return the steps to continue with.

        Raises:
            Interrupted: the program is about to end.
            PlanEnded: no further step is carried out.

        """
        left = self.steps
        while left:
            # What is left of the old is removed once all that is new is well.
            if self.stop.is_set() and not left[0].step.is_old:
                raise Interrupted(self.results.interruption_text("interrupted"))
            instead, left = self._run_next(left)
            if instead is not None:
                return [instead, *left]
            if any(one.number in self.results.failed for one in self.steps):
                if not self.results.plan.goes_on:
                    raise PlanEnded
                return self.results.leave_out_blocked(left)
        self.plan_audit.is_whole = True
        return ()

    def _run_next(
        self, left: Sequence[NumberedStep]
    ) -> tuple[NumberedStep | None, Sequence[NumberedStep]]:
        """Carry out the next step, or several at the same time.

        Args:
            left: The steps that are still to be carried out; not empty.

        Returns:
            The step to try in place of a failed one, if there is one, and the steps
            that remain.

        """
        begun = len(self.steps) - len(left)
        if self.at_once > 1:
            count = count_independent([one.step for one in left], self.check.then.graph)
            if count > 1:
                several = enumerate(left[:count], start=begun + 1)
                self._run_several(list(several))
                return None, left[count:]
        one = left[0]
        instead = self._run_step(begun + 1, one)
        other = None if instead is None else NumberedStep(one.number, instead)
        return other, left[1:]

    def _run_several(self, several: Sequence[tuple[int, NumberedStep]]) -> None:
        """Carry out steps of which none needs another, some at the same time.

        A failed one does not keep the others from being carried out.
        """
        try:
            for first in range(0, len(several), self.at_once):
                self._run_batch(several[first : first + self.at_once])
        except Interrupted as error:
            raise Interrupted(self.results.interruption_text(str(error))) from error
        failed = [
            self.results.failed[o.number]
            for _, o in several
            if o.number in self.results.failed
        ]
        if failed:
            unchanged = (one.aftermath is Aftermath.UNCHANGED for one in failed)
            self.plan_audit.is_whole = all(unchanged)

    def _run_batch(self, batch: Sequence[tuple[int, NumberedStep]]) -> None:
        """Carry out steps all at the same time; return when all have ended.

        All are begun, and recorded, in this thread, and checked by one new report: the
        engine answers nothing about a container while it restarts that, so that a
        report on everything would have to wait for those that are under way. For all
        but the first it is read once more whether what they need still runs.
        """
        self._require_time()
        report = self.check.newest_report(batch[0][1])

        def begin(of: tuple[int, NumberedStep]) -> Report | None:
            self._require_time()
            ended = None if of is batch[0] else self.check.what_ended(of[1], report)
            return self._begin_step(*of, report, ended)

        def run(of: tuple[int, NumberedStep], report: Report) -> CompletedStep:
            step = of[1].step
            return self.runner.run(step, report, self.plan_audit.created, self.stop)

        def end(
            of: tuple[int, NumberedStep], result: CompletedStep | NstuiError
        ) -> None:
            index, one = of
            if isinstance(result, NstuiError):
                self._note_failure(index, one, result)
            else:
                self._note_done(index, one, result)

        Several(len(batch), begin=begin, run=run, end=end).work_through(batch)

    def _require_time(self) -> None:
        if self.stop.is_set():
            raise Interrupted("interrupted")

    def _run_step(self, index: int, one: NumberedStep) -> Step | None:
        """Carry out a step; return the step to try in its place, if there is one.

        Args:
            index: The number of the step in the record.
            one: The step.

        """
        report = self._begin_step(index, one, self.check.newest_report(one))
        if report is None:
            return None
        try:
            done = self.runner.run(
                one.step,
                report,
                self._note_new,
                self.stop,
                partial(self.results.report_pull, one),
            )
        except Interrupted as error:
            self._record_failure(index, error, may_be_done=False)
            raise Interrupted(self.results.interruption_text(str(error))) from error
        except NstuiError as error:
            return self._after_failure(index, one, error)
        self._note_done(index, one, done)
        return None

    def _begin_step(
        self,
        index: int,
        one: NumberedStep,
        report: Report,
        ended: str | None = None,
    ) -> Report | None:
        """Check and record a step that is about to begin; None if it must not begin.

        Args:
            index: The number of the step in the record.
            one: The step.
            report: The newest report.
            ended: Why the step must not begin according to what was read since; None
                if it may.

        """
        if ended is None:
            ended = self.check.what_changed(one, report)
        if ended is not None:
            self.results.add_failure(one, ended, Aftermath.OUTDATED)
            return None
        self.results.report_progress(one, is_done=False)
        return report if self._record(index, one) else None

    def _note_done(self, index: int, one: NumberedStep, done: CompletedStep) -> None:
        """Record that the effect of a step was seen."""
        self.results.done[one.number] = done
        self.results.remarks += [done.remark] if done.remark else []
        try:
            self.plan_audit.done(index)
        except NstuiError as error:
            said = f"{step_text(one.step)} was done, but {error}"
            self.results.failed[one.number] = Failure(one.step, said, Aftermath.UNDONE)
            raise PlanEnded from error
        self.results.report_progress(one, is_done=True)

    def _record(self, index: int, one: NumberedStep) -> bool:
        """Record a step before it begins; return whether it may begin."""
        try:
            if one.step.removes:
                self.plan_audit.save(index, self.engine.inspect(one.step.container))
            self.plan_audit.begun(index)
            self.results.has_begun |= one.step.verb is not Verb.PULL
        except NstuiError as error:
            self.results.add_failure(one, error, Aftermath.NOT_ASKED)
            if isinstance(error, _ENDING_ERRORS):
                raise PlanEnded from error
            return False
        return True

    def _after_failure(
        self, index: int, one: NumberedStep, error: NstuiError
    ) -> Step | None:
        """Record that a step failed; return the step to try in its place, if any."""
        aftermath = _aftermath(error)
        is_first = index == 1 or self.results.plan.goes_on
        self.plan_audit.is_whole = is_first and aftermath is Aftermath.UNCHANGED
        self._record_failure(index, error, may_be_done=_may_be_done(aftermath))
        instead = self._recreate_instead(one.step, aftermath)
        if instead is None:
            self.results.add_failure(one, error, aftermath)
        else:
            name = one.step.name
            self.results.remarks.append(
                f"compose did not recreate {name}: {error}; nstui does it itself"
            )
        return instead

    def _note_failure(self, index: int, one: NumberedStep, error: NstuiError) -> None:
        """Record that one of several steps failed."""
        aftermath = _aftermath(error)
        self._record_failure(index, error, may_be_done=_may_be_done(aftermath))
        self.results.add_failure(one, error, aftermath)

    def _record_failure(
        self, index: int, error: NstuiError, *, may_be_done: bool
    ) -> None:
        # The failure of the step matters more than that of the audit log.
        with suppress(AuditFailed):
            self.plan_audit.failed(index, str(error), may_be_done=may_be_done)

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

    def _note_new(self, new: ContainerId) -> None:
        self.results.made.add(new)
        self.plan_audit.created(new)


def _aftermath(error: NstuiError) -> Aftermath:
    """Return how an error of the engine has left the container of a step."""
    if isinstance(error, EngineUnreachable):
        is_asked = error.reason not in _REQUEST_NOT_SENT
        return Aftermath.UNKNOWN if is_asked else Aftermath.NOT_ASKED
    return Aftermath.CHANGED if isinstance(error, HalfDone) else Aftermath.UNCHANGED


def _may_be_done(aftermath: Aftermath) -> bool:
    return aftermath in {Aftermath.CHANGED, Aftermath.UNKNOWN}
