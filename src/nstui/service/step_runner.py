"""Takes one step of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.plan import Verb
from nstui.service.health import await_health
from nstui.service.managing import have_managed
from nstui.service.recompose import finish_recompose, recompose
from nstui.service.replace import Replacer
from nstui.service.verified import VerifiedEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.interruption import PlanRecord
    from nstui.model.plan import Step
    from nstui.ports import Compose, ContainerEngine, Managers
    from nstui.service.observer import Observer
    from nstui.service.tracing import Tracer


class StepRunner:
    """Turns steps into requests, and sees what comes of them."""

    def __init__(
        self,
        engine: ContainerEngine,
        observer: Observer,
        compose: Compose,
        tracer: Tracer,
        managers: Managers,
    ) -> None:
        """Take whom to ask, what looks at the host, and the records."""
        self._observer = observer
        self._compose = compose
        self._tracer = tracer
        self._managers = managers
        self._verified = VerifiedEngine(engine, observer)
        self._replacer = Replacer(engine, observer, self._verified)

    def run(
        self,
        step: Step,
        report: Report,
        note_new: Callable[[ContainerId], object],
        stop: Event,
    ) -> None:
        """Take a step; return when it was seen to be done.

        Args:
            step: What to do.
            report: What was seen just before.
            note_new: Writes down the id of the new container of a replacement.
            stop: Set once the program is to end.

        Raises:
            EngineRefused: it failed, and all is as it was before.
            HalfDone: it failed, and the message says what is the case now.
            EngineUnreachable: nobody knows what became of it.
            Interrupted: the program is to end, and the step only waited.

        """
        match step.verb:
            case Verb.WAIT:
                await_health(self._observer, step, stop)
            case Verb.RECREATE:
                self._replacer.replace(step, note_new)
            case Verb.COMPOSE:
                recompose(self._compose, self._observer, step)
            case Verb.MANAGER:
                have_managed(self._managers, self._observer, step)
            case Verb.FINISH | Verb.UNDO:
                self._settle(step, report)
            case _:
                container = report.graph.containers.get(step.container)
                if container is None:
                    raise ContainerVanished(f"{step.name} is no longer there")
                self._change(step, container)

    def _change(self, step: Step, container: Container) -> None:
        """Take a step that is one request to the engine."""
        match step.verb:
            case Verb.START:
                self._verified.start(container)
            case Verb.STOP:
                self._verified.stop(container, step.timeout)
            case Verb.RESTART:
                self._verified.restart(container, step.timeout)
            case Verb.KILL:
                self._verified.kill(container, step.signal)
            case Verb.CONNECT:
                self._verified.connect(container, step.network, step.aliases)
            case Verb.RM:
                self._verified.remove(container, force=step.force, volumes=step.volumes)

    def _settle(self, step: Step, report: Report) -> None:
        """Finish or undo what a plan that was cut off had begun."""
        record = _record(report, step)
        begun = record.current
        if begun is None:
            raise EngineRefused(f"nothing was begun with {step.name}")
        journal = self._tracer.resume(record.id)
        try:
            if begun.verb is Verb.COMPOSE:
                finish_recompose(
                    self._compose, self._observer, self._verified, record, begun
                )
            elif step.verb is Verb.FINISH:
                self._replacer.finish(record, begun, journal)
            else:
                self._replacer.undo(record, begun)
            journal.done(record.begun)
        finally:
            journal.close()


def _record(report: Report, step: Step) -> PlanRecord:
    for record in report.snapshot.unfinished:
        if record.id == step.record:
            return record
    raise EngineRefused(f"the record of what was begun with {step.name} is gone")
