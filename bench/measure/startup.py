"""Measures how long a program takes to show the containers."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.spread import Spread, spread
from bench.measure.terminal import LINES, Terminal

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

    from bench.measure.emulator import Emulator
    from bench.subjects import Subject

LIMIT_S = 20.0
_SETTLED_S = 0.6


@dataclass(frozen=True, slots=True)
class Startup:
    """The results of a startup, from the start of the process."""

    first_ms: Spread
    """The time until the screen shows a container."""

    settled_ms: Spread
    """The time until it shows no further ones."""

    settled_bytes: Spread
    """The bytes sent until then: at least one whole screen."""

    screen_bytes: Spread
    """The bytes sent after the terminal has got another height."""


def measure_startups(
    subjects: Sequence[Subject],
    environ: Mapping[str, str],
    names: re.Pattern[str],
    times: int,
) -> dict[str, Startup]:
    """Start the programs in turn, repeatedly; the first round warms the file cache."""
    found: dict[str, list[_Start]] = {subject.name: [] for subject in subjects}
    for turn in range(times + 1):
        for subject in subjects:
            start = _start(subject, environ, names)
            if turn:
                found[subject.name].append(start)
    return {
        name: Startup(
            first_ms=spread(start.first_ms for start in starts),
            settled_ms=spread(start.settled_ms for start in starts),
            settled_bytes=spread(start.sent for start in starts),
            screen_bytes=spread(start.screen for start in starts),
        )
        for name, starts in found.items()
    }


def measure_commands(
    commands: Mapping[str, Sequence[str]], environ: Mapping[str, str], times: int
) -> dict[str, Spread]:
    """Run the commands in turn, repeatedly; return the durations in milliseconds."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(times + 1):
        for name, command in commands.items():
            began = time.monotonic()
            subprocess.run(
                command, env=dict(environ), stdout=subprocess.DEVNULL, check=True
            )
            if turn:
                found[name].append((time.monotonic() - began) * 1000)
    return {name: spread(values) for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class _Start:
    first_ms: float | None
    settled_ms: float | None
    sent: float | None
    screen: float | None


def _start(
    subject: Subject, environ: Mapping[str, str], names: re.Pattern[str]
) -> _Start:
    def count(screen: Emulator) -> int:
        return len(set(names.findall(screen.text())))

    with Terminal(subject.command, {**environ, **subject.environ}) as terminal:
        first = terminal.wait_until(lambda screen: count(screen) > 0, LIMIT_S)
        if first is None:
            return _Start(None, None, None, None)
        settled = first
        while True:
            shown = count(terminal.screen)
            later = terminal.wait_until(lambda s: count(s) > shown, _SETTLED_S)  # noqa: B023 - called at once
            if later is None:
                break
            settled = later
        sent = sum(len(r.data) for r in terminal.since(0) if r.at <= settled)
        screen = _screen_bytes(terminal)
    return _Start(
        (first - terminal.began) * 1000, (settled - terminal.began) * 1000, sent, screen
    )


def _screen_bytes(terminal: Terminal) -> int | None:
    """Change the height; return all bytes sent for that, None without any."""
    moment = terminal.moment
    for lines in (LINES - 1, LINES):
        terminal.wait_for_silence(_SETTLED_S, LIMIT_S)
        moment = terminal.moment
        terminal.resize(lines)
    terminal.wait_for_silence(_SETTLED_S, LIMIT_S)
    return sum(len(record.data) for record in terminal.since(moment)) or None
