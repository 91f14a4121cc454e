"""The order of the lines of several logs, and where a container was started again.

The engine's timestamps decide the order; at equal times, the containers' ids. The lines
of one container always stay in the order in which the engine gives them, even if its
clock was set back meanwhile.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeVar

from nstui.model.container import ContainerId
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from nstui.model.audit import LogLine
    from nstui.model.container import Container


LogKey = tuple[int, ContainerId, int]
"""The place of a line: its time in nanoseconds, its container, and its number."""

BEFORE_LINES = -1
"""The number of the line that says that a container was started again."""

KEY = attrgetter("key")


class Keyed(Protocol):
    """Something with a place among the lines of several logs."""

    @property
    def key(self) -> LogKey:
        """The place; those of two lines differ."""


Line = TypeVar("Line", bound=Keyed)


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of a container's log, with its place among those of others."""

    key: LogKey
    line: LogLine

    @property
    def container(self) -> ContainerId:
        """The container that wrote it."""
        return self.key[1]


def place_lines(
    container: ContainerId, lines: Iterable[LogLine], last: LogKey | None = None
) -> tuple[PlacedLine, ...]:
    """Return further lines of a container with their places.

    A line without a time, or with one before that of the line before it, follows that
    line directly.

    Args:
        container: The container that wrote the lines.
        lines: The lines, in the engine's order.
        last: The place of the line before them; None if they are the first.

    """
    time_ns, _, number = last or (0, container, 0)
    placed = []
    for line in lines:
        time_ns = max(time_ns, line.time_ns or 0)
        number += 1
        placed.append(PlacedLine((time_ns, container, number), line))
    return tuple(placed)


def merge_lines(kept: Sequence[Line], new: Iterable[Line]) -> tuple[int, list[Line]]:
    """Put new lines in their places among those that are kept.

    Args:
        kept: The lines so far, in order.
        new: The new lines, in any order.

    Returns:
        How many lines stay as they are, and all lines after those, in order.

    """
    arrived = sorted(new, key=KEY)
    if not arrived:
        return len(kept), []
    start = bisect_right(kept, arrived[0].key, key=KEY)
    return start, sorted((*kept[start:], *arrived), key=KEY)


def started_ns(container: Container) -> int | None:
    """Return when a container was last started; None if it never was, or unknown.

    The time is rounded down, so that no line of that run is before it.
    """
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return None
    return _nanoseconds(inspection.started_at)


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000


class StartMarks:
    """Finds where a log has to say that its container was started again.

    That is at every start while the log is open. An earlier start is marked only if
    there is a line from before it, so that a log does not begin with a mark.
    """

    def __init__(self) -> None:
        """Begin without containers."""
        self._starts: dict[ContainerId, int] = {}
        self._pending: dict[ContainerId, int] = {}

    def see(self, container: Container) -> tuple[LogKey, ...]:
        """Note when a container was started; return the place of a mark, if due."""
        start = started_ns(container)
        before = self._starts.get(container.id)
        if start is None or start == before:
            return ()
        self._starts[container.id] = start
        if before is None:
            # The engine notes a start up to some milliseconds after the first line. A
            # container that has never ended has no line of an earlier run.
            if container.inspection and container.inspection.finished_at:
                self._pending[container.id] = start
            return ()
        self._pending.pop(container.id, None)
        return ((start, container.id, BEFORE_LINES),)

    def find(self, lines: Iterable[PlacedLine]) -> tuple[LogKey, ...]:
        """Return the places of the marks that are due because of these lines."""
        if not self._pending:
            return ()
        due = {
            container
            for time_ns, container, _ in map(KEY, lines)
            if time_ns < self._pending.get(container, 0)
        }
        return tuple((self._pending.pop(c), c, BEFORE_LINES) for c in sorted(due))
