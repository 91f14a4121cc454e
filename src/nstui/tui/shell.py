"""Gives the terminal to a shell in a container, and takes it back."""

from __future__ import annotations

import os
import select
import signal
import termios
import time
import tty
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from nstui.ports import TerminalSize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.ports import Shell

LEAVE = 0x1D
"""What ctrl+] sends."""

LEAVE_TIMES = 3
LEAVE_WITHIN_S = 1.0
"""How often it is typed within which time to leave, as in machinectl: once is vim's."""

LEAVE_WORDS = "ctrl+] three times"

_CHUNK = 65_536
_MOST_UNTYPED = 1 << 20
"""With so many bytes that a shell has not taken yet no more are read."""


def terminal_size(terminal: int) -> TerminalSize:
    """Return the size of a terminal, which a descriptor leads to."""
    columns, lines = os.get_terminal_size(terminal)
    return TerminalSize(columns, lines)


def relay(shell: Shell, keyboard: int, screen: int) -> bool:
    """Pass on what is typed and what is written, until either comes to an end.

    Must be called in the main thread, for that is where a resize is told.

    Args:
        shell: Runs in a container.
        keyboard: Where what is typed is read from: a terminal's descriptor.
        screen: Where what is written goes to.

    Returns:
        Whether the shell has ended. If it has not, the user left it, or a signal
        asked for the end of the program.

    """
    ends = (signal.SIGTERM, signal.SIGHUP)
    with _raw(keyboard), _told_of(signal.SIGWINCH) as resizes, _told_of(*ends) as end:
        return _Relay(shell, keyboard, screen, resizes, end).run()


class _Relay:
    """Passes bytes on, a portion of each at a time: neither side starves the other."""

    def __init__(
        self, shell: Shell, keyboard: int, screen: int, resizes: int, end: int
    ) -> None:
        self._shell = shell
        self._keyboard = keyboard
        self._screen = screen
        self._resizes = resizes
        self._end = end
        self._untyped = b""
        self._left_at: deque[float] = deque(maxlen=LEAVE_TIMES)

    def run(self) -> bool:
        while True:
            said = self._shell.read()
            if said == b"":
                return True
            if said is not None:
                _write(self._screen, said)
            # There may be more that no descriptor tells of.
            readable = self._wait(None if said is None else 0)
            if self._resizes in readable:
                os.read(self._resizes, _CHUNK)
                self._shell.resize(terminal_size(self._screen))
            if self._end in readable:
                return False
            if self._keyboard in readable and not self._type():
                return False
            if self._untyped:
                self._untyped = self._untyped[self._shell.write(self._untyped) :]

    def _wait(self, timeout: float | None) -> list[int]:
        """Wait until something can be passed on; return what can be read."""
        shell = self._shell.fileno()
        readers = [shell, self._resizes, self._end]
        if len(self._untyped) < _MOST_UNTYPED:
            readers.append(self._keyboard)
        readable, _, _ = select.select(
            readers, [shell] if self._untyped else [], [], timeout
        )
        return readable

    def _type(self) -> bool:
        """Take what was typed; tell whether the user stays."""
        try:
            typed = os.read(self._keyboard, _CHUNK)
        except OSError:
            # The terminal has hung up.
            return False
        now = time.monotonic()
        for _ in range(typed.count(LEAVE)):
            self._left_at.append(now)
        full = len(self._left_at) == LEAVE_TIMES
        if not typed or (full and now - self._left_at[0] <= LEAVE_WITHIN_S):
            return False
        self._untyped += typed
        return True


@contextmanager
def _raw(terminal: int) -> Iterator[None]:
    """Have a terminal pass on every key as it is, and be as before afterwards."""
    before = termios.tcgetattr(terminal)
    try:
        tty.setraw(terminal, termios.TCSADRAIN)
        yield
    finally:
        # It may have hung up.
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


@contextmanager
def _told_of(*numbers: signal.Signals) -> Iterator[int]:
    """Yield a descriptor that becomes readable when one of some signals comes.

    The event loop is told of it as well, once it goes on.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def note(*_: object) -> None:
        with suppress(BlockingIOError):
            os.write(writer, b"\0")

    before = {
        number: signal.signal(number, note)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield reader
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
