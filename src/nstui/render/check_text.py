"""The health glance as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.rows import finding_word
from nstui.render.summary import count_words, finding_counts, namespaces_words
from nstui.render.terminal import text_of
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from rich.console import Console

    from nstui.analysis.report import Report


def print_check(console: Console, report: Report) -> None:
    """Print every finding with its evidence and its remedy, or that all is well."""
    for finding in report.findings:
        name = Piece(printable(report.graph.name(finding.container)), Tone.STRONG)
        console.print(
            text_of(
                (
                    finding_word(finding),
                    Piece("  "),
                    name,
                    Piece(f"  {printable(finding.message)}"),
                )
            ),
            soft_wrap=True,
        )
        console.print(
            text_of((Piece(f"    {printable(finding.remedy)}", Tone.MUTED),)),
            soft_wrap=True,
        )
    if report.snapshot.host.note is not None:
        note = Piece(printable(report.snapshot.host.note), Tone.WARNING)
        console.print(text_of((note,)), soft_wrap=True)
    summary = (count_words(report), namespaces_words(report), *finding_counts(report))
    console.print(text_of(summary, " · "), soft_wrap=True)
