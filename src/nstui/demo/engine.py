"""A simulated engine behind the same port as a real one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.demo.containers import INTERFACE_PREFIX
from nstui.demo.copying import (
    available,
    carry_files,
    create_empty,
    create_from,
    create_like,
    create_renewed,
    left_out,
    networks,
)
from nstui.demo.describe import SimLogStream, describe, inspect_document
from nstui.demo.faults import settle_health_checks
from nstui.errors import EngineRefused, EngineUnreachable, Unreachable
from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import EngineInfo, EngineMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nstui.demo.containers import Record
    from nstui.demo.events import Subscription
    from nstui.demo.world import World
    from nstui.model.container import Container, ContainerEvent, ContainerId, Join
    from nstui.model.healing import Renewal
    from nstui.model.image import Image, PullProgress
    from nstui.model.restoration import Available
    from nstui.ports import LogStream


ENDPOINT = "demo://"
ENGINE_ID = "7d9f3a52-demo"
CHECK_S = 0.25
"""How often a health check that is under way may report, in seconds."""

NOT_YET = "that is still to come"
VERSION = "28.5.2"
"""The version whose messages the world uses."""


class SimEngine:
    """Implements `nstui.ports.ContainerEngine` for a `World`.

    Methods that are not of the port change the engine itself, such as making it
    unreachable; containers are changed through `World`.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._unreachable: Unreachable | None = None
        self._hidden: dict[ContainerId, str] = {}
        self._subscriptions: list[Subscription] = []
        self._streams: list[SimLogStream] = []

    def info(self) -> EngineInfo:
        """Return the engine that answers at the endpoint."""
        self._require_answer()
        name = self._world.engine_name
        return EngineInfo(endpoint=ENDPOINT, context=None, name=name, version=VERSION)

    def machine(self) -> EngineMachine:
        """Return what the engine says of where it runs: only its id, if it has one."""
        is_docker = self._unreachable is None and self._world.engine_name == "Docker"
        return EngineMachine(engine_id=ENGINE_ID if is_docker else "")

    def containers(self) -> tuple[Container, ...]:
        """Return every container, running or not, ordered by name."""
        self._require_answer()
        with self._world.lock:
            now = self._world.clock()
            settle_health_checks(self._world, now)
            return tuple(
                describe(record, now, self._hidden.get(record.id))
                for record in self._world.records
            )

    def listed(self) -> tuple[Container, ...]:
        """Return every container as in the engine's list alone, ordered by name."""
        return tuple(
            replace(each, inspection=None, inspection_problem=NOT_YET)
            for each in self.containers()
        )

    def forget(self, containers: Iterable[ContainerId] | None = None) -> None:
        """Do nothing: nothing is cached."""

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        """Return the events from this call on, or from a past time on."""
        self._require_answer()
        subscription = self._world.journal.subscribe(since_ns, self._settle_due)
        with self._world.lock:
            self._subscriptions.append(subscription)
        return subscription

    def past_events(
        self, containers: Iterable[ContainerId]
    ) -> tuple[ContainerEvent, ...]:
        """Return the remembered events of some containers."""
        self._require_answer()
        wanted = frozenset(containers)
        kept = self._world.journal.kept()
        return tuple(event for event in kept if event.container in wanted)

    def logs(
        self,
        container: ContainerId,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> LogStream:
        """Return the stream of what a container has written and will write."""
        self._require_answer()
        with self._world.lock:
            record = self._world.records.get(container)
            stream = SimLogStream(self._world, record, tail, since_ns)
            self._streams = [each for each in self._streams if not each.is_closed]
            self._streams.append(stream)
        return stream

    def start(self, container: ContainerId) -> None:
        """Start a container; return when it runs."""
        self._require_answer()
        self._world.start(container)

    def pause(self, container: ContainerId) -> None:
        """Freeze all processes of a running container."""
        self._require_answer()
        self._world.pause(container)

    def unpause(self, container: ContainerId) -> None:
        """Let a paused container go on."""
        self._require_answer()
        self._world.unpause(container)

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return the inspect of a container, as a real engine would."""
        self._require_answer()
        with self._world.lock:
            return inspect_document(self._world.records.get(container))

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,  # noqa: ARG002 - the port's; nothing takes time here
        signal: str | None = None,  # noqa: ARG002 - the port's; each signal ends it here
    ) -> None:
        """Stop a container; return when it has stopped."""
        self._require_answer()
        self._world.stop(container)

    def restart(
        self,
        container: ContainerId,
        timeout: int | None = None,  # noqa: ARG002 - the port's; nothing takes time here
        signal: str | None = None,  # noqa: ARG002 - the port's; each signal ends it here
    ) -> None:
        """Stop and start a container; return when it runs."""
        self._require_answer()
        self._world.restart(container)

    def kill(self, container: ContainerId, signal: str | None = None) -> None:
        """Send a signal to a container, ``KILL`` by default."""
        self._require_answer()
        self._world.kill(container, signal)

    def remove(
        self,
        container: ContainerId,
        *,
        force: bool = False,
        volumes: bool = False,  # noqa: ARG002 - the port's; the world has no volumes
    ) -> None:
        """Remove a container; if it runs, `force` kills it first."""
        self._require_answer()
        self._world.remove(container, force=force)

    def rename(self, container: ContainerId, name: str) -> None:
        """Rename a container."""
        self._require_answer()
        self._world.rename(container, name)

    def networks(self) -> frozenset[str]:
        """Return the names and the ids of all networks."""
        self._require_answer()
        return networks(self._world)

    def connect(
        self,
        container: ContainerId,
        network: str,
        aliases: Iterable[str] = (),  # noqa: ARG002 - the port's; no names are resolved
    ) -> None:
        """Attach a container to a network."""
        self._require_answer()
        connect_networks(self._world, container, network)

    def create_like(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container equal to another one; return its id."""
        self._require_answer()
        return create_like(self._world, container, name, joins, image)

    def create_renewed(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        renewal: Renewal,
    ) -> ContainerId:
        """Create a container like another one from another image; return its id."""
        self._require_answer()
        return create_renewed(self._world, container, name, joins, renewal)

    def available(self, inspect: Mapping[str, object]) -> Available:
        """Return what there still is of what a removed container was made from."""
        self._require_answer()
        return available(self._world, inspect)

    def create_from(
        self,
        inspect: Mapping[str, object],
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container again from the inspect of one that was removed."""
        self._require_answer()
        return create_from(self._world, inspect, name, joins, image)

    def left_out(
        self, container: ContainerId, joins: Iterable[Join]
    ) -> tuple[str, ...]:
        """Return what `create_like` would have to leave out, each in a few words."""
        self._require_answer()
        return left_out(self._world, container, joins)

    def carry_files(
        self, source: ContainerId, target: ContainerId, paths: Iterable[str]
    ) -> tuple[str, ...]:
        """Copy files of one container to another; return the paths copied."""
        self._require_answer()
        return carry_files(self._world, source, target, paths)

    def changes(self, container: ContainerId) -> tuple[str, ...]:
        """Return the paths where its file system differs from its image."""
        self._require_answer()
        return self._world.written(container)

    def commit(self, container: ContainerId, reference: str) -> None:
        """Create an image from a container: any name is an image here."""
        self._require_answer()
        self._world.commit(container, reference)

    def image(self, reference: str) -> Image | None:
        """Return an image by name or id; every name has one, unless it was lost."""
        self._require_answer()
        with self._world.lock:
            now = self._world.lost_images.get(reference, reference)
            return self._world.image_store.describe(now) if now else None

    def pull(
        self,
        reference: str,
        on_progress: Callable[[PullProgress], None],
        platform: str = "",  # noqa: ARG002 - the port's; all images are of one platform
    ) -> Image:
        """Pull what was published under a name."""
        self._require_answer()
        # Whoever hears of the progress may wait for another thread that looks.
        found = self._world.image_store.pull(reference, on_progress)
        self._world.lost_images.pop(reference, None)
        return found

    def create_placeholder(self, name: str, image: str) -> ContainerId:
        """Create a container that has no network and does nothing."""
        self._require_answer()
        return create_empty(self._world, name, image)

    def close(self) -> None:
        """End every stream, even one that another thread is blocked in."""
        with self._world.lock:
            for subscription in self._subscriptions:
                subscription.end()
            self._subscriptions.clear()
            for stream in self._streams:
                stream.close()
            self._streams.clear()

    def hang(self) -> None:
        """Let all calls time out, at once."""
        self._unreachable = Unreachable.TIMED_OUT

    def go_away(self) -> None:
        """Refuse connections, and end the event streams."""
        self._unreachable = Unreachable.REFUSED
        self.close()

    def come_back(self) -> None:
        """Answer again."""
        self._unreachable = None

    def hide(self, reference: str, problem: str = "the engine answered: EOF") -> None:
        """List a container, but fail to inspect it."""
        with self._world.lock:
            self._hidden[self._world.records.get(reference).id] = problem

    def _settle_due(self) -> float | None:
        """Settle due health checks; return when to do so again, in seconds, or None."""
        return (
            CHECK_S if settle_health_checks(self._world, self._world.clock()) else None
        )

    def _require_answer(self) -> None:
        if self._unreachable is None:
            return
        word = (
            "does not answer in time"
            if self._unreachable is Unreachable.TIMED_OUT
            else "refuses connections: is it running?"
        )
        raise EngineUnreachable(f"the engine at {ENDPOINT} {word}", self._unreachable)


def connect_networks(world: World, reference: str, network: str) -> None:
    """Attach a container to its own network, as ``docker network connect``.

    Raises:
        EngineRefused: There is no such network, or the container is attached to it.

    """
    with world.lock:
        record = world.records.get(reference)
        if record.networks:
            raise EngineRefused(
                f"endpoint with name {record.name} already exists in network {network}"
            )
        if network not in record.made_for or network in world.lost_networks:
            raise EngineRefused(f"network {network} not found")
        record.is_detached = False
        set_interfaces(record, record.interface_names)
        world.machine.note("connect", record)


def set_interfaces(record: Record, names: tuple[str, ...]) -> None:
    """Replace the interfaces of a running container's networks by others."""
    namespace = record.namespaces.get(NamespaceKind.NET)
    if namespace is None or not record.networks:
        return
    others = (
        name for name in namespace.interfaces if not name.startswith(INTERFACE_PREFIX)
    )
    first, *rest = others
    namespace.interfaces = (first, *names, *rest)
