"""Follows the logs of one or several containers, from run to run.

Each has a thread of its own.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from nstui.analysis.logs import LogKey, PlacedLine, StartMarks, place_lines
from nstui.errors import EngineUnreachable, InternalFault, NstuiError
from nstui.model.audit import LogLine, LogSource
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nstui.model.container import Container, ContainerId
    from nstui.ports import ContainerEngine, LogStream


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNews:
    """What has arrived since the last call of `LogFollower.take`."""

    lines: tuple[LogLine, ...]
    """The newest lines, the oldest first."""

    skipped: int
    """The number of older lines that were dropped."""

    has_begun: bool
    """Whether the engine has answered."""

    has_ended: bool
    """Whether no further lines will arrive."""

    problem: NstuiError | None
    """Why the log could not be read; None if it could."""


class LogFollower:
    """Collects the lines of a log in a thread, up to a limit, until they are taken.

    The thread is a daemon that nothing waits for: an engine that hangs blocks neither
    the screen nor the end of the program.
    """

    def __init__(
        self,
        engine: ContainerEngine,
        container: ContainerId,
        *,
        keep: int,
        on_news: Callable[[], object],
    ) -> None:
        """Store what to read; nothing is read before `start`.

        Args:
            engine: The engine of the container.
            container: The container.
            keep: The largest number of lines to hold; older ones are dropped.
            on_news: Called from the thread when there is something to take, and not
                again before `take` is called.

        """
        self._engine = engine
        self._container = container
        self._on_news = on_news
        self._lock = threading.Lock()
        self._waiting: deque[LogLine] = deque(maxlen=keep)
        self._count = 0
        self._is_told = False
        self._has_ended = False
        self._problem: NstuiError | None = None
        self._stopped = threading.Event()
        self._stream: LogStream | None = None

    def start(self, *, tail: int | None = None, since_ns: int | None = None) -> None:
        """Begin to read, with the arguments of `ContainerEngine.logs`."""
        threading.Thread(
            target=self._read, args=(tail, since_ns), name="log", daemon=True
        ).start()

    def stop(self) -> None:
        """Tell the thread to end, without waiting for it."""
        self._stopped.set()
        with self._lock:
            stream = self._stream
        if stream is not None:
            stream.close()

    def take(self) -> LogNews:
        """Return what has arrived since the last call."""
        with self._lock:
            lines = tuple(self._waiting)
            news = LogNews(
                lines=lines,
                skipped=self._count - len(lines),
                has_begun=self._stream is not None,
                has_ended=self._has_ended,
                problem=self._problem,
            )
            self._waiting.clear()
            self._count = 0
            self._is_told = False
        return news

    def _read(self, tail: int | None, since_ns: int | None) -> None:
        try:
            stream = self._engine.logs(self._container, tail=tail, since_ns=since_ns)
            with self._lock:
                self._stream = stream
            if self._stopped.is_set():
                # `stop` was called before there was a stream to close.
                stream.close()
            self._notify()
            for line in stream:
                self._append(line)
        except NstuiError as error:
            self._problem = error
        except Exception as error:  # noqa: BLE001 - every error is reported
            self._problem = InternalFault.of(error)
        self._has_ended = True
        self._notify()

    def _append(self, line: LogLine) -> None:
        with self._lock:
            self._waiting.append(line)
            self._count += 1
        if not self._is_told:
            self._notify()

    def _notify(self) -> None:
        with self._lock:
            is_told, self._is_told = self._is_told, True
        if not is_told and not self._stopped.is_set():
            self._on_news()


MAX_STREAMS = 32
"""How many logs are followed at once, each with a thread and a connection."""

MIN_KEPT = 100
"""How many lines of a container are read at least, however many containers there are.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedNews:
    """What has arrived since the last call of `LogFeed.take`."""

    lines: tuple[PlacedLine, ...]
    """The new lines, in order of their containers."""

    skipped: Mapping[ContainerId, int]
    """How many lines before the new ones are missing, if any are."""

    has_begun: bool
    """Whether the engine has answered for each container, or has refused."""

    has_ended: bool
    """Whether no further lines will arrive, unless a container is started."""

    problems: Mapping[ContainerId, NstuiError]
    """Why logs cannot be read."""

    waiting: tuple[ContainerId, ...]
    """The containers that are not followed because too many others are."""


class _Member:
    """One container of a feed."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.follower: LogFollower | None = None
        """None while it waits for its turn."""

        self.last: LogKey | None = None
        self.latest_ns: int | None = None
        self.run: object = None
        """The run in which reading was begun, by its start."""

        self.exists = True
        self.has_begun = False
        self.has_ended = False
        self.problem: NstuiError | None = None

    @property
    def runs(self) -> bool:
        return self.exists and self.container.state.has_process

    @property
    def started(self) -> object:
        inspection = self.container.inspection
        return None if inspection is None else inspection.started_at

    @property
    def is_readable(self) -> bool:
        """Whether there can be more, if it has ended."""
        return self.problem is None or isinstance(self.problem, EngineUnreachable)


class LogFeed:
    """Reads logs as long as their containers run, and again when they are restarted.

    All methods are called in one thread. At most `MAX_STREAMS` logs are read at once:
    those of stopped containers, which end soon, before the others.
    """

    def __init__(
        self,
        engine: ContainerEngine,
        *,
        keep: int,
        on_news: Callable[[], object],
        limit: int = MAX_STREAMS,
    ) -> None:
        """Store what to read; nothing is read before `read`.

        Args:
            engine: The engine of the containers.
            keep: The largest number of lines to hold until they are taken.
            on_news: Called from a thread when there is something to take.
            limit: How many logs are followed at once.

        """
        self._engine = engine
        self._keep = keep
        self._on_news = on_news
        self._limit = limit
        self._members: dict[ContainerId, _Member] = {}
        self._marks = StartMarks()
        self._marked: list[LogKey] = []
        self._tail = 0
        self._since: Callable[[Container], int | None] = lambda _: None

    def read(
        self,
        containers: Iterable[Container],
        *,
        tail: int,
        since: Callable[[Container], int | None],
    ) -> None:
        """Read from the beginning.

        Args:
            containers: The containers.
            tail: The largest number of past lines, of each.
            since: Returns the time of the first line of a container.

        """
        self.stop()
        self._members, self._marks, self._marked = {}, StartMarks(), []
        self._tail, self._since = tail, since
        self.follow(containers)

    def follow(self, containers: Iterable[Container]) -> None:
        """Update the containers; follow new ones, and those that were restarted."""
        found = {container.id: container for container in containers}
        for member in self._members.values():
            member.exists = member.container.id in found
        for container in found.values():
            member = self._members.setdefault(container.id, _Member(container))
            member.container = container
            self._marked += self._marks.see(container)
            if member.has_ended and member.runs and member.is_readable:
                self._await_turn(member)
        self._start_waiting()

    def stop(self) -> None:
        """Stop reading, without waiting for it."""
        for member in self._members.values():
            if member.follower is not None:
                member.follower.stop()

    def take(self) -> FeedNews:
        """Return what has arrived since the last call."""
        lines: list[PlacedLine] = []
        skipped: dict[ContainerId, int] = {}
        for member in self._members.values():
            if member.follower is not None and not member.has_ended:
                missing = self._take_from(member, member.follower, lines)
                if missing:
                    skipped[member.container.id] = missing
        self._start_waiting()
        self._marked += self._marks.find(lines)
        marks = [PlacedLine(key, _mark(key)) for key in self._marked]
        self._marked = []
        members = self._members.values()
        return FeedNews(
            lines=(*lines, *marks),
            skipped=skipped,
            has_begun=all(m.has_begun or m.problem is not None for m in members),
            has_ended=all(m.has_ended for m in members),
            problems={m.container.id: m.problem for m in members if m.problem},
            waiting=tuple(m.container.id for m in members if m.follower is None),
        )

    def _take_from(
        self, member: _Member, follower: LogFollower, lines: list[PlacedLine]
    ) -> int:
        """Add what one log has brought; return how many lines before it are missing."""
        news = follower.take()
        member.has_begun = member.has_begun or news.has_begun
        member.has_ended, member.problem = news.has_ended, news.problem
        if news.lines:
            times = (line.time_ns for line in news.lines if line.time_ns is not None)
            member.latest_ns = max(times, default=member.latest_ns)
            placed = place_lines(member.container.id, news.lines, member.last)
            member.last = placed[-1].key
            lines += placed
        is_later_run = member.started != member.run
        if member.has_ended and member.runs and is_later_run and not member.problem:
            # It was seen running again before the end of its log was.
            self._await_turn(member)
        return news.skipped

    def _await_turn(self, member: _Member) -> None:
        member.follower, member.has_ended, member.problem = None, False, None

    def _start_waiting(self) -> None:
        """Begin to read as many of the waiting containers as may be read at once."""
        waiting = [m for m in self._members.values() if m.follower is None]
        if not waiting:
            return
        busy = sum(m.follower is not None for m in self._members.values())
        busy -= sum(m.has_ended for m in self._members.values())
        for member in sorted(waiting, key=lambda m: m.runs)[: self._limit - busy]:
            self._start(member)

    def _start(self, member: _Member) -> None:
        member.run = member.started
        # Each holds its part, so that one that writes much displaces no other.
        part = max(MIN_KEPT, self._keep // len(self._members))
        member.follower = LogFollower(
            self._engine, member.container.id, keep=part, on_news=self._on_news
        )
        if member.latest_ns is not None:
            member.follower.start(tail=part, since_ns=member.latest_ns + 1)
        else:
            tail = min(part, self._tail)
            member.follower.start(tail=tail, since_ns=self._since(member.container))


def _mark(key: LogKey) -> LogLine:
    return LogLine(LogSource.MARK, key[0], "")
