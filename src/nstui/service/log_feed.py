"""Follows the logs of one or several containers, from run to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.logs import LogKey, PlacedLine, StartMarks, place_lines
from nstui.errors import EngineUnreachable
from nstui.model.audit import LogLine, LogSource
from nstui.model.frozen import dataclass
from nstui.service.log_follower import LogFollower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nstui.errors import NstuiError
    from nstui.model.container import Container, ContainerId
    from nstui.ports import ContainerEngine


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
