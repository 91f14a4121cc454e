"""The logs of simulated containers, each made up when somebody reads it."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from nstui.errors import EngineRefused
from nstui.model.log import LogLine, LogSource
from nstui.sim.voices import voice_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.container import ContainerId
    from nstui.sim.journal import Journal
    from nstui.sim.record import Record, Run
    from nstui.sim.voices import Voice
    from nstui.sim.world import World

_KEPT = 20_000
"""How many lines of a run are kept, as by an engine that rotates its files."""

_SECOND = 10**9
_STEP = _SECOND // 5
"""The nanoseconds between two lines that come together."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def nanoseconds(moment: datetime) -> int:
    """Return a moment in nanoseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND * 1000


class Talk:
    """What a program says by itself in one run; at any moment it is always the same."""

    def __init__(self, voice: Voice, record: Record, run: Run) -> None:
        self._voice = voice
        self._seed = f"{record.name}:{run.started_at}"
        self._every = round(voice.every_s * _SECOND)
        self._start = nanoseconds(run.started_at)
        self._base = self._start + _STEP * len(voice.first)
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
        for number, sentence in enumerate(self._voice.first):
            yield self._line(self._start + _STEP * number, sentence, -number)
        last = self._number_at(end)
        for number in range(max(0, self._number_at(after) - 1, last - _KEPT), last + 1):
            sentence = self._voice.choose(f"{self._seed}:{number}")
            yield self._line(self._time(number), sentence, number)
        if self._end is not None:
            for sentence in self._voice.last:
                yield self._line(self._end, sentence, last)

    def _number_at(self, moment: int) -> int:
        return (moment - self._base) // self._every

    def _time(self, number: int) -> int:
        """Return when a line is said: never quite regularly."""
        percent = crc32(f"{self._seed}:{number}:when".encode()) % 90
        return self._base + number * self._every + self._every * percent // 100

    def _line(self, moment: int, sentence: str, number: int) -> LogLine:
        source, text = self._voice.say(sentence, f"{self._seed}:{number}")
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
        self._journal.stir()

    def lines(self, record: Record, after: int, until: int) -> Iterator[LogLine]:
        """Yield what a container said after a moment, up to and with another one."""
        said = (
            line
            for line in self._said.get(record.id, ())
            if line.time_ns is not None and after < line.time_ns <= until
        )
        talks = (talk.lines(after, until) for talk in talks_of(record))
        return heapq.merge(said, *talks, key=lambda line: line.time_ns or 0)


def talks_of(record: Record) -> tuple[Talk, ...]:
    """Return what a container's program has to say, run by run."""
    voice = voice_of(record.spec.image)
    if voice is None:
        return ()
    return tuple(Talk(voice, record, run) for run in record.runs)


class SimLogStream:
    """Implements `nstui.ports.LogStream`: ends with the run that it began in."""

    def __init__(
        self, world: World, record: Record, tail: int | None, since_ns: int | None
    ) -> None:
        """Begin with the past.

        Raises:
            EngineRefused: the log cannot be read.

        """
        if record.spec.log_driver == "none":
            raise EngineRefused("configured logging driver does not support reading")
        self._world = world
        self._record = record
        self._run = record.runs[-1] if record.state.has_process else None
        self._closed = threading.Event()
        self._until = self._now()
        after = 0 if since_ns is None else since_ns - 1
        past = world.logbook.lines(record, after, self._until)
        self._past = deque(past, maxlen=tail)

    def __iter__(self) -> Iterator[LogLine]:
        """Yield the past, and what is said until the run ends."""
        yield from self._past
        self._past.clear()
        while not self._closed.is_set():
            seen = self._world.journal.changes
            lines, is_over = self._more()
            yield from lines
            if is_over:
                self._closed.set()
            else:
                self._world.journal.await_change(seen, self._seconds_to_next())

    @property
    def is_closed(self) -> bool:
        """Whether nobody reads it any more."""
        return self._closed.is_set()

    def close(self) -> None:
        """End the stream, also while another thread waits for its next line."""
        self._closed.set()
        self._world.journal.stir()

    def _more(self) -> tuple[tuple[LogLine, ...], bool]:
        """Return what was said meanwhile, and whether that was all."""
        with self._world.lock:
            end = None if self._run is None else self._run.finished_at
            is_over = self._run is None or end is not None
            until = self._now() if end is None else nanoseconds(end)
            lines = tuple(self._world.logbook.lines(self._record, self._until, until))
            self._until = max(self._until, until)
        return lines, is_over

    def _seconds_to_next(self) -> float | None:
        """Return for how long nothing will be said, if nothing happens; None: ever."""
        now = self._now()
        talks = talks_of(self._record)
        moment = talks[-1].next_after(max(now, self._until)) if talks else None
        return None if moment is None else (moment - now) / _SECOND

    def _now(self) -> int:
        """Return the present moment; what was said a moment ahead of it counts."""
        return max(
            nanoseconds(self._world.clock()), nanoseconds(self._world.machine.latest())
        )
