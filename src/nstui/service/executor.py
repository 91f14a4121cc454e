"""Makes plans and carries them out, after checking that each one may run."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.claimed import acted_on, owners_beside
from nstui.analysis.plans.interruptions import request_after
from nstui.analysis.plans.permission import refuse_unless_permitted
from nstui.errors import GroupInUse, NstuiError, PlanOutdated
from nstui.model.host_options import HERE, HostOptions
from nstui.model.outcome import Outcome
from nstui.model.own import NOWHERE
from nstui.service.course import PlanRun
from nstui.service.planner import Planner
from nstui.service.results import Results
from nstui.service.step_runner import StepRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from contextlib import AbstractContextManager

    from nstui.analysis.report import Report
    from nstui.model.audit import DamagedRecord, RemovedContainer
    from nstui.model.container import ContainerId
    from nstui.model.own import OwnProcess
    from nstui.model.plan import Plan, Request
    from nstui.ports import (
        Claims,
        Compose,
        ContainerEngine,
        HostEvidence,
        Managers,
        Tickets,
    )
    from nstui.service.audit import ActionAudit
    from nstui.service.observer import Observer
    from nstui.service.results import Progress


def _ignore_progress(progress: Progress) -> None:
    """Do nothing; used if the caller does not want to know the progress."""


class NoClaims:
    """Implements `nstui.ports.Claims` where no other program acts on the engine."""

    def hold(self, _: Mapping[ContainerId, str]) -> AbstractContextManager[None]:
        """Return a context manager that does nothing."""
        return nullcontext()


class Executor:
    """Turns requests into plans, and plans into calls to the engine."""

    def __init__(  # noqa: PLR0913 - one for each collaborator
        self,
        engine: ContainerEngine,
        observer: Observer,
        audit: ActionAudit,
        compose: Compose,
        managers: Managers,
        *,
        evidence: HostEvidence | None = None,
        claims: Claims | None = None,
        own: OwnProcess = NOWHERE,
        tickets: Tickets | None = None,
        options: HostOptions = HERE,
    ) -> None:
        """Store the collaborators.

        Args:
            engine: The engine to act on.
            observer: Looks at the host, before each step and after it.
            audit: Records what is done.
            compose: Recreates the containers that compose made.
            managers: Stop or restart the containers that they manage.
            evidence: Finds the outsiders that a plan would end; None if nothing can.
            claims: Keeps other programs from the containers of a plan; None if there
                are no others.
            own: What tells in which container nstui itself runs.
            tickets: Tells the engine's guard what a plan does; None if it has none.
            options: Those that commands have where a plan is shown.

        """
        self._claims = claims or NoClaims()
        self._engine = engine
        self._observer = observer
        self._audit = audit
        self._planner = Planner(
            engine,
            observer,
            audit,
            compose,
            evidence=evidence,
            own=own,
            options=options,
        )
        self._runner = StepRunner(engine, observer, compose, audit, managers, tickets)
        self._stop = threading.Event()
        self._acting = threading.Event()

    @property
    def is_acting(self) -> bool:
        """Whether a plan is being carried out."""
        return self._acting.is_set()

    def plan(self, request: Request) -> Plan:
        """Return the plan for a request, made from a new look at the host.

        Raises:
            ContainerVanished: a target no longer exists.

        """
        return self.plans((request,))[0]

    def plans(self, requests: Iterable[Request]) -> tuple[Plan, ...]:
        """Return the plans for several requests, all made from one new look.

        Raises:
            ContainerVanished: a target no longer exists.

        """
        return self._planner.plans(requests)

    def plan_on(self, report: Report, request: Request) -> Plan:
        """Return the plan for a request, made from an earlier look at the host.

        The outsiders are not looked for. The plan may be outdated: `carry_out` checks
        that, as it does for every plan.

        Args:
            report: The report of the look.
            request: The request.

        Raises:
            ContainerVanished: a target did not exist.

        """
        return self._planner.plan_on(report, request)

    def request_after(self, plan: Plan) -> Request | None:
        """Return the request that heals what is still broken after an interruption.

        Args:
            plan: The plan that finished or undid an interrupted plan.

        Returns:
            The request; None if `plan` was not such a plan.

        """
        if not plan.interruptions:
            return None
        return request_after(self._observer.look_afresh().graph, plan)

    def stop_soon(self) -> None:
        """Begin no further step, since the program is about to end.

        The current step is finished, or undone if it fails. May be called from any
        thread.
        """
        self._stop.set()

    def carry_out(
        self,
        plan: Plan,
        on_progress: Callable[[Progress], object] = _ignore_progress,
        *,
        at_once: int = 1,
        checks_lasting: bool = True,
    ) -> Outcome:
        """Carry out a plan that was shown, if it still holds; otherwise do nothing.

        Everything is read again before the first step. Before each further step, what
        that step relies on is checked again, and after each step its effect. At the
        end it is checked whether all effects have lasted.

        After a failure, a plan with `Plan.goes_on` continues with the steps that do
        not need the failed one; any other plan stops.

        Args:
            plan: The plan.
            on_progress: Called before and after each step.
            at_once: How many steps may be carried out at the same time, where none
                needs another.
            checks_lasting: Whether to wait for a moment at the end and look whether
                all effects have lasted.

        Returns:
            The outcome; all steps were done.

        Raises:
            ContainerVanished: a target no longer exists; nothing was done.
            PlanOutdated: something that the plan relied on has changed.
            GroupInUse: another program of nstui acts on the group; nothing was done.
            ManagedElsewhere: something else manages a container of the plan.
            WouldBreakDependents: the policy does not permit the plan.
            WouldLoseChanges: the plan would discard files without a decision.
            ActionImpossible: the engine would refuse the plan.
            AuditFailed: the audit log cannot be written; nothing was done.
            StepFailed: a step failed, or the engine did not answer; the error has the
                outcome.
            Interrupted: `stop_soon` was called; the message says what was done.

        """
        try:
            # Held before the look, so that it shows what another program has done.
            with self._claims.hold(acted_on(plan)):
                return self._carry_out_alone(
                    plan, on_progress, at_once, checks_lasting=checks_lasting
                )
        except GroupInUse as error:
            error.plan = plan
            raise

    def _carry_out_alone(
        self,
        plan: Plan,
        on_progress: Callable[[Progress], object],
        at_once: int,
        *,
        checks_lasting: bool,
    ) -> Outcome:
        """Carry out a plan while no other program acts on its containers."""
        report = self._planner.report_for((plan.request,))
        holds = self._planner.plan_for(report, plan.request)
        if holds != plan:
            raise PlanOutdated("something changed meanwhile: nothing was done", holds)
        return self._run_permitted(
            plan, report, on_progress, at_once, checks_lasting=checks_lasting
        )

    def carry_out_new(  # noqa: PLR0913 - what to do, with what, and how
        self,
        request: Request,
        group: Mapping[ContainerId, str],
        may: Callable[[Plan], bool],
        on_progress: Callable[[Progress], object] = _ignore_progress,
        *,
        at_once: int = 1,
        afresh: bool = True,
    ) -> Outcome | None:
        """Make a plan that nobody was shown, and carry it out if it may be.

        It is made once, from a new look, so there is no earlier one to compare it
        with: what `may` accepts is exactly what is carried out. Everything else is as
        in `carry_out`.

        Args:
            request: The request.
            group: The containers, with their names, that no other program may act on
                from before the look: all that the plan is expected to act on.
            may: Returns whether a plan may be carried out.
            on_progress: Called before and after each step.
            at_once: How many steps may be carried out at the same time.
            afresh: Whether nothing cached is used for the look. The list and the
                kernel are read anew in any case; cached is only the inspection of a
                container whose row in the list is the same and that had no event.
                This shows as much as a new inspection where the caller has dropped the
                cache a moment ago and events have been arriving ever since: what
                a step relies on changes with an event, with the row, or with the
                container's process, which the kernel tells.

        Returns:
            The outcome; None if the plan may not be carried out.

        """
        with self._claims.hold(group):
            report = self._planner.report_for((request,), afresh=afresh)
            plan = self._planner.plan_for(report, request)
            if not may(plan):
                return None
            if acted_on(plan).keys() <= group.keys():
                return self._run_permitted(
                    plan, report, on_progress, at_once, held=group
                )
        # What it acts on must be held before the look, so that the look shows what
        # another program has done.
        return self.carry_out(plan, on_progress, at_once=at_once)

    def _run_permitted(  # noqa: PLR0913 - a plan, how, and what was looked at
        self,
        plan: Plan,
        report: Report,
        on_progress: Callable[[Progress], object],
        at_once: int,
        *,
        held: Collection[ContainerId] = (),
        checks_lasting: bool = True,
    ) -> Outcome:
        """Carry out a plan that was made from a report, if the policy permits it."""
        refuse_unless_permitted(plan)
        if not plan.steps:
            return Outcome()
        beside = owners_beside(plan, report.graph)
        with self._claims.hold({c: beside[c] for c in beside if c not in held}):
            return self._run(
                plan, report, on_progress, at_once, checks_lasting=checks_lasting
            )

    def _run(
        self,
        plan: Plan,
        report: Report,
        on_progress: Callable[[Progress], object],
        at_once: int,
        *,
        checks_lasting: bool,
    ) -> Outcome:
        """Take the steps of a plan that holds."""
        self._audit.settle(report)
        results = Results(plan=plan, on_progress=on_progress)
        course = PlanRun(
            results=results,
            then=report,
            engine=self._engine,
            observer=self._observer,
            audit=self._audit,
            runner=self._runner,
            stop=self._stop,
            at_once=at_once,
            checks_lasting=checks_lasting,
        )
        self._acting.set()
        try:
            return course.run()
        finally:
            if course.is_over:
                self._settle_records(plan, results.outcome)
            self._acting.clear()

    def _settle_records(self, plan: Plan, outcome: Outcome) -> None:
        # One that goes back has not done what its own record still needs.
        is_left = plan.goes_back and bool(outcome.failed)
        done = replace(plan, steps=() if is_left else outcome.done)
        with suppress(NstuiError):
            self._audit.settle(self._observer.look_afresh(), done)

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the removed containers of this engine, the newest first.

        Raises:
            AuditFailed: they cannot be read.

        """
        return self._audit.removed()

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return the records of removed containers that cannot be read."""
        return self._audit.damaged()
