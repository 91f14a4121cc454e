"""Finding words in a text."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=8)
def _pattern(words: str) -> re.Pattern[str]:
    heeds_case = any(character.isupper() for character in words)
    return re.compile(re.escape(words), 0 if heeds_case else re.IGNORECASE)


def find_all(words: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return where words are in a text, as pairs of start and end.

    Words are taken as they are. Capitals make a difference only if the words have
    some. No words are nowhere.
    """
    if not words:
        return ()
    return tuple(found.span() for found in _pattern(words).finditer(text))
