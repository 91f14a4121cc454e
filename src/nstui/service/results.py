"""Keeps the results of the steps of a plan, and reports its progress."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import failed_text, failure_text, so_far_text
from nstui.analysis.text import on_host
from nstui.errors import NstuiError, PlanOutdated, StepFailed
from nstui.model.frozen import dataclass
from nstui.model.outcome import Aftermath, Failure, LeftAlone, Outcome
from nstui.model.step import Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nstui.model.container import ContainerId
    from nstui.model.image import PullProgress
    from nstui.model.plan import Plan
    from nstui.model.step import Step
    from nstui.service.step_runner import CompletedStep


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
class NumberedStep:
    """A step with its number in the plan."""

    number: int
    step: Step


@dataclass(slots=True, kw_only=True)
class Results:
    """What has come of the steps of a plan so far."""

    plan: Plan
    on_progress: Callable[[Progress], object]
    """Called before and after each step."""

    done: dict[int, CompletedStep] = field(default_factory=dict)
    """The completed steps, by number, including those undone since."""

    failed: dict[int, Failure] = field(default_factory=dict)
    left: list[LeftAlone] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    made: set[ContainerId] = field(default_factory=set)
    """The new containers of the plan, once they are complete."""

    has_begun: bool = False
    """Whether a step was begun that changes containers."""

    _blocked: dict[ContainerId, str] = field(default_factory=dict)
    """The names of the containers with failed steps, by id."""

    _cause: NstuiError | None = None
    """The error behind the last failure."""

    @property
    def outcome(self) -> Outcome:
        """The outcome so far."""
        done = [n for n in sorted(self.done) if n not in self.failed]
        return Outcome(
            done=tuple(self.plan.steps[number - 1] for number in done),
            failed=tuple(self.failed.values()),
            left=tuple(self.left),
            remarks=tuple(self.remarks),
        )

    def add_failure(
        self, one: NumberedStep, reason: NstuiError | str, aftermath: Aftermath
    ) -> None:
        """Note that a step failed, and tell it."""
        self.failed[one.number] = Failure(one.step, str(reason), aftermath)
        self._cause = reason if isinstance(reason, NstuiError) else self._cause
        self._blocked[one.step.container] = one.step.name
        self.report_progress(one, is_done=False, has_failed=True)

    def leave_out_blocked(self, steps: Iterable[NumberedStep]) -> list[NumberedStep]:
        """Leave out the steps that need a failed one; return the others."""
        free = []
        for one in steps:
            needed = {one.step.container, *one.step.needs}
            failed = next((n for c, n in self._blocked.items() if c in needed), None)
            if failed is None:
                free.append(one)
                continue
            if one.step.verb is not Verb.WAIT:
                self.left.append(LeftAlone(one.step, failed))
            self.report_progress(one, is_done=False, has_failed=True)
        return free

    def report_pull(self, one: NumberedStep, pull: PullProgress) -> None:
        """Tell how far the pull of a step has got."""
        total = len(self.plan.steps)
        self.on_progress(
            Progress(one.number, total, one.step, is_done=False, pull=pull)
        )

    def report_progress(
        self, one: NumberedStep, *, is_done: bool, has_failed: bool = False
    ) -> None:
        """Tell that a step begins, is done, or has failed."""
        total = len(self.plan.steps)
        self.on_progress(Progress(one.number, total, one.step, is_done, has_failed))

    def interruption_text(self, why: str) -> str:
        """Return why the plan was interrupted, what failed, and what was done."""
        heads = [failed_text(failure) for failure in self.failed.values()]
        said = "; ".join([*heads, why, so_far_text(self.plan, self.outcome)])
        return on_host(said, self.plan.options)

    def raise_if_failed(self) -> None:
        """Raise if a step failed.

        Raises:
            PlanOutdated: all that failed is that something had changed.
            StepFailed: a step failed; the error has the outcome.

        """
        outcome = self.outcome
        if not outcome.failed:
            return
        if all(one.aftermath is Aftermath.OUTDATED for one in outcome.failed):
            heads = "; ".join(one.reason for one in outcome.failed)
            raise PlanOutdated(f"stopped: {heads}; {so_far_text(self.plan, outcome)}")
        raise StepFailed(failure_text(self.plan, outcome), outcome) from self._cause
