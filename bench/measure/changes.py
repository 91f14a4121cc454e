"""Measures how long a change of a container takes to reach the screen."""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.events import EventTimes
from bench.measure.spread import Spread, spread
from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.stage import NAMES, PROBE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.measure.emulator import Emulator
    from bench.stage import Stage
    from bench.subjects import Subject

_PATIENCE_S = 5.0
_QUIET_S = 0.6
_PAUSE_S = (1.2, 2.5)
"""The pause between changes, random so that a polling program is hit at any moment."""

_NUMBERS = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Changes:
    """The results for a container that was started and killed several times."""

    started_ms: Spread
    """The time from the engine's event until the container's line changes."""

    stopped_ms: Spread
    sent_bytes: Spread
    """The bytes sent to the terminal for one change of one line."""


def measure_changes(
    stage: Stage, subject: Subject, environ: Mapping[str, str], times: int
) -> Changes:
    """Start and kill a container while a program shows it."""
    probe = stage.create_joined(PROBE)
    client = stage.engine.client
    started: list[float | None] = []
    stopped: list[float | None] = []
    sent: list[float] = []
    program_environ = {**environ, **subject.environ}
    try:
        with (
            EventTimes(client) as events,
            Terminal(subject.command, program_environ) as terminal,
        ):
            terminal.wait_until(lambda s: NAMES.search(s.text()) is not None, LIMIT_S)
            for _ in range(times):
                for change, action, results in (
                    (client.start, "start", started),
                    (client.kill, "die", stopped),
                ):
                    _pause(terminal)
                    before, moment = _line(terminal.screen), terminal.moment
                    change(probe)
                    event = events.wait_for(probe, action)
                    shown = terminal.wait_until(
                        lambda s: _line(s) != before,  # noqa: B023 - called at once
                        _PATIENCE_S,
                    )
                    results.append(None if shown is None else (shown - event) * 1000)
                    terminal.wait_for_silence(_QUIET_S, _PATIENCE_S)
                    sent.append(sum(len(r.data) for r in terminal.since(moment)))
    finally:
        client.remove_container(probe, force=True)
    return Changes(spread(started), spread(stopped), spread(sent))


def _pause(terminal: Terminal) -> None:
    time.sleep(random.uniform(*_PAUSE_S))  # noqa: S311 - no secret
    terminal.draw()


def _line(screen: Emulator) -> tuple[str, frozenset[str]]:
    """Return the probe's line and its colours, which alone may show the state.

    Numbers, which change by themselves, are left out.
    """
    for number, line in enumerate(screen.lines()):
        if PROBE in line:
            return _NUMBERS.sub("#", line), screen.colours(number)
    return "", frozenset()
