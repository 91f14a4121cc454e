"""Text that is safe to show, and its tones."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable


__all__ = ["Line", "Piece", "Tone", "plural", "printable", "words_of"]


class Tone(StrEnum):
    """The meaning of a piece of text; each medium has its own style for it."""

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
"""The pieces of one line."""


def words_of(pieces: Iterable[Piece]) -> str:
    """Return pieces as text without their tones."""
    return "".join(piece.text for piece in pieces)


def plural(count: int, noun: str, several: str | None = None) -> str:
    """Return a count with its noun, such as ``1 group`` or ``3 groups``."""
    return f"{count} {noun if count == 1 else several or noun + 's'}"
