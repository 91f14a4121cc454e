"""Remembers what the terminal shows, so that only the cells that differ are sent.

Textual draws a whole region when anything in it may have changed: all behind a prompt
once for each step of its layout, or both versions of a line that has become shorter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from nstui.tui.sgr import (
    PLAIN,
    RESET,
    VISIBLE_ON_BLANKS,
    SgrMinimizer,
    Style,
    apply_numbers,
    style_for_blanks,
    transition,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"\x1b\[([0-9;]*)([mH])|\n|[\x00-\x1f\x7f-\x9f]")
"""A style, a movement of the cursor, the end of a line, or any other control
character."""

_MOVE = re.compile(r"\x1b\[[0-9;]*H")

_HARMLESS = re.compile(
    r"(?:\x07|\x1b\[[<=>?][0-9;]*(?:\$p|[hlnu])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))+"
)
"""Sequences that change no cell: modes, questions, titles, the clipboard."""

_OTHER_SCREEN = re.compile(r"\x1b\[\?(?:[0-9;]*;)?(?:3|47|1047|1049)[;hl]")
"""Modes that do change the cells: another screen, another width."""

_WIDE = frozenset("WF")
_NO_CELL = frozenset({"Mn", "Me", "Mc", "Cf", "Cc", "Cs", "Co", "Cn"})
"""The kinds of characters that may take no cell, or an unknown number of them."""

_MAX_REPEATED = 3
"""So many equal cells between two others are sent again, since a movement of the cursor
takes as many bytes."""


class StyledText(NamedTuple):
    """Text in one style."""

    text: str
    style: Style


class Span(NamedTuple):
    """A part of a line that is drawn from left to right."""

    y: int
    x: int
    pieces: tuple[StyledText, ...]
    source: str
    """The output that draws it, from the movement of the cursor on."""

    is_simple: bool
    """Whether each character takes one cell in every terminal."""

    @property
    def end(self) -> int:
        """The column after its last one, if it is simple."""
        return self.x + sum(len(piece.text) for piece in self.pieces)


class Frame(NamedTuple):
    """Output that only draws cells."""

    spans: tuple[Span, ...]
    cursor: str
    """The movement that leaves the cursor where it shall be; empty for none."""


class Row:
    """The cells of one line of the terminal; a character of None is unknown."""

    def __init__(self, width: int) -> None:
        self.characters: list[str | None] = [None] * width
        self.styles: list[Style] = [PLAIN] * width

    def copy(self) -> Row:
        """Return another row with the same cells."""
        other = Row(0)
        other.characters, other.styles = self.characters[:], self.styles[:]
        return other

    def draw(self, span: Span) -> None:
        """Set the cells of a simple span."""
        x = span.x
        for text, style in span.pieces:
            end = x + len(text)
            self.characters[x:end] = text
            self.styles[x:end] = [style] * len(text)
            x = end

    def differs(self, other: Row, x: int) -> bool:
        """Return whether a cell looks different in another row."""
        character = self.characters[x]
        return (
            character is None
            or character != other.characters[x]
            or self.styles[x] != other.styles[x]
        )


class ScreenMemory:
    """Reduces output by what the terminal shows already."""

    def __init__(self) -> None:
        """Begin with an unknown screen."""
        self._rows: dict[int, Row] = {}
        self._cursor = ""
        self._size = (0, 0)

    def forget(self) -> None:
        """Assume nothing about what the terminal shows."""
        self._rows.clear()
        self._cursor = ""

    def reduce(self, text: str, size: tuple[int, int]) -> str:
        """Return output that leaves the terminal as `text` would; it may be empty.

        Args:
            text: The output.
            size: The columns and lines of the terminal.

        """
        if size != self._size:
            self.forget()
            self._size = size
        frame = parse_frame(text, *size)
        return self.pass_on(text) if frame is None else self._reduce_frame(frame)

    def pass_on(self, text: str) -> str:
        """Return output that does not only draw, with fewer styles."""
        if _OTHER_SCREEN.search(text) or not _HARMLESS.fullmatch(text):
            self.forget()
        return SgrMinimizer().minimize(text)

    def _reduce_frame(self, frame: Frame) -> str:
        pen = Pen()
        lines: dict[int, list[Span]] = {}
        for span in frame.spans:
            lines.setdefault(span.y, []).append(span)
        for y, spans in lines.items():
            self._draw_line(pen, y, spans)
        output = pen.finish()
        if frame.cursor and (output or frame.cursor != self._cursor):
            output += frame.cursor
        if output:
            self._cursor = frame.cursor
        return output

    def _draw_line(self, pen: Pen, y: int, spans: Iterable[Span]) -> None:
        """Draw what differs in a line, or all of it if its widths are uncertain."""
        if not all(span.is_simple for span in spans):
            self._rows.pop(y, None)
            for span in spans:
                pen.pass_on(span.source)
            return
        before = self._rows.get(y) or Row(self._size[0])
        after = before.copy()
        for span in spans:
            after.draw(span)
        self._rows[y] = after
        if (before.characters, before.styles) == (after.characters, after.styles):
            return
        first = min(span.x for span in spans)
        end = max(span.end for span in spans)
        for start, stop in _differences(before, after, first, end):
            pen.draw(y, start, stop, after)


def _differences(
    before: Row, after: Row, first: int, end: int
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a line that differ, as columns from and to."""
    start = stop = -1
    for x in range(first, end):
        if after.characters[x] is None or not before.differs(after, x):
            continue
        if start < 0:
            start = x
        elif x > stop and not _is_worth_repeating(after, stop, x):
            yield start, stop
            start = x
        stop = x + 1
    if start >= 0:
        yield start, stop


def _is_worth_repeating(row: Row, start: int, end: int) -> bool:
    """Return whether cells take fewer bytes than a movement behind them."""
    styles = row.styles
    return end - start <= _MAX_REPEATED and all(
        row.characters[x] is not None and styles[x] == styles[start - 1]
        for x in range(start, end)
    )


class Pen:
    """Writes cells, with few control sequences."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._style: Style = PLAIN
        self._at = (-1, -1)

    def draw(self, y: int, start: int, end: int, row: Row) -> None:
        """Write some cells of a line."""
        self._move(y, start)
        x = start
        while x < end:
            style, first = row.styles[x], x
            while x < end and row.styles[x] == style:
                x += 1
            text = "".join(c or " " for c in row.characters[first:x])
            if not text.strip(" "):
                style = style_for_blanks(self._style, style)
            self._out.append(transition(self._style, style))
            self._out.append(text)
            self._style = style
        self._at = (y, end)

    def pass_on(self, source: str) -> None:
        """Write output as it is, with fewer styles."""
        self._reset()
        self._out.append(SgrMinimizer().minimize(source))
        self._at = (-1, -1)

    def finish(self) -> str:
        """Return the output, which leaves the terminal plain."""
        self._reset()
        return "".join(self._out)

    def _move(self, y: int, x: int) -> None:
        at_y, at_x = self._at
        if at_y != y:
            self._out.append(f"\x1b[{y + 1};{x + 1}H")
        elif at_x != x:
            self._out.append(f"\x1b[{x - at_x}C")

    def _reset(self) -> None:
        if self._style != PLAIN:
            self._out.append(RESET)
            self._style = PLAIN


def draws(text: str) -> bool:
    """Return whether output begins with a movement, as what draws does."""
    return _MOVE.match(text) is not None


def parse_frame(text: str, width: int, height: int) -> Frame | None:
    """Return the cells that output draws; None if it does anything else."""
    begins = [found.start() for found in _MOVE.finditer(text)]
    if not begins or begins[0] != 0:
        return None
    spans = []
    for start, end in zip(begins, [*begins[1:], len(text)], strict=True):
        span = _parse_span(text[start:end], width, height)
        if span is None:
            return None
        spans.append(span)
    cursor = "" if spans[-1].pieces else spans.pop().source
    return Frame(tuple(span for span in spans if span.pieces), cursor)


def _parse_span(source: str, width: int, height: int) -> Span | None:
    """Return a span that begins with a movement; None if it is none in the screen."""
    moved = _TOKEN.match(source)
    if moved is None:
        return None
    line, _, column = (moved[1] or "1;1").partition(";")
    y, x = int(line or 1) - 1, int(column or 1) - 1
    pieces: list[StyledText] = []
    style = PLAIN
    at = moved.end()
    # Textual ends a line with a line feed, but moves the cursor after it anyway.
    end = len(source) - 1 if source.endswith("\n") else len(source)
    for found in _TOKEN.finditer(source, at, end):
        if found.start() > at:
            pieces.append(_piece(source[at : found.start()], style))
        at = found.end()
        numbers = found[1]
        if numbers is None or found[2] != "m":
            return None
        changed = _style_after(style, numbers)
        if changed is None:
            return None
        style = changed
    if end > at:
        pieces.append(_piece(source[at:end], style))
    is_simple = all(_is_simple(piece.text) for piece in pieces)
    span = Span(y, x, tuple(pieces), source[:end], is_simple)
    # A line feed in the last line would scroll.
    last = height - 1 if end < len(source) else height
    is_inside = y < last and (not is_simple or span.end <= width)
    return span if is_inside else None


def _style_after(style: Style, numbers: str) -> Style | None:
    begins_plain = numbers.partition(";")[0] in {"", "0"}
    return apply_numbers(PLAIN if begins_plain else style, numbers)


def _piece(text: str, style: Style) -> StyledText:
    return StyledText(text, style if text.strip(" ") else _look_of_blank(style))


@lru_cache(maxsize=4096)
def _look_of_blank(style: Style) -> Style:
    """Return what of a style is visible on a blank."""
    if style.attributes & VISIBLE_ON_BLANKS:
        return style
    return Style(background=style.background)


def _is_simple(text: str) -> bool:
    return text.isascii() or all(map(_is_one_cell, text))


@lru_cache(maxsize=4096)
def _is_one_cell(character: str) -> bool:
    return (
        unicodedata.east_asian_width(character) not in _WIDE
        and unicodedata.category(character) not in _NO_CELL
    )
