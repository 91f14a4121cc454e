"""A simulated compose, for the containers of a simulated engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.demo.copying import create_renewed
from nstui.errors import EngineRefused
from nstui.model.container import Join, short_id
from nstui.model.healing import ComposeJoin, Recomposition, Renewal

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.demo.containers import Record
    from nstui.demo.world import World
    from nstui.model.container import Container, ContainerId

_BEGIN = ("docker", "compose", "-p")
_UP = ("up", "-d", "--no-deps", "--no-build", "--force-recreate")


class SimCompose:
    """Implements `nstui.ports.Compose` for a `World`, in the way of compose v2.

    It needs no files: a container of a service joins the containers of the first
    service that it depends on, or what it was told to join if it depends on none.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.changes: dict[str, tuple[str, ...]] = {}
        """What it would change of a container of a service besides."""

        self.wrote: dict[str, tuple[str, ...]] = {}
        """The files that it puts into the containers of a service."""

    def recreation(self, container: Container) -> Recomposition:
        """Return the command that recreates a service's container."""
        service = container.compose
        if service is None:
            return Recomposition()
        command = (*_BEGIN, service.project, *_UP, service.service)
        return Recomposition(
            command=command,
            changes=self.changes.get(service.service, ()),
            joins=self.joins(container),
            wrote=self.wrote.get(service.service, ()),
        )

    def joins(self, container: Container) -> tuple[ComposeJoin, ...] | None:
        """Return what a container's service joins: what `recreate` would."""
        service = container.compose
        if service is None or not service.depends_on:
            return None
        owner = service.depends_on[0]
        return tuple(
            ComposeJoin(kind=join.kind, service=owner) for join in container.joins
        )

    def recreate(
        self,
        container: Container,  # noqa: ARG002 - the command names its service
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),
    ) -> None:
        """Recreate the containers of a service.

        Raises:
            EngineRefused: there is no such service, or the engine refused.

        """
        project, service = command[len(_BEGIN)], command[-1]
        if not {*self.changes.get(service, ())} <= {*changes}:
            raise EngineRefused(f"compose would change {service}")
        with self._world.lock:
            records = self._of(project, service)
            if not records:
                raise EngineRefused(f"no such service: {service}")
            for record in records:
                self._recreate(record)

    def _recreate(self, old: Record) -> None:
        """Replace one: what fails at the new one's start leaves no old one."""
        world, name = self._world, old.name
        joins = tuple(
            Join(join.kind, self._joined(old) or join.reference) for join in old.joins
        )
        temporary = f"{short_id(old.id)}_{name}"
        renewal = Renewal(old.spec.image)
        new = create_renewed(world, old.id, temporary, joins, renewal)
        world.remove(old.id, force=True)
        world.rename(new, name)
        world.start(new)

    def _joined(self, record: Record) -> ContainerId | None:
        """Return what a container is to join; None if its service says nothing."""
        compose = record.spec.compose
        if compose is None or not compose.depends_on:
            return None
        owner = compose.depends_on[0]
        owners = self._of(compose.project, owner)
        if not owners:
            raise EngineRefused(
                f"cannot share network namespace with service {owner}: "
                "container missing"
            )
        return owners[0].id

    def _of(self, project: str, service: str) -> tuple[Record, ...]:
        """Return the containers of a service, by name."""
        return tuple(
            record
            for record in self._world.records
            if record.spec.compose is not None
            and record.spec.compose.project == project
            and record.spec.compose.service == service
        )


class ActingCompose(SimCompose):
    """A compose that promises what it should and does something else."""

    def __init__(self, world: World, act: Callable[[Container], object]) -> None:
        """Take what it does with a container that it is to recreate."""
        super().__init__(world)
        self._act = act

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],  # noqa: ARG002 - the port's
        changes: tuple[str, ...] = (),  # noqa: ARG002 - the port's
    ) -> None:
        """Act."""
        self._act(container)
