"""Replaces a container by an equal one, and puts it back if that fails."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from nstui.analysis.order import is_up, removes_itself
from nstui.errors import ContainerVanished, EngineRefused, HalfDone, NstuiError
from nstui.model.container import ContainerId, is_id, short_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.model.plan import Step
    from nstui.ports import ContainerEngine
    from nstui.service.observer import Observer

STEADY_S = 1.0
"""How long a new container has to run before it is taken for well."""

MOST_IMAGES = 8
"""How many images to try for something that can sleep."""

REMOVAL_S = 10.0
"""How long the engine may take to remove one that removes itself."""

PAUSE_S = 0.2
"""How long to leave the engine alone between two questions."""


@dataclass
class _Way:
    """How far a replacement has come."""

    new: ContainerId | None = None
    is_stopped: bool = False
    """Whether the old one was asked to stop."""

    is_renamed: bool = False
    """Whether the old one was asked to take another name."""


class Replacer:
    """Carries out the steps that recreate a container.

    The new one is created before anything is asked of the old one, which is removed
    only when the new one is where it belongs. Until then everything is undone if
    something fails.
    """

    def __init__(self, engine: ContainerEngine, observer: Observer) -> None:
        """Take the engine to act on, and what tells whether it worked."""
        self._engine = engine
        self._observer = observer

    def replace(self, step: Step) -> None:
        """Replace a container.

        Raises:
            ContainerVanished: it is no longer there.
            EngineRefused: it failed, and everything is as it was.
            HalfDone: it failed, and the message says what is not as it was.
            EngineUnreachable: the engine did not answer, and nothing was begun.

        """
        graph = self._observer.look_afresh().graph
        old = graph.containers.get(step.container)
        if old is None:
            raise ContainerVanished(f"{step.name} is no longer there")
        way = _Way()
        try:
            self._put_in_place(old, step, way)
        except NstuiError as error:
            if way.new is None:
                raise
            left = "; ".join(self._take_back(graph, old, way))
            if left:
                raise HalfDone(f"{error}; {left}") from error
            raise EngineRefused(f"{error}; {step.name} was put back") from error
        try:
            self._engine.remove(old.id)
        except ContainerVanished:
            # One that removes itself has done so when it was stopped.
            return
        except NstuiError as error:
            raise HalfDone(
                f"the new {step.name} is in its place, but the old one,"
                f" {_old_name(old)}, could not be removed: {error}"
            ) from error

    def _put_in_place(self, old: Container, step: Step, way: _Way) -> None:
        """Stop the old one, give its name to the new one, and see that this is well."""
        engine, image = self._engine, None
        if step.keeps_layer:
            image = f"nstui-kept/{_as_reference(old.name)}:{short_id(old.id)}"
            engine.commit(old.id, image)
        new = engine.create_like(old.id, _new_name(old), step.joins, image)
        way.new = new
        if is_up(old):
            way.is_stopped = True
            engine.stop(old.id, step.timeout)
        if is_up(old) and removes_itself(old):
            self._await_end(old)
        else:
            way.is_renamed = True
            engine.rename(old.id, _old_name(old))
        engine.rename(new, old.name)
        if step.starts:
            engine.start(new)
            self._await_steady(new, step)

    def _take_back(self, graph: Graph, old: Container, way: _Way) -> Iterator[str]:
        """Undo what was done; yield what could not be undone."""
        engine, new = self._engine, way.new
        undo: list[tuple[str, Callable[[], object]]] = []
        if new is not None:
            undo.append(("remove the new one", lambda: engine.remove(new, force=True)))
        if way.is_renamed:
            undo.append(
                (
                    f"rename {_old_name(old)} to {old.name}",
                    lambda: engine.rename(old.id, old.name),
                )
            )
        if way.is_stopped:
            undo.append((f"start {old.name} again", lambda: self._revive(graph, old)))
        for words, step in undo:
            try:
                step()
            except NstuiError as error:
                yield f"could not {words}: {error}"

    def _await_end(self, old: Container) -> None:
        """Return when one that removes itself has done so."""
        end = time.monotonic() + REMOVAL_S
        while old.id in self._observer.look().graph.containers:
            if time.monotonic() >= end:
                raise EngineRefused(f"{old.name} was stopped, but did not go")
            time.sleep(PAUSE_S)

    def _revive(self, graph: Graph, old: Container) -> None:
        """Start a container again whose join may lead to nobody.

        While a container has the id of the one that is gone for its name, the engine
        takes it for that one.
        """
        gone = [
            join.reference
            for join in old.joins
            if is_id(join.reference) and graph.resolve(join.reference) is None
        ]
        with ExitStack() as places:
            for reference in dict.fromkeys(gone):
                places.enter_context(self._held(graph, old, reference))
            self._engine.start(old.id)

    @contextmanager
    def _held(self, graph: Graph, old: Container, name: str) -> Iterator[None]:
        """Keep a name taken by something that runs."""
        place = self._hold_place(graph, old, name)
        try:
            yield
        finally:
            with suppress(NstuiError):
                self._engine.remove(place, force=True)

    def _hold_place(self, graph: Graph, old: Container, name: str) -> ContainerId:
        """Start something under a name, from any image that can sleep."""
        problem: NstuiError | None = None
        for image in islice(_images(graph, old), MOST_IMAGES):
            try:
                place = self._engine.create_placeholder(name, image)
            except EngineRefused as error:
                problem = error
                continue
            try:
                self._engine.start(place)
            except EngineRefused as error:
                problem = error
                self._engine.remove(place, force=True)
                continue
            return place
        raise EngineRefused(
            f"what it joined no longer exists, and nothing could stand in for it:"
            f" {problem}"
        )

    def _await_steady(self, new: ContainerId, step: Step) -> None:
        """Return when the new one has run for a moment where it belongs."""
        end = time.monotonic() + STEADY_S
        while True:
            self._observer.forget((new,))
            report = self._observer.look()
            problem = what_is_wrong(report, new, step)
            if problem is not None:
                raise EngineRefused(problem)
            if time.monotonic() >= end:
                return
            time.sleep(PAUSE_S)


def what_is_wrong(report: Report, new: ContainerId, step: Step) -> str | None:
    """Return why a new container is not what it should be; None if it is."""
    container = report.graph.containers.get(new)
    if container is None:
        return f"the new {step.name} is gone again"
    if not container.state.has_process:
        return f"the new {step.name} {_end_of(container)}"
    if container.inspection is not None and container.inspection.restart_count:
        return f"the new {step.name} keeps exiting and being restarted"
    for join in container.joins:
        owner = report.graph.chain(new, join.kind).owner
        there = None if owner is None else report.snapshot.namespace(owner, join.kind)
        here = report.snapshot.namespace(new, join.kind)
        if owner is None:
            return f"what the new {step.name} joined is gone again"
        if here is not None and there is not None and here != there:
            return f"the new {step.name} is in {here}, not in {there}"
    return None


def _end_of(container: Container) -> str:
    """Say how a container ended, as the end of a sentence."""
    if container.inspection is None or container.inspection.exit_code is None:
        return f"is {container.state}"
    return f"ended with exit code {container.inspection.exit_code}"


def _new_name(old: Container) -> str:
    return f"{old.name}-new-{short_id(old.id)}"


def _old_name(old: Container) -> str:
    return f"{old.name}-old-{short_id(old.id)}"


def _images(graph: Graph, old: Container) -> Iterator[str]:
    """Yield images that may have a program that sleeps: those in use, its own first."""
    yield from dict.fromkeys((old.image, *(c.image for c in graph.containers.values())))


def _as_reference(name: str) -> str:
    """Return a name as the engine allows it in the name of an image."""
    kept = [letter if letter.isalnum() else "-" for letter in name.lower()]
    return "".join(kept).strip("-") or "container"
