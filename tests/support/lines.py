"""The lines that a program writes, as they come."""

from __future__ import annotations

import os
import select
import time

PATIENCE_S = 60.0
"""Seconds for a line to come: a look that no event asks for comes after 30 s."""

_CHUNK = 65536


class Lines:
    """Reads what a program writes into a pipe; the program may be this one.

    Nobody reads while nobody asks: what is written may not exceed what a pipe holds.
    """

    def __init__(self, pipe: int) -> None:
        """Take the pipe's end that is read."""
        self._pipe = pipe
        self._buffer = b""

    def next(self) -> str:
        """Return the next line as soon as it is there."""
        deadline = time.monotonic() + PATIENCE_S
        while b"\n" not in self._buffer:
            assert self._read(deadline), f"it has ended with {self._buffer!r}"
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode()

    def rest(self) -> list[str]:
        """Return all further lines, as soon as the program has ended."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read(deadline):
            pass
        return self._buffer.decode().splitlines()

    def is_silent(self) -> bool:
        """Tell whether nothing has been written that nobody asked for."""
        return not self._buffer and not select.select([self._pipe], [], [], 0)[0]

    def _read(self, deadline: float) -> bool:
        """Take what comes next; False at the end."""
        patience = max(0.0, deadline - time.monotonic())
        assert select.select([self._pipe], [], [], patience)[0], "nothing was written"
        data = os.read(self._pipe, _CHUNK)
        self._buffer += data
        return bool(data)
