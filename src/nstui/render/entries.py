"""A document that an engine has answered with, entry by entry."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.shell import container_word, shell_line
from nstui.render.text import Piece, Tone, plural, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.container import Container

Step = str | int
"""A key of an object, or the index of an item in an array."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_KEY = 24
"""The values of longer keys do not line up."""

_LITERALS = {"", "null", "true", "false"}
"""Strings that have quotes, for without them they would be something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A key or an index, with what it has."""

    steps: tuple[Step, ...]
    """How it is reached from the top."""

    value: object
    entries: tuple[Entry, ...]
    """What is in an object or an array."""

    room: int = 0
    """The columns for the keys of what is beside it, so that the values line up."""

    @property
    def label(self) -> tuple[Piece, ...]:
        """What stands in its line, which is safe to show."""
        key = self.steps[-1]
        tone = Tone.STRONG if isinstance(key, str) else Tone.MUTED
        words = printable(str(key))
        gap = " " * max(2, 2 + self.room - len(words))
        return Piece(words, tone), Piece(gap), self._summary()

    @property
    def words(self) -> str:
        """What is searched in."""
        return words_of(self.label)

    def walk(self) -> Iterator[Entry]:
        """Yield it and everything in it."""
        yield self
        for entry in self.entries:
            yield from entry.walk()

    def _summary(self) -> Piece:
        count = len(self.entries)
        if isinstance(self.value, Mapping):
            return Piece(plural(count, "field") if count else "{}", Tone.MUTED)
        if isinstance(self.value, list):
            return Piece(plural(count, "item") if count else "[]", Tone.MUTED)
        if isinstance(self.value, str):
            is_odd = self.value in _LITERALS
            words = json.dumps(self.value) if is_odd else printable(self.value)
            return Piece(words)
        return Piece(json.dumps(self.value), Tone.NOTICE)


def entries_of(document: object, steps: tuple[Step, ...] = ()) -> tuple[Entry, ...]:
    """Return what is in a JSON object or array, in its order; nothing in others."""
    found: tuple[tuple[Step, object], ...] = ()
    if isinstance(document, Mapping):
        found = tuple((str(key), value) for key, value in document.items())
    elif isinstance(document, list):
        found = tuple(enumerate(document))
    widths = (len(printable(str(step))) for step, _ in found)
    room = max((width for width in widths if width <= _LONGEST_KEY), default=0)
    return tuple(
        Entry(
            steps=(*steps, step),
            value=value,
            entries=entries_of(value, (*steps, step)),
            room=room,
        )
        for step, value in found
    )


def value_words(value: object) -> str:
    """Return a value to be read in full or copied: strings as they are, else JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False)


def glance_words(value: object) -> str:
    """Return a value in as few lines as it takes: strings as they are, else JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def path_words(steps: Iterable[Step]) -> str:
    """Return how an entry is reached, as jq takes it: ``.Config.Env[0]``."""
    words = ""
    for step in steps:
        if isinstance(step, str) and _PLAIN_KEY.fullmatch(step):
            words += f".{step}"
        else:
            words += f"{'' if words else '.'}[{json.dumps(step)}]"
    return words


def inspect_command(
    program: str, container: Container, steps: Iterable[Step]
) -> str | None:
    """Return the command that prints the value of an entry of an inspect, as JSON.

    None if a shell cannot be told the container or a key on the way to the entry.
    """
    whom = container_word(container.name, container.id)
    return shell_line((program, "inspect", "--format", template(steps), whom))


def template(steps: Iterable[Step]) -> str:
    """Return the same as an engine's command line takes it: ``{{json .State.Pid}}``."""
    expression = ""
    for step in steps:
        if isinstance(step, str) and _PLAIN_KEY.fullmatch(step):
            expression += f".{step}"
        else:
            # Go knows no halves of a character as JSON does.
            key = json.dumps(step, ensure_ascii=False)
            expression = f"(index {expression or '.'} {key})"
    return f"{{{{json {expression}}}}}"
