"""What the programs of simulated containers write to their logs, and when."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from nstui.demo.fiction import LogScript, script_of
from nstui.model.audit import LogLine, LogSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.demo.containers import LoggedRun, Record
    from nstui.demo.events import Journal
    from nstui.model.container import ContainerId


_KEPT = 20_000
"""How many lines of a run are kept, as by an engine that rotates its files."""

SECOND = 10**9
_STEP = SECOND // 5
"""The nanoseconds between two lines that are written together."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ERROR = "! "
"""The beginning of a sentence that is written to stderr."""


def nanoseconds(moment: datetime) -> int:
    """Return a time in nanoseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND * 1000


class RunLog:
    """The lines a program writes by itself in one run; repeated reads are equal."""

    def __init__(self, script: LogScript, record: Record, run: LoggedRun) -> None:
        self._script = script
        self._seed = f"{record.name}:{run.started_at}"
        self._every = round(script.every_s * SECOND)
        self._start = nanoseconds(run.started_at)
        self._base = self._start + _STEP * len(script.starts)
        self._end = None if run.finished_at is None else nanoseconds(run.finished_at)

    def lines(self, after: int, until: int) -> Iterator[LogLine]:
        """Yield the lines after a time, up to and including another one."""
        end = until if self._end is None else min(until, self._end)
        for line in self._all(after, end):
            if line.time_ns is not None and after < line.time_ns <= end:
                yield line

    def next_after(self, moment: int) -> int | None:
        """Return the time of the next line after a time; None if the run has ended."""
        if self._end is not None:
            return None
        numbers = range(max(0, self._number_at(moment)), self._number_at(moment) + 3)
        return min(self._time(n) for n in numbers if self._time(n) > moment)

    def _all(self, after: int, end: int) -> Iterator[LogLine]:
        """Yield at least the lines between two times, in order."""
        for number, sentence in enumerate(self._script.starts):
            yield self._line(self._start + _STEP * number, sentence, -number)
        last = self._number_at(end)
        for number in range(max(0, self._number_at(after) - 1, last - _KEPT), last + 1):
            sentence = self._script.choose(f"{self._seed}:{number}")
            yield self._line(self._time(number), sentence, number)
        if self._end is not None:
            for sentence in self._script.ends:
                yield self._line(self._end, sentence, last)

    def _number_at(self, moment: int) -> int:
        return (moment - self._base) // self._every

    def _time(self, number: int) -> int:
        """Return the time of a line; the intervals vary."""
        percent = crc32(f"{self._seed}:{number}:when".encode()) % 90
        return self._base + number * self._every + self._every * percent // 100

    def _line(self, moment: int, sentence: str, number: int) -> LogLine:
        source, text = _fill_in(sentence, f"{self._seed}:{number}")
        return LogLine(source, moment, text)


class Logbook:
    """The lines that containers were made to write, merged with their own."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._added: dict[ContainerId, list[LogLine]] = {}

    def add(
        self, record: Record, moment: datetime, text: str, source: LogSource
    ) -> None:
        """Let a container write a line."""
        line = LogLine(source, nanoseconds(moment), text)
        self._added.setdefault(record.id, []).append(line)
        self._journal.notify()

    def lines(self, record: Record, after: int, until: int) -> Iterator[LogLine]:
        """Yield a container's lines after a time, up to and including another."""
        added = (
            line
            for line in self._added.get(record.id, ())
            if line.time_ns is not None and after < line.time_ns <= until
        )
        run_logs = (run_log.lines(after, until) for run_log in run_logs_of(record))
        return heapq.merge(added, *run_logs, key=lambda line: line.time_ns or 0)


def run_logs_of(record: Record) -> tuple[RunLog, ...]:
    """Return the lines of a container's program, run by run."""
    script = script_of(record.spec)
    if script is None:
        return ()
    return tuple(RunLog(script, record, run) for run in record.runs)


def _fill_in(sentence: str, seed: str) -> tuple[LogSource, str]:
    """Return the output of a sentence, and the sentence with its numbers filled in.

    The same seed gives the same numbers.
    """
    source = LogSource.STDOUT
    if sentence.startswith(_ERROR):
        source, sentence = LogSource.STDERR, sentence.removeprefix(_ERROR)
    chance = crc32(seed.encode())
    text = sentence.format(
        few=chance % 7 + 1,
        some=chance % 89 + 10,
        many=chance % 8900 + 1000,
        host=chance // 7 % 200 + 20,
    )
    return source, text
