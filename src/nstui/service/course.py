"""Carries out one plan: after a step that failed it goes on, goes back, or ends."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.order import is_paused, is_up
from nstui.errors import AuditFailed, Interrupted
from nstui.model.frozen import dataclass
from nstui.model.outcome import Aftermath
from nstui.model.step import Verb
from nstui.service.lasting import check_lasting
from nstui.service.plan_check import PlanCheck, PlanEnded
from nstui.service.results import NumberedStep, Results
from nstui.service.rollback import Before
from nstui.service.step_sequence import StepSequence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event

    from nstui.analysis.report import Report
    from nstui.model.outcome import Outcome
    from nstui.ports import ContainerEngine
    from nstui.service.audit import ActionAudit, PlanAudit
    from nstui.service.observer import Observer
    from nstui.service.step_runner import StepRunner


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

    is_over: bool = False
    """Whether the run has ended, something was done, and the engine still answers."""

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
        check = PlanCheck(
            results=self.results,
            then=self.then,
            engine=self.engine,
            observer=self.observer,
        )
        with suppress(PlanEnded):
            while left:
                left = self._run_until_failure(left, check)
        if self.checks_lasting and not check.is_lost:
            ran = {c.id for c in self.then.graph.containers.values() if is_up(c)}
            check_lasting(self.results, self.observer, ran, self.stop)
        self.is_over = not check.is_lost and bool(self.results.done)
        self.results.raise_if_failed()
        return self.results.outcome

    def _run_until_failure(
        self, steps: Sequence[NumberedStep], check: PlanCheck
    ) -> Sequence[NumberedStep]:
        """Carry out steps until one fails; return the steps to continue with.

        Each such sequence has its own record: later looks find from it what a failed
        step has left over, whatever the steps after it do.
        """
        plan_audit = self._begin_record(steps)
        try:
            return StepSequence(
                steps=steps,
                plan_audit=plan_audit,
                results=self.results,
                check=check,
                engine=self.engine,
                runner=self.runner,
                stop=self.stop,
                at_once=self.at_once,
            ).run()
        except Interrupted as error:
            said = self._go_back(plan_audit)
            if said:
                raise Interrupted(f"interrupted; {said}") from error
            raise
        except PlanEnded:
            said = self._go_back(plan_audit)
            if said:
                self.results.failed |= {
                    number: replace(one, reason=f"{one.reason}; {said}")
                    for number, one in self.results.failed.items()
                }
            raise
        finally:
            plan_audit.close()

    def _go_back(self, plan_audit: PlanAudit) -> str:
        """Put everything back if the plan is one that does so; return how that went.

        Nothing is put back once only old containers were to be removed.
        """
        only_old_left = any(one.step.is_old for one in self.results.failed.values())
        if not self.results.plan.goes_back or only_old_left:
            return ""
        if not self.results.has_begun:
            plan_audit.is_whole = True
            return ""
        there = self.then.graph.containers.values()
        before = Before(
            ran=frozenset(c.id for c in there if is_up(c)),
            paused=frozenset(c.id for c in there if is_paused(c)),
        )
        problems = self.runner.put_back(
            self.results.plan.steps,
            before,
            frozenset(self.results.made),
            plan_audit.created,
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
            raise PlanEnded from error
