"""An engine that fails where a test wants it to, in front of any other engine."""

from __future__ import annotations

import threading
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from nstui.demo.engine import SimEngine
from nstui.errors import EngineRefused, EngineUnreachable, Unreachable
from nstui.model.container import ContainerId
from nstui.model.image import Image
from nstui.model.json import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nstui.demo.world import World
    from nstui.model.container import Container, ContainerEvent, Join
    from nstui.model.healing import Renewal
    from nstui.model.image import PullProgress
    from nstui.model.restoration import Available
    from nstui.model.snapshot import EngineInfo, EngineMachine
    from nstui.ports import ContainerEngine, LogStream

Answer = TypeVar("Answer")

REFUSAL = "device or resource busy"
LOST = "the connection to the engine broke before an answer came"


class Fault(StrEnum):
    """What becomes of a request for a change."""

    REFUSED = "refused"
    """Nothing is done, and the engine says so."""

    REFUSED_AND_DONE = "refused and done"
    """It is done, and the engine says that it is not."""

    LOST_BEFORE = "lost before"
    """The connection breaks before anything is done."""

    LOST_AFTER = "lost after"
    """The connection breaks once it is done."""

    KILLED_BEFORE = "killed before"
    """The program ends before anything is done."""

    KILLED_AFTER = "killed after"
    """The program ends once it is done."""

    LIED = "lied"
    """Nothing is done, and the engine says that it is."""


class Killed(BaseException):
    """The end of the program, as far as its code can be made to feel that."""


class SilentEngine(SimEngine):
    """A simulated engine that takes requests and never answers, until it is closed."""

    def __init__(self, world: World) -> None:
        """Take the world that is never shown."""
        super().__init__(world)
        self._is_closed = threading.Event()

    def info(self) -> EngineInfo:
        """Wait."""
        self._is_closed.wait()
        return super().info()

    def containers(self) -> tuple[Container, ...]:
        """Wait."""
        self._is_closed.wait()
        return super().containers()

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        """Wait."""
        self._is_closed.wait()
        return super().events(since_ns)

    def close(self) -> None:
        """Let go of whoever waits."""
        self._is_closed.set()
        super().close()


class FaultyEngine:
    """Implements `nstui.ports.ContainerEngine` with another one; counts the changes."""

    def __init__(self, engine: ContainerEngine) -> None:
        """Take the engine that does what is asked."""
        self._engine = engine
        self._faults: dict[int, Fault] = {}
        self._from: tuple[int, Fault] | None = None
        self._then: dict[int, Callable[[], object]] = {}
        self.asked: list[str] = []
        """The words of the changes that were asked for, in order."""

    def fail(self, number: int, fault: Fault) -> None:
        """Let a request fail, counted from 1, of those still to come."""
        self._faults[len(self.asked) + number] = fault

    def fail_from(self, number: int, fault: Fault) -> None:
        """Let a request fail, and all that come after it."""
        self._from = len(self.asked) + number, fault

    def then(self, number: int, happens: Callable[[], object]) -> None:
        """Let something happen right after a request, counted as for `fail`."""
        self._then[len(self.asked) + number] = happens

    def recover(self) -> None:
        """Let nothing fail any more."""
        self._faults.clear()
        self._then.clear()
        self._from = None

    def info(self) -> EngineInfo:
        """Return who answers at the endpoint."""
        return self._engine.info()

    def machine(self) -> EngineMachine:
        """Return what it says of where it runs."""
        return self._engine.machine()

    def containers(self) -> tuple[Container, ...]:
        """Return every container, running or not, ordered by name."""
        return self._engine.containers()

    def listed(self) -> tuple[Container, ...]:
        """Return every container as the engine's list alone tells, ordered by name."""
        return self._engine.listed()

    def forget(self, containers: Iterable[ContainerId] | None = None) -> None:
        """Drop what is remembered of some containers, or of all."""
        self._engine.forget(containers)

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        """Yield what happens to containers."""
        return self._engine.events(since_ns)

    def past_events(
        self, containers: Iterable[ContainerId]
    ) -> tuple[ContainerEvent, ...]:
        """Return what is still known of the past of some containers."""
        return self._engine.past_events(containers)

    def logs(
        self,
        container: ContainerId,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> LogStream:
        """Ask for what a container has written, and for what it will write."""
        return self._engine.logs(container, tail=tail, since_ns=since_ns)

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return everything the engine knows of a container."""
        return self._engine.inspect(container)

    def left_out(
        self, container: ContainerId, joins: Iterable[Join]
    ) -> tuple[str, ...]:
        """Return what `create_like` would have to leave out."""
        return self._engine.left_out(container, joins)

    def changes(self, container: ContainerId) -> tuple[str, ...]:
        """Return the paths where its file system differs from its image."""
        return self._engine.changes(container)

    def close(self) -> None:
        """Let go of connections."""
        self._engine.close()

    def start(self, container: ContainerId) -> None:
        """Start a container."""
        self._ask("start", lambda: self._engine.start(container), None)

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop a container."""
        self._ask("stop", lambda: self._engine.stop(container, timeout, signal), None)

    def restart(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop and start a container."""
        self._ask(
            "restart", lambda: self._engine.restart(container, timeout, signal), None
        )

    def pause(self, container: ContainerId) -> None:
        """Freeze a container."""
        self._ask("pause", lambda: self._engine.pause(container), None)

    def unpause(self, container: ContainerId) -> None:
        """Let a container go on."""
        self._ask("unpause", lambda: self._engine.unpause(container), None)

    def kill(self, container: ContainerId, signal: str | None = None) -> None:
        """Send a signal."""
        self._ask("kill", lambda: self._engine.kill(container, signal), None)

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove a container."""
        self._ask(
            "remove",
            lambda: self._engine.remove(container, force=force, volumes=volumes),
            None,
        )

    def rename(self, container: ContainerId, name: str) -> None:
        """Give a container another name."""
        self._ask("rename", lambda: self._engine.rename(container, name), None)

    def networks(self) -> frozenset[str]:
        """Return the names and the ids of all networks that there are."""
        return self._engine.networks()

    def connect(
        self, container: ContainerId, network: str, aliases: Iterable[str] = ()
    ) -> None:
        """Attach a container to a network."""
        self._ask(
            "connect", lambda: self._engine.connect(container, network, aliases), None
        )

    def create_like(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container that is equal to another one; return its id."""
        return self._ask(
            "create",
            lambda: self._engine.create_like(container, name, joins, image),
            container,
        )

    def create_renewed(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        renewal: Renewal,
    ) -> ContainerId:
        """Create a container like another one from another image."""
        return self._ask(
            "create",
            lambda: self._engine.create_renewed(container, name, joins, renewal),
            ContainerId("0" * 64),
        )

    def available(self, inspect: Mapping[str, object]) -> Available:
        """Return what there still is of what a removed container was made from."""
        return self._engine.available(inspect)

    def create_from(
        self,
        inspect: Mapping[str, object],
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container from an inspect; return its id."""
        return self._ask(
            "create",
            lambda: self._engine.create_from(inspect, name, joins, image),
            ContainerId(text(inspect, "Id")),
        )

    def carry_files(
        self, source: ContainerId, target: ContainerId, paths: Iterable[str]
    ) -> tuple[str, ...]:
        """Put files of one container into another one; return which."""
        return self._ask(
            "carry",
            lambda: self._engine.carry_files(source, target, paths),
            tuple(paths),
        )

    def commit(self, container: ContainerId, reference: str) -> None:
        """Make an image of a container."""
        self._ask("commit", lambda: self._engine.commit(container, reference), None)

    def image(self, reference: str) -> Image | None:
        """Return an image that the engine has, by name or id."""
        return self._engine.image(reference)

    def pull(
        self,
        reference: str,
        on_progress: Callable[[PullProgress], None],
        platform: str = "",
    ) -> Image:
        """Pull an image."""
        return self._ask(
            "pull",
            lambda: self._engine.pull(reference, on_progress, platform),
            self._engine.image(reference) or Image(id="", config={}),
        )

    def create_placeholder(self, name: str, image: str) -> ContainerId:
        """Create a container that has no network and sleeps for a minute."""
        return self._engine.create_placeholder(name, image)

    def _ask(self, word: str, do: Callable[[], Answer], lie: Answer) -> Answer:
        """Ask for a change, or let it fail.

        Args:
            word: What it is called.
            do: Asks for it.
            lie: The answer of an engine that does nothing and says that it did.

        """
        self.asked.append(word)
        fault = self._next_fault()
        if fault is Fault.LIED:
            return lie
        if fault is Fault.KILLED_BEFORE:
            raise Killed
        if fault is Fault.REFUSED:
            raise EngineRefused(REFUSAL)
        if fault is Fault.LOST_BEFORE:
            raise EngineUnreachable(LOST, Unreachable.OTHER)
        answer = do()
        self._then.get(len(self.asked), lambda: None)()
        if fault is Fault.KILLED_AFTER:
            raise Killed
        if fault is Fault.REFUSED_AND_DONE:
            raise EngineRefused(REFUSAL)
        if fault is Fault.LOST_AFTER:
            raise EngineUnreachable(LOST, Unreachable.OTHER)
        return answer

    def _next_fault(self) -> Fault | None:
        number = len(self.asked)
        if self._from is not None and number >= self._from[0]:
            return self._from[1]
        return self._faults.get(number)
