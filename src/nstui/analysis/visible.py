"""What of a text is plainly visible, and what stands for the rest."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_MARKS = 2
"""How many characters without a width of their own are shown one after the other.

Vietnamese, Hebrew, Thai and the Indic scripts put at most two on one base, and a Korean
syllable has as many behind its first letter.
"""

CUT = "…"
"""What stands for the characters of a stack that are left out."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that move the cursor, hide text or turn its direction."""

_WIDTHLESS = frozenset({"Mn", "Me", "Mc", "Cf", "Cn"})
"""Categories that a terminal may draw on top of what is before them, or not at all."""

_STACK = re.compile(rf"(?:M[nec]|Cf|Cn){{{MOST_MARKS + 1}}}")

_SPACED = re.compile(
    "[\0-\u02ff\u0370-\u0482\u1e00-\u200a\u2010-\u2027\u2030-\u205e"
    "\u2070-\u20cf\u2100-\u2cee\u3000-\u3029\u3030-\u3098\u309b-\u3163"
    "\u3165-\ua66e\uac00-\ud7a3\uf900-\ufaff\uff00-\uff9f"
    "\U0001f000-\U0001f3fa\U0001f400-\U0001faff\U00020000-\U0002fa1d]*"
)
"""Texts of letters that have a width, so that most need not be looked at one by one:
Latin, Greek, Cyrillic, Chinese, Japanese, Korean, signs and pictures."""

_MARK = "\u0300"
_JOINING = re.compile("[\u1160-\u11ff\u3164\ud7b0-\ud7ff\uffa0\U0001f3fb-\U0001f3ff]")
"""Korean letters and colours of skin, which are marks in all but their category."""


def printable(text: str) -> str:
    r"""Return text from outside with what could act on a terminal escaped.

    A container's name, image, command or label can hold any character; what is not
    plainly visible is written as Python would write it, such as ``\x1b``. Of what is
    piled on one character, which would cover the lines above and below it and has no
    width by which it could be cut to fit, the first `MOST_MARKS` are shown.
    """
    if text.isprintable() and (text.isascii() or not _has_stack(text)):
        return text
    return "".join(_shown(text))


def _has_stack(text: str) -> bool:
    """Tell whether more is piled up in a text than is shown."""
    if _SPACED.fullmatch(text):
        return False
    return _STACK.search("".join(_kinds(text))) is not None


def _kinds(text: str) -> Iterator[str]:
    """Return the category of each character, in two letters."""
    return map(unicodedata.category, _JOINING.sub(_MARK, text))


def _shown(text: str) -> Iterator[str]:
    piled = 0
    for character, kind in zip(text, _kinds(text), strict=True):
        piled = piled + 1 if kind in _WIDTHLESS else 0
        if piled > MOST_MARKS:
            if piled == MOST_MARKS + 1:
                yield CUT
        elif kind in _UNSAFE:
            yield character.encode("unicode_escape").decode("ascii")
        else:
            yield character
