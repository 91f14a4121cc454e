r"""What a container has written, as text that is safe to show.

A program writes for a terminal: it colours words, moves the cursor and draws bars that
begin anew with ``\r``. Here each line stands for itself, and none of it may act.
"""

from __future__ import annotations

import re

from nstui.render.text import printable

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
