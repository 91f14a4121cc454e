r"""Text that is safe to show or paste: shell words, escaped characters, ages.

A shell word is written so that dash, bash, zsh and fish read it alike. Within single
quotes all four take every character literally, except the quote itself and, in fish,
the backslash. These two are placed outside the quotes, escaped by a backslash, which
all four understand. ``$'…'`` is unknown to dash and fish, and only fish interprets
``\\`` within quotes. Therefore no shell word exists for a text with a line break, a
control character or undecodable bytes. Nor is there one for a text that does not show
what it contains, since users could not see what they paste.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import TypeVar

    from nstui.model.host_options import HostOptions

    Word = TypeVar("Word", bound=str | None)


MOST_MARKS = 2
"""How many characters without a width are shown in a row.

Vietnamese, Hebrew, Thai and the Indic scripts put at most two on one base character,
and a Korean syllable has two after its first letter.
"""

CUT = "…"
"""The mark in place of further characters without a width."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that move the cursor, hide text or change its direction."""

_WIDTHLESS = frozenset({"Mn", "Me", "Mc", "Cf", "Cn"})
"""Categories that a terminal may draw over the preceding characters, or not at all."""

# These three take long to compile and most texts are ASCII, so they remain strings
# that `re` compiles when they are first used.
_STACK = rf"(?:M[nec]|Cf|Cn){{{MOST_MARKS + 1}}}"

_SPACED = (
    "[\0-\u02ff\u0370-\u0482\u1e00-\u200a\u2010-\u2027\u2030-\u205e"
    "\u2070-\u20cf\u2100-\u2cee\u3000-\u3029\u3030-\u3098\u309b-\u3163"
    "\u3165-\ua66e\uac00-\ud7a3\uf900-\ufaff\uff00-\uff9f"
    "\U0001f000-\U0001f3fa\U0001f400-\U0001faff\U00020000-\U0002fa1d]*"
)
"""Matches texts of characters that all have a width, which need no closer look:
Latin, Greek, Cyrillic, Chinese, Japanese, Korean, symbols and pictures."""

_MARK = "\u0300"
_JOINING = "[\u1160-\u11ff\u3164\ud7b0-\ud7ff\uffa0\U0001f3fb-\U0001f3ff]"
"""Korean letters and skin tones, which combine although their category differs."""

_PLAIN = r"[A-Za-z0-9_./:,@+-][A-Za-z0-9_./:,@+=-]*"
"""Words that no shell interprets. To zsh, a leading ``=`` means a command's path."""

_IN_FRONT = "|".join(
    f"(?<={words} )"
    for words in (
        *("&&", ", then:", ": use", ", use", ", then use", " it is not,"),
        *(": see", " it with:", "ask compose with", " Instead:", r"\), or"),
    )
)
"""What is in front of a command in a sentence, or of a second command."""

_NO_COMMAND = "guard|works|failed|was|heal was|recreate was"
"""What follows on ``nstui`` where no command for an engine begins."""

_COMMAND = (
    r"(?:(?<![^\s=])(?:'[^']*'|\\['\\])+(?!\w))"
    rf"|(?:(?<![^\n])|{_IN_FRONT}|(?<=: )(?=nstui (?:heal|removed) ))"
    rf"(?P<program>nstui(?! (?:{_NO_COMMAND}) )"
    r"|docker(?:-compose)?(?! context )|podman)"
    r"(?= (?!(?:-[cH]|--(?:url|connection|context)) ))"
)
"""Matches a quoted word, or the program at the begin of a command without options.
Neither the guard nor docker's contexts are an engine's."""

_PARTS = r"[^'\\]+|['\\]"

_NO_CHARACTERS = frozenset({"Cn", "Co"})
"""Categories that fish uses internally and that are invisible."""

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_COARSE_S = 10
"""The step, in seconds, in which ages under a minute are rounded down."""


def printable(text: str) -> str:
    r"""Return text from outside with everything escaped that could affect a terminal.

    A container's name, image, command or label can contain any character. Characters
    that are not plainly visible are written as Python escapes, such as ``\x1b``. Marks
    stacked on one character could cover other lines, and have no width by which to cut
    them; only the first `MOST_MARKS` are shown.
    """
    if text.isprintable() and (text.isascii() or not _has_stack(text)):
        return text
    return "".join(_shown(text))


def _has_stack(text: str) -> bool:
    """Tell whether a text stacks more marks than are shown."""
    if re.fullmatch(_SPACED, text):
        return False
    return re.search(_STACK, "".join(_kinds(text))) is not None


def _kinds(text: str) -> Iterator[str]:
    """Return the Unicode category of each character, as two letters."""
    return map(unicodedata.category, re.sub(_JOINING, _MARK, text))


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


def shell_word(word: str) -> str | None:
    """Return a word quoted for any of the four shells; None if that is impossible."""
    if re.fullmatch(_PLAIN, word):
        return word
    if printable(word) != word:
        return None
    if not word.isascii() and not _NO_CHARACTERS.isdisjoint(
        map(unicodedata.category, word)
    ):
        return None
    parts = re.findall(_PARTS, word)
    return "".join(f"\\{p}" if p in "'\\" else f"'{p}'" for p in parts) or "''"


def shell_line(words: Iterable[str | None]) -> str | None:
    """Return words as a command line for any of the four shells.

    Returns None if this is impossible for a word, or if a word is None.
    """
    written = [None if word is None else shell_word(word) for word in words]
    known = [word for word in written if word is not None]
    return " ".join(known) if len(known) == len(written) else None


def shell_commands(several: Iterable[Iterable[str | None]]) -> str | None:
    """Return commands as one line that runs each if the one before succeeded.

    Returns None if this is impossible for one of them.
    """
    lines = [shell_line(words) for words in several]
    known = [line for line in lines if line is not None]
    return " && ".join(known) if len(known) == len(lines) else None


def on_host(text: str, options: HostOptions) -> str:
    """Return a text whose commands are for the host that options select.

    A quoted word of a command is left as it is, and so is a command that has the
    options already. Where all of a text is one command, `words_on_host` is certain
    which words are a program.

    Args:
        text: A command, several, or sentences with a command, as for the host that the
            shell has without an option.
        options: The options; none if that is the host that is meant.

    """
    called = {
        program: shell_line((program, *words)) or program
        for program, words in _by_program(options).items()
    }
    return with_programs(text, called)


def words_on_host(
    command: Sequence[Word], options: HostOptions
) -> tuple[Word | str, ...]:
    """Return the words of a command with the options for a host.

    Args:
        command: The words, the program first; None is a word that is not known.
        options: The options; none if that is the host that is meant.

    """
    program, *words = command
    for name, chosen in _by_program(options).items():
        if name == program:
            return (program, *chosen, *words)
    return tuple(command)


def _by_program(options: HostOptions) -> Mapping[str, tuple[str, str]]:
    """Return the options of each program; empty for none."""
    if not options.words:
        return {}
    option, value = options.words
    podman_option, podman_value = options.podman
    # A name that shells read differently is for the reader to fill in.
    word, podman_word = (
        "NAME" if shell_word(one) is None else one for one in (value, podman_value)
    )
    return {
        "nstui": (option, word),
        "docker": (option, word),
        # To compose by itself -c is another option.
        "docker-compose": ("--context" if option == "-c" else option, word),
        "podman": (podman_option, podman_word),
    }


def with_programs(text: str, called: Mapping[str, str]) -> str:
    """Return a text with the program of each of its commands called differently.

    Args:
        text: As for `on_host`.
        called: What a program is to be called by, by its name; others stay.

    """
    return re.sub(_COMMAND, lambda found: called.get(found["program"], found[0]), text)


def age_text(since: datetime, now: datetime) -> str:
    """Return an age such as ``40 s``, ``3 min``, ``5 h`` or ``12 d``, rounded down."""
    return span_text((now - since).total_seconds())


def span_text(span_s: float) -> str:
    """Return a number of seconds in the form of `age_text`."""
    seconds = max(0, int(span_s))
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    if seconds < _COARSE_S:
        return "a moment"
    return f"{seconds // _COARSE_S * _COARSE_S} s"
