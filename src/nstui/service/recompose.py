"""Lets compose recreate containers, and waits until they run steadily."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.analysis.ancestry import service_containers
from nstui.analysis.checks import end_text, why_misplaced, why_unjoined
from nstui.analysis.guarding.requests import Change
from nstui.analysis.healing.broken import find_broken
from nstui.analysis.healing.recomposing import why_different, why_not_replaced
from nstui.analysis.plans.leftovers import find_leftover
from nstui.analysis.plans.order import is_paused, is_up
from nstui.analysis.recipe import read_recipe, without_defaults
from nstui.analysis.text import shell_line
from nstui.errors import ContainerVanished, EngineRefused, HalfDone, NstuiError
from nstui.model.healing import Recomposition
from nstui.model.step import Verb
from nstui.service.start_again import pause_again, start_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.healing import ComposeJoin
    from nstui.model.outcome import PlanRecord
    from nstui.model.step import Step
    from nstui.ports import Compose, ContainerEngine
    from nstui.service.observer import Observer
    from nstui.service.verified import VerifiedEngine


STEADY_S = 3.0
"""Seconds that a new container has to run before it counts as well."""

MAX_TOTAL_STEADY_S = 15.0
"""The limit for the sum of these times over one plan."""

MIN_STEADY_S = 1.0
"""The minimum for each container in spite of that limit."""

PAUSE_S = 0.2
"""Seconds between two looks while waiting."""

_REPLACING = frozenset({Verb.RECREATE, Verb.COMPOSE, Verb.RESTORE})


def steady_time(steps: Iterable[Step]) -> float:
    """Return how long each new container of a plan has to run, in seconds."""
    count = sum(step.verb in _REPLACING for step in steps)
    share = MAX_TOTAL_STEADY_S / max(1, count)
    return min(STEADY_S, max(MIN_STEADY_S, share))


def await_steady(
    observer: Observer, new: ContainerId, step: Step, seconds: float
) -> Container:
    """Wait until a new container has run for some seconds; return it.

    Args:
        observer: Looks at the host.
        new: The new container.
        step: The step that made it.
        seconds: How long it has to run, in the right namespaces.

    Raises:
        EngineRefused: it did not keep running, or runs in a wrong namespace.

    """
    end = time.monotonic() + seconds
    while True:
        observer.forget((new,))
        report = observer.look()
        problem = why_not_well(report, new, step)
        if problem is not None:
            raise EngineRefused(problem)
        if time.monotonic() >= end:
            return report.graph.containers[new]
        time.sleep(PAUSE_S)


def why_not_well(report: Report, new: ContainerId, step: Step) -> str | None:
    """Return why a new container is not what it should be; None if it is."""
    container = report.graph.containers.get(new)
    if container is None:
        return f"the new {step.name} is gone again"
    if not container.state.has_process:
        return f"the new {step.name} {end_text(container)}"
    if container.inspection is not None and container.inspection.restart_count:
        return f"the new {step.name} keeps exiting and being restarted"
    problem = why_unjoined(report, new, step) or why_misplaced(report, new)
    return f"the new {step.name} {problem}" if problem else None


def expected_of(
    engine: ContainerEngine, inspect: Mapping[str, object], step: Step
) -> Mapping[str, object]:
    """Return the inspect of a replaced container, as far as the new one must agree.

    Args:
        engine: Has the images.
        inspect: The inspect of the old container.
        step: The step, which may give the new one another image.

    """
    if not step.image:
        return inspect
    recipe = read_recipe(inspect)
    images = (engine.image(recipe.image_id), engine.image(step.image))
    before, after = ({} if one is None else one.config for one in images)
    return without_defaults(inspect, recipe, before, after, step.environment)


class NoCompose:
    """Implements `nstui.ports.Compose` without a compose program."""

    def recreation(
        self,
        container: Container,  # noqa: ARG002 - the port's
    ) -> Recomposition:
        """Return a `Recomposition` without a command."""
        return Recomposition()

    def joins(
        self,
        container: Container,  # noqa: ARG002 - the port's
    ) -> tuple[ComposeJoin, ...] | None:
        """Return None: the joins are unknown."""
        return None

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),  # noqa: ARG002 - the port's
    ) -> None:
        """Raise, since there is no compose program.

        Raises:
            EngineRefused: always.

        """
        raise EngineRefused(
            f"no compose was found here to recreate {container.name} with {command[0]}"
        )


class Recomposer:
    """Carries out the steps that let compose recreate a container."""

    def __init__(
        self,
        engine: ContainerEngine,
        observer: Observer,
        verified: VerifiedEngine,
        compose: Compose,
    ) -> None:
        """Store the engine, what checks effects on it, and compose."""
        self._engine = engine
        self._observer = observer
        self._verified = verified
        self._compose = compose
        self.steady_s = steady_time(())
        """Seconds that a new container has to run before it counts as well."""

    def recompose(self, step: Step) -> Container:
        """Run the step's compose command; return the new container once it is well.

        Raises:
            ContainerVanished: the container no longer exists; nothing was done.
            EngineRefused: compose failed, and the container is as before.
            EngineUnreachable: the engine did not answer; or compose did not finish in
                time, and the container is as before.
            HalfDone: compose succeeded, but the new container is missing or not well;
                or compose failed, and not everything could be undone.

        """
        before = self._observer.look_afresh().graph
        old = before.containers.get(step.container)
        if old is None:
            raise ContainerVanished(f"{step.name} is no longer there")
        kept = self._engine.inspect(old.id)
        self._verified.announce(old, Change.STOP, Change.KILL, Change.RM)
        try:
            self._compose.recreate(old, step.command, step.changes)
        except NstuiError as error:
            self._put_back(before, old, step, error)
            raise
        report = self._observer.look_afresh()
        now = report.graph.containers
        if old.id in now and now.keys() <= before.containers.keys():
            idle = EngineRefused(f"compose did not replace {old.name}")
            self._put_back(before, old, step, idle)
            raise idle
        problem = why_not_replaced(old, before.containers.values(), now.values())
        if problem:
            raise HalfDone(problem + _recovery_hint(step, report.graph))
        return self._check_new(old, kept, step, report)

    def finish(self, record: PlanRecord, step: Step) -> None:
        """Finish an interrupted recreation by compose, or put back the old container.

        Compose cannot handle an old and a new container with the same number. So the
        new one, which nothing depends on yet, is removed, and compose is run again. If
        only the new one is left, it is renamed and started.

        Args:
            record: The record of the interrupted plan.
            step: The interrupted step.

        Raises:
            NstuiError: that failed; the message says what the situation is now.

        """
        graph = self._observer.look_afresh().graph
        left = find_leftover(graph, record, step)
        if left.old is None:
            if left.new is None:
                raise ContainerVanished(f"{step.name} is no longer there")
            self._put_in_place(left.new, step)
            return
        if left.new is not None:
            self._verified.remove(left.new, force=True)
        if left.old.name != step.name:
            self._verified.rename(left.old, step.name)
        try:
            self.recompose(step)
        except NstuiError as error:
            old = self._verified.see(left.old.id)
            if old is None or is_up(old) or old.id not in record.running:
                raise
            was_paused = old.id in record.paused
            again = self._start_again(old, step.name, graph, was_paused=was_paused)
            problems = "; ".join(again)
            now = problems or f"{step.name} runs again as it was"
            raise HalfDone(f"{error}; {now}") from error

    def _check_new(
        self, old: Container, kept: Mapping[str, object], step: Step, report: Report
    ) -> Container:
        """Return the new container, after checking that it equals the old one."""
        new = next(
            c for c in _containers_of_service(old, report.graph) if c.id != old.id
        )
        try:
            expected = expected_of(self._engine, kept, step)
            lacking = why_different(expected, self._engine.inspect(new.id))
            if lacking and step.as_before:
                raise EngineRefused(f"compose recreated {step.name} {lacking}")
            problem = _why_broken(new, report)
            if problem:
                raise EngineRefused(f"compose recreated {step.name}, which {problem}")
            return await_steady(self._observer, new.id, step, self.steady_s)
        except NstuiError as error:
            raise HalfDone(f"{error}{_recovery_hint(step, report.graph)}") from error

    def _put_back(
        self, before: Graph, old: Container, step: Step, error: NstuiError
    ) -> None:
        """Undo what compose did before it failed.

        Raises:
            HalfDone: not everything could be undone.

        """
        report = self._observer.look_afresh()
        now = report.graph
        if old.id not in now.containers:
            made = why_not_replaced(
                old, before.containers.values(), now.containers.values()
            )
            said = f"{error}; {made}" if made else str(error)
            raise HalfDone(said + _recovery_hint(step, now)) from error
        problems = "; ".join(self._undo_changes(before, old, now))
        if problems:
            raise HalfDone(f"{error}; {problems}") from error

    def _undo_changes(self, before: Graph, old: Container, now: Graph) -> Iterator[str]:
        """Undo what compose did; yield a sentence for each failure."""
        try:
            for made in _containers_of_service(old, now):
                if made.id not in before.containers:
                    self._verified.remove(made, force=True)
            there = self._verified.see(old.id)
            if there is not None and there.name != old.name:
                self._verified.rename(there, old.name)
            there = self._verified.see(old.id)
        except NstuiError as error:
            yield f"could not put {old.name} back: {error}"
            return
        if there is not None and is_up(old) and not is_up(there):
            was_paused = is_paused(old)
            yield from self._start_again(there, old.name, before, was_paused=was_paused)

    def _start_again(
        self, old: Container, name: str, graph: Graph, *, was_paused: bool
    ) -> Iterator[str]:
        """Start the old container; yield a sentence if it does not keep running."""
        yield from start_again(
            self._observer, self._verified, {name: old}, graph, self.steady_s
        )
        if was_paused:
            yield from pause_again(self._verified, {name: old.id})

    def _put_in_place(self, new: Container, step: Step) -> None:
        """Rename and start a new container that has no old one, as compose would."""
        if new.name != step.name:
            self._verified.rename(new, step.name)
        # If it is gone meanwhile, starting it raises the error for that.
        now = self._verified.see(new.id) or new
        if not is_up(now):
            self._verified.start(now)


def _containers_of_service(old: Container, graph: Graph) -> tuple[Container, ...]:
    """Return all containers of the compose service of a container."""
    containers = graph.containers.values()
    return () if old.compose is None else service_containers(containers, old.compose)


def _why_broken(container: Container, report: Report) -> str:
    """Return the findings on a new container if it is broken; otherwise ""."""
    if container.id not in find_broken(report.snapshot, report.graph):
        return ""
    findings = report.all_by_container.get(container.id, ())
    return "; ".join(finding.message for finding in findings)


def _recovery_hint(step: Step, now: Graph) -> str:
    """Return the command that shows how to recreate a removed container by hand."""
    if step.container in now.containers:
        return ""
    words = ("nstui", "removed", "show", "--as-run", step.container)
    return (
        f"; the old {step.name} is gone; what makes it again:"
        f" {shell_line(words) or ' '.join(words)}"
    )
