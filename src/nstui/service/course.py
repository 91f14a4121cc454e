"""Runs the steps of one plan, handles failures, and checks that the effects last."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.checks import finished_text, why_undone, why_worse
from nstui.analysis.plans.commands import (
    failed_text,
    failure_text,
    so_far_text,
    step_text,
)
from nstui.analysis.plans.order import is_up
from nstui.analysis.plans.preconditions import what_changed
from nstui.errors import (
    AuditFailed,
    EngineUnreachable,
    HalfDone,
    Interrupted,
    NstuiError,
    PlanOutdated,
    StepFailed,
    Unreachable,
)
from nstui.model.frozen import dataclass
from nstui.model.outcome import Aftermath, Failure, LeftAlone, Outcome
from nstui.model.step import Verb
from nstui.service.several import Several, count_independent

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from threading import Event

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.image import PullProgress
    from nstui.model.plan import Plan
    from nstui.model.step import Step
    from nstui.ports import ContainerEngine
    from nstui.service.audit import ActionAudit, PlanAudit
    from nstui.service.observer import Observer
    from nstui.service.step_runner import CompletedStep, StepRunner


LASTING_S = 3.0
"""Seconds that effects have to last: waited for once per plan, after all steps."""

_WAITING_VERBS = frozenset(
    {Verb.RECREATE, Verb.RESTORE, Verb.COMPOSE, Verb.FINISH, Verb.UNDO}
)
"""The steps that wait for as long themselves, while they can still be undone."""

_IMMEDIATE_VERBS = frozenset({Verb.PAUSE, Verb.UNPAUSE})
"""The steps that are not waited for, since no program begins or ends with them."""


def find_undone_steps(
    observer: Observer,
    done: Mapping[int, CompletedStep],
    ran: Collection[ContainerId],
    stop: Event,
) -> Iterator[tuple[int, str, str]]:
    """Wait a moment; yield each step with an effect that did not last, and why.

    A step is given by its number. Only the last step of each container counts. The
    reason is empty for a container that has done its work, of which the third value
    tells.

    Args:
        observer: Looks at the host.
        done: The steps that were done, by number.
        ran: The containers that ran before the plan.
        stop: Set when the program is about to end: nothing is waited for then.

    """
    last = {
        one.step.container: number
        for number, one in done.items()
        if one.seen is not None or one.step.verb is Verb.RM
    }
    left = {n: seen for n in sorted(last.values()) if (seen := done[n].seen)}
    if not left:
        return
    skipped = _WAITING_VERBS | _IMMEDIATE_VERBS
    moments = [done[n].at for n in left if done[n].step.verb not in skipped]
    if moments:
        stop.wait(max(0.0, max(moments) + LASTING_S - time.monotonic()))
    try:
        report = observer.look_afresh()
    except NstuiError:
        # Each effect was seen; that the engine does not answer now changes nothing.
        return
    for number, seen in left.items():
        step = done[number].step
        undone = why_undone(step, seen, report, ran=step.container in ran)
        ended = "" if undone else finished_text(step, report)
        if undone or ended:
            yield number, undone, ended


_REQUEST_NOT_SENT = frozenset(
    {Unreachable.MISSING_SOCKET, Unreachable.PERMISSION, Unreachable.REFUSED}
)
"""The reasons that mean that no request has reached the engine."""

_ENDING_ERRORS = EngineUnreachable | AuditFailed
"""The errors that end the plan if they occur before a request."""

_UNCHANGED = frozenset({Aftermath.NOT_ASKED, Aftermath.UNCHANGED})
"""The aftermaths of failed steps that have changed nothing; the reason for the failure
then does not describe the container's present state."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A step that is about to begin, is done, or has failed."""

    number: int
    """The number of the step in the plan, from 1."""

    total: int
    step: Step
    is_done: bool
    has_failed: bool = False
    """Whether the step failed, or was left out because another one had failed."""

    pull: PullProgress | None = None
    """How far the pull of its image has got; None for any other step."""


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A step with its number in the plan."""

    number: int
    step: Step


class _PlanEnded(Exception):
    """Raised to end the plan before its last step."""


@dataclass(slots=True, kw_only=True)
class PlanRun:
    """Carries out one plan; used once."""

    plan: Plan
    then: Report
    """The report from which the plan was made."""

    engine: ContainerEngine
    observer: Observer
    audit: ActionAudit
    runner: StepRunner
    stop: Event
    """Set when the program is about to end."""

    on_progress: Callable[[Progress], object]
    at_once: int = 1
    """How many steps may be carried out at the same time."""

    checks_lasting: bool = True
    """Whether to wait for a moment at the end and look whether all has lasted."""

    _done: dict[int, CompletedStep] = field(default_factory=dict)
    """The completed steps, by number, including those undone since."""

    _failed: dict[int, Failure] = field(default_factory=dict)
    _left: list[LeftAlone] = field(default_factory=list)
    _remarks: list[str] = field(default_factory=list)
    _made: set[ContainerId] = field(default_factory=set)
    """The new containers of the plan, once they are complete."""

    _has_begun: bool = False
    """Whether a step was begun that changes containers."""

    _blocked: dict[ContainerId, str] = field(default_factory=dict)
    """The names of the containers with failed steps, by id."""

    _begun: bool = False
    """Whether a step has begun, so that the report is no longer new."""

    is_over: bool = False
    """Whether the run has ended, something was done, and the engine still answers."""

    _cause: NstuiError | None = None
    """The error behind the last failure."""

    _is_lost: bool = False
    """Whether the engine has stopped answering."""

    @property
    def outcome(self) -> Outcome:
        """The outcome so far."""
        done = [n for n in sorted(self._done) if n not in self._failed]
        return Outcome(
            done=tuple(self.plan.steps[number - 1] for number in done),
            failed=tuple(self._failed.values()),
            left=tuple(self._left),
            remarks=tuple(self._remarks),
        )

    def run(self) -> Outcome:
        """Carry out the steps, and check at the end that their effects have lasted.

        Raises:
            AuditFailed: the audit log cannot be written; nothing was done.
            PlanOutdated: something that the plan relied on has changed.
            StepFailed: a step failed; the error has the outcome.
            Interrupted: the program is about to end.

        """
        self.runner.prepare(self.plan.steps)
        left: Sequence[_Numbered] = [
            _Numbered(number, step)
            for number, step in enumerate(self.plan.steps, start=1)
        ]
        with suppress(_PlanEnded):
            while left:
                left = self._run_until_failure(left)
        if self.checks_lasting and not self._is_lost:
            self._check_lasting()
        self.is_over = not self._is_lost and bool(self._done)
        self._raise_if_failed()
        return self.outcome

    def _run_until_failure(self, steps: Sequence[_Numbered]) -> Sequence[_Numbered]:
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
                self._failed |= {
                    number: replace(one, reason=f"{one.reason}; {said}")
                    for number, one in self._failed.items()
                }
            raise
        finally:
            plan_audit.close()

    def _take_steps(
        self, plan_audit: PlanAudit, steps: Sequence[_Numbered]
    ) -> Sequence[_Numbered]:
        left = steps
        while left:
            # What is left of the old is removed once all that is new is well.
            if self.stop.is_set() and not left[0].step.is_old:
                raise Interrupted(self._interruption_text("interrupted"))
            instead, left = self._run_next(plan_audit, len(steps), left)
            if instead is not None:
                return [instead, *left]
            if any(one.number in self._failed for one in steps):
                self._end_unless_goes_on()
                return self._leave_out_blocked(left)
        plan_audit.is_whole = True
        return ()

    def _run_next(
        self, plan_audit: PlanAudit, total: int, left: Sequence[_Numbered]
    ) -> tuple[_Numbered | None, Sequence[_Numbered]]:
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
        other = None if instead is None else _Numbered(one.number, instead)
        return other, left[1:]

    def _run_several(
        self, plan_audit: PlanAudit, several: Sequence[tuple[int, _Numbered]]
    ) -> None:
        """Carry out steps of which none needs another, some at the same time.

        All are begun, and recorded, in this thread. A failed one does not keep the
        others from being carried out.
        """

        def begin(of: tuple[int, _Numbered]) -> Report | None:
            if self.stop.is_set():
                raise Interrupted("interrupted")
            return self._begin_step(plan_audit, *of)

        def run(of: tuple[int, _Numbered], report: Report) -> CompletedStep:
            step = of[1].step
            return self.runner.run(step, report, plan_audit.created, self.stop)

        def end(of: tuple[int, _Numbered], result: CompletedStep | NstuiError) -> None:
            index, one = of
            if isinstance(result, NstuiError):
                self._note_failure(plan_audit, index, one, result)
            else:
                self._note_done(plan_audit, index, one, result)

        try:
            Several(self.at_once, begin=begin, run=run, end=end).work_through(several)
        except Interrupted as error:
            raise Interrupted(self._interruption_text(str(error))) from error
        failed = [
            self._failed[o.number] for _, o in several if o.number in self._failed
        ]
        if failed:
            unchanged = (one.aftermath is Aftermath.UNCHANGED for one in failed)
            plan_audit.is_whole = all(unchanged)

    def _go_back(self, plan_audit: PlanAudit) -> str:
        """Put everything back if the plan is one that does so; return how that went.

        Nothing is put back once only old containers were to be removed.
        """
        only_old_left = any(one.step.is_old for one in self._failed.values())
        if not self.plan.goes_back or only_old_left:
            return ""
        if not self._has_begun:
            plan_audit.is_whole = True
            return ""
        ran = {c.id for c in self.then.graph.containers.values() if is_up(c)}
        problems = self.runner.put_back(
            self.plan.steps, ran, frozenset(self._made), plan_audit.created
        )
        plan_audit.is_whole = not problems
        if problems:
            return f"not everything was put back: {'; '.join(problems)}"
        self._done = {n: d for n, d in self._done.items() if d.step.verb is Verb.PULL}
        return "everything was put back"

    def _begin_record(self, steps: Sequence[_Numbered]) -> PlanAudit:
        part = replace(self.plan, steps=tuple(one.step for one in steps))
        try:
            return self.audit.begin(part, self.then.graph.containers)
        except AuditFailed as error:
            if not self._failed and not self._done:
                raise
            self._add_failure(steps[0], error, Aftermath.NOT_ASKED)
            raise _PlanEnded from error

    def _run_step(
        self, plan_audit: PlanAudit, index: int, one: _Numbered
    ) -> Step | None:
        """Carry out a step; return the step to try in its place, if there is one.

        Args:
            plan_audit: The record of the steps.
            index: The number of the step in that record, from 1.
            one: The step.

        """
        report = self._begin_step(plan_audit, index, one)
        if report is None:
            return None
        try:
            done = self.runner.run(
                one.step,
                report,
                partial(self._note_new, plan_audit),
                self.stop,
                partial(self._report_pull, one),
            )
        except Interrupted as error:
            _record_failure(plan_audit, index, error, may_be_done=False)
            raise Interrupted(self._interruption_text(str(error))) from error
        except NstuiError as error:
            return self._after_failure(plan_audit, index, one, error)
        self._note_done(plan_audit, index, one, done)
        return None

    def _begin_step(
        self, plan_audit: PlanAudit, index: int, one: _Numbered
    ) -> Report | None:
        """Check and record a step that is about to begin; None if it must not begin."""
        is_first = not (self._done or self._failed or self._begun)
        self._begun = True
        report = self.then if is_first else self._check_again(one)
        if report is None:
            return None
        self._report_progress(one, is_done=False)
        return report if self._record(plan_audit, index, one) else None

    def _note_done(
        self, plan_audit: PlanAudit, index: int, one: _Numbered, done: CompletedStep
    ) -> None:
        """Record that the effect of a step was seen."""
        self._done[one.number] = done
        self._remarks += [done.remark] if done.remark else []
        try:
            plan_audit.done(index)
        except NstuiError as error:
            said = f"{step_text(one.step)} was done, but {error}"
            self._failed[one.number] = Failure(one.step, said, Aftermath.UNDONE)
            raise _PlanEnded from error
        self._report_progress(one, is_done=True)

    def _check_again(self, one: _Numbered) -> Report | None:
        """Return a new report; None if something that a step relies on has changed."""
        try:
            report = self.observer.look_afresh()
        except NstuiError as error:
            self._is_lost = True
            if not self._failed:
                self._add_failure(one, error, Aftermath.NOT_ASKED)
            raise _PlanEnded from error
        changed = what_changed(one.step, self.then.graph, report.graph)
        if changed is None:
            return report
        self._add_failure(one, changed, Aftermath.OUTDATED)
        return None

    def _record(self, plan_audit: PlanAudit, index: int, one: _Numbered) -> bool:
        """Record a step before it begins; return whether it may begin."""
        try:
            if one.step.removes:
                plan_audit.save(index, self.engine.inspect(one.step.container))
            plan_audit.begun(index)
            self._has_begun |= one.step.verb is not Verb.PULL
        except NstuiError as error:
            self._add_failure(one, error, Aftermath.NOT_ASKED)
            if isinstance(error, _ENDING_ERRORS):
                raise _PlanEnded from error
            return False
        return True

    def _after_failure(
        self, plan_audit: PlanAudit, index: int, one: _Numbered, error: NstuiError
    ) -> Step | None:
        """Record that a step failed; return the step to try in its place, if any."""
        aftermath = _aftermath(error)
        is_first = index == 1 or self.plan.goes_on
        plan_audit.is_whole = is_first and aftermath is Aftermath.UNCHANGED
        _record_failure(plan_audit, index, error, may_be_done=_may_be_done(aftermath))
        instead = self._recreate_instead(one.step, aftermath)
        if instead is None:
            self._add_failure(one, error, aftermath)
        else:
            name = one.step.name
            self._remarks.append(
                f"compose did not recreate {name}: {error}; nstui does it itself"
            )
        return instead

    def _note_failure(
        self, plan_audit: PlanAudit, index: int, one: _Numbered, error: NstuiError
    ) -> None:
        """Record that one of several steps failed."""
        aftermath = _aftermath(error)
        _record_failure(plan_audit, index, error, may_be_done=_may_be_done(aftermath))
        self._add_failure(one, error, aftermath)

    def _recreate_instead(self, step: Step, aftermath: Aftermath) -> Step | None:
        """Return the step by which nstui recreates a container that compose did not.

        None if something has changed meanwhile, or if nstui would leave something out,
        since the plan that the user accepted did not say so.
        """
        if step.verb is not Verb.COMPOSE or aftermath is not Aftermath.UNCHANGED:
            return None
        if self.plan.goes_back:
            return None
        try:
            is_whole = not self.engine.left_out(step.container, step.joins)
        except NstuiError:
            return None
        if not step.as_before or not step.joins or not is_whole:
            return None
        return replace(step, verb=Verb.RECREATE, command=(), changes=())

    def _add_failure(
        self, one: _Numbered, reason: NstuiError | str, aftermath: Aftermath
    ) -> None:
        self._failed[one.number] = Failure(one.step, str(reason), aftermath)
        self._cause = reason if isinstance(reason, NstuiError) else self._cause
        self._blocked[one.step.container] = one.step.name
        self._report_progress(one, is_done=False, has_failed=True)

    def _end_unless_goes_on(self) -> None:
        if not self.plan.goes_on:
            raise _PlanEnded

    def _leave_out_blocked(self, steps: Iterable[_Numbered]) -> list[_Numbered]:
        """Leave out the steps that need a failed one; return the others."""
        free = []
        for one in steps:
            needed = {one.step.container, *one.step.needs}
            failed = next((n for c, n in self._blocked.items() if c in needed), None)
            if failed is None:
                free.append(one)
                continue
            if one.step.verb is not Verb.WAIT:
                self._left.append(LeftAlone(one.step, failed))
            self._report_progress(one, is_done=False, has_failed=True)
        return free

    def _note_new(self, plan_audit: PlanAudit, new: ContainerId) -> None:
        self._made.add(new)
        plan_audit.created(new)

    def _report_pull(self, one: _Numbered, pull: PullProgress) -> None:
        total = len(self.plan.steps)
        self.on_progress(
            Progress(one.number, total, one.step, is_done=False, pull=pull)
        )

    def _report_progress(
        self, one: _Numbered, *, is_done: bool, has_failed: bool = False
    ) -> None:
        total = len(self.plan.steps)
        self.on_progress(Progress(one.number, total, one.step, is_done, has_failed))

    def _check_lasting(self) -> None:
        """Count steps with effects that did not last as failed."""
        if self._failed and not self.plan.goes_on:
            return
        ran = {c.id for c in self.then.graph.containers.values() if is_up(c)}
        done = {
            number: done
            for number, done in self._done.items()
            if number not in self._failed
        }
        for number, undone, ended in find_undone_steps(
            self.observer, done, ran, self.stop
        ):
            step = done[number].step
            if not undone:
                self._remarks.append(ended)
                continue
            self._failed[number] = Failure(step, undone, Aftermath.UNDONE)
            self._drop_failed_wait(step.container)
        if self._failed:
            self._note_collateral(ran)

    def _drop_failed_wait(self, container: ContainerId) -> None:
        """Drop the failed wait for a container that also has a failed start."""
        self._failed = {
            number: one
            for number, one in self._failed.items()
            if one.step.container != container or one.step.verb is not Verb.WAIT
        }

    def _note_collateral(self, ran: Collection[ContainerId]) -> None:
        """Note which containers without a completed step ran before and no longer do.

        Another step may have ended them, since a pid namespace ends with its owner.
        """
        try:
            report = self.observer.look_afresh()
        except NstuiError:
            # The outcome of each step is known without it.
            return

        def now(step: Step) -> str:
            return why_worse(step, report) if step.container in ran else ""

        self._left = [replace(one, now=now(one.step)) for one in self._left]
        for number, one in self._failed.items():
            worse = now(one.step) if one.aftermath in _UNCHANGED else ""
            if worse and one.step.verb is not Verb.WAIT:
                self._failed[number] = replace(one, reason=f"{one.reason}; {worse}")

    def _interruption_text(self, why: str) -> str:
        heads = [failed_text(failure) for failure in self._failed.values()]
        return "; ".join([*heads, why, so_far_text(self.plan, self.outcome)])

    def _raise_if_failed(self) -> None:
        outcome = self.outcome
        if not outcome.failed:
            return
        if all(one.aftermath is Aftermath.OUTDATED for one in outcome.failed):
            heads = "; ".join(one.reason for one in outcome.failed)
            raise PlanOutdated(f"stopped: {heads}; {so_far_text(self.plan, outcome)}")
        raise StepFailed(failure_text(self.plan, outcome), outcome) from self._cause


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
