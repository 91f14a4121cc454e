"""The texts that can be copied of a container, and its inspect as a list of values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import word_for
from nstui.analysis.text import shell_line, words_on_host
from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.host_options import HERE, HostOptions
from nstui.model.json import inner
from nstui.model.namespace import NamespaceKind
from nstui.render.incidents import remedy_text
from nstui.render.text import Piece, Tone, plural, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId


Step = str | int
"""A key of an object, or the index of an item in an array."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_KEY_WIDTH = 24
"""The values of longer keys are not aligned."""

_LITERALS = {"", "null", "true", "false"}
"""Strings that are shown in quotes, since they would look like something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A key or an index, with its value."""

    steps: tuple[Step, ...]
    """The keys and indexes that lead to it from the top."""

    value: object
    entries: tuple[DocumentEntry, ...]
    """The entries of an object or an array."""

    room: int = 0
    """The width of the keys beside it, in columns, so that the values are aligned."""

    @property
    def label(self) -> tuple[Piece, ...]:
        """Its line, which is safe to show."""
        key = self.steps[-1]
        tone = Tone.STRONG if isinstance(key, str) else Tone.MUTED
        text = printable(str(key))
        gap = " " * max(2, 2 + self.room - len(text))
        return Piece(text, tone), Piece(gap), self._summary()

    @property
    def words(self) -> str:
        """The text that is searched."""
        return words_of(self.label)

    def walk(self) -> Iterator[DocumentEntry]:
        """Yield this entry and everything in it."""
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
    """Return the entries of a JSON object or array, in order; none for other values."""
    found: tuple[tuple[Step, object], ...] = ()
    if isinstance(document, Mapping):
        found = tuple((str(key), value) for key, value in document.items())
    elif isinstance(document, list):
        found = tuple(enumerate(document))
    widths = (len(printable(str(step))) for step, _ in found)
    room = max((width for width in widths if width <= _MAX_KEY_WIDTH), default=0)
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
    """Return a value as text: strings as they are, others as indented JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False)


def compact_text(value: object) -> str:
    """Return a value as short text: strings as they are, others as JSON in one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def path_text(steps: Iterable[Step]) -> str:
    """Return the path of an entry as jq writes it: ``.Config.Env[0]``."""
    path = ""
    for step in steps:
        if isinstance(step, str) and _PLAIN_KEY.fullmatch(step):
            path += f".{step}"
        else:
            path += f"{'' if path else '.'}[{json.dumps(step)}]"
    return path


def inspect_command(
    program: str,
    container: Container,
    steps: Iterable[Step],
    options: HostOptions = HERE,
) -> str | None:
    """Return the command that prints the value of an inspect's entry, as JSON.

    It is None if the container, or a key in the path, cannot be written for a shell.

    Args:
        program: The engine's command line program.
        container: The container.
        steps: The path of the entry.
        options: The options that select the host.

    """
    word = word_for(container)
    words = (program, "inspect", "--format", template(steps), word)
    return shell_line(words_on_host(words, options))


def template(steps: Iterable[Step]) -> str:
    """Return a path as a template of the engine's command: ``{{json .State.Pid}}``."""
    expression = ""
    for step in steps:
        if isinstance(step, str) and _PLAIN_KEY.fullmatch(step):
            expression += f".{step}"
        else:
            # Unlike JSON, Go has no escapes for surrogates.
            key = json.dumps(step, ensure_ascii=False)
            expression = f"(index {expression or '.'} {key})"
    return f"{{{{json {expression}}}}}"


@dataclass(frozen=True, slots=True)
class Copy:
    """A text to copy, which may contain anything."""

    label: str
    text: str
    note: str = ""
    """Further information about it."""


def copies_of(
    report: Report, container: Container, addresses: tuple[Copy, ...] = ()
) -> tuple[Copy, ...]:
    """Return the texts that can be copied of a container, such as its name.

    Args:
        report: The report.
        container: The container.
        addresses: Its addresses, if they are known.

    """
    findings = report.findings_by_container.get(container.id, ())
    remedies = dict.fromkeys(
        remedy_text(report, f.remedy) for f in findings if f.is_command
    )
    return (
        Copy("name", container.name),
        *(Copy("remedy", remedy) for remedy in remedies),
        Copy("short id", short_id(container.id)),
        Copy("id", container.id),
        *addresses,
        Copy("image", container.image),
    )


def address_holder(report: Report, container: ContainerId) -> ContainerId | None:
    """Return the container whose addresses another one uses: its network's owner."""
    return report.graph.chain(container, NamespaceKind.NET).owner


def addresses_in(inspect: Mapping[str, object], holder: str) -> tuple[Copy, ...]:
    """Return the addresses in an inspect, network by network.

    Args:
        inspect: The inspect of the container that has the addresses.
        holder: The name of that container; empty if it is not to be mentioned.

    """
    settings = inner(inspect, "NetworkSettings")
    of = f"of {holder}, " if holder else ""
    return tuple(
        Copy("address", address, f"{of}on {network}")
        for network, endpoint in inner(settings, "Networks").items()
        if isinstance(endpoint, Mapping)
        for key in ("IPAddress", "GlobalIPv6Address")
        if isinstance(address := endpoint.get(key), str) and address
    )
