"""The state of a simulated engine, and the docker commands that change it."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

from nstui.analysis.signals import SignalEnd, signal_number, what_it_does
from nstui.demo.containers import Record, Records
from nstui.demo.events import Journal
from nstui.demo.images import Images, with_image
from nstui.demo.kernel import Kernel, Moments, simulated_now
from nstui.demo.logs import Logbook
from nstui.demo.machine import (
    KILLED,
    SimMachine,
    restarting_message,
    stored_links,
    stored_modes,
)
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.audit import LogSource
from nstui.model.container import ContainerId, ContainerState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.demo.containers import Spec


_EXIT_BY_SIGNAL = 128

NOT_FOUND = 127
"""The exit code of a container if its image lacks the program."""


def fatal_code(signal: str, stop_signal: str = "") -> int | None:
    """Return the exit code that a signal causes, or None if programs survive it.

    Args:
        signal: Its name, with or without ``SIG``, or its number.
        stop_signal: The signal that stops the container, which its program handles.

    Raises:
        ValueError: There is no such signal.

    """
    number = signal_number(signal)
    if number is None:
        raise ValueError(signal)
    ends = what_it_does(signal, stop_signal) is SignalEnd.ENDS
    return _EXIT_BY_SIGNAL + number if ends else None


class World:
    """Containers, their namespaces and their past.

    The methods are the commands of docker, and refuse as the engine does, with its
    messages. A reference is a name, an id or a prefix of an id. All methods may be
    called from several threads; readers hold `lock` for a consistent view.

    Raises:
        ContainerVanished: There is no container with this reference.
        EngineRefused: The engine would refuse.

    """

    engine_name = "Docker"

    def __init__(
        self, clock: Callable[[], datetime] = simulated_now, seed: str = "nstui"
    ) -> None:
        """Begin empty; the ids are derived from the seed."""
        self.clock = clock
        self.lock = threading.RLock()
        self.records = Records()
        self.journal = Journal()
        self.machine = SimMachine(self.records, Kernel(), self.journal, Moments(clock))
        self.logbook = Logbook(self.journal)
        self.images: list[str] = []
        """The images that were created from containers, in order."""

        self.image_store = Images()
        """The images that names refer to, here and in registries."""

        self.lost_networks: set[str] = set()
        """The networks that were removed; their containers keep the names."""

        self.lost_images: dict[str, str] = {}
        """The images that were removed, by name, each with the id of the image that has
        the name now; empty if none has."""

        self._written: dict[ContainerId, set[str]] = {}
        self._broken_images: dict[str, str] = {}
        self._seed = seed
        self._created = 0

    def create(self, spec: Spec, image_id: str = "") -> ContainerId:
        """Create a container, as ``docker create``.

        Args:
            spec: The container.
            image_id: The id of its image; empty for what the name in `spec` refers to.

        """
        with self.lock:
            image = self.image_store.take(image_id or spec.image)
            spec = with_image(spec, image)
            self.records.require_free(spec.name)
            for reference in spec.volumes_from:
                self.records.get(reference.partition(":")[0])
            record = Record(
                id=self._new_id(),
                name=spec.name,
                spec=spec,
                image_id=image.id,
                modes=stored_modes(spec, self.records),
                links=stored_links(spec, self.records),
                created_at=self.machine.now(),
            )
            self.records.add(record)
            self.machine.note("create", record)
            return record.id

    def start(self, reference: str) -> None:
        """Start a container, as ``docker start``."""
        with self.lock:
            record = self.records.get(reference)
            if record.state is ContainerState.PAUSED:
                raise EngineRefused(
                    "cannot start a paused container, try unpause instead"
                )
            if record.state in {ContainerState.DEAD, ContainerState.REMOVING}:
                raise EngineRefused(
                    "container is marked for removal and cannot be started"
                )
            if not _is_active(record):
                self._require_intact(record)
                self.machine.launch(record)
                record.restart_count = 0

    def run(self, spec: Spec) -> ContainerId:
        """Create and start a container, as ``docker run -d``."""
        with self.lock:
            container = self.create(spec)
            self.start(container)
            return container

    def stop(self, reference: str) -> None:
        """Stop a container, as ``docker stop``; do nothing if it does not run."""
        with self.lock:
            record = self.records.get(reference)
            if not _is_active(record):
                return
            self.machine.halt(record, record.spec.stop_code)
            self.machine.note("stop", record)
            self.machine.settle()

    def restart(self, reference: str) -> None:
        """Stop and start a container, as ``docker restart``."""
        with self.lock:
            record = self.records.get(reference)
            if _is_active(record):
                self.machine.halt(record, record.spec.stop_code)
                self.machine.note("stop", record)
            try:
                self.start(record.id)
            except EngineRefused as refusal:
                raise EngineRefused(
                    f"Cannot restart container {reference}: {refusal}"
                ) from refusal
            finally:
                self.machine.settle()
            self.machine.note("restart", record)

    def kill(self, reference: str, signal: str | None = None) -> None:
        """Send a signal, as ``docker kill``; the container ends if it is fatal."""
        prefix = f"cannot kill container: {reference}: "
        with self.lock:
            try:
                record = self.records.get(reference)
            except ContainerVanished as refusal:
                raise ContainerVanished(f"{prefix}{refusal}") from refusal
            try:
                code = fatal_code(signal or "KILL", record.spec.stop_signal)
            except ValueError as refusal:
                raise EngineRefused(f"{prefix}invalid signal: {signal}") from refusal
            if not _is_active(record):
                raise EngineRefused(f"{prefix}container {record.id} is not running")
            if code is None:
                self.machine.note("kill", record, signal or "")
                return
            self.machine.halt(record, code)
            self.machine.settle()

    def remove(self, reference: str, *, force: bool = False) -> None:
        """Remove a container, as ``docker rm``."""
        with self.lock:
            record = self.records.get(reference)
            if record.state is ContainerState.REMOVING:
                raise EngineRefused(
                    f"removal of container {reference} is already in progress"
                )
            if _is_active(record):
                if not force:
                    raise EngineRefused(
                        f'cannot remove container "{reference}": '
                        f"container is {_what_to_do_first(record.state)}"
                    )
                self.machine.halt(record, KILLED)
            self.records.discard(record)
            self.machine.note("destroy", record)
            self.machine.settle()

    def rename(self, reference: str, name: str) -> None:
        """Rename a container, as ``docker rename``."""
        with self.lock:
            record = self.records.get(reference)
            if record.name == name:
                raise EngineRefused(
                    "Renaming a container with the same name as its current name"
                )
            try:
                self.records.require_free(name)
            except EngineRefused as refusal:
                raise EngineRefused(
                    f"Error when allocating new name: {refusal}"
                ) from refusal
            record.name = name
            self.machine.note("rename", record)

    def pause(self, reference: str) -> None:
        """Freeze a container's processes, as ``docker pause``."""
        with self.lock:
            record = self.records.get(reference)
            if record.state is ContainerState.PAUSED:
                raise EngineRefused(f"Container {record.id} is already paused")
            if record.state is ContainerState.RESTARTING:
                raise EngineRefused(restarting_message(record))
            if record.state is not ContainerState.RUNNING:
                raise EngineRefused(f"container {record.id} is not running")
            record.state = ContainerState.PAUSED
            self.machine.note("pause", record)

    def unpause(self, reference: str) -> None:
        """Resume a container's processes, as ``docker unpause``."""
        with self.lock:
            record = self.records.get(reference)
            if record.state is not ContainerState.PAUSED:
                raise EngineRefused(f"Container {record.id} is not paused")
            record.state = ContainerState.RUNNING
            self.machine.note("unpause", record)

    def write(self, reference: str, path: str) -> None:
        """Let a container write to its own file system."""
        with self.lock:
            record = self.records.get(reference)
            self._written.setdefault(record.id, set()).add(path)

    def say(
        self, reference: str, text: str, source: LogSource = LogSource.STDOUT
    ) -> None:
        """Let a container write a line to its log."""
        with self.lock:
            record = self.records.get(reference)
            self.logbook.add(record, self.machine.now(), text, source)

    def written(self, reference: str) -> tuple[str, ...]:
        """Return the paths that a container has written in its own file system."""
        with self.lock:
            return tuple(sorted(self._written.get(self.records.get(reference).id, ())))

    def commit(self, reference: str, image: str) -> None:
        """Create an image from a container, as ``docker commit``."""
        with self.lock:
            self.records.get(reference)
            self.images.append(image)
            self.image_store.take(image)

    def break_image(self, image: str, sentence: str) -> None:
        """Let containers of an image fail to start, with this message."""
        with self.lock:
            self._broken_images[image] = sentence

    def _require_intact(self, record: Record) -> None:
        image = self.image_store.take(record.image_id)
        sentence = self._broken_images.get(record.spec.image, image.start_error)
        if sentence:
            record.exit_code, record.start_error = NOT_FOUND, sentence
            raise EngineRefused(sentence)

    def _new_id(self) -> ContainerId:
        self._created += 1
        text = f"{self._seed}:{self._created}"
        return ContainerId(hashlib.sha256(text.encode()).hexdigest())


def _is_active(record: Record) -> bool:
    """Return whether the engine treats a container as running."""
    return record.state.has_process or record.state is ContainerState.RESTARTING


def _what_to_do_first(state: ContainerState) -> str:
    if state is ContainerState.PAUSED:
        return "paused and must be unpaused first"
    return f"{state}: stop the container before removing or force remove"
