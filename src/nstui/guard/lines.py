"""Reads lines of one connection, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 65_536


class LineTooLong(Exception):
    """It is no request of nstui's."""


class LineReader:
    """Takes the bytes of a connection, and gives its lines one after the other."""

    def __init__(self) -> None:
        """Wait for the first line."""
        self._begun = bytearray()

    @property
    def is_within(self) -> bool:
        """Whether a line has begun and not ended."""
        return bool(self._begun)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that end within some bytes, without their ends.

        Raises:
            LineTooLong: One does not end.

        """
        self._begun += data
        *lines, rest = bytes(self._begun).split(b"\n")
        self._begun[:] = rest
        if len(rest) > LONGEST:
            raise LineTooLong("a line is too long")
        yield from lines
