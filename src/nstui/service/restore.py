"""Brings back a removed container, or leaves nothing of it if that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from nstui.analysis.healing.recomposing import why_different
from nstui.analysis.plans.leftovers import find_leftover
from nstui.analysis.restoring.removed import as_now
from nstui.errors import ContainerVanished, EngineRefused, HalfDone, NstuiError
from nstui.model.outcome import new_name
from nstui.service.recompose import steady_time
from nstui.service.recreate import put_in_place, require

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.audit import RemovedContainer
    from nstui.model.container import Container, ContainerId
    from nstui.model.outcome import PlanRecord
    from nstui.model.step import Step
    from nstui.ports import ContainerEngine
    from nstui.service.audit import ActionAudit
    from nstui.service.observer import Observer
    from nstui.service.verified import VerifiedEngine


KEPT = "its inspect is still kept"


class Restorer:
    """Carries out the steps that bring back removed containers.

    The new container has a temporary name until it is complete, by which it is found
    if nstui is cut off. If something fails, it is removed again.
    """

    def __init__(
        self,
        engine: ContainerEngine,
        observer: Observer,
        verified: VerifiedEngine,
        audit: ActionAudit,
    ) -> None:
        """Store the engine, what checks the effects of requests, and the records."""
        self._engine = engine
        self._observer = observer
        self._verified = verified
        self._audit = audit
        self.steady_s = steady_time(())
        """Seconds that a new container has to run before it counts as well."""

    def restore(
        self, step: Step, note: Callable[[ContainerId], object]
    ) -> tuple[Container | None, str]:
        """Bring back a container.

        Args:
            step: The step, with the joins of the new container.
            note: Called with the id of the new container, once that is complete.

        Returns:
            The new container, None if it was not started; and a sentence for the user,
            which may be empty.

        Raises:
            AuditFailed: the kept inspect cannot be read; nothing was done.
            ContainerVanished: there is no kept inspect; nothing was done.
            EngineRefused: it failed, and the new container was removed again.
            HalfDone: it failed; the message says what is left of it.

        """
        removed = self._audit.kept(step.container)
        new: ContainerId | None = None
        try:
            new = self._create(step, removed)
            note(new)
            seen = self._put_in_place(new, step)
        except NstuiError as error:
            self._remove_again(step, new, error)
        return seen, self._mark(removed, new)

    def finish(self, record: PlanRecord, step: Step) -> None:
        """Finish an interrupted step, of which a complete new container is left.

        Raises:
            NstuiError: as for `restore`.

        """
        graph = self._observer.look_afresh().graph
        new = find_leftover(graph, record, step).new
        if new is None:
            raise ContainerVanished(f"the new {step.name} is no longer there; {KEPT}")
        try:
            self._put_in_place(new.id, step)
        except NstuiError as error:
            self._remove_again(step, new.id, error)
        self._mark(self._audit.kept(step.container), new.id)

    def _create(self, step: Step, removed: RemovedContainer) -> ContainerId:
        """Create the new container, check that it is complete, and return its id."""
        name = new_name(step.name, removed.id)
        volumes = self._engine.available(removed.inspect).volumes
        before = as_now(removed.inspect, volumes)
        new = self._engine.create_from(
            removed.inspect, name, step.joins, step.image or None
        )
        created = self._verified.see(new)
        if created is None or created.name != name:
            raise EngineRefused(
                f"the engine answered that {name} was created, but it is not there"
            )
        lacking = why_different(before, self._engine.inspect(new))
        if lacking:
            raise EngineRefused(f"the new {step.name} came out {lacking}")
        return new

    def _put_in_place(self, new: ContainerId, step: Step) -> Container | None:
        return put_in_place(self._observer, self._verified, new, step, self.steady_s)

    def _remove_again(
        self, step: Step, new: ContainerId | None, error: NstuiError
    ) -> NoReturn:
        """Remove the new container, even if the request to create it had no answer.

        If its temporary name was taken, the container with that name is of another
        nstui, which restores the same one.

        Raises:
            EngineRefused: always; the message has the error.
            HalfDone: the new container could not be removed.

        """
        try:
            graph = self._observer.look_afresh().graph
            temporary = new_name(step.name, step.container)
            is_taken = f'{temporary}" is already in use' in str(error)
            by_name = None if is_taken else graph.resolve(temporary)
            found = by_name if new is None else new
            left = None if found is None else graph.containers.get(found)
            if left is not None:
                self._verified.remove(left, force=True)
        except NstuiError as problem:
            raise HalfDone(
                f"{error}; could not remove the new {step.name}: {problem}; {KEPT}"
            ) from error
        again = "" if left is None else f"the new {step.name} was removed again, and "
        raise EngineRefused(f"{error}; {again}{KEPT}") from error

    def _mark(self, removed: RemovedContainer, new: ContainerId) -> str:
        """Record what the container is now; return a sentence if that fails."""
        try:
            now = require(self._verified, new, f"the new {removed.name}")
            self._audit.restored(removed, now)
        except NstuiError as problem:
            return (
                f"{removed.name} was restored, but that could not be noted: {problem}"
            )
        return ""
