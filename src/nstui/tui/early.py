"""Draws the first screen before Textual is loaded, and hands the terminal over to it.

Importing Textual takes longer than asking the engine for its list. Therefore nothing
of it is imported here.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nstui.tui.screen_memory import ScreenMemory

if TYPE_CHECKING:
    from types import FrameType
    from typing import TextIO

Attributes = list[Any]
"""The settings of a terminal, as `termios` has them."""

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
"""Show the alternate screen, hide the cursor, and do not wrap lines."""

LEAVE = "\x1b[?7h\x1b[?1049l\x1b[?25h"
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_INPUT_FLAGS, _LOCAL_FLAGS, _CHARACTERS = 0, 3, 6
"""Where `termios` has them."""

_NEVER = b"\0"
"""No character, for a function of the terminal that is switched off."""


class EarlyScreen:
    """A drawn terminal that waits for Textual.

    Keys that are typed meanwhile are kept by the terminal, and are not shown.
    """

    def __init__(
        self, text: str, size: tuple[int, int], attributes: Attributes
    ) -> None:
        """Store what has been drawn; see `draw_early`."""
        self.text = text
        self.size = size
        self.attributes = attributes
        """The settings of the terminal before it was drawn on."""

        self._is_open = True

    def hand_over(self) -> None:
        """Leave the terminal to Textual, which restores it from now on."""
        if self._is_open:
            self._is_open = False
            for number in ENDING_SIGNALS:
                if signal.getsignal(number) == self._end:
                    signal.signal(number, signal.SIG_DFL)

    def close(self) -> None:
        """Restore the terminal, unless it has been handed over."""
        if self._is_open:
            self.hand_over()
            _write(LEAVE)
            with suppress(termios.error):
                termios.tcsetattr(_input(), termios.TCSANOW, self.attributes)

    def watch_signals(self) -> None:
        """Restore the terminal if a signal ends the program."""
        for number in ENDING_SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._end)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.close()
        os.kill(os.getpid(), number)


def draw_early(text: str, size: tuple[int, int]) -> EarlyScreen | None:
    """Draw a screen; return None if the terminal does not allow it.

    Args:
        text: Output that draws every line, each after a movement of the cursor.
        size: The columns and lines that it is made for.

    """
    try:
        before = termios.tcgetattr(_input())
        if os.tcgetpgrp(_input()) != os.getpgrp():
            # The program runs in the background.
            return None
        termios.tcsetattr(_input(), termios.TCSANOW, _quiet(before))
    except (OSError, termios.error):
        return None
    screen = EarlyScreen(text, size, before)
    screen.watch_signals()
    _write(ENTER + ScreenMemory().reduce(text, size))
    return screen


def terminal_size() -> tuple[int, int] | None:
    """Return the columns and lines of the terminal that Textual will draw on."""
    if any(os.environ.get(name) for name in ("COLUMNS", "LINES")):
        # They overrule the terminal, which Textual obeys.
        return None
    try:
        size = os.get_terminal_size(_input())
    except OSError:
        return None
    return size.columns, size.lines


def _quiet(attributes: Attributes) -> Attributes:
    """Return the settings with which keys are kept as they are, and not shown.

    ctrl+c still interrupts. ctrl+z does nothing: a program that is stopped could not
    give back the terminal.
    """
    flags: Attributes = [*attributes]
    for index, removed in (
        (_INPUT_FLAGS, termios.IXON | termios.ICRNL | termios.INLCR | termios.IGNCR),
        (_LOCAL_FLAGS, termios.ECHO | termios.ICANON | termios.IEXTEN),
    ):
        flags[index] &= ~removed
    flags[_CHARACTERS] = [*flags[_CHARACTERS]]
    flags[_CHARACTERS][termios.VSUSP] = _NEVER
    flags[_CHARACTERS][termios.VMIN] = 1
    return flags


def _input() -> int:
    return _stream(sys.__stdin__).fileno()


def _write(text: str) -> None:
    stream = _stream(sys.__stderr__)
    with suppress(OSError):
        stream.write(text)
        stream.flush()


def _stream(stream: TextIO | None) -> TextIO:
    """Return one of the streams that the program was started with.

    Raises:
        OSError: it was started without.

    """
    if stream is None:
        raise OSError("the stream is closed")
    return stream
