"""The adapter for container engines with the Docker Engine API."""

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
    label_changes,
    signature,
    without_image_labels,
)
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
    from nstui.model.container import Container, ContainerEvent, Join
    from nstui.model.healing import Renewal
    from nstui.model.image import Image, PullProgress
    from nstui.model.restoration import Available
    from nstui.model.snapshot import EngineInfo, EngineMachine
    from nstui.ports import LogStream

DEADLINE_FACTOR = 4
"""The limit for reading all containers, as a multiple of the limit for one request."""

ENGINE_STOP_TIMEOUT = 10
"""Default seconds between the stop signal and the kill (docker-stop(1))."""

COMMIT_S = 600
"""Limit in seconds for a commit, which reads the container's whole writable layer."""

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

    The connection is made at the first call, which also imports the docker SDK.

    The inspection of a container is cached as long as its row in the engine's list
    stays the same: its state, names, health, exit code, ports and the endpoints of its
    networks. If a container without a network of its own is restarted between two
    looks, its row does not change. So callers must `forget` the containers that events
    name, and those with a pid that ``/proc`` contradicts.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float = 5.0,
        patience: float = 60.0,
        has_particulars: bool = True,
    ) -> None:
        """Store the endpoint; nothing is connected yet.

        Args:
            endpoint: The address of the engine.
            timeout: Limit in seconds for a request that only reads.
            patience: Limit in seconds for a request that changes a container, in
                addition to the time that the container has to stop.
            has_particulars: Whether inspections have what only the details of a
                container show.

        """
        self._endpoint = endpoint
        self._timeout = timeout
        self._patience = patience
        self._has_particulars = has_particulars
        self._cache = InspectCache()
        self._images = ImageLabels()
        self._lock = threading.Lock()
        self._opened: ApiClient | None = None
        self._closed = False

    def greet(self, *, with_list: bool = False) -> None:
        """Ask who is at the endpoint without waiting: it has time to answer then.

        Args:
            with_list: Whether to ask for the list at the same time, for engines that
                are far away.

        """
        self._connection().greet(with_list=with_list)

    def list_ahead(self) -> None:
        """Request the list without waiting, if the engine has answered `greet`."""
        self._connection().list_ahead()

    def info(self) -> EngineInfo:
        """Return the engine's name, version and address."""
        return self._connection().info()

    def machine(self) -> EngineMachine:
        """Return what the engine says of where it runs; see the port."""
        return self._connection().machine()

    def containers(self) -> tuple[Container, ...]:
        """Return all containers, running or not, ordered by name."""
        deadline = time.monotonic() + DEADLINE_FACTOR * self._timeout
        listed = [(row, signature(row)) for row in self._rows()]
        unknown = (
            _identity(row)
            for row, seen in listed
            if self._cache.recall(_identity(row), seen) is None
        )
        # A container forgotten from here on may have been inspected before.
        began = self._cache.now()
        with self._connection().inspecting(unknown) as inspect:
            look = _Look(deadline, began, inspect)
            found = [
                self._look(self._without_image_labels(row, deadline), seen, look)
                for row, seen in listed
            ]
        containers = [container for container in found if container is not None]
        self._cache.retain(container.id for container in containers)
        if containers and self.info().is_podman:
            from nstui.engine.podman import with_pods  # noqa: PLC0415

            return _by_name(with_pods(containers, self._connection().ask_whole))
        return _by_name(containers)

    def listed(self) -> tuple[Container, ...]:
        """Return all containers from the engine's list alone, ordered by name."""
        return _by_name(
            decode_container(row, remembered, None if remembered else NOT_YET)
            for listed in self._rows()
            for row in (without_image_labels(listed, self._images.recall),)
            for remembered in (self._cache.recall(_identity(row), signature(row)),)
        )

    def forget(self, containers: Iterable[ContainerId] | None = None) -> None:
        """Drop what is cached of some containers; None: of all."""
        self._cache.forget(containers)
        if containers is None:
            self._images.forget_failures()

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        """Yield the events of containers from the time of the call on.

        With `since_ns`, the events since that time, inclusive, come first.
        """
        return self._connection().events(since_ns)

    def past_events(
        self, containers: Iterable[ContainerId]
    ) -> tuple[ContainerEvent, ...]:
        """Return the past events of some containers that the engine still has."""
        return self._connection().past_events(containers)

    def logs(
        self,
        container: ContainerId,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> LogStream:
        """Return a stream of a container's log that continues with new lines."""
        return self._connection().logs(container, tail, since_ns)

    def start(self, container: ContainerId) -> None:
        """Start a container; return when it runs."""
        with self._connection().acting(container) as client:
            client.start(container)

    def pause(self, container: ContainerId) -> None:
        """Freeze all processes of a running container."""
        with self._connection().acting(container) as client:
            client.pause(container)

    def unpause(self, container: ContainerId) -> None:
        """Let a paused container go on."""
        with self._connection().acting(container) as client:
            client.unpause(container)

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop a container; return when it has stopped."""
        self._end("stop", container, timeout, signal)

    def restart(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop and start a container; return when it runs."""
        self._end("restart", container, timeout, signal)

    def kill(self, container: ContainerId, signal: str | None = None) -> None:
        """Send a signal, by default ``KILL``."""
        with self._connection().acting(container) as client:
            client.kill(container, signal)

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove a container; with `force` kill it first if it runs."""
        with self._connection().acting(container) as client:
            client.remove_container(container, v=volumes, force=force)

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return the engine's inspect of a container, undecoded."""
        from nstui.engine.podman import whole_inspect  # noqa: PLC0415

        return whole_inspect(self._connection(), container)

    def rename(self, container: ContainerId, name: str) -> None:
        """Rename a container."""
        with self._connection().acting(container) as client:
            client.rename(container, name)

    def networks(self) -> frozenset[str]:
        """Return the names and ids of all networks."""
        return self._connection().networks()

    def connect(
        self, container: ContainerId, network: str, aliases: Iterable[str] = ()
    ) -> None:
        """Attach a container to a network, with additional names in it."""
        with self._connection().acting(container) as client:
            # The default network supports no aliases, and refuses even an empty list.
            names = list(aliases) or None
            client.connect_container_to_network(container, network, aliases=names)

    def create_like(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container that equals another one, except for its joins."""
        from nstui.engine.recreate import create_copy  # noqa: PLC0415

        return create_copy(self._connection(), container, name, tuple(joins), image)

    def create_renewed(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        renewal: Renewal,
    ) -> ContainerId:
        """Create a container like another one from another image; return its id."""
        from nstui.engine.recreate import create_renewed_copy  # noqa: PLC0415

        return create_renewed_copy(
            self._connection(), container, name, tuple(joins), renewal
        )

    def available(self, inspect: Mapping[str, object]) -> Available:
        """Return what there still is of what a removed container was made from."""
        from nstui.engine.recreate import find_available  # noqa: PLC0415

        return find_available(self._connection(), inspect)

    def create_from(
        self,
        inspect: Mapping[str, object],
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container again from the inspect of one that was removed."""
        from nstui.engine.recreate import restore_copy  # noqa: PLC0415

        return restore_copy(self._connection(), inspect, name, tuple(joins), image)

    def carry_files(
        self, source: ContainerId, target: ContainerId, paths: Iterable[str]
    ) -> tuple[str, ...]:
        """Copy files of one container to another; return those that existed."""
        from nstui.engine.files import carry_file  # noqa: PLC0415

        asked = self._connection()
        return tuple(p for p in paths if carry_file(asked, source, target, p))

    def left_out(
        self, container: ContainerId, joins: Iterable[Join]
    ) -> tuple[str, ...]:
        """Return the settings that `create_like` cannot keep, each in a few words."""
        raw = self.inspect(container)
        from nstui.analysis.recipe import find_left_out, read_recipe  # noqa: PLC0415
        from nstui.engine.podman import podman_left_out  # noqa: PLC0415

        lost = podman_left_out(raw) if self.info().is_podman else ()
        return (*find_left_out(read_recipe(raw), tuple(joins)), *lost)

    def changes(self, container: ContainerId) -> tuple[str, ...]:
        """Return the paths in a container's file system that differ from its image."""
        # Comparing can be slow, so it has the time limit of a change.
        with self._connection().acting(container) as client:
            answer: object = client.diff(container)
        return written_paths(answer, self.inspect(container))

    def commit(self, container: ContainerId, reference: str) -> None:
        """Make an image of a container; `reference` is its name and tag."""
        repository, _, tag = reference.rpartition(":")
        changes = label_changes(self.inspect(container), self._labels_of)
        with self._connection().acting(container, patience=COMMIT_S) as client:
            client.commit(container, repository, tag, changes=changes)

    def image(self, reference: str) -> Image | None:
        """Return an image that the engine has, by name or id; None if it has none."""
        from nstui.engine.images import find_image  # noqa: PLC0415

        return find_image(self._connection(), reference)

    def pull(
        self,
        reference: str,
        on_progress: Callable[[PullProgress], None],
        platform: str = "",
    ) -> Image:
        """Pull an image from its registry; return what has its name then."""
        from nstui.engine.pulling import pull_image  # noqa: PLC0415

        return pull_image(self._connection(), reference, on_progress, platform)

    def create_placeholder(self, name: str, image: str) -> ContainerId:
        """Create a container that has no network and sleeps for a minute."""
        from nstui.engine.recreate import create_placeholder  # noqa: PLC0415

        return create_placeholder(self._connection(), name, image)

    def ask(self, path: str) -> object:
        """Return the engine's answer to a GET request for any path."""
        return self._connection().ask(path)

    def close(self) -> None:
        """Close all connections, which also ends a blocked `events` or `logs`."""
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

    def _without_image_labels(
        self, row: Mapping[str, object], deadline: float
    ) -> Mapping[str, object]:
        """Return a row without the labels that may come from its image."""
        in_time = time.monotonic() <= deadline
        return without_image_labels(
            row, self._labels_of if in_time else self._images.recall
        )

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
        except EngineUnreachable as error:
            problem = self._why_not_inspected(error)
        return decode_container(row, None, problem)

    def _why_not_inspected(self, error: EngineUnreachable) -> str:
        """Return why a container could not be inspected, if others may be.

        Raises:
            EngineUnreachable: the engine does not answer at all.

        """
        match error.reason:
            case Unreachable.TIMED_OUT:
                return TOO_LATE
            case Unreachable.BAD_ANSWER:
                return str(error)
            case Unreachable.OTHER:
                # The engine may have been restarted in the middle of the answer.
                self._connection().info()
                return str(error)
        raise error

    def _inspect(
        self, row: Mapping[str, object], seen: Signature, look: _Look
    ) -> Container:
        raw = look.inspect(_identity(row))
        inspection = decode_inspection(raw, has_particulars=self._has_particulars)
        if inspection is None:
            return decode_container(row, None, "the engine's answer is incomplete")
        newest = _with_state(row, raw)
        if newest is row:
            self._cache.store(_identity(row), seen, inspection, began=look.began)
        return decode_container(newest, inspection)

    def _end(
        self, verb: str, container: ContainerId, timeout: int | None, signal: str | None
    ) -> None:
        """Send a request that stops a container: ``stop`` or ``restart``."""
        from nstui.engine.sdk import post_container  # noqa: PLC0415

        # Without a timeout the engine would take 10 seconds, not the container's.
        seconds = self._stop_timeout(container) if timeout is None else timeout
        parameters = {"t": str(seconds)} | (
            {} if signal is None else {"signal": signal}
        )
        with self._connection().acting(container, seconds) as client:
            post_container(client, container, verb, parameters, wait_s=seconds)

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
    """Return a row with the state from an inspect, which is newer than the list.

    If the states agree, `row` itself is returned: only then may the inspect be cached
    with it.
    """
    word = text(inner(raw, "State"), "Status")
    if not word or decode_state(word) is decode_state(text(row, "State")):
        return row
    return {**row, "State": word}
