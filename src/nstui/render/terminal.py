"""Pieces and tables on a plain terminal, through rich."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from nstui.render.text import Piece, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.MUTED: "dim",
    Tone.GOOD: "green",
    Tone.NOTICE: "cyan",
    Tone.WARNING: "yellow",
    Tone.ERROR: "red",
}
PIPE_WIDTH = 100_000
"""Columns where there is no terminal: nothing is cut that somebody may grep for."""


def console_on(stream: TextIO) -> Console:
    """Return a console that adapts to a terminal and writes plain text elsewhere.

    Where ``NO_COLOR`` is set it is plain on a terminal too: rich alone would leave out
    the colours, but not bold and dim.
    """
    return Console(
        file=stream,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        width=None if stream.isatty() else PIPE_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


def text_of(pieces: Iterable[Piece], separator: str = "") -> Text:
    """Return pieces as one text in rich's styles."""
    parts = [(piece.text, STYLES[piece.tone]) for piece in pieces if piece.text]
    return Text(separator).join(Text(*part) for part in parts)
