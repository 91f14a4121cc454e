"""A terminal with a program in it, for tests that look at the screen."""

from __future__ import annotations

import codecs
import os
import re
import signal
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import pyte

from tests.support.pty_program import PtyProgram

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

PATIENCE = 60.0
"""Seconds within which the screen shows what it should."""

_PAUSE = 0.01
_REDRAW = "\x0c"
_SCRIBBLED = "▞"
_AGAIN = 1.0
"""Seconds after which a key is sent anew that may have been ignored."""


class ScreenDiffers(AssertionError):
    """The screen did not show in time what it should; says what it shows."""


class Terminal:
    """Runs a program in a pseudo-terminal and keeps its screen.

    What the program writes is read all the time, as by a real terminal: it never has
    to wait for a test to look.

    Attributes:
        written: All that it has written.

    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        lines: int = 40,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Start the program."""
        self.written = b""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)
        # What others write must not end a sequence that is read in two parts.
        self._scribbles = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._lock = threading.Lock()
        self._program = PtyProgram(
            command,
            columns=columns,
            lines=lines,
            environ={**os.environ, "TERM": "xterm-256color", **(environ or {})},
        )
        self._program.read_into(self._draw)

    def __enter__(self) -> Self:
        """Return itself, to be stopped at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the program."""
        self.stop()

    def press(self, *keys: str) -> None:
        """Send keys by name, such as ``enter``, and characters as they are."""
        for key in keys:
            self._program.press(key)

    def press_in_reaction(self, *keys: str) -> None:
        """Send keys to a prompt that is shown, as soon as it listens."""
        self.await_listening()
        self.press(*keys)

    def await_listening(self) -> None:
        """Return once the program has heard a key that is pressed now or later.

        It has come to know then of whatever was sent to it before.
        """
        # Over the whole line: what was sent before may still change a part of it.
        self.scribble(f"\x1b[H{_SCRIBBLED * self._screen.columns}")
        deadline = time.monotonic() + PATIENCE
        while True:
            self.press(_REDRAW)
            with suppress(ScreenDiffers):
                self.wait_until_gone(_SCRIBBLED, timeout=_AGAIN)
                return
            assert time.monotonic() < deadline

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size, which the program is told of."""
        with self._lock:
            self._screen.resize(lines, columns)
        self._program.resize(columns, lines)

    def scribble(self, text: str) -> None:
        """Draw something that the program knows nothing of, as ``wall`` does.

        The program goes on where it was, with its own colours, even in a sequence of
        which one part is read so far.
        """
        with self._lock:
            self._scribbles.feed(f"\x1b7{text}\x1b8")

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._program.pid

    def hang_up(self) -> None:
        """Close the terminal, as a connection that drops does."""
        self._program.hang_up()

    def read_to_the_end(self) -> None:
        """Return once all is read that a program has written which has ended."""
        self._program.read_to_the_end()

    def modes(self) -> list[object]:
        """Return how the terminal treats what is typed and written."""
        return self._program.modes()

    def screen(self) -> str:
        """Return what the screen shows, without spaces at the ends of lines."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    def is_reversed(self, text: str) -> bool:
        """Tell whether a text is somewhere in reverse video, as what has the focus."""
        with self._lock:
            for number, line in enumerate(self._screen.display):
                cells = self._screen.buffer[number]
                for found in re.finditer(re.escape(text), line):
                    if all(cells[column].reverse for column in range(*found.span())):
                        return True
        return False

    def wait_for(self, *texts: str, timeout: float = PATIENCE) -> str:
        """Return the screen as soon as it shows all of some texts."""
        return self.wait_until(
            lambda screen: all(text in screen for text in texts),
            f"shows {texts}",
            timeout=timeout,
        )

    def wait_until_gone(self, text: str, *, timeout: float = PATIENCE) -> str:
        """Return the screen as soon as it no longer shows a text."""
        return self.wait_until(
            lambda screen: text not in screen, f"is rid of {text!r}", timeout=timeout
        )

    def wait_until(
        self, holds: Callable[[str], bool], what: str, *, timeout: float = PATIENCE
    ) -> str:
        """Return the screen as soon as something holds of it.

        Raises:
            ScreenDiffers: it did not within the time limit.

        """
        deadline = time.monotonic() + timeout
        while True:
            # Asked first: all that was written by then is on the screen.
            is_over = self._program.is_read
            if holds(screen := self.screen()):
                break
            if time.monotonic() > deadline or is_over:
                raise ScreenDiffers(f"not so: the screen {what}\n{screen}")
            time.sleep(_PAUSE)
        return screen

    def wait_for_end(self, timeout: float = PATIENCE) -> int:
        """Return the program's exit code once it has ended by itself."""
        return self._program.wait_for_end(timeout)

    def stop(self) -> None:
        """End the program if it still runs."""
        self._program.end(signal.SIGKILL)

    def _draw(self, data: bytes) -> None:
        with self._lock:
            self.written += data
            self._stream.feed(self._decoder.decode(data))
