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

    from nstui.demo.containers import Record, Run
    from nstui.demo.events import Journal
    from nstui.model.container import ContainerId


_KEPT = 20_000
"""How many lines of a run are kept, as by an engine that rotates its files."""

SECOND = 10**9
_STEP = SECOND // 5
"""The nanoseconds between two lines that come together."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_ERROR = "! "
"""What a sentence begins with that is written to stderr."""


def nanoseconds(moment: datetime) -> int:
    """Return a moment in nanoseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND * 1000


class LogPhrase:
    """What a program says by itself in one run; at any moment it is always the same."""

    def __init__(self, script: LogScript, record: Record, run: Run) -> None:
        self._script = script
        self._seed = f"{record.name}:{run.started_at}"
        self._every = round(script.every_s * SECOND)
        self._start = nanoseconds(run.started_at)
        self._base = self._start + _STEP * len(script.starts)
        self._end = None if run.finished_at is None else nanoseconds(run.finished_at)

    def lines(self, after: int, until: int) -> Iterator[LogLine]:
        """Yield what it says after a moment, up to and with another one."""
        end = until if self._end is None else min(until, self._end)
        for line in self._all(after, end):
            if line.time_ns is not None and after < line.time_ns <= end:
                yield line

    def next_after(self, moment: int) -> int | None:
        """Return when it says something next; None if it has ended."""
        if self._end is not None:
            return None
        numbers = range(max(0, self._number_at(moment)), self._number_at(moment) + 3)
        return min(self._time(n) for n in numbers if self._time(n) > moment)

    def _all(self, after: int, end: int) -> Iterator[LogLine]:
        """Yield at least the lines of a time, in their order."""
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
        """Return when a line is said: never quite regularly."""
        percent = crc32(f"{self._seed}:{number}:when".encode()) % 90
        return self._base + number * self._every + self._every * percent // 100

    def _line(self, moment: int, sentence: str, number: int) -> LogLine:
        source, text = _say(sentence, f"{self._seed}:{number}")
        return LogLine(source, moment, text)


class Logbook:
    """What containers were made to say, beside what they say by themselves."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._said: dict[ContainerId, list[LogLine]] = {}

    def add(
        self, record: Record, moment: datetime, text: str, source: LogSource
    ) -> None:
        """Let a container say something."""
        line = LogLine(source, nanoseconds(moment), text)
        self._said.setdefault(record.id, []).append(line)
        self._journal.notify()

    def lines(self, record: Record, after: int, until: int) -> Iterator[LogLine]:
        """Yield what a container said after a moment, up to and with another one."""
        said = (
            line
            for line in self._said.get(record.id, ())
            if line.time_ns is not None and after < line.time_ns <= until
        )
        phrases = (talk.lines(after, until) for talk in phrases_of(record))
        return heapq.merge(said, *phrases, key=lambda line: line.time_ns or 0)


def phrases_of(record: Record) -> tuple[LogPhrase, ...]:
    """Return what a container's program has to say, run by run."""
    script = script_of(record.spec)
    if script is None:
        return ()
    return tuple(LogPhrase(script, record, run) for run in record.runs)


def _say(sentence: str, seed: str) -> tuple[LogSource, str]:
    """Return where a sentence is written to, and the sentence with its numbers.

    The same seed makes the same numbers.
    """
    source = LogSource.STDOUT
    if sentence.startswith(_ERROR):
        source, sentence = LogSource.STDERR, sentence.removeprefix(_ERROR)
    chance = crc32(seed.encode())
    words = sentence.format(
        few=chance % 7 + 1,
        some=chance % 89 + 10,
        many=chance % 8900 + 1000,
        host=chance // 7 % 200 + 20,
    )
    return source, words
