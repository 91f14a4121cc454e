"""The protocols through which nstui uses the outside world; adapters implement them.

Every call has a time limit and raises only errors of `nstui.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from nstui.analysis.guarding.installation import MachineFacts
    from nstui.analysis.guarding.requests import Change
    from nstui.model.audit import ActionEntry, DamagedRecord, LogLine, RemovedContainer
    from nstui.model.container import (
        Container,
        ContainerEvent,
        ContainerId,
        Join,
        Manager,
    )
    from nstui.model.healing import ComposeJoin, Recomposition, Renewal
    from nstui.model.holders import Evidence, Holders, HoldingProcess
    from nstui.model.image import Image, PullProgress
    from nstui.model.namespace import Namespace, NamespaceKind
    from nstui.model.network import Interior, ProcessUsage, Usage
    from nstui.model.outcome import PlanRecord
    from nstui.model.restoration import Available
    from nstui.model.snapshot import (
        EngineInfo,
        EngineMachine,
        FormerContainer,
        HostReading,
        ReadProblem,
    )
    from nstui.model.watch import WatchEvent, WatchReading, WatchStatus


class LogStream(Protocol):
    """The log of a container; iterating blocks until there is a new line.

    It ends when the container stops or is removed, when the engine closes the stream,
    and when `close` is called.
    """

    def __iter__(self) -> Iterator[LogLine]:
        """Yield the lines, the oldest first; may be called only once."""

    def close(self) -> None:
        """End the stream, even while another thread waits for its next line."""


class ContainerEngine(Protocol):
    """A container engine; its methods may be called from several threads.

    Raises:
        EngineUnreachable: nobody answers, or not in time.
        EngineRefused: the engine answered with an error.

    """

    def info(self) -> EngineInfo:
        """Return the engine that answers at the endpoint."""

    def machine(self) -> EngineMachine:
        """Return what the engine says of where it runs; never raises.

        It is asked once for each connection.
        """

    def containers(self) -> tuple[Container, ...]:
        """Return all containers, running or not, ordered by name.

        Facts that change only at a start are cached between calls. A container that
        vanishes between list and inspect is left out; one that cannot be inspected for
        another reason has no `inspection`.
        """

    def listed(self) -> tuple[Container, ...]:
        """Return all containers as far as the engine's list tells, ordered by name.

        This takes a single request. Only cached containers have an `inspection`.
        """

    def forget(self, containers: Iterable[ContainerId] | None = None) -> None:
        """Drop the cached facts of some containers, or of all."""

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        """Yield the events of containers, from now or from a past moment on.

        The iterator blocks until there is an event and ends when the engine closes the
        stream. To resume, ask again with the time of the last event, then list.
        """

    def past_events(
        self, containers: Iterable[ContainerId]
    ) -> tuple[ContainerEvent, ...]:
        """Return the past events of some containers that the engine still has.

        This answers at once, also for containers that no longer exist. Engines keep
        only few events, of all containers together. The oldest comes first.
        """

    def logs(
        self,
        container: ContainerId,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> LogStream:
        """Return the log of a container, past and future.

        Args:
            container: The container, which need not run.
            tail: The maximum number of past lines; None for all.
            since_ns: The time of the first line, in nanoseconds since the epoch.

        """

    def start(self, container: ContainerId) -> None:
        """Start a container; return when it runs."""

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop a container; return when it has stopped."""

    def pause(self, container: ContainerId) -> None:
        """Freeze all processes of a running container."""

    def unpause(self, container: ContainerId) -> None:
        """Let a paused container go on."""

    def restart(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop and start a container; return when it runs."""

    def kill(self, container: ContainerId, signal: str | None = None) -> None:
        """Send a signal, ``KILL`` by default."""

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove a container; with `force`, kill it first if it runs."""

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return the engine's complete answer to an inspect."""

    def rename(self, container: ContainerId, name: str) -> None:
        """Give a container another name."""

    def networks(self) -> frozenset[str]:
        """Return the names and ids of all networks."""

    def connect(
        self, container: ContainerId, network: str, aliases: Iterable[str] = ()
    ) -> None:
        """Attach a container to a network, with additional names there."""

    def create_like(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container that equals another one; return its id.

        It is not started. It uses the same volumes, including anonymous ones.

        Args:
            container: The container to copy.
            name: The name of the new container.
            joins: The joins of the new container, in place of the old ones.
            image: The image; None for exactly the image of the other one.

        """

    def create_renewed(
        self,
        container: ContainerId,
        name: str,
        joins: Iterable[Join],
        renewal: Renewal,
    ) -> ContainerId:
        """Create a container like another one from another image; return its id.

        What the old container had from its image, it has from the new one instead. It
        is not started, and uses the same volumes, except for anonymous ones that the
        old image declared and the new one does not.

        Args:
            container: The container to copy.
            name: The name of the new container.
            joins: The joins of the new container, in place of the old ones.
            renewal: What the new container has in place of what the old one has.

        """

    def available(self, inspect: Mapping[str, object]) -> Available:
        """Return what there still is of what a removed container was made from.

        Args:
            inspect: The inspect of the container, as it was kept.

        """

    def create_from(
        self,
        inspect: Mapping[str, object],
        name: str,
        joins: Iterable[Join],
        image: str | None = None,
    ) -> ContainerId:
        """Create a container again from the inspect of one that was removed.

        It is not started. It uses the volumes that still exist; those that are gone are
        created empty.

        Args:
            inspect: The inspect of the container, as it was kept.
            name: The name of the new container.
            joins: The joins of the new container, in place of the old ones.
            image: The image; None for exactly the image of the old one.

        """

    def carry_files(
        self, source: ContainerId, target: ContainerId, paths: Iterable[str]
    ) -> tuple[str, ...]:
        """Copy files from one container's file system into that of another.

        Their content, owner and mode are kept.

        Returns:
            The paths that existed and were copied.

        """

    def left_out(
        self, container: ContainerId, joins: Iterable[Join]
    ) -> tuple[str, ...]:
        """Return what `create_like` would have to leave out, each in a few words."""

    def changes(self, container: ContainerId) -> tuple[str, ...]:
        """Return the paths where its file system differs from its image.

        Mounts, files that the engine itself writes, and the folders above a changed
        file are not included.
        """

    def commit(self, container: ContainerId, reference: str) -> None:
        """Commit a container to an image with the name and tag of the reference."""

    def image(self, reference: str) -> Image | None:
        """Return an image that the engine has, by name or id; None if it has none."""

    def pull(
        self,
        reference: str,
        on_progress: Callable[[PullProgress], None],
        platform: str = "",
    ) -> Image:
        """Pull an image from its registry; return what has its name then.

        The credentials are those of docker's ``config.json``.

        Args:
            reference: The name of the image, with a tag or a digest; without either,
                the tag is ``latest``.
            on_progress: Called whenever the pull has got further. If it raises, the
                pull ends and the exception is passed on.
            platform: The platform, as ``os/architecture``; empty for the engine's own.

        Raises:
            PullFailed: The image cannot be pulled, or the pull has got no further for
                minutes. What had this name before still has it.

        """

    def create_placeholder(self, name: str, image: str) -> ContainerId:
        """Create a container without a network that sleeps for a minute.

        A container that joined a removed container by id can be started while another
        container has that id as its name.
        """

    def close(self) -> None:
        """Close all connections; a blocked `events` or `logs` ends."""


@dataclass(frozen=True, slots=True)
class TerminalSize:
    """The size of a terminal in characters."""

    columns: int
    lines: int


class Shell(Protocol):
    """A shell in a container, with a terminal of its own."""

    def fileno(self) -> int:
        """Return the file descriptor that becomes readable when there is output."""

    def read(self) -> bytes | None:
        """Return the output; None if there is none yet, empty at the end."""

    def write(self, data: bytes) -> int:
        """Send as many bytes of input as it accepts now; return their number."""

    def resize(self, size: TerminalSize) -> None:
        """Set the size of its terminal without waiting."""

    def close(self) -> None:
        """Close the connection; programs that it runs may continue."""


class ContainerShells(Protocol):
    """Starts shells in containers.

    Raises:
        EngineUnreachable: nobody answers, or not in time.
        EngineRefused: the engine answered with an error.

    """

    def open(self, container: ContainerId, size: TerminalSize) -> Shell:
        """Start a shell in a running container; return once it runs."""


class HostNamespaces(Protocol):
    """The kernel of the engine's machine; unreadable facts never raise.

    If that machine is behind a shell that is lost, `read` raises `EngineUnreachable`.
    """

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Read the namespaces of containers by their first process.

        A pid is trusted only if its cgroup names the container: pids are reused, and
        those of a remote engine mean nothing on this machine.
        """

    def begin(self, pids: Mapping[ContainerId, int]) -> Callable[[], HostReading]:
        """Begin to read; return what waits for it, and then does as `read`.

        Where a reading is no round trip, all of it is done when that is called.
        """

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        """Read the network namespaces that the engine keeps for containers by mounts.

        Those that cannot be read are left out.
        """


class HostEvidence(Protocol):
    """Further facts of the machine about one container or all; never raises."""

    def evidence(self, container: ContainerId, pid: int) -> Evidence:
        """Read which files a container sees, and what its runtime was told.

        Args:
            container: The container.
            pid: The pid of its first process.

        """

    def interior(self, container: ContainerId, pid: int) -> Interior:
        """Read the inside of a container's network and the processes that listen there.

        This reads every process, so it is meant for explicit requests.
        """

    def usage(
        self, pids: Mapping[ContainerId, int]
    ) -> Mapping[ContainerId, Usage | ReadProblem]:
        """Read the resource usage of containers; cheap enough to repeat.

        There is an answer for each container, in the same order.
        """

    def processes(
        self, container: ContainerId, pid: int
    ) -> tuple[ProcessUsage, ...] | ReadProblem:
        """Read all processes of one container, in the order of their pids."""

    def outsiders(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> Mapping[Namespace, tuple[HoldingProcess, ...]] | None:
        """Read the processes in some namespaces that belong to none of the containers.

        Returns None if the processes cannot be listed. This reads every process, so it
        is meant for explicit requests.
        """

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        """Read what keeps namespaces alive on the whole machine.

        This reads every process, so it is meant for explicit requests.
        """


class RemoteShell(Protocol):
    """A POSIX shell on the machine of an engine, for what reads its files.

    Attributes:
        refusal: Why it does not run as root although that was asked for; None if it
            does, or if that was not asked for.

    """

    refusal: str | None

    def run(self, script: str, *, timeout_s: float) -> bytes:
        """Run a script, and return what it printed to stdout; its status is ignored.

        The connection is kept: one call is one round trip.

        Args:
            script: Complete commands; it may rely on nothing but POSIX sh.
            timeout_s: How long to wait for the whole output, in seconds.

        Raises:
            EngineUnreachable: the connection is lost, or the output did not end in
                time.

        """


class Compose(Protocol):
    """The compose command of the machine nstui runs on.

    Raises:
        EngineRefused: it failed; the message is its own.
        EngineUnreachable: it did not end in time.

    """

    def recreation(self, container: Container) -> Recomposition:
        """Return the command that recreates a service's only container.

        If there is none, the reason is returned instead. All other changes that the
        command would make are determined. What the new container joins is only
        reported.
        """

    def joins(self, container: Container) -> tuple[ComposeJoin, ...] | None:
        """Return what a container's service joins, as compose resolves it now.

        It is resolved from the present content of the files, folder, environment files
        and profiles that the container was made with. Each join states how far it also
        applies to the container as it was made.

        Returns:
            The joins; None if compose did not make the container, is not installed,
            must not be asked about these files, or cannot read them as they were.

        """

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),
    ) -> None:
        """Run such a command if it is still the right one; return once it succeeded.

        Args:
            container: The container that it recreates.
            command: The command.
            changes: What it may change in the container.

        """


class Managers(Protocol):
    """The managers of containers, on this machine or through its engine.

    Raises:
        EngineRefused: it failed; the message is its own.
        EngineUnreachable: it did not end in time.

    """

    def reaches(self, manager: Manager) -> bool:
        """Tell whether a manager can be asked to act, without contacting it."""

    def run(self, command: tuple[str, ...]) -> None:
        """Run a manager's command; return when it has ended."""


class PlanJournal(Protocol):
    """The journal of one plan, written before and after each step.

    A plan with an open journal is in progress. A journal that was closed, by the
    program or by its exit, without having been ended belongs to an interrupted plan.

    Raises:
        AuditFailed: nothing can be written.

    """

    def begun(self, number: int) -> None:
        """Record that a step is about to be taken; return when that is on disk."""

    def done(self, number: int) -> None:
        """Record that a step was seen to be done."""

    def created(self, new: ContainerId) -> None:
        """Record the new container of a replacement, once it is complete."""

    def end(self) -> None:
        """Remove the journal: the plan has left nothing unfinished."""

    def close(self) -> None:
        """Close the journal and keep what it holds."""


class AuditLog(Protocol):
    """The removed containers and the actions; several programs may use it at once.

    Raises:
        AuditFailed: nothing can be written, or what is there cannot be read.

    """

    def require_writable(self) -> None:
        """Check that a record could be written now, without leaving anything behind."""

    def save(self, removed: RemovedContainer) -> None:
        """Record a container that is about to be removed; return when that is on disk.

        An earlier record of the same removal is replaced.
        """

    def discard(self, removed: RemovedContainer) -> None:
        """Drop the record of a container that was not removed after all."""

    def append(self, entry: ActionEntry) -> None:
        """Add an entry to the action log; return when it is on disk."""

    def begin(self, record: PlanRecord) -> PlanJournal:
        """Open the journal of a new plan."""

    def resume(self, record: str) -> PlanJournal:
        """Reopen the journal of an interrupted plan by the id of its record.

        Raises:
            AuditFailed: there is none, or another program has it open.

        """

    def unfinished(self) -> tuple[PlanRecord | DamagedRecord, ...]:
        """Return the readable interrupted plans, the oldest first."""

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the recorded containers, the newest first."""

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return the records of removed containers that can no longer be read."""


class Claims(Protocol):
    """What programs of nstui act on at one engine: each group has one plan at a time.

    A standing watch, a screen and a command may run side by side.
    """

    def hold(
        self, containers: Mapping[ContainerId, str]
    ) -> AbstractContextManager[None]:
        """Return a context manager that keeps other programs from some containers.

        What a program holds is free again when it has ended, however that happened.

        Args:
            containers: The containers, each with its name.

        Raises:
            GroupInUse: another program, or another plan of this one, holds one of them.
            AuditFailed: it cannot be told whether another program does.

        """


class Tickets(Protocol):
    """Tells the guard of an engine, if it has one, what a confirmed plan does next.

    It never raises: a guard that cannot be told decides as about any other call.
    """

    def issue(self, container: ContainerId, name: str, change: Change) -> None:
        """Have one call let through that is about to be made.

        Args:
            container: The container that it changes.
            name: Its name.
            change: What is asked for.

        """


class WatchView(Protocol):
    """What the standing watch of one engine shows of itself to other programs."""

    def read(self) -> WatchReading:
        """Read what it does, and whether it runs; never raises."""

    def request_reset(self, name: str) -> None:
        """Ask it to close the circuit of a container.

        Raises:
            AuditFailed: the request cannot be written.

        """

    def has_taken_requests(self) -> bool:
        """Tell whether it has taken all requests; also True if that is not known."""


class Register(Protocol):
    """A record of the containers of one engine that were seen, and their names.

    Several programs may use it at once. It never raises; without it, only this memory
    is lost.
    """

    def find(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return what is known of some containers; unknown ones are left out."""

    def find_elsewhere(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return what was seen of some containers at other addresses of the engine.

        The engine may be asked for its id, by which these are found.
        """

    def note(self, seen: Iterable[FormerContainer]) -> None:
        """Remember containers; nothing is written if everything is known already.

        The number is limited. Those that were noted longest ago are forgotten first; of
        those that were noted together, the first in order.
        """


class WatchSink(Protocol):
    """Is told what a standing watch does: a log, a notifier, metrics, a status file.

    Its methods are called from one thread and return at once: what takes time is done
    in another. They raise nothing: what fails is told through the `problem` callback
    that a sink is made with, once, and healing goes on.
    """

    def take(self, event: WatchEvent) -> None:
        """Take what was told."""

    def update(self, status: WatchStatus) -> None:
        """Take what the watch is doing, after each look and each event."""

    def close(self) -> None:
        """Write what is still to be written, in at most half a second."""


class WatchState(Protocol):
    """What a standing watch that acts leaves for other programs, and takes from them.

    Its methods are called from one thread.
    """

    def acquire(self) -> bool:
        """Be the watch that acts, until `release`; return whether no other one is.

        Raises:
            AuditFailed: another user could interfere.
            OSError: that cannot be told.

        """

    def release(self) -> None:
        """Let another watch act."""

    def write(self, status: WatchStatus) -> None:
        """Show what the watch is doing.

        Raises:
            AuditFailed: another user could interfere.
            OSError: it cannot be written.

        """

    def take_resets(self) -> frozenset[str]:
        """Return the names of the containers whose circuit is to be closed, once."""


class GuardedMachine(Protocol):
    """A machine with an engine, as installing the guard reads and changes it.

    Raises:
        GuardFailed: something could not be done; what was to be changed is unchanged.

    """

    def look(self) -> MachineFacts:
        """Return what is there; never raises."""

    def write(self, path: str, content: bytes) -> None:
        """Replace a file at once, or make it."""

    def remove(self, path: str) -> None:
        """Remove a file; one that is missing is removed already."""

    def systemctl(self, words: tuple[str, ...]) -> None:
        """Run systemctl with these arguments."""

    def reload(self, pid: int | None) -> None:
        """Make the engine, which is this process, read its configuration again."""

    def renew(self) -> None:
        """Make the guard read its settings again."""

    def require_front(self, pid: int | None) -> None:
        """Return once the guard answers by its settings, and has looked once.

        Args:
            pid: The engine's process, which must see the guard's socket; None if it is
                not known.

        """

    def await_asked(self) -> None:
        """Return once the engine has answered, and has asked the guard for that."""

    def await_unasked(self) -> None:
        """Return once the engine has answered, and has asked no guard for that."""

    def forget_drafts(self) -> None:
        """Remove what interrupted runs have left of files that they were writing."""

    def clear_away(self) -> None:
        """Remove what a guard that has ended has left behind, but for its decisions."""
