"""Carries out one step of a plan."""

from __future__ import annotations

import time
from dataclasses import field
from typing import TYPE_CHECKING

from nstui.analysis.checks import why_ending, why_misplaced
from nstui.analysis.healing.broken import find_broken
from nstui.analysis.plans.commands import manager_action
from nstui.analysis.plans.order import is_up
from nstui.errors import ContainerVanished, EngineRefused, HalfDone, Interrupted
from nstui.model.container import ContainerState, Health
from nstui.model.frozen import dataclass
from nstui.model.step import Action, Verb
from nstui.service.recompose import Recomposer, steady_time
from nstui.service.recreate import Replacer
from nstui.service.restore import Restorer
from nstui.service.rollback import Before, Rollback
from nstui.service.verified import VerifiedEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from threading import Event

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId, Manager
    from nstui.model.image import PullProgress
    from nstui.model.outcome import PlanRecord
    from nstui.model.step import Step
    from nstui.ports import Compose, ContainerEngine, Managers, Tickets
    from nstui.service.audit import ActionAudit
    from nstui.service.observer import Observer


PAUSE_S = 0.2
"""Seconds between two looks while waiting."""

DEFAULT_LIMIT_S = 60

WENT_ON = "went on with its dependents"

SETTLING_S = 10.0
"""Seconds until the effect of a manager's action has to be visible."""

_REACHED = {
    Verb.START: ContainerState.RUNNING,
    Verb.PAUSE: ContainerState.PAUSED,
    Verb.UNPAUSE: ContainerState.RUNNING,
}
"""The states in which there is nothing left to do for a step."""

STEADY_S = 1.0
"""Seconds that a container has to run before it counts as well."""


def await_health(observer: Observer, step: Step, stop: Event) -> str:
    """Wait until a container is healthy or, without a health check, runs steadily.

    A container that does not become healthy in time is no error unless that is
    required: its dependents are better off in its network than in one that leads
    nowhere.

    Args:
        observer: Looks at the host.
        step: The step, with the container and the time to wait.
        stop: Set when the program is about to end.

    Returns:
        A sentence that the container is not healthy; empty if it is, or has no health
        check.

    Raises:
        Interrupted: the program is about to end.
        ContainerVanished: the container no longer exists.
        EngineRefused: the container ended, even if it was started again; or it is not
            healthy in time although that is required.

    """
    limit = DEFAULT_LIMIT_S if step.timeout is None else step.timeout
    begun = time.monotonic()
    end = begun + limit
    first: Container | None = None
    while True:
        container = _awaited(observer, step)
        if container is None:
            raise ContainerVanished(f"{step.name} is no longer there")
        first = first or container
        # With a health check the health counts, not whether it ran throughout.
        since = first if container.health is None else container
        problem = why_ending(container, since=since)
        if problem:
            raise EngineRefused(f"{step.name} {problem}")
        if container.health is Health.HEALTHY:
            return ""
        if container.health is None:
            if time.monotonic() >= begun + step.trial:
                return ""
            _pause(step, stop)
            continue
        if container.health is Health.UNHEALTHY and not step.is_required:
            return f"{step.name} is unhealthy; {WENT_ON}"
        if time.monotonic() >= end:
            said = f"{step.name} was not healthy within {limit} s"
            if step.is_required:
                raise EngineRefused(said)
            return f"{said}; {WENT_ON}"
        _pause(step, stop)


def _awaited(observer: Observer, step: Step) -> Container | None:
    """Return the container to wait for, which may be a new one with the old name."""
    observer.forget(None if step.is_required else (step.container,))
    graph = observer.look().graph
    found = graph.resolve(step.name) if step.is_required else step.container
    return None if found is None else graph.containers.get(found)


def _pause(step: Step, stop: Event) -> None:
    if stop.wait(PAUSE_S):
        raise Interrupted(f"interrupted while waiting for {step.name}")


class NoManagers:
    """Implements `nstui.ports.Managers` without any manager."""

    def reaches(
        self,
        manager: Manager,  # noqa: ARG002 - the port's
    ) -> bool:
        """Return False."""
        return False

    def run(self, command: tuple[str, ...]) -> None:
        """Raise, since there is no manager.

        Raises:
            EngineRefused: always.

        """
        raise EngineRefused(f"{command[0]} cannot be asked from here")


def act_by_manager(managers: Managers, observer: Observer, step: Step) -> None:
    """Let a manager stop or restart a container, and wait until the effect is seen.

    A manager may recreate the container. The new container is recognized by its name
    and its manager.

    Raises:
        ContainerVanished: the container no longer exists; nothing was done.
        EngineRefused: the manager refused, and nothing has changed.
        HalfDone: the manager succeeded, but the container is not as requested.
        EngineUnreachable: the manager did not finish in time, or the engine did not
            answer.

    """
    old = observer.look_afresh().graph.containers.get(step.container)
    if old is None or old.manager is None:
        raise ContainerVanished(f"{step.name} is no longer there")
    try:
        managers.run(step.command)
    except EngineRefused as refusal:
        now = _what_changed(old, observer.look_afresh())
        if now:
            raise HalfDone(f"{refusal}; {now}") from refusal
        raise
    is_stop = manager_action(step) == "stop"
    begun = time.monotonic()
    while problem := _why_not_as_requested(old, observer, is_stop=is_stop):
        if time.monotonic() - begun >= SETTLING_S:
            raise HalfDone(f"{step.command[0]} has ended well, but {problem}")
        time.sleep(PAUSE_S)


def _why_not_as_requested(old: Container, observer: Observer, *, is_stop: bool) -> str:
    """Return what is not as requested; empty if all is, and stays so for a moment."""
    report = observer.look_afresh()
    if is_stop:
        running = [one for one in _successors(old, report) if is_up(one)]
        return f"{running[0].name} is {running[0].state}" if running else ""
    problem = _why_not_running(old, report)
    if problem:
        return problem
    time.sleep(STEADY_S)
    return _why_not_running(old, observer.look_afresh())


def _why_not_running(old: Container, report: Report) -> str:
    """Return why no container runs well in place of another; empty if one does."""
    new = [one for one in _successors(old, report) if _has_started(old, one)]
    if not new:
        return f"no {old.name} has been started since"
    broken = find_broken(report.snapshot, report.graph)
    for one in new:
        if one.id not in broken:
            return ""
    findings = report.all_by_container.get(new[0].id, ())
    return f"{new[0].name} {'; '.join(finding.message for finding in findings)}"


def _successors(old: Container, report: Report) -> list[Container]:
    """Return a container and those that its manager may have replaced it with."""
    return [
        one
        for one in report.snapshot.containers
        if one.id == old.id or one.name == old.name or _has_manager(one, old.manager)
    ]


def _has_manager(container: Container, manager: Manager | None) -> bool:
    other = container.manager
    if other is None or manager is None:
        return False
    return (other.kind, other.name, other.part, other.uid) == (
        manager.kind,
        manager.name,
        manager.part,
        manager.uid,
    )


def _has_started(old: Container, now: Container) -> bool:
    """Tell whether a container runs and was started after `old` was read."""
    return now.state.has_process and (now.id, _start_time(now)) != (
        old.id,
        _start_time(old),
    )


def _start_time(container: Container) -> object:
    return None if container.inspection is None else container.inspection.started_at


def _what_changed(old: Container, report: Report) -> str:
    """Return what has changed since `old` was read; empty if nothing has."""
    now = report.graph.containers.get(old.id)
    if now is None:
        return f"{old.name} is no longer there"
    if now.state is not old.state:
        return f"{old.name} was {old.state} before and is {now.state} now"
    if _start_time(now) != _start_time(old):
        return f"{old.name} was started again"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedStep:
    """A step with a confirmed effect."""

    step: Step
    seen: Container | None = None
    """The container that must stay as it is; None if there is none."""

    remark: str = ""
    """A sentence for the user about the result; empty if there is none."""

    at: float = field(default_factory=time.monotonic)
    """When the step was done, by `time.monotonic`."""


def _ignore_pull(progress: PullProgress) -> None:
    """Do nothing; used if the caller does not want to know the progress."""


class StepRunner:
    """Turns steps into requests to the engine, and checks their effects."""

    def __init__(  # noqa: PLR0913, PLR0917 - one for each collaborator
        self,
        engine: ContainerEngine,
        observer: Observer,
        compose: Compose,
        audit: ActionAudit,
        managers: Managers,
        tickets: Tickets | None = None,
    ) -> None:
        """Store the collaborators, as in `nstui.service.executor.Executor`."""
        self._observer = observer
        self._audit = audit
        self._managers = managers
        self._verified = VerifiedEngine(engine, observer, tickets)
        self._replacer = Replacer(engine, observer, self._verified)
        self._recomposer = Recomposer(engine, observer, self._verified, compose)
        self._restorer = Restorer(engine, observer, self._verified, audit)
        self._engine = engine
        self._rollback = Rollback(
            observer, self._verified, self._replacer, self._restorer, audit
        )

    def prepare(self, steps: Iterable[Step]) -> None:
        """Set how long each new container of a plan has to run."""
        seconds = steady_time(steps)
        self._replacer.steady_s = self._recomposer.steady_s = seconds
        self._restorer.steady_s = seconds

    def put_back(
        self,
        steps: Sequence[Step],
        before: Before,
        made: Collection[ContainerId],
        note_new: Callable[[ContainerId], object],
    ) -> tuple[str, ...]:
        """Put everything back that a plan has changed; see `Rollback.put_back`."""
        return tuple(self._rollback.put_back(steps, before, made, note_new))

    def run(
        self,
        step: Step,
        report: Report,
        note_new: Callable[[ContainerId], object],
        stop: Event,
        on_pull: Callable[[PullProgress], object] = _ignore_pull,
    ) -> CompletedStep:
        """Carry out a step, and return when its effect was seen.

        Args:
            step: The step.
            report: The last report before the step.
            note_new: Called with the id of the new container of a replacement.
            stop: Set when the program is about to end.
            on_pull: Called with the progress of a pull.

        Raises:
            EngineRefused: the step failed, and nothing has changed.
            HalfDone: the step failed; the message says what the situation is now.
            EngineUnreachable: the effect of the step is unknown.
            Interrupted: the program is about to end, and the step only waited.

        """
        match step.verb:
            case Verb.WAIT:
                remark = await_health(self._observer, step, stop)
                return CompletedStep(step=step, remark=remark)
            case Verb.PULL:
                self._pull(step, stop, on_pull)
                return CompletedStep(step=step)
            case Verb.RECREATE | Verb.RESTORE | Verb.COMPOSE:
                return self._create(step, note_new)
            case Verb.MANAGER:
                act_by_manager(self._managers, self._observer, step)
                return CompletedStep(step=step)
            case Verb.FINISH | Verb.UNDO:
                self._resolve_interruption(step, report)
                return CompletedStep(step=step)
            case _:
                graph = report.graph
                found = graph.resolve(step.name) if step.is_made else step.container
                container = None if found is None else graph.containers.get(found)
                if container is None:
                    raise ContainerVanished(f"{step.name} is no longer there")
                # Something else may have done it since the plan was made.
                is_done = container.state is _REACHED.get(step.verb)
                seen = container if is_done else self._change(step, container)
                return CompletedStep(step=step, seen=seen)

    def _pull(
        self, step: Step, stop: Event, on_pull: Callable[[PullProgress], object]
    ) -> None:
        """Pull the image of a step; it changes no container."""

        def tell(progress: PullProgress) -> None:
            if stop.is_set():
                raise Interrupted(f"interrupted while pulling {step.image}")
            on_pull(progress)

        self._engine.pull(step.image, tell)

    def _create(
        self, step: Step, note_new: Callable[[ContainerId], object]
    ) -> CompletedStep:
        """Carry out a step that creates a container."""
        if step.verb is Verb.RESTORE:
            restored, remark = self._restorer.restore(step, note_new)
            return CompletedStep(step=step, seen=restored, remark=remark)
        if step.verb is Verb.COMPOSE:
            return CompletedStep(step=step, seen=self._recomposer.recompose(step))
        return CompletedStep(step=step, seen=self._replacer.replace(step, note_new))

    def _change(self, step: Step, container: Container) -> Container | None:
        """Carry out a step that is a single request to the engine."""
        match step.verb:
            case Verb.START:
                return self._require_joined(step, self._verified.start(container))
            case Verb.STOP:
                return self._verified.stop(container, step.timeout, step.signal)
            case Verb.PAUSE | Verb.UNPAUSE:
                is_pause = step.verb is Verb.PAUSE
                ask = self._verified.pause if is_pause else self._verified.unpause
                return ask(container)
            case Verb.RESTART:
                seen = self._verified.restart(container, step.timeout, step.signal)
                return self._require_joined(step, seen)
            case Verb.KILL:
                seen = self._verified.kill(container, step.signal)
                return _require_ended(step, container, seen)
            case Verb.RM:
                self._verified.remove(container, force=step.force, volumes=step.volumes)
            case _:
                # The only verb left is CONNECT.
                self._verified.connect(container, step.network, step.aliases)
        return None

    def _require_joined(self, step: Step, seen: Container | None) -> Container | None:
        """Return a started container, after checking that its joins took effect."""
        if seen is None or not seen.state.has_process:
            return seen
        # It is at least as new as the one in which the start was seen.
        report = self._verified.look.latest or self._verified.look()
        is_there = seen.id in report.graph.containers
        misplaced = why_misplaced(report, seen.id) if is_there else ""
        if misplaced:
            raise HalfDone(f"{step.name} runs, but it {misplaced}")
        return seen

    def _resolve_interruption(self, step: Step, report: Report) -> None:
        """Finish or undo the step that an interrupted plan had begun."""
        record = _find_record(report, step)
        if record.action is Action.RECREATE:
            self._put_back_interrupted(record)
            return
        begun = record.current
        if begun is None:
            raise EngineRefused(f"nothing was begun with {step.name}")
        journal = self._audit.resume(record.id)
        try:
            if begun.verb is Verb.RESTORE:
                self._restorer.finish(record, begun)
            elif begun.verb is Verb.COMPOSE:
                self._recomposer.finish(record, begun)
            elif step.verb is Verb.FINISH:
                self._replacer.finish(record, begun, journal)
            else:
                self._replacer.undo(record, begun)
            journal.done(record.begun)
        finally:
            journal.close()

    def _put_back_interrupted(self, record: PlanRecord) -> None:
        """Put back all that an interrupted plan has changed."""
        journal = self._audit.resume(record.id)
        try:
            before = Before(record.running, record.paused)
            problems = self.put_back(record.steps, before, record.made, journal.created)
            if problems:
                raise HalfDone("; ".join(problems))
            journal.end()
        finally:
            journal.close()


def _require_ended(
    step: Step, before: Container, seen: Container | None
) -> Container | None:
    """Return a killed container, unless it was started again since."""
    is_end = step.signal is None or step.signal in {"KILL", "9"}
    if is_end and seen is not None and is_up(seen) and seen.pid != before.pid:
        raise HalfDone(
            f"{step.name} was killed, but something has started it again:"
            f" it is {seen.state}"
        )
    return seen


def _find_record(report: Report, step: Step) -> PlanRecord:
    for record in report.snapshot.unfinished:
        if record.id == step.record:
            return record
    raise EngineRefused(f"the record of what was begun with {step.name} is gone")
