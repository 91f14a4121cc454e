"""Measures how long a key takes to change the screen, and the bytes sent."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.spread import Spread, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.measure.terminal import Terminal

_WINDOW_S = 0.4
_PAUSE_S = (0.1, 0.3)
_KEY_LIMIT_S = 10.0
_MOST_WARM_UPS = 3
_QUIT_LIMIT_S = 10.0
_BURST_S = 0.1
"""Output later than this after the effect of a key has another cause."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The results for a key that was pressed several times."""

    shown_ms: Spread
    """The time until the screen changes, in text or colour."""

    sent_bytes: Spread


def measure_keys(terminal: Terminal, times: int) -> Keys:
    """Move the cursor down and up in turn, after some times that are not counted."""
    _warm_up(terminal)
    shown: list[float | None] = []
    sent: list[float | None] = []
    for turn in range(times):
        taken, total = _press(terminal, "up" if turn % 2 else "down")
        shown.append(taken)
        sent.append(total)
    return Keys(spread(shown), spread(sent))


def _warm_up(terminal: Terminal) -> None:
    """Move the cursor down and up until both have been seen.

    On a busy machine a program that still starts may show both at once, which is no
    change.
    """
    for _ in range(_MOST_WARM_UPS):
        moves = [_press(terminal, key)[0] for key in ("down", "up")]
        if None not in moves:
            return


def _press(terminal: Terminal, key: str) -> tuple[float | None, float | None]:
    """Press a key; return the milliseconds to its effect and the bytes it took.

    Both are None if it has none.
    """
    time.sleep(random.uniform(*_PAUSE_S))  # noqa: S311 - no secret
    terminal.draw()
    before, moment = terminal.screen.cells(), terminal.moment
    pressed, changed, total, drawn = terminal.press(key), None, 0, 0
    until = time.monotonic() + _KEY_LIMIT_S
    while changed is None and time.monotonic() < until:
        time.sleep(_WINDOW_S)
        records = terminal.since(moment)
        for record in records[drawn:]:
            terminal.draw_one()
            if changed is None and terminal.screen.cells() != before:
                changed = record.at
            if changed is None or record.at - changed < _BURST_S:
                total += len(record.data)
        drawn = len(records)
    return (None, None) if changed is None else ((changed - pressed) * 1000, total)


def measure_quits(start: Callable[[], Terminal], times: int) -> Spread:
    """Return how many milliseconds it takes from the key to quit to the end.

    Args:
        start: Starts the program; returns when it shows everything.
        times: How often it is started.

    """
    taken: list[float | None] = []
    for _ in range(times):
        with start() as terminal:
            pressed = terminal.press("q")
            ended = terminal.wait_for_end(_QUIT_LIMIT_S)
            taken.append(None if ended is None else (ended - pressed) * 1000)
    return spread(taken)
