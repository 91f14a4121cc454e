r"""The title of a log, and the part of a log's text that is safe to show.

Programs write for a terminal: they colour words, move the cursor, and redraw progress
bars with ``\r``. Here each line is shown on its own, and none may have an effect.
"""

from __future__ import annotations

import re

from nstui.model.frozen import dataclass
from nstui.render.text import Piece, Tone, plural, printable

TAB = 8
"""The columns between two tab stops."""

_SEQUENCES = re.compile(
    r"""
    (?: \x1b\[ | \x9b ) [0-?]* [ -/]* [@-~]?             # CSI: colours, the cursor
    | (?: \x1b\] | \x9d ) [^\x07\x1b\x9c\x9d]* (?: \x07 | \x1b\\ | \x9c )
                                                         # OSC: titles, links, clipboard
    | (?: \x1b[PX^_] | [\x90\x98\x9e\x9f] ) [^\x1b\x90\x98\x9c\x9e\x9f]*
        (?: \x1b\\ | \x9c )                             # DCS, SOS, PM, APC
    | \x1b [ -/]* [0-~]?                                 # all that are shorter
    | \x07                                               # the bell
    """,
    re.VERBOSE,
)
"""Sequences that control a terminal.

Text within a sequence is removed only if the sequence is terminated, so that no line
can be hidden by an open one. See ECMA-48, 5.4 and 5.6, and xterm's ctlseqs.
"""


def plain(text: str) -> str:
    """Return a line of a log as a terminal would finally show it.

    Colours, titles and the like are removed. Text after a carriage return replaces the
    text before it, a backspace removes a character, and everything else that is not
    plainly visible is escaped as by `printable`.
    """
    if text.isprintable():
        return text if text.isascii() else printable(text)
    text = _SEQUENCES.sub("", text)
    if "\r" in text:
        text = _last_written(text)
    if "\b" in text:
        text = _apply_backspaces(text)
    return printable(text.expandtabs(TAB))


def _last_written(text: str) -> str:
    """Return the final state of a line that is redrawn with carriage returns."""
    drawn = [part for part in text.split("\r") if part.strip()]
    return drawn[-1] if drawn else ""


def _apply_backspaces(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStatus:
    """How far a log has been read, and how much of it is shown."""

    range: str
    """The range of time that is read, in words."""

    has_begun: bool
    """Whether the engine has answered."""

    has_ended: bool
    """Whether the log has ended."""

    is_following: bool
    unseen: int
    """How many lines have arrived since the view stopped following."""

    lines: int
    """How many lines are kept."""

    dropped: int
    """How many older lines were dropped."""

    has_signs: bool
    """Whether the lines have the signs of their sources."""


def following(status: LogStatus) -> Piece:
    """Return whether the view follows new lines."""
    if status.is_following:
        if status.has_ended:
            return Piece("ended", Tone.MUTED)
        return Piece("following", Tone.GOOD)
    news = f", {_count_text(status.unseen, 'new line')}" if status.unseen else ""
    ended = ", ended" if status.has_ended else ""
    return Piece(f"paused{news}{ended}", Tone.WARNING)


def amount(status: LogStatus) -> tuple[Piece, ...]:
    """Return how much of the log is shown."""
    parts = [status.range, _count_text(status.lines, "line")]
    if status.dropped:
        parts.append(f"{_count_text(status.dropped, 'older line')} dropped")
    words = Piece(" · ".join(parts), Tone.MUTED)
    if not status.has_signs:
        return (words,)
    return words, Piece(" · ", Tone.MUTED), Piece("▌ stderr", Tone.WARNING)


def nothing_written(status: LogStatus) -> str:
    """Return the text shown instead of lines if there are none; else an empty one."""
    if status.lines:
        return ""
    if not status.has_begun:
        return "asking the engine…"
    return f"nothing was written ({status.range})"


def _count_text(count: int, noun: str) -> str:
    return plural(count, noun).replace(str(count), f"{count:,}", 1)
