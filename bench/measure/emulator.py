"""Emulates a terminal: what it shows after it was sent some bytes."""

from __future__ import annotations

import re

import pyte

_UNKNOWN = re.compile(
    rb"\x1b\[[<=>][0-9;:]*[A-Za-z]"  # kitty's keyboard, secondary attributes
    rb"|\x1b\[\?[0-9;]*[mnuc]"  # private modes of other letters
    rb"|\x1b\[\?[0-9;]*\$p"  # questions for modes
    rb"|\x1b\[[0-9;]* [a-zA-Z]"  # the shape of the cursor
    rb"|\x1b\[[0-9;]*t"  # the window
    rb"|\x1b[P_^X][^\x1b]*\x1b\\"
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
"""The sequences that pyte would print instead of ignoring."""

_REPEATED = re.compile(rb"([^\x00-\x1f\x7f-\xff])\x1b\[([0-9]+)b")
"""A character and how often it is repeated, which pyte does not support."""

_REPEAT = re.compile(rb"\x1b\[([0-9]+)b")

_COMPLETE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[P_^X\]].*(?:\x07|\x1b\\)|[^\[P_^X\]])", re.DOTALL
)
_MAX_SEQUENCE = 200
"""The longest sequence: a longer one is not the beginning of another."""

_AGE = re.compile(r"\b(?:Up|Exited|Created) .*")

Cell = tuple[str, str, str, bool, bool, bool]


class Emulator:
    """The screen of a terminal."""

    def __init__(self, columns: int, lines: int) -> None:
        """Begin with an empty screen."""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""
        self._last = b" "

    def feed(self, data: bytes) -> None:
        """Process output of a program; sequences may be split anywhere."""
        data = self._rest + data
        self._rest = b""
        last = data.rfind(b"\x1b")
        is_cut = last >= 0 and len(data) - last < _MAX_SEQUENCE
        if is_cut and _COMPLETE.match(data, last) is None:
            data, self._rest = data[:last], data[last:]
        repeat = _REPEAT.match(data)
        if repeat is not None and self._last.isascii():
            # The repeated character has already been drawn.
            data = self._last * int(repeat[1]) + data[repeat.end() :]
        data = _REPEATED.sub(lambda found: found[1] * (1 + int(found[2])), data)
        self._last = data[-1:] or self._last
        self._stream.feed(_UNKNOWN.sub(b"", data))

    def lines(self) -> list[str]:
        """Return the lines shown, without trailing blanks."""
        return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        """Return the lines shown as one text."""
        return "\n".join(self.lines())

    def steady_text(self) -> str:
        """Return the text shown, without ages."""
        return _AGE.sub("", self.text())

    def colours(self, number: int) -> frozenset[str]:
        """Return the colours of the text in one line."""
        cells = self._screen.buffer[number].values()
        return frozenset(cell.fg for cell in cells if cell.data.strip())

    def cells(self) -> list[tuple[Cell, ...]]:
        """Return the cells shown, with colours and attributes."""
        buffer, columns = self._screen.buffer, range(self._screen.columns)
        return [
            tuple(
                (c.data, c.fg, c.bg, c.bold, c.reverse, c.underscore)
                for c in (buffer[number][column] for column in columns)
            )
            for number in range(self._screen.lines)
        ]
