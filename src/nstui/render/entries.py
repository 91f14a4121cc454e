"""What of a container is worth copying, and its inspect as a list of values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import word_for
from nstui.analysis.text import shell_line
from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.render.text import Piece, Tone, plural, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId


Step = str | int
"""A key of an object, or the index of an item in an array."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_KEY = 24
"""The values of longer keys do not line up."""

_LITERALS = {"", "null", "true", "false"}
"""Strings that have quotes, for without them they would be something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A key or an index, with what it has."""

    steps: tuple[Step, ...]
    """How it is reached from the top."""

    value: object
    entries: tuple[DocumentEntry, ...]
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

    def walk(self) -> Iterator[DocumentEntry]:
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


def entries_of(
    document: object, steps: tuple[Step, ...] = ()
) -> tuple[DocumentEntry, ...]:
    """Return what is in a JSON object or array, in its order; nothing in others."""
    found: tuple[tuple[Step, object], ...] = ()
    if isinstance(document, Mapping):
        found = tuple((str(key), value) for key, value in document.items())
    elif isinstance(document, list):
        found = tuple(enumerate(document))
    widths = (len(printable(str(step))) for step, _ in found)
    room = max((width for width in widths if width <= _LONGEST_KEY), default=0)
    return tuple(
        DocumentEntry(
            steps=(*steps, step),
            value=value,
            entries=entries_of(value, (*steps, step)),
            room=room,
        )
        for step, value in found
    )


def value_text(value: object) -> str:
    """Return a value to be read in full or copied: strings as they are, else JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False)


def compact_text(value: object) -> str:
    """Return a value in as few lines as it takes: strings as they are, else JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def path_text(steps: Iterable[Step]) -> str:
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
    whom = word_for(container)
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


@dataclass(frozen=True, slots=True)
class Copy:
    """A text to copy, which may hold anything."""

    label: str
    text: str
    note: str = ""
    """What else there is to know of it."""


def copies_of(
    report: Report, container: Container, addresses: tuple[Copy, ...] = ()
) -> tuple[Copy, ...]:
    """Return what can be copied of a container: its name, what heals it, and so on.

    Args:
        report: What was seen.
        container: One of it.
        addresses: Its addresses, if they are known.

    """
    findings = report.findings_by_container.get(container.id, ())
    remedies = dict.fromkeys(f.remedy for f in findings if f.is_command)
    return (
        Copy("name", container.name),
        *(Copy("remedy", remedy) for remedy in remedies),
        Copy("short id", short_id(container.id)),
        Copy("id", container.id),
        *addresses,
        Copy("image", container.image),
    )


def address_holder(report: Report, container: ContainerId) -> ContainerId | None:
    """Return whose addresses a container uses: those of its network's owner."""
    return report.graph.chain(container, NamespaceKind.NET).owner


def addresses_in(inspect: Mapping[str, object], whose: str) -> tuple[Copy, ...]:
    """Return the addresses that an engine's inspect tells of, network by network.

    Args:
        inspect: The engine's answer.
        whose: The name of its container if that is another one than is asked for.

    """
    settings = _inner(inspect, "NetworkSettings")
    of = f"of {whose}, " if whose else ""
    return tuple(
        Copy("address", address, f"{of}on {network}")
        for network, endpoint in _inner(settings, "Networks").items()
        if isinstance(endpoint, Mapping)
        for key in ("IPAddress", "GlobalIPv6Address")
        if isinstance(address := endpoint.get(key), str) and address
    )


def _inner(raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}
