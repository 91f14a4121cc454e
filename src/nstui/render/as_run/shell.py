"""Words as a line of a shell, which also a terminal can be trusted with."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "'": r"\'", "\\": r"\\"}


def shell_line(words: Iterable[str]) -> str:
    r"""Return a line that a shell takes apart into the same words.

    A word that could act on a terminal, such as one with a line break or an escape, is
    written as ``$'…\n…'``, which bash, zsh, ksh and busybox know and dash does not.
    """
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    if printable(word) == word:
        return shlex.quote(word)
    return "$'" + "".join(map(_character, word)) + "'"


def _character(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    if printable(character) == character:
        return character
    # Always three digits, so that one that follows is not taken for a fourth.
    encoded = character.encode(errors="surrogatepass")
    return "".join(f"\\{byte:03o}" for byte in encoded)
