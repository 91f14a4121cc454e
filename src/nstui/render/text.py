"""Text that is safe to show, and the tones it is shown in."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable


__all__ = ["Line", "Piece", "Tone", "plural", "printable", "words_of"]


class Tone(StrEnum):
    """What a piece of text conveys; each screen has its own way to show it."""

    PLAIN = "plain"
    STRONG = "strong"
    MUTED = "muted"
    GOOD = "good"
    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Piece:
    """Text in one tone; always safe to show."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Piece, ...]
"""Pieces that stand in one line."""


def words_of(pieces: Iterable[Piece]) -> str:
    """Return pieces as text without their tones."""
    return "".join(piece.text for piece in pieces)


def plural(count: int, noun: str, several: str | None = None) -> str:
    """Return a count with its noun, such as ``1 group`` or ``3 groups``."""
    return f"{count} {noun if count == 1 else several or noun + 's'}"
