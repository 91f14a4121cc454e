"""How often what arrives is drawn."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.widget import Widget

MIN_PAUSE_S = 0.05
"""The shortest pause between two drawings, in seconds."""

DRAW_PAUSE_FACTOR = 4
"""The pause is at least this many times as long as the drawing before it."""


class Pace:
    """Draws what arrives at once, and what arrives soon after that together."""

    def __init__(self, widget: Widget, draw: Callable[[], bool]) -> None:
        """Draw nothing yet.

        Args:
            widget: What is drawn on, whose timers are used.
            draw: Draws; returns False if there is nothing to draw on any more.

        """
        self._widget = widget
        self._draw = draw
        self._is_pausing = False
        self._is_due = False

    def ask(self) -> None:
        """Draw now or, during a pause, at its end."""
        self._is_due = True
        if not self._is_pausing:
            self._draw_now()

    def _draw_now(self) -> None:
        """Draw, and then pause."""
        began = time.monotonic()
        self._is_due = False
        if not self._draw():
            return
        self._is_pausing = True
        self._widget.set_timer(
            max(MIN_PAUSE_S, DRAW_PAUSE_FACTOR * (time.monotonic() - began)),
            self._end_pause,
        )

    def _end_pause(self) -> None:
        self._is_pausing = False
        if self._is_due:
            self._draw_now()
