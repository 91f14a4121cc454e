"""How long until a change of a container is on the screen, and what that sends."""

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
"""Between changes, so that a program that polls is met at any moment."""

_NUMBERS = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Changes:
    """A container that was started and killed several times."""

    started_ms: Spread
    """From the engine's event until its line on the screen differs."""

    stopped_ms: Spread
    sent_bytes: Spread
    """To the terminal for one change of one line."""


def measure_changes(
    stage: Stage, subject: Subject, environ: Mapping[str, str], times: int
) -> Changes:
    """Start and kill a container while a program shows it."""
    probe = stage.create_joined(PROBE)
    client = stage.engine.client
    started: list[float | None] = []
    stopped: list[float | None] = []
    sent: list[float] = []
    mine = {**environ, **subject.environ}
    try:
        with EventTimes(client) as events, Terminal(subject.command, mine) as terminal:
            terminal.wait_until(lambda s: NAMES.search(s.text()) is not None, LIMIT_S)
            for _ in range(times):
                for act, action, found in (
                    (client.start, "start", started),
                    (client.kill, "die", stopped),
                ):
                    _pause(terminal)
                    before, moment = _line(terminal.screen), terminal.moment
                    act(probe)
                    event = events.wait_for(probe, action)
                    shown = terminal.wait_until(
                        lambda s: _line(s) != before,  # noqa: B023 - called at once
                        _PATIENCE_S,
                    )
                    found.append(None if shown is None else (shown - event) * 1000)
                    terminal.wait_for_silence(_QUIET_S, _PATIENCE_S)
                    sent.append(sum(len(r.data) for r in terminal.since(moment)))
    finally:
        client.remove_container(probe, force=True)
    return Changes(spread(started), spread(stopped), spread(sent))


def _pause(terminal: Terminal) -> None:
    time.sleep(random.uniform(*_PAUSE_S))  # noqa: S311 - no secret
    terminal.draw()


def _line(screen: Emulator) -> tuple[str, frozenset[str]]:
    """Return the probe's line and its colours: some tell the state by colour alone.

    Numbers, which change by themselves, are left out.
    """
    for number, line in enumerate(screen.lines()):
        if PROBE in line:
            return _NUMBERS.sub("#", line), screen.colours(number)
    return "", frozenset()
