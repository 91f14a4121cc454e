"""What nstui needs of the outside world; adapters implement it.

Every call has a time limit of its own and raises only errors of `nstui.errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.model.container import Container, ContainerId, Join
    from nstui.model.evidence import Evidence
    from nstui.model.healing import ComposeJoin, Recomposition
    from nstui.model.holders import Holders, HoldingProcess
    from nstui.model.interior import Interior
    from nstui.model.interruption import PlanRecord
    from nstui.model.log import LogLine
    from nstui.model.manager import Manager
    from nstui.model.namespace import Namespace, NamespaceKind
    from nstui.model.snapshot import Ancestor, EngineInfo, HostReading, ReadProblem
    from nstui.model.trace import ActionEntry, DamagedRecord, RemovedContainer
    from nstui.model.usage import ProcessUsage, Usage


@dataclass(frozen=True, slots=True)
class ContainerEvent:
    """Something that happened to a container."""

    action: str
    """The engine's word, such as ``start``, ``die``, ``destroy``, ``rename``; also
    ``connect`` and ``disconnect``, of a network."""

    container: ContainerId
    time_ns: int
    """When, in nanoseconds since the epoch, by the engine's clock."""

    name: str = ""
    """What the container was called then; empty if the engine does not say."""


class LogStream(Protocol):
    """What a container writes; iterating blocks for as long as it writes nothing.

    It ends when the container stops, when it is removed, when the engine closes the
    stream, and when `close` is called.
    """

    def __iter__(self) -> Iterator[LogLine]:
        """Yield the lines, the oldest first; at most once."""

    def close(self) -> None:
        """End the stream, also while another thread waits for its next line."""


class ContainerEngine(Protocol):
    """A container engine. Methods may be called from several threads.

    Raises:
        EngineUnreachable: nobody answers, or not in time.
        EngineRefused: the engine answered with an error.

    """

    def info(self) -> EngineInfo:
        """Return who answers at the endpoint."""

    def containers(self) -> tuple[Container, ...]:
        """Return every container, running or not, ordered by name.

        What never changes between two starts is remembered from earlier calls. A
        container that vanishes between list and inspect is left out; one that
        cannot be inspected otherwise has no `inspection`.
        """

    def listed(self) -> tuple[Container, ...]:
        """Return every container as the engine's list alone tells, ordered by name.

        It is one request, however many there are. Only what is remembered has an
        `inspection`.
        """

    def forget(self, containers: Iterable[ContainerId] | None = None) -> None:
        """Drop what is remembered of some containers, or of all."""

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        """Yield what happens to containers, from now or from a past moment on.

        The iterator blocks for as long as nothing happens. It ends when the engine
        closes the stream: ask again with the time of the last event, then list.
        """

    def past(self, containers: Iterable[ContainerId]) -> tuple[ContainerEvent, ...]:
        """Return what the engine still knows of the past of some containers.

        It answers at once, also for containers that no longer exist. Engines keep few
        events, of all containers together, so there may be none. The oldest is first.
        """

    def logs(
        self,
        container: ContainerId,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> LogStream:
        """Ask for what a container has written, and for what it will write.

        Args:
            container: Which one; it need not run.
            tail: How many lines of the past at most; None: all that are kept.
            since_ns: The moment of the first line, in nanoseconds since the epoch.

        """

    def start(self, container: ContainerId) -> None:
        """Start a container; return when it runs."""

    def stop(self, container: ContainerId, timeout: int | None = None) -> None:
        """Stop a container; return when it has stopped."""

    def restart(self, container: ContainerId, timeout: int | None = None) -> None:
        """Stop and start a container; return when it runs."""

    def kill(self, container: ContainerId, signal: str | None = None) -> None:
        """Send a signal, ``KILL`` unless named otherwise."""

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove a container; with `force` kill it first if it runs."""

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return everything the engine knows of a container, as it says it."""

    def rename(self, container: ContainerId, name: str) -> None:
        """Give a container another name."""

    def networks(self) -> frozenset[str]:
        """Return the names and the ids of all networks that there are."""

    def connect(
        self, container: ContainerId, network: str, aliases: Iterable[str] = ()
    ) -> None:
        """Attach a container to a network, where it has some names besides its own."""

    def create_like(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container that is equal to another one; return its id.

        It is not started. It has the same volumes as the other one, those without a
        name of their own too.

        Args:
            container: The one to be like.
            name: The new one's name.
            joins: What the new one joins, in place of all that the other joined.
            image: What it is made from; None: the very image of the other one.

        """

    def carry_files(
        self, source: ContainerId, target: ContainerId, paths: Iterable[str]
    ) -> tuple[str, ...]:
        """Put files of one container's file system into that of another one.

        They keep their content, owner and mode.

        Returns:
            Those that there were; the others are left out.

        """

    def left_out(
        self, container: ContainerId, joins: Iterable[Join]
    ) -> tuple[str, ...]:
        """Return what `create_like` would have to leave out, each in a few words."""

    def changes(self, container: ContainerId) -> tuple[str, ...]:
        """Return the paths where its file system differs from its image.

        What is mounted, what the engine itself puts there and the folders on the way
        to what differs are not among them.
        """

    def commit(self, container: ContainerId, reference: str) -> None:
        """Make an image of a container, of the name and tag of the reference."""

    def create_placeholder(self, name: str, image: str) -> ContainerId:
        """Create a container that has no network and sleeps for a minute.

        A container whose join holds the id of one that is gone can be started while
        another has that id for its name.
        """

    def close(self) -> None:
        """Let go of connections; a blocked `events` or `logs` ends."""


@dataclass(frozen=True, slots=True)
class TerminalSize:
    """How much a terminal shows."""

    columns: int
    lines: int


class Shell(Protocol):
    """A shell that runs in a container, with a terminal of its own there."""

    def fileno(self) -> int:
        """Return what becomes readable when it has written something."""

    def read(self) -> bytes | None:
        """Return what it has written; None: nothing for now; nothing: it has ended."""

    def write(self, data: bytes) -> int:
        """Type as much as it takes now; return how many bytes that was."""

    def resize(self, size: TerminalSize) -> None:
        """Tell it how large the terminal is now, without waiting for anybody."""

    def close(self) -> None:
        """Let go of it; what it runs may go on."""


class ContainerShells(Protocol):
    """Starts shells in containers.

    Raises:
        EngineUnreachable: nobody answers, or not in time.
        EngineRefused: the engine answered with an error.

    """

    def open(self, container: ContainerId, size: TerminalSize) -> Shell:
        """Start a shell in a container that runs; return once it does."""


class HostNamespaces(Protocol):
    """The kernel of the machine nstui runs on. Never raises for what it cannot read."""

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Read the namespaces of containers by their first process.

        A pid is believed only if its cgroup names the container: pids are reused,
        and those of a remote engine mean nothing here.
        """

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        """Read which networks the engine keeps for containers, by their mounts.

        Those that cannot be read are left out.
        """


class HostEvidence(Protocol):
    """What else the machine knows, of one container or of all. Never raises."""

    def evidence(self, container: ContainerId, pid: int) -> Evidence:
        """Read whose files a container sees, and what its runtime was told.

        Args:
            container: Which one.
            pid: Its first process.

        """

    def interior(self, container: ContainerId, pid: int) -> Interior:
        """Read the network of one container from within, and who listens there.

        It looks at every process, so it is for when somebody asks.
        """

    def usage(
        self, pids: Mapping[ContainerId, int]
    ) -> Mapping[ContainerId, Usage | ReadProblem]:
        """Read what containers use, by their first processes; cheap enough to repeat.

        There is an answer for each of them, in the same order.
        """

    def processes(
        self, container: ContainerId, pid: int
    ) -> tuple[ProcessUsage, ...] | ReadProblem:
        """Read all processes of one container, in the order of their pids."""

    def strangers(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> Mapping[Namespace, tuple[HoldingProcess, ...]] | None:
        """Read which processes of no container that is named are in some namespaces.

        None if the processes cannot be listed. It looks at every process, so it is for
        when somebody asks.
        """

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        """Read what keeps namespaces alive on the whole machine.

        It looks at every process, so it is for when somebody asks.
        """


class Compose(Protocol):
    """The compose command of the machine nstui runs on.

    Raises:
        EngineRefused: it failed; the message is its own.
        EngineUnreachable: it did not end in time.

    """

    def recreation(self, container: Container) -> Recomposition:
        """Return the command that recreates a service's container, or why none does.

        It is the only container of the service. What the command would change besides
        is found out, but for whom the container joins: that is only said.
        """

    def joins(self, container: Container) -> tuple[ComposeJoin, ...] | None:
        """Return what a container's service joins, as compose resolves it now.

        It is resolved from the files, the folder, the environment files and the
        profiles that the container was made with, as they are today. Each join says
        what proves that the container was made so.

        Returns:
            The joins; None if compose did not make it, is not here, must not be asked
            about these files, or cannot read them as they were.

        """

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),
    ) -> None:
        """Run such a command, if it is still the one; return when it has ended well.

        Args:
            container: What it recreates.
            command: The command.
            changes: What it may change of the container.

        """


class Managers(Protocol):
    """What manages containers, on the machine nstui runs on or through its engine.

    Raises:
        EngineRefused: it failed; the message is its own.
        EngineUnreachable: it did not end in time.

    """

    def reaches(self, manager: Manager) -> bool:
        """Tell whether a manager can be asked to act, without asking it; quick."""

    def run(self, command: tuple[str, ...]) -> None:
        """Have a manager act, by the words of its command; return when it has."""


class PlanJournal(Protocol):
    """How far one plan has come, written down before and after each step.

    While it is open, the plan is known to go on. One that is closed, by a program or by
    its end, and was not ended, was cut off.

    Raises:
        TraceFailed: nothing can be written.

    """

    def begun(self, number: int) -> None:
        """Write that a step is about to be taken; return when that is safe."""

    def done(self, number: int) -> None:
        """Write that a step was seen to be done."""

    def created(self, new: ContainerId) -> None:
        """Write the id of the new container of a replacement, once it is complete."""

    def end(self) -> None:
        """Drop it: nothing of the plan is left over."""

    def close(self) -> None:
        """Let go of it."""


class TraceStore(Protocol):
    """Where a trace of actions is kept. May be used by several programs at once.

    Raises:
        TraceFailed: nothing can be written, or what is there cannot be read.

    """

    def require_writable(self) -> None:
        """Find out whether a trace could be kept now, leaving nothing behind."""

    def save(self, removed: RemovedContainer) -> None:
        """Keep a container that is about to be removed; return when it is safe.

        What was kept before of the same removal is replaced.
        """

    def discard(self, removed: RemovedContainer) -> None:
        """Drop what was kept of a container that was not removed after all."""

    def append(self, entry: ActionEntry) -> None:
        """Add an entry to the action log; return when it is safe."""

    def begin(self, record: PlanRecord) -> PlanJournal:
        """Begin to keep how far a plan has come."""

    def resume(self, record: str) -> PlanJournal:
        """Go on with what is kept of a plan that was cut off, by the id of its record.

        Raises:
            TraceFailed: there is none, or another program goes on with it already.

        """

    def unfinished(self) -> tuple[PlanRecord | DamagedRecord, ...]:
        """Return the plans that were cut off, the oldest first, as far as readable."""

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the containers that are kept, the newest first."""

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return what is kept of removed containers and cannot be read any more."""


class Register(Protocol):
    """Which containers of one engine were seen, and what they were called.

    May be used by several programs at once. It never raises: without it all that is
    lost is what it would have remembered.
    """

    def find(self, wanted: Collection[ContainerId]) -> Mapping[ContainerId, Ancestor]:
        """Return what is known of some containers, as far as anything is."""

    def note(self, seen: Iterable[Ancestor]) -> None:
        """Remember containers; nothing is written if all of that is known.

        Only so many are remembered: those that were noted longest ago are forgotten
        first, and of those that are noted together the first.
        """
