r"""Words as a line that sh (dash), bash, zsh and fish take apart alike.

In single quotes all four take every character as it is, but for the quote itself and,
in fish, the backslash: these two stand outside of the quotes behind a backslash, which
all four know there. ``$'…'`` is unknown to dash and fish, and what fish makes of ``\\``
within quotes is unknown to the others. So there is no such line for a word with a line
break, a control character or bytes that are no text, nor for one that does not look
like what it is: nobody can see what they paste.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from nstui.analysis.visible import printable
from nstui.model.container import short_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.container import ContainerId

_PLAIN = re.compile(r"[A-Za-z0-9_./:,@+-][A-Za-z0-9_./:,@+=-]*")
"""Words that no shell looks into. What begins with ``=`` is a command's path to zsh."""

_PARTS = re.compile(r"[^'\\]+|['\\]")

_ID = re.compile(r"[0-9a-f]{12,64}")

_NO_CHARACTERS = frozenset({"Cn", "Co"})
"""Categories that fish uses for its own ends, and that look like nothing."""


def shell_word(word: str) -> str | None:
    """Return how a word is written for any of the four shells, or None."""
    if _PLAIN.fullmatch(word):
        return word
    if printable(word) != word:
        return None
    if not word.isascii() and not _NO_CHARACTERS.isdisjoint(
        map(unicodedata.category, word)
    ):
        return None
    parts = _PARTS.findall(word)
    return "".join(f"\\{p}" if p in "'\\" else f"'{p}'" for p in parts) or "''"


def shell_line(words: Iterable[str | None]) -> str | None:
    """Return words as a line for any of the four shells.

    None if there is no such line for one of them, or if one of them is None.
    """
    written = [None if word is None else shell_word(word) for word in words]
    known = [word for word in written if word is not None]
    return " ".join(known) if len(known) == len(written) else None


def shell_commands(several: Iterable[Iterable[str | None]]) -> str | None:
    """Return commands as a line of which each is run if the one before succeeded.

    None if there is no such line for one of them.
    """
    lines = [shell_line(words) for words in several]
    known = [line for line in lines if line is not None]
    return " && ".join(known) if len(known) == len(lines) else None


def container_word(name: str, container: ContainerId) -> str | None:
    """Return the word by which a command is told of a container.

    That is its name; its id if the name cannot be written for a shell or would be taken
    for an option; None if the id is none either.
    """
    if name and not name.startswith("-") and shell_word(name) is not None:
        return name
    return short_id(container) if _ID.fullmatch(container) else None
