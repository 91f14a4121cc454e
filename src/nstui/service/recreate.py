"""Replaces a container by an equal one, and puts it back if that fails."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.healing.recomposing import why_different
from nstui.analysis.plans.leftovers import find_leftover
from nstui.analysis.plans.order import is_paused, is_up, removes_itself
from nstui.errors import ContainerVanished, EngineRefused, HalfDone, NstuiError
from nstui.model.container import short_id
from nstui.model.healing import Renewal
from nstui.model.outcome import new_name, old_name
from nstui.service.recompose import await_steady, expected_of, steady_time
from nstui.service.start_again import find_ended_with, pause_again, start_again

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.outcome import PlanRecord
    from nstui.model.step import Step
    from nstui.ports import ContainerEngine, PlanJournal
    from nstui.service.observer import Observer
    from nstui.service.verified import VerifiedEngine


def copy_files(
    engine: ContainerEngine,
    old: ContainerId,
    new: ContainerId,
    paths: tuple[str, ...],
) -> None:
    """Copy files of an old container into the new one, and check that they arrived.

    Raises:
        EngineRefused: a file is missing from the new container.
        EngineUnreachable: the engine did not answer.

    """
    if not paths:
        return
    carried = engine.carry_files(old, new, paths)
    try:
        there = frozenset(engine.changes(new))
    except EngineRefused:
        # Some storage drivers cannot list changes; the copies are trusted then.
        return
    missing = [path for path in carried if path not in there]
    if missing:
        raise EngineRefused(
            f"the new container did not get {', '.join(missing)} of the old one"
        )


def require(verified: VerifiedEngine, container: ContainerId, name: str) -> Container:
    """Return a container from a new look.

    Raises:
        ContainerVanished: it does not exist; the message calls it `name`.

    """
    found = verified.see(container)
    if found is None:
        raise ContainerVanished(f"{name} is no longer there")
    return found


def put_in_place(
    observer: Observer,
    verified: VerifiedEngine,
    new: ContainerId,
    step: Step,
    seconds: float,
) -> Container | None:
    """Give a new container its name, start it, and check that it is well.

    Args:
        observer: Looks at the host.
        verified: Changes the container.
        new: The new container, which may have its name, or run, already.
        step: The step that made it.
        seconds: How long it has to run.

    Returns:
        The container; None if it is not to be started.

    """
    container = require(verified, new, f"the new {step.name}")
    if container.name != step.name:
        verified.rename(container, step.name)
    if not step.starts:
        return None
    container = require(verified, new, f"the new {step.name}")
    if not container.state.has_process:
        verified.start(container)
    return await_steady(observer, new, step, seconds)


REMOVAL_S = 10.0
"""Seconds that the engine may take to remove a stopped ``--rm`` container."""

PAUSE_S = 0.2
"""Seconds between two looks while waiting."""


@dataclass(slots=True, kw_only=True)
class _Replacement:
    """One replacement, and its progress."""

    step: Step
    graph: Graph
    """The graph before the replacement began, or was continued."""

    old: Container
    up: Collection[ContainerId]
    """The containers that ran before the replacement began."""

    paused: Collection[ContainerId]
    """Those of them that were paused."""

    new: ContainerId | None = None
    seen: Container | None = None
    """The new container as last seen; None if it was not started."""

    is_begun: bool = False
    """Whether a change was requested from the engine."""

    revived: tuple[str, ...] = ()
    """The names of other containers that ended with the old one and were restarted."""

    @property
    def ran(self) -> bool:
        """Whether the old container ran before the replacement began."""
        return self.old.id in self.up

    @property
    def old_name(self) -> str:
        """The name of the old container while the new one has its name."""
        return old_name(self.step.name, self.old.id)

    @property
    def new_name(self) -> str:
        """The name of the new container until then."""
        return new_name(self.step.name, self.old.id)


class Replacer:
    """Carries out the steps that recreate a container.

    The new container is created before the old one is changed, and the old one is
    removed only when the new one is in place. If something fails before that, all
    changes are undone. The effect of each request is checked before the next one, so
    that a replacement can be finished wherever it was interrupted.
    """

    def __init__(
        self, engine: ContainerEngine, observer: Observer, verified: VerifiedEngine
    ) -> None:
        """Store the engine, and what checks the effects of requests to it."""
        self._engine = engine
        self._observer = observer
        self._verified = verified
        self.steady_s = steady_time(())
        """Seconds that a new container has to run before it counts as well."""

    def replace(
        self, step: Step, note: Callable[[ContainerId], object]
    ) -> Container | None:
        """Replace a container; return the new one as last seen.

        Args:
            step: The step, with the container and its new joins.
            note: Called with the id of the new container.

        Returns:
            The new container; None if it was not started.

        Raises:
            ContainerVanished: the container no longer exists.
            EngineRefused: the replacement failed, and all changes were undone.
            HalfDone: the replacement failed; the message says what is changed.
            EngineUnreachable: the engine did not answer, and nothing was changed.

        """
        graph = self._observer.look_afresh().graph
        old = graph.containers.get(step.container)
        if old is None:
            raise ContainerVanished(f"{step.name} is no longer there")
        there = graph.containers.values()
        one = _Replacement(
            step=step,
            graph=graph,
            old=old,
            up={c.id for c in there if is_up(c)},
            paused={c.id for c in there if is_paused(c)},
        )
        self._complete_or_undo(one, note)
        return one.seen

    def finish(self, record: PlanRecord, step: Step, journal: PlanJournal) -> None:
        """Finish an interrupted replacement, wherever it was interrupted.

        Args:
            record: The record of the interrupted plan.
            step: The interrupted step.
            journal: Continues the record.

        Raises:
            NstuiError: as for `replace`.

        """
        graph = self._observer.look_afresh().graph
        left = find_leftover(graph, record, step)
        old, new = left.old, left.new
        if old is None:
            if new is None:
                raise ContainerVanished(f"{step.name} is no longer there")
            try:
                self._put_in_place(new.id, step)
            except NstuiError as error:
                raise HalfDone(f"{error}; the old {step.name} is gone") from error
            return
        if new is not None and record.new is None:
            # It may lack networks or files, which are added after the creation.
            self._verified.remove(new, force=True)
            new = None
        one = _Replacement(
            step=step,
            graph=graph,
            old=old,
            up=record.running,
            paused=record.paused,
            new=None if new is None else new.id,
            is_begun=True,
        )
        self._complete_or_undo(one, journal.created)

    def undo(self, record: PlanRecord, step: Step) -> None:
        """Undo an interrupted replacement: put back the old container.

        Raises:
            ContainerVanished: the old container no longer exists.
            HalfDone: not everything could be undone.

        """
        graph = self._observer.look_afresh().graph
        left = find_leftover(graph, record, step)
        if left.old is None:
            raise ContainerVanished(f"the old {step.name} is no longer there")
        undone = _Replacement(
            step=step,
            graph=graph,
            old=left.old,
            up=record.running,
            paused=record.paused,
            new=None if left.new is None else left.new.id,
        )
        problems = "; ".join(self._undo_changes(undone))
        if problems:
            raise HalfDone(problems)

    def _complete_or_undo(
        self, one: _Replacement, note: Callable[[ContainerId], object]
    ) -> None:
        """Complete a replacement, or undo it if something fails."""
        try:
            self._create_and_swap(one, note)
        except NstuiError as error:
            if not one.is_begun:
                raise
            if self._has_ended_for_good(one):
                said = f"{error}; {one.step.name} removes itself: it cannot be put back"
                raise HalfDone(said) from error
            problems = "; ".join(self._undo_changes(one))
            if problems:
                raise HalfDone(f"{error}; {problems}") from error
            too = f", and so was {', '.join(one.revived)}" if one.revived else ""
            said = f"{error}; {one.step.name} was put back{too}"
            raise EngineRefused(said) from error
        if one.step.keeps_old:
            return
        old = self._verified.see(one.old.id)
        if old is None:
            # A ``--rm`` container was removed when it was stopped.
            return
        try:
            self._verified.remove(old)
        except NstuiError as error:
            raise HalfDone(
                f"the new {one.step.name} is in its place, but the old one,"
                f" {old.name}, could not be removed: {error}"
            ) from error

    def _create_and_swap(
        self, one: _Replacement, note: Callable[[ContainerId], object]
    ) -> None:
        """Create the new container if needed, stop the old one, and swap the names."""
        step, old = one.step, one.old
        if one.new is None:
            image = kept_image(old, step) if step.keeps_layer else None
            if image is not None:
                self._engine.commit(old.id, image)
            one.is_begun = True
            one.new = self._create(one, image)
            note(one.new)
        ends_itself = is_up(old) and removes_itself(old)
        if is_up(old):
            self._verified.stop(old, step.timeout)
        if ends_itself:
            self._await_end(old)
        elif old.name == step.name:
            self._verified.rename(self._require(old.id, step.name), one.old_name)
        one.seen = self._put_in_place(one.new, step)

    def _create(self, one: _Replacement, image: str | None) -> ContainerId:
        """Create the new container, check that it is complete, and return its id."""
        step, name = one.step, one.new_name
        if step.image:
            renewal = Renewal(step.image, step.environment)
            new = self._engine.create_renewed(one.old.id, name, step.joins, renewal)
        else:
            new = self._engine.create_like(one.old.id, name, step.joins, image)
        copy_files(self._engine, one.old.id, new, step.files)
        created = self._verified.see(new)
        if created is None or created.name != name:
            raise EngineRefused(
                f"the engine answered that {name} was created, but it is not there"
            )
        lacking = why_different(
            expected_of(self._engine, self._engine.inspect(one.old.id), step),
            self._engine.inspect(new),
        )
        if lacking:
            raise EngineRefused(f"the new {step.name} came out {lacking}")
        return new

    def _put_in_place(self, new: ContainerId, step: Step) -> Container | None:
        """Give the new container its name, start it, and check that it is well."""
        return put_in_place(self._observer, self._verified, new, step, self.steady_s)

    def _require(self, container: ContainerId, name: str) -> Container:
        return require(self._verified, container, name)

    def _has_ended_for_good(self, one: _Replacement) -> bool:
        """Tell whether the old container has ended and removes itself."""
        if not one.ran or not removes_itself(one.old):
            return False
        try:
            now = self._verified.see(one.old.id)
        except NstuiError:
            return False
        return now is None or not is_up(now)

    def _undo_changes(self, one: _Replacement) -> Iterator[str]:
        """Undo all changes; yield a sentence for each that cannot be undone."""
        undo: tuple[tuple[str, Callable[[_Replacement], None]], ...] = (
            ("remove the new one", self._remove_new),
            (f"rename {one.old_name} to {one.step.name}", self._rename_back),
        )
        for words, step in undo:
            try:
                step(one)
            except NstuiError as error:
                yield f"could not {words}: {error}"
        yield from self._start_again(one)

    def _remove_new(self, one: _Replacement) -> None:
        """Remove the new container, even if the request to create it had no answer."""
        graph = self._observer.look_afresh().graph
        found = graph.resolve(one.new_name) if one.new is None else one.new
        if found is not None and found != one.old.id and found in graph.containers:
            self._verified.remove(graph.containers[found], force=True)

    def _rename_back(self, one: _Replacement) -> None:
        old = self._require(one.old.id, f"the old {one.step.name}")
        if old.name != one.step.name:
            self._verified.rename(old, one.step.name)

    def _start_again(self, one: _Replacement) -> Iterator[str]:
        """Start the containers again that ran; yield a sentence for each failure."""
        try:
            now = self._observer.look_afresh().graph
            old = self._require(one.old.id, f"the old {one.step.name}")
        except NstuiError as error:
            yield f"could not start {one.step.name} again: {error}"
            return
        again = {one.step.name: old} if one.ran and not is_up(old) else {}
        others = find_ended_with(old.id, one.graph, now, one.up)
        one.revived = tuple(other.name for other in others)
        again |= {other.name: other for other in others}
        yield from start_again(
            self._observer, self._verified, again, one.graph, self.steady_s
        )
        paused = {name: c.id for name, c in again.items() if c.id in one.paused}
        yield from pause_again(self._verified, paused)

    def _await_end(self, old: Container) -> None:
        """Wait until a ``--rm`` container is removed."""
        end = time.monotonic() + REMOVAL_S
        while old.id in self._observer.look().graph.containers:
            if time.monotonic() >= end:
                raise EngineRefused(f"{old.name} was stopped, but did not go")
            time.sleep(PAUSE_S)


def kept_image(old: Container, step: Step) -> str:
    """Return the name for the image made of a container with the files it wrote."""
    kept = [letter if letter.isalnum() else "-" for letter in step.name.lower()]
    return f"nstui-kept/{''.join(kept).strip('-') or 'container'}:{short_id(old.id)}"
