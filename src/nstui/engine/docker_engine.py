"""A container engine behind the Docker Engine API."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nstui.engine.client import ApiClient
from nstui.engine.decode import (
    decode_container,
    decode_inspection,
    decode_state,
    written_paths,
)
from nstui.engine.inspect_cache import (
    ImageLabels,
    InspectCache,
    keeping_labels,
    proven,
    signature,
)
from nstui.engine.podman import is_podman, podman_left_out, whole_inspect, with_pods
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    Unreachable,
)
from nstui.model.container import ContainerId
from nstui.model.frozen import dataclass
from nstui.model.json import inner, mapping, number, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nstui.engine.endpoint import Endpoint
    from nstui.engine.inspect_cache import Signature
    from nstui.model.container import Container, Join
    from nstui.model.snapshot import EngineInfo
    from nstui.ports import ContainerEvent, LogStream

DEADLINE_FACTOR = 4
"""How many time limits of one request a whole look may take before it is cut short."""

ENGINE_STOP_TIMEOUT = 10
"""Seconds that the engine waits if neither container nor caller says: docker stop."""

COMMIT_S = 600
"""Seconds that an image of a container may take: it is read from end to end."""

NOT_YET = "that is still to come"
TOO_LATE = "the engine did not answer in time"


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at all containers."""

    deadline: float
    """When those that have not answered are too late."""

    began: int
    """The moment for what is remembered."""

    inspect: Callable[[ContainerId], Mapping[str, object]]


class DockerEngine:
    """Docker, or Podman through its Docker API; implements `ports.ContainerEngine`.

    Nothing is connected, and the docker SDK is not even imported, before the first
    call.

    What an inspect told is remembered for as long as the container's row in the
    engine's list stays the same: its state, names, health, exit code, ports and the
    endpoints of its networks. A restart between two looks changes none of these for a
    container that has no network of its own. Only `forget` reveals it, so whoever uses
    this forgets what events name, and what ``/proc`` disowns.
    """

    def __init__(
        self, endpoint: Endpoint, *, timeout: float = 5.0, patience: float = 60.0
    ) -> None:
        """Take where to ask; nothing is asked yet.

        Args:
            endpoint: Where the engine is.
            timeout: How many seconds a question may take.
            patience: How many a change of a container may take, beside the time that
                it has to stop.

        """
        self._endpoint = endpoint
        self._timeout = timeout
        self._patience = patience
        self._cache = InspectCache()
        self._images = ImageLabels()
        self._lock = threading.Lock()
        self._opened: ApiClient | None = None
        self._closed = False

    def greet(self) -> None:
        """Ask who is at the endpoint without waiting: it has time to answer then."""
        self._connection().greet()

    def info(self) -> EngineInfo:
        """Return who answers at the endpoint."""
        return self._connection().info()

    def containers(self) -> tuple[Container, ...]:
        """Return every container, running or not, ordered by name."""
        deadline = time.monotonic() + DEADLINE_FACTOR * self._timeout
        listed = [(row, signature(row)) for row in self._rows()]
        unknown = (
            _identity(row)
            for row, seen in listed
            if self._cache.recall(_identity(row), seen) is None
        )
        # Whoever is forgotten from here on may have been asked for before.
        began = self._cache.now()
        with self._connection().inspecting(unknown) as inspect:
            look = _Look(deadline, began, inspect)
            found = [
                self._look(self._proven(row, deadline), seen, look)
                for row, seen in listed
            ]
        containers = [container for container in found if container is not None]
        self._cache.retain(container.id for container in containers)
        if containers and self.info().is_podman:
            return _by_name(with_pods(containers, self._connection().ask_whole))
        return _by_name(containers)

    def listed(self) -> tuple[Container, ...]:
        """Return every container as the engine's list alone tells, ordered by name."""
        return _by_name(
            decode_container(row, remembered, None if remembered else NOT_YET)
            for listed in self._rows()
            for row in (proven(listed, self._images.recall),)
            for remembered in (self._cache.recall(_identity(row), signature(row)),)
        )

    def forget(self, containers: Iterable[ContainerId] | None = None) -> None:
        """Drop what is remembered of some containers, or of all."""
        self._cache.forget(containers)
        if containers is None:
            self._images.forget_failures()

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        """Yield what happens to containers; what follows this call is not missed.

        An event at the very moment `since_ns` is among them.
        """
        return self._connection().events(since_ns)

    def past(self, containers: Iterable[ContainerId]) -> tuple[ContainerEvent, ...]:
        """Return what the engine still knows of the past of some containers."""
        return self._connection().past(containers)

    def logs(
        self,
        container: ContainerId,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> LogStream:
        """Ask for what a container has written, and for what it will write."""
        return self._connection().logs(container, tail, since_ns)

    def start(self, container: ContainerId) -> None:
        """Start a container; return when it runs."""
        with self._connection().acting(container) as client:
            client.start(container)

    def stop(self, container: ContainerId, timeout: int | None = None) -> None:
        """Stop a container; return when it has stopped."""
        seconds = self._stop_timeout(container) if timeout is None else timeout
        with self._connection().acting(container, seconds) as client:
            client.stop(container, seconds)

    def restart(self, container: ContainerId, timeout: int | None = None) -> None:
        """Stop and start a container; return when it runs."""
        # The SDK would give 10 seconds to a container that has a time-out of its own.
        seconds = self._stop_timeout(container) if timeout is None else timeout
        with self._connection().acting(container, seconds) as client:
            client.restart(container, seconds)

    def kill(self, container: ContainerId, signal: str | None = None) -> None:
        """Send a signal, ``KILL`` unless named otherwise."""
        with self._connection().acting(container) as client:
            client.kill(container, signal)

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove a container; with `force` kill it first if it runs."""
        with self._connection().acting(container) as client:
            client.remove_container(container, v=volumes, force=force)

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return everything the engine knows of a container, as it says it."""
        return whole_inspect(self._connection(), container)

    def rename(self, container: ContainerId, name: str) -> None:
        """Give a container another name."""
        with self._connection().acting(container) as client:
            client.rename(container, name)

    def networks(self) -> frozenset[str]:
        """Return the names and the ids of all networks that there are."""
        return self._connection().networks()

    def connect(
        self, container: ContainerId, network: str, aliases: Iterable[str] = ()
    ) -> None:
        """Attach a container to a network, where it has some names besides its own."""
        with self._connection().acting(container) as client:
            # The default network knows no names, and refuses an empty list of them.
            names = list(aliases) or None
            client.connect_container_to_network(container, network, aliases=names)

    def create_like(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container that is equal to another one; return its id."""
        from nstui.engine.recreate import create_copy  # noqa: PLC0415

        return create_copy(self._connection(), container, name, tuple(joins), image)

    def carry_files(
        self, source: ContainerId, target: ContainerId, paths: Iterable[str]
    ) -> tuple[str, ...]:
        """Put files of one container into another one; return which."""
        from nstui.engine.files import carry_file  # noqa: PLC0415

        asked = self._connection()
        return tuple(p for p in paths if carry_file(asked, source, target, p))

    def left_out(
        self, container: ContainerId, joins: Iterable[Join]
    ) -> tuple[str, ...]:
        """Return what `create_like` would have to leave out, each in a few words."""
        raw = self.inspect(container)
        from nstui.analysis.recipe import find_left_out, read_recipe  # noqa: PLC0415

        lost = podman_left_out(raw) if is_podman(self._connection()) else ()
        return (*find_left_out(read_recipe(raw), tuple(joins)), *lost)

    def changes(self, container: ContainerId) -> tuple[str, ...]:
        """Return the paths where its file system differs from its image."""
        # To compare may take longer than to answer a question, as a change may.
        with self._connection().acting(container) as client:
            answer: object = client.diff(container)
        return written_paths(answer, self.inspect(container))

    def commit(self, container: ContainerId, reference: str) -> None:
        """Make an image of a container, of the name and tag of the reference."""
        repository, _, tag = reference.rpartition(":")
        changes = keeping_labels(self.inspect(container), self._labels_of)
        with self._connection().acting(container, patience=COMMIT_S) as client:
            client.commit(container, repository, tag, changes=changes)

    def create_placeholder(self, name: str, image: str) -> ContainerId:
        """Create a container that has no network and sleeps for a minute."""
        from nstui.engine.recreate import create_placeholder  # noqa: PLC0415

        return create_placeholder(self._connection(), name, image)

    def ask(self, path: str) -> object:
        """Return what the engine answers to any other question."""
        return self._connection().ask(path)

    def close(self) -> None:
        """Close all connections; a blocked `events` or `logs` ends."""
        with self._lock:
            self._closed = True
            opened = self._opened
        if opened is not None:
            opened.close()

    def _connection(self) -> ApiClient:
        with self._lock:
            if self._opened is None:
                self._opened = ApiClient(self._endpoint, self._timeout, self._patience)
                if self._closed:
                    self._opened.close()
            return self._opened

    def _rows(self) -> list[Mapping[str, object]]:
        return [row for row in self._connection().rows() if _identity(row)]

    def _proven(
        self, row: Mapping[str, object], deadline: float
    ) -> Mapping[str, object]:
        """Return a row with only those labels that are not merely its image's."""
        in_time = time.monotonic() <= deadline
        return proven(row, self._labels_of if in_time else self._images.recall)

    def _labels_of(self, image: str) -> Mapping[str, object] | None:
        return self._images.find(image, self._connection().image)

    def _look(
        self, row: Mapping[str, object], seen: Signature, look: _Look
    ) -> Container | None:
        """Return the container of one row, or None if it has vanished since."""
        remembered = self._cache.recall(_identity(row), seen)
        if remembered is not None:
            return decode_container(row, remembered)
        if time.monotonic() > look.deadline:
            return decode_container(row, None, TOO_LATE)
        try:
            return self._inspect(row, seen, look)
        except ContainerVanished:
            return None
        except EngineRefused as refusal:
            problem = str(refusal)
        except EngineUnreachable as silence:
            problem = self._why_of_one(silence)
        return decode_container(row, None, problem)

    def _why_of_one(self, silence: EngineUnreachable) -> str:
        """Return why one container could not be inspected, if it is that one only.

        Raises:
            EngineUnreachable: it is not that one: the engine does not answer at all.

        """
        match silence.reason:
            case Unreachable.TIMED_OUT:
                return TOO_LATE
            case Unreachable.BAD_ANSWER:
                return str(silence)
            case Unreachable.OTHER:
                # Whoever broke off in the middle may be gone, and another come.
                self._connection().info()
                return str(silence)
        raise silence

    def _inspect(
        self, row: Mapping[str, object], seen: Signature, look: _Look
    ) -> Container:
        raw = look.inspect(_identity(row))
        inspection = decode_inspection(raw)
        if inspection is None:
            return decode_container(row, None, "the engine's answer is incomplete")
        newest = _with_state(row, raw)
        if newest is row:
            self._cache.store(_identity(row), seen, inspection, began=look.began)
        return decode_container(newest, inspection)

    def _stop_timeout(self, container: ContainerId) -> int:
        config = mapping(self._connection().inspect(container).get("Config"))
        seconds = number(config, "StopTimeout")
        return ENGINE_STOP_TIMEOUT if seconds is None else seconds


def _by_name(containers: Iterable[Container]) -> tuple[Container, ...]:
    return tuple(sorted(containers, key=lambda one: (one.name, one.id)))


def _identity(row: Mapping[str, object]) -> ContainerId:
    return ContainerId(text(row, "Id"))


def _with_state(
    row: Mapping[str, object], raw: Mapping[str, object]
) -> Mapping[str, object]:
    """Return a row with the state of an inspect, which is newer than the list.

    The same row if they agree: only then may the inspect be remembered with it.
    """
    word = text(inner(raw, "State"), "Status")
    if not word or decode_state(word) is decode_state(text(row, "State")):
        return row
    return {**row, "State": word}
