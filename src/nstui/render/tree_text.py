"""The tree of groups as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.forest import BranchKind, grow
from nstui.render.columns import PlacedRow, fit_columns
from nstui.render.row_text import SIGN, draw_row
from nstui.render.rows import row_of, top_words
from nstui.render.summary import (
    count_words,
    engine_words,
    finding_counts,
    namespaces_words,
)
from nstui.render.terminal import STYLES, text_of
from nstui.render.text import Piece, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report
    from nstui.model.namespace import NamespaceKind
    from nstui.render.rows import Row


def print_tree(
    console: Console, report: Report, kind: NamespaceKind, *, unfold: bool
) -> None:
    """Print the tree of one kind of namespace, and a line that sums it up.

    Args:
        console: Where to.
        report: What to show.
        kind: Whose groups.
        unfold: Whether to list also those that share with nobody. Those of them that
            have a finding are always listed.

    """
    drawn = [
        (guide, _row(branch, report))
        for top in grow(report, kind)
        for branch, guide in _drawn(top, unfold=unfold)
    ]
    placed = [PlacedRow(row, len(guide) + SIGN) for guide, row in drawn]
    columns = fit_columns(placed, console.width)
    for guide, row in drawn:
        line = text_of((Piece(guide, Tone.MUTED),))
        line.append_text(
            draw_row(row, columns, taken=len(guide), style_of=STYLES.__getitem__)
        )
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    if drawn:
        console.print()
    summary = (
        engine_words(report.snapshot.engine),
        count_words(report, kind),
        namespaces_words(report),
        *finding_counts(report),
    )
    console.print(text_of(summary, " · "), soft_wrap=True)


def _drawn(
    branch: Branch, before: str = "", own: str = "", *, unfold: bool
) -> Iterator[tuple[Branch, str]]:
    """Yield each line with the guide that leads to it."""
    yield branch, before + own
    beneath = branch.branches
    if branch.kind is BranchKind.UNSHARED and not unfold:
        beneath = tuple(b for b in beneath if b.finding is not None)
    inherited = {"": "", "├─ ": "│  ", "└─ ": "   "}[own]
    for number, one in enumerate(beneath, start=1):
        guide = "└─ " if number == len(beneath) else "├─ "
        yield from _drawn(one, before + inherited, guide, unfold=unfold)


def _row(branch: Branch, report: Report) -> Row:
    row = row_of(branch, report)
    if branch.kind is not BranchKind.UNSHARED:
        return row
    words = f"{top_words(branch, report)} (--all lists them)"
    return replace(row, name=Piece(words, Tone.MUTED), problem=Piece(""))
