"""The theme's colours for each tone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from nstui.render.text import Piece, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable


STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.MUTED: "dim",
    Tone.GOOD: "$text-success",
    Tone.NOTICE: "$text-secondary",
    Tone.WARNING: "$text-warning",
    Tone.ERROR: "$text-error",
}


def content_of(pieces: Iterable[Piece], separator: str = "") -> Content:
    """Return pieces as one text; nothing in them is interpreted as markup."""
    return Content(separator).join(
        Content.styled(piece.text, STYLES[piece.tone]) for piece in pieces if piece.text
    )


def content_lines(lines: Iterable[Iterable[Piece]]) -> Content:
    """Return lines of pieces as one text."""
    return Content("\n").join(content_of(line) for line in lines)
