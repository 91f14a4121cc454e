"""The cells of one row of the tree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.text import span_text
from nstui.analysis.tree.tree import RowKind, SortOrder, SortValue, UnknownValue
from nstui.model.container import ContainerState, Health
from nstui.model.finding import Severity
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.render.findings import finding_word
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

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
    RowKind.PROJECT: Piece("◇", Tone.MUTED),
    RowKind.HELD: Piece("◇", Tone.MUTED),
    RowKind.NAMESPACE: Piece("□", Tone.MUTED),
    RowKind.UNREAD: Piece("?", Tone.WARNING),
}

NO_NETWORK_GLYPH = "⊘"
NO_NETWORK = "no network"
"""What is shown in place of the state of a running container that has only lo and
should have more."""

EMPTY = Piece("")

_TOP_WORDS = {
    RowKind.GONE: "{label} (no longer exists)",
    RowKind.HOST: "{label} ({containers})",
    RowKind.UNDECLARED: "{containers} in one namespace, undeclared",
    RowKind.LOOP: "{containers} that joined each other",
    RowKind.UNSHARED: "{containers} that {share} no {noun}",
    RowKind.PROJECT: "project {label} ({containers})",
}

_WIDTHS = {
    SortOrder.AGE: len("a moment"),
    SortOrder.CPU: len("1234%"),
    SortOrder.MEMORY: len("999 MB"),
}
"""The minimum widths, so that nothing moves when a number grows."""

_UNKNOWN = {UnknownValue.UNREAD: "?", UnknownValue.AWAITED: "…"}
SUM = "Σ"
AT_LEAST = "≥"
"""In place of the sign of a sum that lacks some values."""

ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True, kw_only=True)
class RowText:
    """The cells of one row; equal rows look the same."""

    glyph: Piece
    name: Piece
    state: Piece
    measure: Piece
    """The value that the tree is sorted by, if it has no cell of its own."""

    problem: Piece
    shares: Piece
    """The other kinds of namespace that it shares."""

    image: Piece
    compose: Piece
    is_context: bool = False
    """Whether all of it is dim, because a filter shows it only for its place."""


def row_of(row: TreeRow, report: Report) -> RowText:
    """Return the cells of one row of the tree."""
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
            is_context=row.is_context,
        )
    container = report.graph.containers[row.container]
    return RowText(
        glyph=condition_glyph(container, report),
        name=Piece(printable(container.name), Tone.STRONG),
        state=condition_text(container, report),
        measure=_measure(row),
        problem=problem(row) if row.finding else health_check_text(container),
        shares=other_kinds_text(report.shared_kinds(container.id), row.shared),
        image=Piece(printable(container.image), Tone.MUTED),
        compose=Piece(printable(str(container.compose or "")), Tone.MUTED),
        is_context=row.is_context,
    )


def with_columns(row: RowText, shown: Collection[str] | None) -> RowText:
    """Return a row without the cells of columns that are not shown.

    Args:
        row: The row.
        shown: Those of ``kinds``, ``image`` and ``compose`` to show; None for all.

    """
    if shown is None:
        return row
    return replace(
        row,
        shares=row.shares if "kinds" in shown else EMPTY,
        image=row.image if "image" in shown else EMPTY,
        compose=row.compose if "compose" in shown else EMPTY,
    )


def _measure(row: TreeRow) -> Piece:
    if row.measure is None:
        return EMPTY

    return measure_cell(row.measure)


def top_text(row: TreeRow, report: Report) -> str:
    """Return the text of a row that stands for no container."""
    label = printable(row.label)
    if row.kind is RowKind.HELD:
        return label or _held_heading(row)
    if row.held is not None:
        from nstui.render.held_sections import held_text  # noqa: PLC0415

        return f"{label}  {held_text(row.held, report)}"
    count = sum(member.container is not None for member in row.walk())
    return _TOP_WORDS.get(row.kind, "{label}").format(
        label=label,
        containers=plural(count, "container"),
        share="shares" if count == 1 else "share",
        noun=noun(row.shared),
    )


def _held_heading(row: TreeRow) -> str:
    from nstui.render.held_sections import heading  # noqa: PLC0415

    held = [child.held for child in row.children if child.held is not None]
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
    """Return the name of a kind of namespace in a sentence."""
    return "network" if kind is NamespaceKind.NET else f"{kind} namespace"


def other_kinds_text(kinds: Iterable[NamespaceKind], shown: NamespaceKind) -> Piece:
    """Return the kinds that are shared beside the one that is shown."""
    others = [f"+{kind}" for kind in kinds if kind is not shown]
    return Piece(" ".join(others), Tone.MUTED) if others else EMPTY


def state_glyph(container: Container) -> Piece:
    """Return the sign of a container's state, which the state's name accompanies."""
    tone = _STATE_TONES.get(container.state, Tone.MUTED)
    return Piece(STATE_GLYPHS[container.state], tone)


def state_text(container: Container) -> Piece:
    """Return a container's state."""
    tone = _STATE_TONES.get(container.state, Tone.MUTED)
    return Piece(container.state.value, tone)


def condition_glyph(container: Container, report: Report) -> Piece:
    """Return the sign of a container's state, or that it has lost its network."""
    if container.id in report.without_network:
        return Piece(NO_NETWORK_GLYPH, Tone.ERROR)
    glyph = state_glyph(container)
    return replace(glyph, tone=_condition_tone(container, report, glyph.tone))


def condition_text(container: Container, report: Report) -> Piece:
    """Return a container's state, or that it runs without the network it should have.

    A container is called well only if no finding says that its network may be dead.
    """
    if container.id in report.without_network:
        return Piece(NO_NETWORK, Tone.ERROR)
    state = state_text(container)
    return replace(state, tone=_condition_tone(container, report, state.tone))


def _condition_tone(container: Container, report: Report, tone: Tone) -> Tone:
    findings = report.findings_by_container.get(container.id, ())
    is_cut_off = any(
        finding.kind is NamespaceKind.NET and finding.severity is Severity.ERROR
        for finding in findings
    )
    return Tone.WARNING if is_cut_off and tone is Tone.GOOD else tone


def health_check_text(container: Container) -> Piece:
    """Return that a health check is still running, or an empty piece."""
    if container.health is Health.STARTING:
        return Piece("… starting", Tone.MUTED)
    return EMPTY


def problem(row: TreeRow) -> Piece:
    """Return the finding of a row in a few words, or an empty piece."""
    return EMPTY if row.finding is None else finding_word(row.finding)


def measure_cell(measure: SortValue) -> Piece:
    """Return a row's value, and the sum of the row and all rows below it."""
    own = _aligned(measure.order, measure.amount)
    is_known = measure.amount is not UnknownValue.UNREAD
    tone = Tone.PLAIN if is_known else Tone.WARNING
    if measure.total is None:
        return Piece(own, tone)
    sign = AT_LEAST if measure.is_partial else SUM
    return Piece(f"{own}  {sign} {_aligned(measure.order, measure.total)}", tone)


def _aligned(order: SortOrder, amount: float | UnknownValue | None) -> str:
    if amount is None:
        text = ""
    elif isinstance(amount, UnknownValue):
        text = _UNKNOWN[amount]
    else:
        text = _text(order, amount)
    return text.rjust(_WIDTHS[order])


def _text(order: SortOrder, amount: float) -> str:
    if order is SortOrder.AGE:
        return span_text(amount)
    from nstui.render import usage  # noqa: PLC0415

    if order is SortOrder.CPU:
        return usage.percent_text(amount)
    return usage.short_size_text(int(amount))


def row_ports_text(ports: Iterable[PublishedPort]) -> tuple[str, ...]:
    """Return ports as ``docker ps`` writes them, except that any address is ``*``.

    The engine reports a port that is open on every address twice: for IPv4 and IPv6.
    """
    by_port: dict[tuple[int, int, str], list[PublishedPort]] = {}
    for port in ports:
        key = (port.container_port, port.host_port, port.protocol)
        by_port.setdefault(key, []).append(port)
    texts: list[str] = []
    for (inside, outside, protocol), same in by_port.items():
        if {port.host_ip for port in same} == ANY_ADDRESS:
            texts.append(f"*:{outside}->{inside}/{protocol}")
        else:
            texts.extend(str(port) for port in same)
    return tuple(texts)
