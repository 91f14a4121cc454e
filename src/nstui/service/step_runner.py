"""Takes one step of a plan."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nstui.analysis.lasting import why_misplaced
from nstui.analysis.order import is_up
from nstui.errors import ContainerVanished, EngineRefused, HalfDone
from nstui.model.plan import Verb
from nstui.service.health import await_health
from nstui.service.managing import have_managed
from nstui.service.recompose import Recomposer
from nstui.service.replace import Replacer
from nstui.service.steady import steady_time
from nstui.service.verified import VerifiedEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from threading import Event

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.interruption import PlanRecord
    from nstui.model.plan import Step
    from nstui.ports import Compose, ContainerEngine, Managers
    from nstui.service.observer import Observer
    from nstui.service.tracing import Tracer


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step that was seen to be done."""

    step: Step
    seen: Container | None = None
    """The container that should stay as it is now; None if there is none."""

    remark: str = ""
    """What is worth to be known besides, as a sentence."""

    at: float = field(default_factory=time.monotonic)
    """When, by a clock that only goes forward."""


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
        self._tracer = tracer
        self._managers = managers
        self._verified = VerifiedEngine(engine, observer)
        self._replacer = Replacer(engine, observer, self._verified)
        self._recomposer = Recomposer(engine, observer, self._verified, compose)

    def prepare(self, steps: Iterable[Step]) -> None:
        """Find out how long each new container of a plan is looked at."""
        seconds = steady_time(steps)
        self._replacer.steady_s = self._recomposer.steady_s = seconds

    def run(
        self,
        step: Step,
        report: Report,
        note_new: Callable[[ContainerId], object],
        stop: Event,
    ) -> Done:
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
                remark = await_health(self._observer, step, stop)
                return Done(step=step, remark=remark)
            case Verb.RECREATE:
                return Done(step=step, seen=self._replacer.replace(step, note_new))
            case Verb.COMPOSE:
                return Done(step=step, seen=self._recomposer.recompose(step))
            case Verb.MANAGER:
                have_managed(self._managers, self._observer, step)
                return Done(step=step)
            case Verb.FINISH | Verb.UNDO:
                self._settle(step, report)
                return Done(step=step)
            case _:
                container = report.graph.containers.get(step.container)
                if container is None:
                    raise ContainerVanished(f"{step.name} is no longer there")
                return Done(step=step, seen=self._change(step, container))

    def _change(self, step: Step, container: Container) -> Container | None:
        """Take a step that is one request to the engine."""
        match step.verb:
            case Verb.START:
                return self._in_place(step, self._verified.start(container))
            case Verb.STOP:
                return self._verified.stop(container, step.timeout)
            case Verb.RESTART:
                seen = self._verified.restart(container, step.timeout)
                return self._in_place(step, seen)
            case Verb.KILL:
                seen = self._verified.kill(container, step.signal)
                return _ended(step, container, seen)
            case Verb.CONNECT:
                self._verified.connect(container, step.network, step.aliases)
            case Verb.RM:
                self._verified.remove(container, force=step.force, volumes=step.volumes)
        return None

    def _in_place(self, step: Step, seen: Container | None) -> Container | None:
        """Return a container that was started, if it is where its joins lead."""
        if seen is None or not seen.state.has_process:
            return seen
        report = self._observer.look()
        if seen.id in report.graph.containers:
            misplaced = why_misplaced(report, seen.id)
            if misplaced:
                raise HalfDone(f"{step.name} runs, but it {misplaced}")
        return seen

    def _settle(self, step: Step, report: Report) -> None:
        """Finish or undo what a plan that was cut off had begun."""
        record = _record(report, step)
        begun = record.current
        if begun is None:
            raise EngineRefused(f"nothing was begun with {step.name}")
        journal = self._tracer.resume(record.id)
        try:
            if begun.verb is Verb.COMPOSE:
                self._recomposer.finish(record, begun)
            elif step.verb is Verb.FINISH:
                self._replacer.finish(record, begun, journal)
            else:
                self._replacer.undo(record, begun)
            journal.done(record.begun)
        finally:
            journal.close()


def _ended(step: Step, before: Container, seen: Container | None) -> Container | None:
    """Return a container that was killed, unless another process of it runs already."""
    is_end = step.signal is None or step.signal in {"KILL", "9"}
    if is_end and seen is not None and is_up(seen) and seen.pid != before.pid:
        raise HalfDone(
            f"{step.name} was killed, but something has started it again:"
            f" it is {seen.state}"
        )
    return seen


def _record(report: Report, step: Step) -> PlanRecord:
    for record in report.snapshot.unfinished:
        if record.id == step.record:
            return record
    raise EngineRefused(f"the record of what was begun with {step.name} is gone")
