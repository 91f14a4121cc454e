"""Writes the audit log: every step of a plan, and a copy of what is removed."""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.leftovers import REPLACING
from nstui.analysis.plans.order import is_paused, is_up
from nstui.analysis.same_engine import is_of_engine
from nstui.errors import AuditFailed, ContainerVanished
from nstui.model.audit import ActionEntry, RemovedContainer, Restored, StepPhase
from nstui.model.container import ComposeService, short_id
from nstui.model.json import inner, text
from nstui.model.outcome import PlanRecord
from nstui.model.plan import Policy
from nstui.model.step import Action, Verb
from nstui.service.former import confirm_removals, settle_records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.model.audit import DamagedRecord
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Plan
    from nstui.ports import AuditLog, PlanJournal


PLAN_ID_LENGTH = 8


class ActionAudit:
    """Writes the actions of one user on one host to the audit log."""

    def __init__(
        self,
        audit_log: AuditLog,
        *,
        endpoint: str,
        find_engine_id: Callable[[], str],
        who: str,
        clock: Callable[[], datetime],
    ) -> None:
        """Store the audit log, and what every entry has in common.

        Args:
            audit_log: The audit log.
            endpoint: The address of the engine.
            find_engine_id: Returns the id of the engine; empty if it is not known.
            who: The user.
            clock: Returns the time, in UTC.

        """
        self._audit_log = audit_log
        self._endpoint = endpoint
        self._find_engine_id = find_engine_id
        self._who = who
        self._clock = clock

    def begin(
        self, plan: Plan, containers: Mapping[ContainerId, Container]
    ) -> PlanAudit:
        """Begin the audit of a plan.

        Args:
            plan: The plan that is about to be carried out.
            containers: All containers, by id.

        Raises:
            AuditFailed: the audit log cannot be written, so nothing must be done.

        """
        self._audit_log.require_writable()
        plan_audit = PlanAudit(self, plan, containers, self._find_engine_id())
        if is_recorded(plan):
            found = (containers.get(step.container) for step in plan.steps)
            acted_on = [c for c in found if c is not None]
            record = PlanRecord(
                id=plan_audit.id,
                began_at=self._clock(),
                endpoint=self._endpoint,
                engine_id=plan_audit.engine_id,
                action=plan.request.action,
                steps=plan.steps,
                running=frozenset(c.id for c in acted_on if is_up(c)),
                paused=frozenset(c.id for c in acted_on if is_paused(c)),
            )
            plan_audit.journal = self._audit_log.begin(record)
        return plan_audit

    def resume(self, record: str) -> PlanJournal:
        """Continue the record of an interrupted plan.

        Raises:
            AuditFailed: there is no such record, or another process continues it.

        """
        return self._audit_log.resume(record)

    def settle(self, report: Report, plan: Plan | None = None) -> None:
        """Drop or confirm the records of earlier plans, as far as possible now.

        Args:
            report: The current report.
            plan: The plan that was carried out before it; None if none was.

        """
        acted_on = set() if plan is None else {step.container for step in plan.steps}
        engine_id = self._find_engine_id()
        with suppress(AuditFailed):
            settle_records(self._audit_log, report, engine_id, acted_on)
            confirm_removals(self._audit_log, report, engine_id)

    def note(
        self, plan_audit: PlanAudit, number: int, phase: StepPhase, error: str | None
    ) -> None:
        """Append an entry with the phase of a step."""
        step = plan_audit.plan.steps[number - 1]
        self._audit_log.append(
            ActionEntry(
                at=self._clock(),
                endpoint=self._endpoint,
                engine_id=plan_audit.engine_id,
                who=self._who,
                plan=plan_audit.id,
                number=number,
                total=len(plan_audit.plan.steps),
                action=plan_audit.plan.request.action.value,
                verb=step.verb,
                container=step.container,
                name=step.name,
                why=why_allowed(plan_audit.plan),
                phase=phase,
                error=error,
            )
        )

    def save(
        self,
        plan_audit: PlanAudit,
        number: int,
        inspect: Mapping[str, object],
        compose: ComposeService | None,
        *,
        ran: bool | None,
    ) -> RemovedContainer:
        """Keep a copy of a container that a step is about to remove."""
        step = plan_audit.plan.steps[number - 1]
        removed = RemovedContainer(
            removed_at=self._clock(),
            endpoint=self._endpoint,
            engine_id=plan_audit.engine_id,
            id=step.container,
            name=step.name,
            image=text(inner(inspect, "Config"), "Image"),
            inspect=inspect,
            is_confirmed=False,
            compose=compose,
            ran=ran,
        )
        self._audit_log.save(removed)
        return removed

    def confirm(self, removed: RemovedContainer) -> None:
        """Mark a kept copy: its container was seen to be removed.

        An engine that was asked for its id and has not told it in time may have told it
        by now. Later another engine may be at its address: then nothing proves any more
        which of them it was.
        """
        engine_id = removed.engine_id or self._find_engine_id()
        self._audit_log.save(replace(removed, engine_id=engine_id, is_confirmed=True))

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the kept copies of containers of this engine, the newest first.

        Raises:
            AuditFailed: they cannot be read.

        """
        kept, engine_id = self._audit_log.removed(), self._find_engine_id()
        return tuple(
            one for one in kept if is_of_engine(one, self._endpoint, engine_id)
        )

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return the kept copies, of any engine, that cannot be read."""
        return self._audit_log.damaged()

    def kept(self, container: ContainerId) -> RemovedContainer:
        """Return the kept copy of a container, by the id that it had.

        Raises:
            ContainerVanished: there is none.
            AuditFailed: the copies cannot be read.

        """
        for removed in self.removed():
            if removed.id == container:
                return removed
        raise ContainerVanished(
            f"the inspect of {short_id(container)} is no longer kept"
        )

    def restored(self, removed: RemovedContainer, new: Container) -> None:
        """Mark a kept copy: this container was made of it.

        Raises:
            AuditFailed: the copy cannot be written.

        """
        mark = Restored(new.id, new.name, self._clock())
        self._audit_log.save(replace(removed, restored=mark, is_confirmed=True))

    def discard(self, removed: RemovedContainer) -> None:
        """Delete the kept copy of a container that was not removed after all."""
        self._audit_log.discard(removed)


class PlanAudit:
    """Writes the audit of one plan, step by step."""

    def __init__(
        self,
        audit: ActionAudit,
        plan: Plan,
        containers: Mapping[ContainerId, Container],
        engine_id: str,
    ) -> None:
        """Give the plan a random id, which all of its entries share."""
        self._containers = containers
        self.engine_id = engine_id
        """As the engine told it before the plan; later it may be out of reach."""

        self.plan = plan
        self.id = uuid.uuid4().hex[:PLAN_ID_LENGTH]
        self.journal: PlanJournal | None = None
        """The record of the plan's progress; None if `is_recorded` is false for it."""

        self.is_whole = False
        """Whether the plan leaves nothing to clean up: it was carried out, or failed
        without a change."""

        self._audit = audit
        self._saved: RemovedContainer | None = None
        self._done: set[int] = set()
        self._all_done = 0
        """The number of the last step up to which all are done."""

    def created(self, new: ContainerId) -> None:
        """Record the id of the new container of a replacement."""
        if self.journal is not None:
            self.journal.created(new)

    def close(self) -> None:
        """Close the record of the plan; delete it if `is_whole`."""
        if self.journal is not None:
            if self.is_whole:
                self.journal.end()
            self.journal.close()

    def begun(self, number: int) -> None:
        """Record that a step is about to begin."""
        if self.journal is not None:
            self.journal.begun(number)
        self._audit.note(self, number, StepPhase.BEGUN, None)

    def save(self, number: int, inspect: Mapping[str, object]) -> None:
        """Keep a copy of the container that a step is about to remove."""
        seen = self._containers.get(self.plan.steps[number - 1].container)
        of = None if seen is None else seen.compose
        service = None if of is None else ComposeService(of.project, of.service)
        # The plan may have stopped it meanwhile.
        ran = None if seen is None else is_up(seen)
        self._saved = self._audit.save(self, number, inspect, service, ran=ran)

    def done(self, number: int) -> None:
        """Record that the effect of a step was seen.

        Of steps that are carried out at the same time, one may be done before those in
        front of it: the record of progress, which tells what comes next, waits for
        these.
        """
        self._done.add(number)
        before = self._all_done
        while self._all_done + 1 in self._done:
            self._all_done += 1
        if self.journal is not None and self._all_done > before:
            self.journal.done(self._all_done)
        if self._saved is not None:
            self._audit.confirm(self._saved)
        self._saved = None
        self._audit.note(self, number, StepPhase.DONE, None)

    def failed(self, number: int, error: str, *, may_be_done: bool) -> None:
        """Record that a step failed.

        The copy of its container is deleted unless the container may be gone.
        """
        if self._saved is not None and not may_be_done:
            self._audit.discard(self._saved)
        self._saved = None
        self._audit.note(self, number, StepPhase.FAILED, error)


def is_recorded(plan: Plan) -> bool:
    """Tell whether a plan needs a record of its progress, in case it is interrupted.

    A plan that finishes or undoes an interrupted one continues the record of that one.
    """
    steps = [step for step in plan.steps if step.verb is not Verb.WAIT]
    if any(step.record for step in steps):
        return False
    return len(steps) > 1 or any(step.verb in REPLACING for step in steps)


_OF_ACTIONS = {
    Action.RESTORE: "it was removed, and its name is free",
    Action.HEAL: "it repairs what is broken",
    Action.RECREATE: "what depends on it is taken along",
}
"""Why actions are permitted that harm nothing."""


def why_allowed(plan: Plan) -> str:
    """Return the reason why a plan is permitted, as a sentence."""
    said = _OF_ACTIONS.get(plan.request.action, "")
    if said and not plan.breaks:
        return said
    if plan.request.action.ends_nothing:
        return "it ends nothing that others depend on"
    match plan.request.policy:
        case Policy.WITH_DEPENDENTS:
            return "its dependents are acted on too"
        case Policy.BREAK_DEPENDENTS if plan.breaks or plan.uncertain:
            return "the harm to its dependents was accepted"
        case _:
            return "nothing depends on it"
