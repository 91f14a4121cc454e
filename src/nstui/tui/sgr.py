"""Reduces the bytes sent to the terminal: a style is sent only where it changes.

Textual writes every piece of a line with its complete style before and a reset after
it, which is most of the output: colours of 24 bits take twice 16 bytes. The reduced
output draws the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_CONTROL = re.compile(r"\x1b\[([0-9;]*)(m|H)")
"""The sequences that set a style (SGR), or move the cursor, which needs no style."""

RESET = "\x1b[0m"
_COLOUR_LENGTHS = {"2": 4, "5": 2}
"""How many numbers follow 38 or 48, by the first of them: 2 for RGB, 5 for a
palette."""

VISIBLE_ON_BLANKS = frozenset({"4", "7", "9", "21", "53"})
"""The attributes that are visible on a blank: lines, and reversed colours."""

_ATTRIBUTES = frozenset({"1", "2", "3", "4", "5", "7", "9", "21", "53"})


class Style(NamedTuple):
    """A style: each part as the numbers that set it, empty for the default."""

    foreground: str = ""
    background: str = ""
    attributes: frozenset[str] = frozenset()


PLAIN = Style()


class SgrMinimizer:
    """Removes redundant control sequences from output."""

    def __init__(self) -> None:
        self._wanted: Style | None = PLAIN
        """The style that the input has set; None if it is unknown."""

        self._actual: Style | None = PLAIN
        """The style that the terminal has; None if it is unknown."""

    def minimize(self, text: str) -> str:
        """Return text that draws the same and leaves the terminal plain."""
        out: list[str] = []
        end = 0
        for found in _CONTROL.finditer(text):
            if found.start() > end:
                self._write(out, text[end : found.start()])
            end = found.end()
            if found[2] == "H":
                out.append(found[0])
            else:
                self._apply_control(out, found[0], found[1])
        if end < len(text):
            self._write(out, text[end:])
        if self._actual != PLAIN and out:
            out.append(RESET)
            self._actual = PLAIN
        return "".join(out)

    def _apply_control(self, out: list[str], control: str, numbers: str) -> None:
        """Remember a style, which is written before the next text."""
        begins_plain = numbers.partition(";")[0] in {"", "0"}
        before = PLAIN if begins_plain else self._wanted
        changed = None if before is None else apply_numbers(before, numbers)
        if changed is None:
            # The sequence is unknown: it is passed on, and so are those that follow.
            if self._wanted is not None:
                out.append(transition(self._actual, self._wanted))
            out.append(control)
            self._actual = None
        self._wanted = changed

    def _write(self, out: list[str], text: str) -> None:
        target, actual = self._wanted, self._actual
        if target is not None:
            if actual is not None and not text.strip(" "):
                target = style_for_blanks(actual, target)
            out.append(transition(actual, target))
            self._actual = target
        out.append(text)


@lru_cache(maxsize=4096)
def apply_numbers(before: Style, numbers: str) -> Style | None:
    """Return a style after a control sequence; None if the sequence is unknown."""
    style, remaining = before, (numbers or "0").split(";")
    while remaining:
        first = remaining[0]
        count = 1
        if first in {"0", ""}:
            style = PLAIN
        elif first in {"38", "48"}:
            count += _COLOUR_LENGTHS.get(
                remaining[1] if len(remaining) > 1 else "", len(remaining)
            )
            if count > len(remaining):
                return None
            style = _with_colour(
                style, ";".join(remaining[:count]), is_text=first == "38"
            )
        elif len(first) > 1 and first[:-1] in {"3", "4", "9", "10"} and first[-1] < "8":
            style = _with_colour(style, first, is_text=first[:-1] in {"3", "9"})
        elif first in {"39", "49"}:
            style = _with_colour(style, "", is_text=first == "39")
        elif first in _ATTRIBUTES:
            style = style._replace(attributes=style.attributes | {first})
        else:
            return None
        remaining = remaining[count:]
    return style


def _with_colour(style: Style, numbers: str, *, is_text: bool) -> Style:
    if is_text:
        return style._replace(foreground=numbers)
    return style._replace(background=numbers)


def style_for_blanks(actual: Style, wanted: Style) -> Style:
    """Return the style nearest to the present one in which blanks look as wanted."""
    if (actual.attributes | wanted.attributes) & VISIBLE_ON_BLANKS:
        return wanted
    return actual._replace(background=wanted.background)


@lru_cache(maxsize=4096)
def transition(before: Style | None, after: Style) -> str:
    """Return the control sequence that changes one style into another."""
    if before == after:
        return ""
    if (
        before is None
        or before.attributes - after.attributes
        or (before.foreground and not after.foreground)
        or (before.background and not after.background)
    ):
        return f"\x1b[{';'.join(('0', *_numbers_between(PLAIN, after)))}m"
    return f"\x1b[{';'.join(_numbers_between(before, after))}m"


def _numbers_between(before: Style, after: Style) -> list[str]:
    """Return the numbers that set what differs between two styles."""
    numbers = sorted(after.attributes - before.attributes)
    if after.foreground != before.foreground:
        numbers.append(after.foreground)
    if after.background != before.background:
        numbers.append(after.background)
    return numbers
