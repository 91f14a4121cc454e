"""A terminal with a program in it, for tests that look at the screen."""

from __future__ import annotations

import codecs
import os
import pty
import re
import select
import signal
import subprocess
import termios
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

PATIENCE = 10.0
"""Seconds within which the screen shows what it should."""

_CHUNK = 65536
_PAUSE = 0.01
_HANG_UP_S = 0.1
"""How soon the one who reads notices that the terminal is to be closed."""


KEYS = {
    "backspace": "\x7f",
    "down": "\x1b[B",
    "enter": "\r",
    "escape": "\x1b",
    "left": "\x1b[D",
    "right": "\x1b[C",
    "tab": "\t",
    "up": "\x1b[A",
}
"""What a terminal sends for keys that have a name."""


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
        self._is_closed = False
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)
        self._lock = threading.Lock()
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (lines, columns))
        # Not pty.fork, which warns where other threads run. setsid execs the program
        # in its place, so that the pid is the program's.
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", **(environ or {})},
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

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
            os.write(self._master, KEYS.get(key, key).encode())

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size, which the program is told of."""
        with self._lock:
            self._screen.resize(lines, columns)
        termios.tcsetwinsize(self._master, (lines, columns))

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    def hang_up(self) -> None:
        """Close the terminal, as a connection that drops does."""
        # A terminal that somebody reads is not closed.
        self._is_closed = True
        self._reader.join(PATIENCE)
        os.close(self._master)

    def read_to_the_end(self) -> None:
        """Return once all is read that a program has written which has ended."""
        self._reader.join(PATIENCE)

    def modes(self) -> list[object]:
        """Return how the terminal treats what is typed and written."""
        return termios.tcgetattr(self._master)

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
            is_over = not self._reader.is_alive()
            if holds(screen := self.screen()):
                break
            if time.monotonic() > deadline or is_over:
                raise ScreenDiffers(f"not so: the screen {what}\n{screen}")
            time.sleep(_PAUSE)
        return screen

    def wait_for_end(self, timeout: float = PATIENCE) -> int:
        """Return the program's exit code once it has ended by itself."""
        return self._process.wait(timeout)

    def stop(self) -> None:
        """End the program if it still runs."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join(PATIENCE)
        if not self._is_closed:
            os.close(self._master)

    def _can_read(self) -> bool:
        """Wait for something to read; tell whether the terminal is still open."""
        while not self._is_closed:
            if select.select([self._master], [], [], _HANG_UP_S)[0]:
                return True
        return False

    def _read(self) -> None:
        """Draw what the program writes, until it has ended."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        # Linux answers EIO when nobody has the other side open any more.
        with suppress(OSError):
            while self._can_read() and (data := os.read(self._master, _CHUNK)):
                with self._lock:
                    self.written += data
                    self._stream.feed(decoder.decode(data))
