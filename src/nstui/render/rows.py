"""The cells of one line of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.text import span_text
from nstui.analysis.tree.tree import RowKind, SortOrder, SortValue, UnknownValue
from nstui.model.container import ContainerState, Health
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.render.findings import finding_word
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import Container, PublishedPort


STATE_GLYPHS = {
    ContainerState.CREATED: "◌",
    ContainerState.RUNNING: "●",
    ContainerState.PAUSED: "◐",
    ContainerState.RESTARTING: "↻",
    ContainerState.REMOVING: "◌",
    ContainerState.EXITED: "○",
    ContainerState.DEAD: "⊗",
    ContainerState.UNKNOWN: "?",
}
_STATE_TONES = {
    ContainerState.RUNNING: Tone.GOOD,
    ContainerState.PAUSED: Tone.WARNING,
    ContainerState.RESTARTING: Tone.WARNING,
    ContainerState.DEAD: Tone.ERROR,
}
_TOP_GLYPHS = {
    RowKind.GONE: Piece("✗", Tone.ERROR),
    RowKind.LOOP: Piece("↺", Tone.ERROR),
    RowKind.UNDECLARED: Piece("◇", Tone.MUTED),
    RowKind.HOST: Piece("◆", Tone.MUTED),
    RowKind.UNSHARED: Piece("◇", Tone.MUTED),
    RowKind.HELD: Piece("◇", Tone.MUTED),
    RowKind.NAMESPACE: Piece("□", Tone.MUTED),
    RowKind.UNREAD: Piece("?", Tone.WARNING),
}

EMPTY = Piece("")

_TOP_WORDS = {
    RowKind.GONE: "{label} (no longer exists)",
    RowKind.HOST: "{label} ({containers})",
    RowKind.UNDECLARED: "{containers} in one namespace, undeclared",
    RowKind.LOOP: "{containers} that joined each other",
    RowKind.UNSHARED: "{containers} that {share} no {noun}",
}

_WIDTHS = {
    SortOrder.AGE: len("a moment"),
    SortOrder.CPU: len("1234%"),
    SortOrder.MEMORY: len("999 MB"),
}
"""So wide at least, so that nothing moves when a number grows."""

_UNKNOWN = {UnknownValue.UNREAD: "?", UnknownValue.AWAITED: "…"}
SUM = "Σ"
AT_LEAST = "≥"
"""In the place of the sign of a sum that something is missing in."""

ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True, kw_only=True)
class RowText:
    """The cells of one line; equal rows look the same."""

    glyph: Piece
    name: Piece
    state: Piece
    measure: Piece
    """What the tree is ordered by, if that is not to be seen anyway."""

    problem: Piece
    shares: Piece
    """What else it shares than the kind of namespace that the tree is of."""

    image: Piece
    compose: Piece


def row_of(row: TreeRow, report: Report) -> RowText:
    """Return the cells of one line of the tree."""
    if row.container is None:
        return RowText(
            glyph=_top_glyph(row),
            name=Piece(top_text(row, report), _top_tone(row)),
            state=EMPTY,
            measure=_measure(row),
            problem=EMPTY if row.kind is RowKind.GONE else problem(row),
            shares=EMPTY,
            image=EMPTY,
            compose=EMPTY,
        )
    container = report.graph.containers[row.container]
    return RowText(
        glyph=state_glyph(container),
        name=Piece(printable(container.name), Tone.STRONG),
        state=state_text(container),
        measure=_measure(row),
        problem=problem(row) if row.finding else checking(container),
        shares=also_shared(report.shared_kinds(container.id), row.shared),
        image=Piece(printable(container.image), Tone.MUTED),
        compose=Piece(printable(str(container.compose or "")), Tone.MUTED),
    )


def _measure(row: TreeRow) -> Piece:
    if row.measure is None:
        return EMPTY

    return measure_cell(row.measure)


def top_text(row: TreeRow, report: Report) -> str:
    """Return what a line says that stands for no container."""
    label = printable(row.label)
    if row.kind is RowKind.HELD:
        return label or _held_heading(row)
    if row.held is not None:
        from nstui.render.held_sections import held_text  # noqa: PLC0415

        return f"{label}  {held_text(row.held, report)}"
    count = sum(b.container is not None for b in row.walk())
    return _TOP_WORDS.get(row.kind, "{label}").format(
        label=label,
        containers=plural(count, "container"),
        share="shares" if count == 1 else "share",
        noun=noun(row.shared),
    )


def _held_heading(row: TreeRow) -> str:
    from nstui.render.held_sections import heading  # noqa: PLC0415

    held = [each.held for each in row.children if each.held is not None]
    return f"{heading(held, row.shared)} ({len(held) or 'none'})"


def _top_glyph(row: TreeRow) -> Piece:
    if row.held is not None and row.held.is_left:
        return Piece("!", Tone.WARNING)
    return _TOP_GLYPHS[row.kind]


def _top_tone(row: TreeRow) -> Tone:
    if row.kind is RowKind.UNREAD:
        return Tone.WARNING
    if row.held is None:
        return Tone.MUTED
    return Tone.WARNING if row.held.is_left else Tone.PLAIN


def noun(kind: NamespaceKind) -> str:
    """Return what a kind of namespace is called in a sentence."""
    return "network" if kind is NamespaceKind.NET else f"{kind} namespace"


def also_shared(kinds: Iterable[NamespaceKind], shown: NamespaceKind) -> Piece:
    """Return the kinds that are shared beside the one that is shown anyway."""
    others = [f"+{kind}" for kind in kinds if kind is not shown]
    return Piece(" ".join(others), Tone.MUTED) if others else EMPTY


def state_glyph(container: Container) -> Piece:
    """Return the sign for a container's state, which its word always accompanies."""
    tone = _STATE_TONES.get(container.state, Tone.MUTED)
    return Piece(STATE_GLYPHS[container.state], tone)


def state_text(container: Container) -> Piece:
    """Return a container's state."""
    tone = _STATE_TONES.get(container.state, Tone.MUTED)
    return Piece(container.state.value, tone)


def checking(container: Container) -> Piece:
    """Return that a health check has not decided yet, or nothing."""
    if container.health is Health.STARTING:
        return Piece("… starting", Tone.MUTED)
    return EMPTY


def problem(row: TreeRow) -> Piece:
    """Return what is wrong in a word, or nothing."""
    return EMPTY if row.finding is None else finding_word(row.finding)


def measure_cell(measure: SortValue) -> Piece:
    """Return a number, and the sum of a line with all beneath it."""
    own = _aligned(measure.order, measure.amount)
    is_known = measure.amount is not UnknownValue.UNREAD
    tone = Tone.PLAIN if is_known else Tone.WARNING
    if measure.total is None:
        return Piece(own, tone)
    sign = AT_LEAST if measure.is_partial else SUM
    return Piece(f"{own}  {sign} {_aligned(measure.order, measure.total)}", tone)


def _aligned(order: SortOrder, amount: float | UnknownValue | None) -> str:
    if amount is None:
        words = ""
    elif isinstance(amount, UnknownValue):
        words = _UNKNOWN[amount]
    else:
        words = _text(order, amount)
    return words.rjust(_WIDTHS[order])


def _text(order: SortOrder, amount: float) -> str:
    if order is SortOrder.AGE:
        return span_text(amount)
    from nstui.render import usage  # noqa: PLC0415

    if order is SortOrder.CPU:
        return usage.percent_text(amount)
    return usage.short_size_text(int(amount))


def row_ports_text(ports: Iterable[PublishedPort]) -> tuple[str, ...]:
    """Return ports as ``docker ps`` writes them, but one word for every address.

    The engine reports a port that is open on every address twice: for IPv4 and IPv6.
    """
    by_port: dict[tuple[int, int, str], list[PublishedPort]] = {}
    for port in ports:
        key = (port.container_port, port.host_port, port.protocol)
        by_port.setdefault(key, []).append(port)
    words: list[str] = []
    for (inside, outside, protocol), same in by_port.items():
        if {port.host_ip for port in same} == ANY_ADDRESS:
            words.append(f"*:{outside}->{inside}/{protocol}")
        else:
            words.extend(str(port) for port in same)
    return tuple(words)
