"""A program in a pseudo-terminal, for the tests and for the benchmark."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import termios
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping, Sequence

END_LIMIT_S = 60.0
"""How long a program may take to end once it is told to."""

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

_CHUNK = 65536
_HANG_UP_S = 0.1
"""How soon the reading thread notices that the terminal is to be closed."""


class PtyProgram:
    """Runs a program, and reads what it writes all the time, as a terminal does.

    `read_into` must be called once, before anything else.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int,
        lines: int,
        environ: Mapping[str, str],
    ) -> None:
        """Start the program.

        Args:
            command: The program and its arguments.
            columns: The width of the terminal.
            lines: Its height.
            environ: The whole environment of the program.

        """
        self._is_closed = False
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (lines, columns))
        # Not pty.fork, which warns where other threads run. setsid execs the program
        # in its place, so that the pid is the program's.
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(environ),
        )
        os.close(slave)
        self._reader: threading.Thread

    def read_into(self, take: Callable[[bytes], None]) -> None:
        """Have a thread hand over all that the program writes, from now on."""
        self._reader = threading.Thread(target=self._read, args=(take,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    @property
    def is_read(self) -> bool:
        """Whether all is read that the program wrote, which has ended."""
        return not self._reader.is_alive()

    def write(self, data: bytes) -> None:
        """Send what a keyboard would, or what a terminal answers."""
        os.write(self._master, data)

    def press(self, key: str) -> None:
        """Send a key by its name in `KEYS`, or characters as they are."""
        self.write(KEYS.get(key, key).encode())

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size, which the program is told of."""
        termios.tcsetwinsize(self._master, (lines, columns))

    def modes(self) -> list[object]:
        """Return how the terminal treats what is typed and written."""
        return termios.tcgetattr(self._master)

    def hang_up(self) -> None:
        """Close the terminal, as a connection that drops does."""
        # A terminal that is being read cannot be closed.
        self._is_closed = True
        self.read_to_the_end()
        os.close(self._master)

    def read_to_the_end(self) -> None:
        """Return once all is read that a program has written which has ended."""
        self._reader.join(END_LIMIT_S)

    def wait_for_end(self, timeout: float) -> int:
        """Return the program's exit code once it has ended by itself."""
        return self._process.wait(timeout)

    def end(self, *signals: signal.Signals) -> None:
        """Send the program's group these signals in turn until it has ended."""
        for number in signals:
            if self.is_running:
                # It leads a session of its own, and so a group.
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, number)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(END_LIMIT_S)
        self.read_to_the_end()
        if not self._is_closed:
            self._is_closed = True
            os.close(self._master)

    def _can_read(self) -> bool:
        """Wait for something to read; return whether the terminal is still open."""
        while not self._is_closed:
            if select.select([self._master], [], [], _HANG_UP_S)[0]:
                return True
        return False

    def _read(self, take: Callable[[bytes], None]) -> None:
        # Linux answers EIO when nobody has the other side open any more.
        with suppress(OSError):
            while self._can_read() and (data := os.read(self._master, _CHUNK)):
                take(data)
