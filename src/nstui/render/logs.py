r"""What is said above a log, and which of its characters are safe to show.

A program writes for a terminal: it colours words, moves the cursor and draws bars that
begin anew with ``\r``. Here each line stands for itself, and none of it may act.
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
"""Sequences that tell a terminal to do something.

A text within one is lost only if the sequence has its end: nobody hides a line with it.
See ECMA-48, 5.4 and 5.6, and xterm's ctlseqs.
"""


def plain(text: str) -> str:
    """Return one line of a log as it would stand on a terminal in the end.

    Colours, titles and the like are left out. What follows a carriage return is in
    place of what was before it, a backspace takes a character away, and whatever else
    is not plainly visible is escaped as by `printable`.
    """
    if text.isprintable():
        return text if text.isascii() else printable(text)
    text = _SEQUENCES.sub("", text)
    if "\r" in text:
        text = _last_written(text)
    if "\b" in text:
        text = _backspaced(text)
    return printable(text.expandtabs(TAB))


def _last_written(text: str) -> str:
    """Return what a bar that is drawn again and again ends as."""
    drawn = [part for part in text.split("\r") if part.strip()]
    return drawn[-1] if drawn else ""


def _backspaced(text: str) -> str:
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
    """From when on it is read, in words."""

    has_begun: bool
    """Whether the engine has answered."""

    has_ended: bool
    """Whether nothing more will come."""

    is_following: bool
    unseen: int
    """How many lines have come since it does not follow."""

    lines: int
    """How many are kept."""

    dropped: int
    """How many are not, because newer ones took their place."""

    has_signs: bool
    """Whether the lines say from where they are."""


def following(status: LogStatus) -> Piece:
    """Return whether what comes is shown."""
    if status.is_following:
        if status.has_ended:
            return Piece("ended", Tone.MUTED)
        return Piece("following", Tone.GOOD)
    news = f", {_counted(status.unseen, 'new line')}" if status.unseen else ""
    ended = ", ended" if status.has_ended else ""
    return Piece(f"paused{news}{ended}", Tone.WARNING)


def amount(status: LogStatus) -> tuple[Piece, ...]:
    """Return how much of the log is shown."""
    parts = [status.range, _counted(status.lines, "line")]
    if status.dropped:
        parts.append(f"{_counted(status.dropped, 'older line')} dropped")
    words = Piece(" · ".join(parts), Tone.MUTED)
    if not status.has_signs:
        return (words,)
    return words, Piece(" · ", Tone.MUTED), Piece("▌ stderr", Tone.WARNING)


def nothing_written(status: LogStatus) -> str:
    """Return what stands in place of lines while there are none; it may be empty."""
    if status.lines:
        return ""
    if not status.has_begun:
        return "asking the engine…"
    return f"nothing was written ({status.range})"


def _counted(count: int, noun: str) -> str:
    return plural(count, noun).replace(str(count), f"{count:,}", 1)
