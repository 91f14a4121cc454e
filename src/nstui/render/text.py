"""Text that is safe to show, and the tones it is shown in."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that move the cursor, hide text or turn its direction."""


def printable(text: str) -> str:
    r"""Return text from outside with what could act on a terminal escaped.

    A container's name, image, command or label can hold any character; what is not
    plainly visible is written as Python would write it, such as ``\x1b``.
    """
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _UNSAFE
        else character
        for character in text
    )


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


def words_of(pieces: Iterable[Piece]) -> str:
    """Return pieces as text without their tones."""
    return "".join(piece.text for piece in pieces)


def plural(count: int, noun: str, several: str | None = None) -> str:
    """Return a count with its noun, such as ``1 group`` or ``3 groups``."""
    return f"{count} {noun if count == 1 else several or noun + 's'}"
