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
from nstui.model.container import Health
from nstui.model.frozen import dataclass
from nstui.model.step import Verb
from nstui.service.recompose import Recomposer, steady_time
from nstui.service.recreate import Replacer
from nstui.service.verified import VerifiedEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from threading import Event

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId, Manager
    from nstui.model.outcome import PlanRecord
    from nstui.model.step import Step
    from nstui.ports import Compose, ContainerEngine, Managers
    from nstui.service.audit import ActionAudit
    from nstui.service.observer import Observer


PAUSE_S = 0.2
"""How long to leave the engine alone between two questions."""

DEFAULT_LIMIT_S = 60

WENT_ON = "went on with what depends on it all the same"

SETTLING_S = 10.0
"""How long it may take to be seen that a manager has done what it was asked for."""

STEADY_S = 1.0
"""How long a container has to run before it is taken for well."""


def await_health(observer: Observer, step: Step, stop: Event) -> str:
    """Wait until a container is healthy or, without a check, has run for a while.

    One that does not become healthy is waited for no longer: those that depend on it
    are better off in its network than in one that has no other end.

    Args:
        observer: Looks at the host.
        step: The container, and how long to wait.
        stop: Set once the program is to end.

    Returns:
        That it is not healthy, as a sentence; "" if it is, or has no health check.

    Raises:
        Interrupted: the program is to end.
        ContainerVanished: it is no longer there.
        EngineRefused: it ended, also if it was started again.

    """
    limit = DEFAULT_LIMIT_S if step.timeout is None else step.timeout
    begun = time.monotonic()
    end = begun + limit
    first: Container | None = None
    while True:
        observer.forget((step.container,))
        container = observer.look().graph.containers.get(step.container)
        if container is None:
            raise ContainerVanished(f"{step.name} is no longer there")
        first = first or container
        # Of one with a health check it is that which counts, not whether it runs on.
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
        if container.health is Health.UNHEALTHY:
            return f"{step.name} is unhealthy; {WENT_ON}"
        if time.monotonic() >= end:
            return f"{step.name} was not healthy within {limit} s; {WENT_ON}"
        _pause(step, stop)


def _pause(step: Step, stop: Event) -> None:
    if stop.wait(PAUSE_S):
        raise Interrupted(f"interrupted while waiting for {step.name}")


class NoManagers:
    """Implements `nstui.ports.Managers` where nobody can be asked."""

    def reaches(
        self,
        manager: Manager,  # noqa: ARG002 - the port's
    ) -> bool:
        """Return that it cannot be asked."""
        return False

    def run(self, command: tuple[str, ...]) -> None:
        """Refuse to run anything.

        Raises:
            EngineRefused: always.

        """
        raise EngineRefused(f"{command[0]} cannot be asked from here")


def have_managed(managers: Managers, observer: Observer, step: Step) -> None:
    """Have a manager stop or restart a container; return when that was seen.

    A manager may make the container anew: then the new one is looked for, by its name
    and by what manages it.

    Raises:
        ContainerVanished: the container is no longer there; nothing was done.
        EngineRefused: the manager refused, and all is as it was before.
        HalfDone: it did what it does, and the container is not as it was asked for.
        EngineUnreachable: it did not end in time, or the engine did not answer.

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
    while problem := _what_is_wrong(old, observer, is_stop=is_stop):
        if time.monotonic() - begun >= SETTLING_S:
            raise HalfDone(f"{step.command[0]} has ended well, but {problem}")
        time.sleep(PAUSE_S)


def _what_is_wrong(old: Container, observer: Observer, *, is_stop: bool) -> str:
    """Return what is not as it was asked for; nothing if all is, for a moment."""
    report = observer.look_afresh()
    if is_stop:
        running = [one for one in _same(old, report) if is_up(one)]
        return f"{running[0].name} is {running[0].state}" if running else ""
    problem = _what_is_wrong_with_new(old, report)
    if problem:
        return problem
    time.sleep(STEADY_S)
    return _what_is_wrong_with_new(old, observer.look_afresh())


def _what_is_wrong_with_new(old: Container, report: Report) -> str:
    """Return why nobody runs well in the place of a container; nothing if one does."""
    new = [one for one in _same(old, report) if _has_started(old, one)]
    if not new:
        return f"no {old.name} has been started since"
    broken = find_broken(report.snapshot, report.graph)
    for one in new:
        if one.id not in broken:
            return ""
    findings = report.findings_by_container.get(new[0].id, ())
    return f"{new[0].name} {'; '.join(finding.message for finding in findings)}"


def _same(old: Container, report: Report) -> list[Container]:
    """Return a container itself and those that can be what its manager made of it."""
    return [
        one
        for one in report.snapshot.containers
        if one.id == old.id or one.name == old.name or _is_of(one, old.manager)
    ]


def _is_of(container: Container, manager: Manager | None) -> bool:
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
    """Tell whether a container runs by another start than the old one did."""
    return now.state.has_process and (now.id, _started(now)) != (old.id, _started(old))


def _started(container: Container) -> object:
    return None if container.inspection is None else container.inspection.started_at


def _what_changed(old: Container, report: Report) -> str:
    """Return what is not as it was before; nothing if all is."""
    now = report.graph.containers.get(old.id)
    if now is None:
        return f"{old.name} is no longer there"
    if now.state is not old.state:
        return f"{old.name} was {old.state} before and is {now.state} now"
    if _started(now) != _started(old):
        return f"{old.name} has been started anew"
    return ""


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
        audit: ActionAudit,
        managers: Managers,
    ) -> None:
        """Take whom to ask, what looks at the host, and the records."""
        self._observer = observer
        self._audit = audit
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
            case Verb.RM:
                self._verified.remove(container, force=step.force, volumes=step.volumes)
            case _:
                # The only one that is left: it is attached to a network.
                self._verified.connect(container, step.network, step.aliases)
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
        journal = self._audit.resume(record.id)
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
