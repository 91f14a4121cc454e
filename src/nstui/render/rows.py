"""A line of the tree, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.forest import BranchKind
from nstui.model.container import ContainerState, Health
from nstui.model.finding import Severity
from nstui.model.namespace import NamespaceKind
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.model.finding import Finding

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
SEVERITY_GLYPHS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTICE: "·"}
SEVERITY_TONES = {
    Severity.ERROR: Tone.ERROR,
    Severity.WARNING: Tone.WARNING,
    Severity.NOTICE: Tone.NOTICE,
}
_STATE_TONES = {
    ContainerState.RUNNING: Tone.GOOD,
    ContainerState.PAUSED: Tone.WARNING,
    ContainerState.RESTARTING: Tone.WARNING,
    ContainerState.DEAD: Tone.ERROR,
}
_TOP_GLYPHS = {
    BranchKind.GONE: Piece("✗", Tone.ERROR),
    BranchKind.LOOP: Piece("↺", Tone.ERROR),
    BranchKind.UNDECLARED: Piece("◇", Tone.MUTED),
    BranchKind.HOST: Piece("◆", Tone.MUTED),
    BranchKind.UNSHARED: Piece("◇", Tone.MUTED),
    BranchKind.HELD: Piece("◇", Tone.MUTED),
    BranchKind.NAMESPACE: Piece("□", Tone.MUTED),
    BranchKind.UNREAD: Piece("?", Tone.WARNING),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
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


EMPTY = Piece("")


def row_of(branch: Branch, report: Report) -> Row:
    """Return the cells of one line of the tree."""
    if branch.container is None:
        return Row(
            glyph=_top_glyph(branch),
            name=Piece(top_words(branch, report), _top_tone(branch)),
            state=EMPTY,
            measure=_measure(branch),
            problem=EMPTY if branch.kind is BranchKind.GONE else problem(branch),
            shares=EMPTY,
            image=EMPTY,
            compose=EMPTY,
        )
    container = report.graph.containers[branch.container]
    return Row(
        glyph=state_glyph(container),
        name=Piece(printable(container.name), Tone.STRONG),
        state=state_words(container),
        measure=_measure(branch),
        problem=problem(branch) if branch.finding else checking(container),
        shares=also_shared(report.shared_kinds(container.id), branch.shared),
        image=Piece(printable(container.image), Tone.MUTED),
        compose=Piece(printable(str(container.compose or "")), Tone.MUTED),
    )


_TOP_WORDS = {
    BranchKind.GONE: "{label} (no longer exists)",
    BranchKind.HOST: "{label} ({containers})",
    BranchKind.UNDECLARED: "{containers} in one namespace, undeclared",
    BranchKind.LOOP: "{containers} that joined each other",
    BranchKind.UNSHARED: "{containers} that {share} no {noun}",
}


def _measure(branch: Branch) -> Piece:
    if branch.measure is None:
        return EMPTY
    from nstui.render.measure_words import measure_cell  # noqa: PLC0415 - when asked

    return measure_cell(branch.measure)


def top_words(branch: Branch, report: Report) -> str:
    """Return what a line says that stands for no container."""
    label = printable(branch.label)
    if branch.kind is BranchKind.HELD:
        return label or _held_heading(branch)
    if branch.held is not None:
        from nstui.render.held_text import held_words  # noqa: PLC0415 - when asked

        return f"{label}  {held_words(branch.held, report)}"
    count = sum(b.container is not None for b in branch.walk())
    return _TOP_WORDS.get(branch.kind, "{label}").format(
        label=label,
        containers=plural(count, "container"),
        share="shares" if count == 1 else "share",
        noun=noun(branch.shared),
    )


def _held_heading(branch: Branch) -> str:
    from nstui.render.held_text import heading  # noqa: PLC0415 - when asked

    held = [each.held for each in branch.branches if each.held is not None]
    return f"{heading(held, branch.shared)} ({len(held) or 'none'})"


def _top_glyph(branch: Branch) -> Piece:
    if branch.held is not None and branch.held.is_left:
        return Piece("!", Tone.WARNING)
    return _TOP_GLYPHS[branch.kind]


def _top_tone(branch: Branch) -> Tone:
    if branch.kind is BranchKind.UNREAD:
        return Tone.WARNING
    if branch.held is None:
        return Tone.MUTED
    return Tone.WARNING if branch.held.is_left else Tone.PLAIN


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


def state_words(container: Container) -> Piece:
    """Return a container's state."""
    tone = _STATE_TONES.get(container.state, Tone.MUTED)
    return Piece(container.state.value, tone)


def checking(container: Container) -> Piece:
    """Return that a health check has not decided yet, or nothing."""
    if container.health is Health.STARTING:
        return Piece("… starting", Tone.MUTED)
    return EMPTY


def problem(branch: Branch) -> Piece:
    """Return what is wrong in a word, or nothing."""
    return EMPTY if branch.finding is None else finding_word(branch.finding)


def finding_word(finding: Finding) -> Piece:
    """Return a finding as a sign and a word."""
    return Piece(
        f"{SEVERITY_GLYPHS[finding.severity]} {finding.code.replace('-', ' ')}",
        SEVERITY_TONES[finding.severity],
    )
