"""Leaves a trace of every step, and a copy of whatever is removed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from nstui.model.container import ComposeService
from nstui.model.plan import Action, Policy
from nstui.model.trace import ActionEntry, RemovedContainer, StepPhase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Plan
    from nstui.ports import TraceStore

PLAN_ID_LENGTH = 8


class Tracer:
    """Writes what is done on one host by one user."""

    def __init__(
        self,
        store: TraceStore,
        *,
        endpoint: str,
        who: str,
        clock: Callable[[], datetime],
    ) -> None:
        """Take where to write and what every entry says.

        Args:
            store: Where the traces are kept.
            endpoint: The engine that is acted on.
            who: The user.
            clock: Tells the time, in UTC.

        """
        self._store = store
        self._endpoint = endpoint
        self._who = who
        self._clock = clock

    def begin(
        self, plan: Plan, containers: Mapping[ContainerId, Container]
    ) -> PlanTrace:
        """Begin the trace of a plan.

        Args:
            plan: What is about to be done.
            containers: Those that there are, by id.

        Raises:
            TraceFailed: no trace could be kept, so that nothing must be done.

        """
        self._store.require_writable()
        return PlanTrace(self, plan, containers)

    def note(
        self, trace: PlanTrace, number: int, phase: StepPhase, error: str | None
    ) -> None:
        """Write how far a step has come."""
        step = trace.plan.steps[number - 1]
        self._store.append(
            ActionEntry(
                at=self._clock(),
                endpoint=self._endpoint,
                who=self._who,
                plan=trace.id,
                number=number,
                total=len(trace.plan.steps),
                action=trace.plan.request.action.value,
                verb=step.verb,
                container=step.container,
                name=step.name,
                why=why_allowed(trace.plan),
                phase=phase,
                error=error,
            )
        )

    def save(
        self,
        trace: PlanTrace,
        number: int,
        inspect: Mapping[str, object],
        compose: ComposeService | None,
    ) -> RemovedContainer:
        """Keep a container that a step is about to remove."""
        step = trace.plan.steps[number - 1]
        config = inspect.get("Config")
        image = config.get("Image") if isinstance(config, dict) else None
        removed = RemovedContainer(
            removed_at=self._clock(),
            endpoint=self._endpoint,
            id=step.container,
            name=step.name,
            image=image if isinstance(image, str) else "",
            inspect=inspect,
            compose=compose,
        )
        self._store.save(removed)
        return removed

    def discard(self, removed: RemovedContainer) -> None:
        """Drop what was kept of a container that was not removed after all."""
        self._store.discard(removed)


class PlanTrace:
    """The trace of one plan, step by step."""

    def __init__(
        self, tracer: Tracer, plan: Plan, containers: Mapping[ContainerId, Container]
    ) -> None:
        """Give the plan a mark that its entries share."""
        self._containers = containers
        self.plan = plan
        self.id = uuid.uuid4().hex[:PLAN_ID_LENGTH]
        self._tracer = tracer
        self._saved: RemovedContainer | None = None

    def begun(self, number: int) -> None:
        """Write that a step is about to be taken."""
        self._tracer.note(self, number, StepPhase.BEGUN, None)

    def save(self, number: int, inspect: Mapping[str, object]) -> None:
        """Keep the container that a step is about to remove."""
        seen = self._containers.get(self.plan.steps[number - 1].container)
        of = None if seen is None else seen.compose
        service = None if of is None else ComposeService(of.project, of.service)
        self._saved = self._tracer.save(self, number, inspect, service)

    def done(self, number: int) -> None:
        """Write that a step was taken."""
        self._saved = None
        self._tracer.note(self, number, StepPhase.DONE, None)

    def failed(self, number: int, error: str, *, may_be_done: bool) -> None:
        """Write that a step failed.

        What was kept of its container stays if nobody knows whether it is gone.
        """
        if self._saved is not None and not may_be_done:
            self._tracer.discard(self._saved)
        self._saved = None
        self._tracer.note(self, number, StepPhase.FAILED, error)


def why_allowed(plan: Plan) -> str:
    """Return why a plan may be carried out, as a sentence."""
    if plan.request.action is Action.HEAL and not plan.breaks:
        return "it mends what is broken"
    match plan.request.policy:
        case Policy.WITH_DEPENDENTS:
            return "its dependents are acted on too"
        case Policy.BREAK_DEPENDENTS if plan.breaks or plan.uncertain:
            return "the harm to its dependents was accepted"
        case _:
            return "nobody depends on it"
