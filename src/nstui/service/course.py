"""One plan being carried out: its steps, its failures, and whether it has lasted."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import field, replace
from typing import TYPE_CHECKING

from nstui.analysis.checks import why_undone, why_worse
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
    from nstui.model.plan import Plan
    from nstui.model.step import Step
    from nstui.ports import ContainerEngine
    from nstui.service.audit import ActionAudit, PlanAudit
    from nstui.service.observer import Observer
    from nstui.service.step_runner import Done, StepRunner


LASTING_S = 3.0
"""How long what was done has to last: once for a plan, however many steps it has."""

_AWAITED = frozenset({Verb.RECREATE, Verb.COMPOSE, Verb.FINISH, Verb.UNDO})
"""The steps that wait for as long themselves, while what was before can come back."""


def await_lasting(
    observer: Observer,
    done: Mapping[int, Done],
    ran: Collection[ContainerId],
    stop: Event,
) -> Iterator[tuple[int, str]]:
    """Yield the numbers of steps that were undone meanwhile, and what is the case.

    Only the last step of each container counts.

    Args:
        observer: Looks at the host.
        done: What was done, by the number of the step.
        ran: The containers that ran before the plan.
        stop: Set once the program is to end: then it is looked at at once.

    """
    last = {
        one.step.container: number
        for number, one in done.items()
        if one.seen is not None or one.step.verb is Verb.RM
    }
    left = {n: seen for n in sorted(last.values()) if (seen := done[n].seen)}
    if not left:
        return
    moments = [done[n].at for n in left if done[n].step.verb not in _AWAITED]
    if moments:
        stop.wait(max(0.0, max(moments) + LASTING_S - time.monotonic()))
    try:
        report = observer.look_afresh()
    except NstuiError:
        # Each was seen to be done; that nobody answers now is another matter.
        return
    for number, seen in left.items():
        step = done[number].step
        undone = why_undone(step, seen, report, ran=step.container in ran)
        if undone:
            yield number, undone


_NOT_EVEN_ASKED = frozenset(
    {Unreachable.MISSING_SOCKET, Unreachable.PERMISSION, Unreachable.REFUSED}
)
"""Why an engine cannot have heard of a step at all."""

_ENDS = EngineUnreachable | AuditFailed
"""Failures before a step was asked for, after which no other step can be taken."""

_UNTOUCHED = frozenset({Aftermath.NOT_ASKED, Aftermath.UNCHANGED})
"""What a step that failed has left if it has changed nothing itself, and its sentence
is about something else."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A step that is about to be taken, that has been, or that failed."""

    number: int
    """Counted from 1."""

    total: int
    step: Step
    is_done: bool
    has_failed: bool = False
    """Whether it failed, or was left alone because another one did."""


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A step with its number in the plan."""

    number: int
    step: Step


class _Ended(Exception):
    """No further step can be taken."""


@dataclass(slots=True, kw_only=True)
class PlanRun:
    """One plan on its way."""

    plan: Plan
    then: Report
    """What was seen before the first step."""

    engine: ContainerEngine
    observer: Observer
    audit: ActionAudit
    runner: StepRunner
    stop: Event
    """Set once the program is to end."""

    tell: Callable[[Progress], object]
    _done: dict[int, Done] = field(default_factory=dict)
    """By the number of the step."""

    _failed: dict[int, Failure] = field(default_factory=dict)
    _left: list[LeftAlone] = field(default_factory=list)
    _remarks: list[str] = field(default_factory=list)
    _blocked: dict[ContainerId, str] = field(default_factory=dict)
    """The names of the containers whose steps failed."""

    is_over: bool = False
    """Whether it has come to its end, and the engine answers still."""

    _cause: NstuiError | None = None
    """The last error that a failure was for."""

    _is_lost: bool = False
    """Whether the engine does not answer any more."""

    @property
    def outcome(self) -> Outcome:
        """What has come of it so far."""
        done = [n for n in sorted(self._done) if n not in self._failed]
        return Outcome(
            done=tuple(self.plan.steps[number - 1] for number in done),
            failed=tuple(self._failed.values()),
            left=tuple(self._left),
            remarks=tuple(self._remarks),
        )

    def run(self) -> Outcome:
        """Take the steps, and look at the end whether what they did has lasted.

        Raises:
            AuditFailed: no trace of the plan can be kept; nothing was done.
            PlanOutdated: what the plan relied on has changed.
            StepFailed: a step failed; the error has the outcome.
            Interrupted: the program is to end.

        """
        self.runner.prepare(self.plan.steps)
        left: Sequence[_Numbered] = [
            _Numbered(number, step)
            for number, step in enumerate(self.plan.steps, start=1)
        ]
        with suppress(_Ended):
            while left:
                left = self._leg(left)
        if not self._is_lost:
            self._see_what_lasted()
        self.is_over = not self._is_lost and bool(self._done)
        self._raise_if_failed()
        return self.outcome

    def _leg(self, steps: Sequence[_Numbered]) -> Sequence[_Numbered]:
        """Take steps until one fails; return those to take then.

        Each leg has a record of its own, so that what a step that failed has left over
        is found by a later look, whatever comes after it.
        """
        plan_audit = self._begin(steps)
        try:
            for index, one in enumerate(steps):
                if self.stop.is_set():
                    raise Interrupted(self._interrupted("interrupted"))
                instead = self._step(plan_audit, index + 1, one)
                if one.number in self._failed:
                    self._end_unless_goes_on()
                    return self._unblocked(steps[index + 1 :])
                if instead is not None:
                    return [_Numbered(one.number, instead), *steps[index + 1 :]]
            plan_audit.is_whole = True
        finally:
            plan_audit.close()
        return ()

    def _begin(self, steps: Sequence[_Numbered]) -> PlanAudit:
        part = replace(self.plan, steps=tuple(one.step for one in steps))
        try:
            return self.audit.begin(part, self.then.graph.containers)
        except AuditFailed as error:
            if not self._failed and not self._done:
                raise
            self._fail(steps[0], error, Aftermath.NOT_ASKED)
            raise _Ended from error

    def _step(self, plan_audit: PlanAudit, index: int, one: _Numbered) -> Step | None:
        """Take a step; return the one that is to be taken instead, if there is one.

        Args:
            plan_audit: Where it is written down.
            index: Its number there.
            one: The step.

        """
        report = self._check(one) if self._done or self._failed else self.then
        if report is None:
            return None
        self._say(one, is_done=False)
        if not self._write_down(plan_audit, index, one):
            return None
        try:
            done = self.runner.run(one.step, report, plan_audit.created, self.stop)
        except Interrupted as error:
            _note(plan_audit, index, error, may_be_done=False)
            raise Interrupted(self._interrupted(str(error))) from error
        except NstuiError as error:
            return self._after_failure(plan_audit, index, one, error)
        self._done[one.number] = done
        self._remarks += [done.remark] if done.remark else []
        try:
            plan_audit.done(index)
        except NstuiError as error:
            said = f"{step_text(one.step)} was done, but {error}"
            self._failed[one.number] = Failure(one.step, said, Aftermath.UNDONE)
            raise _Ended from error
        self._say(one, is_done=True)
        return None

    def _check(self, one: _Numbered) -> Report | None:
        """Look at what a step relies on; return None if it must not be taken."""
        try:
            report = self.observer.look_afresh()
        except NstuiError as error:
            self._is_lost = True
            if not self._failed:
                self._fail(one, error, Aftermath.NOT_ASKED)
            raise _Ended from error
        changed = what_changed(one.step, self.then.graph, report.graph)
        if changed is None:
            return report
        self._fail(one, changed, Aftermath.OUTDATED)
        return None

    def _write_down(self, plan_audit: PlanAudit, index: int, one: _Numbered) -> bool:
        """Write down what is to be asked of the engine, before it is asked."""
        try:
            if one.step.removes:
                plan_audit.save(index, self.engine.inspect(one.step.container))
            plan_audit.begun(index)
        except NstuiError as error:
            self._fail(one, error, Aftermath.NOT_ASKED)
            if isinstance(error, _ENDS):
                raise _Ended from error
            return False
        return True

    def _after_failure(
        self, plan_audit: PlanAudit, index: int, one: _Numbered, error: NstuiError
    ) -> Step | None:
        """Write down that a step failed; return what is to be done instead."""
        aftermath = _aftermath(error)
        may_be_done = aftermath in {Aftermath.CHANGED, Aftermath.UNKNOWN}
        is_first = index == 1 or self.plan.goes_on
        plan_audit.is_whole = is_first and aftermath is Aftermath.UNCHANGED
        _note(plan_audit, index, error, may_be_done=may_be_done)
        instead = self._other_way(one.step, aftermath)
        if instead is None:
            self._fail(one, error, aftermath)
        else:
            name = one.step.name
            self._remarks.append(
                f"compose did not recreate {name}: {error}; nstui does it itself"
            )
        return instead

    def _other_way(self, step: Step, aftermath: Aftermath) -> Step | None:
        """Return what can be tried where compose has refused and nothing has changed.

        The plan did not say what the other way would leave out.
        """
        if step.verb is not Verb.COMPOSE or aftermath is not Aftermath.UNCHANGED:
            return None
        try:
            is_whole = not self.engine.left_out(step.container, step.joins)
        except NstuiError:
            return None
        if not step.as_before or not step.joins or not is_whole:
            return None
        return replace(step, verb=Verb.RECREATE, command=(), changes=())

    def _fail(
        self, one: _Numbered, reason: NstuiError | str, aftermath: Aftermath
    ) -> None:
        self._failed[one.number] = Failure(one.step, str(reason), aftermath)
        self._cause = reason if isinstance(reason, NstuiError) else self._cause
        self._blocked[one.step.container] = one.step.name
        self._say(one, is_done=False, has_failed=True)

    def _end_unless_goes_on(self) -> None:
        if not self.plan.goes_on:
            raise _Ended

    def _unblocked(self, steps: Iterable[_Numbered]) -> list[_Numbered]:
        """Leave those steps alone that need what failed; return the others."""
        free = []
        for one in steps:
            needed = {one.step.container, *one.step.needs}
            failed = next((n for c, n in self._blocked.items() if c in needed), None)
            if failed is None:
                free.append(one)
                continue
            if one.step.verb is not Verb.WAIT:
                self._left.append(LeftAlone(one.step, failed))
            self._say(one, is_done=False, has_failed=True)
        return free

    def _say(self, one: _Numbered, *, is_done: bool, has_failed: bool = False) -> None:
        total = len(self.plan.steps)
        self.tell(Progress(one.number, total, one.step, is_done, has_failed))

    def _see_what_lasted(self) -> None:
        """Take what was done and has been undone since for failed."""
        if self._failed and not self.plan.goes_on:
            return
        ran = {c.id for c in self.then.graph.containers.values() if is_up(c)}
        done = {
            number: done
            for number, done in self._done.items()
            if number not in self._failed
        }
        for number, undone in await_lasting(self.observer, done, ran, self.stop):
            step = done[number].step
            self._failed[number] = Failure(step, undone, Aftermath.UNDONE)
            self._forget_wait_for(step.container)
        if self._failed:
            self._see_what_is_worse(ran)

    def _forget_wait_for(self, container: ContainerId) -> None:
        """Say once what ended: its start has failed, and so has the wait for it."""
        self._failed = {
            number: one
            for number, one in self._failed.items()
            if one.step.container != container or one.step.verb is not Verb.WAIT
        }

    def _see_what_is_worse(self, ran: Collection[ContainerId]) -> None:
        """Say of those that were not acted on, and that ran, if they do not any more.

        Another step may have ended them: one of whom they shared the pid namespace.
        """
        try:
            report = self.observer.look_afresh()
        except NstuiError:
            # What came of each step is known all the same.
            return

        def now(step: Step) -> str:
            return why_worse(step, report) if step.container in ran else ""

        self._left = [replace(one, now=now(one.step)) for one in self._left]
        for number, one in self._failed.items():
            worse = now(one.step) if one.aftermath in _UNTOUCHED else ""
            if worse and one.step.verb is not Verb.WAIT:
                self._failed[number] = replace(one, reason=f"{one.reason}; {worse}")

    def _interrupted(self, why: str) -> str:
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
    """Return what a step has left that failed after it was asked for."""
    if isinstance(error, EngineUnreachable):
        is_asked = error.reason not in _NOT_EVEN_ASKED
        return Aftermath.UNKNOWN if is_asked else Aftermath.NOT_ASKED
    return Aftermath.CHANGED if isinstance(error, HalfDone) else Aftermath.UNCHANGED


def _note(
    plan_audit: PlanAudit, number: int, error: NstuiError, *, may_be_done: bool
) -> None:
    # Why the step failed matters more than that this could not be written down.
    with suppress(AuditFailed):
        plan_audit.failed(number, str(error), may_be_done=may_be_done)
