"""The health glance as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.rows import SEVERITY_GLYPHS, SEVERITY_TONES
from nstui.render.summary import (
    blind_spots,
    count_words,
    finding_counts,
    namespaces_words,
)
from nstui.render.terminal import text_of
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from nstui.analysis.report import Report
    from nstui.model.finding import Finding

INDENT = 4
"""Columns before a remedy, and before what a terminal has no room for on a line."""

NARROWEST = 20
"""Columns of a terminal so narrow that wrapping would help nobody."""


def print_check(console: Console, report: Report) -> None:
    """Print every finding with its evidence and its remedy, or that all is well."""
    for finding in report.findings:
        _print_hanging(console, _what(report, finding))
        # A remedy is to be copied: a terminal breaks it without a line break.
        remedy = Piece(f"{'':{INDENT}}{printable(finding.remedy)}", Tone.MUTED)
        console.print(text_of((remedy,)), soft_wrap=True)
    for sentence in blind_spots(report):
        _print_hanging(console, text_of((Piece(sentence, Tone.WARNING),)))
    summary = (count_words(report), namespaces_words(report), *finding_counts(report))
    _print_hanging(console, text_of(summary, " · "))


def _what(report: Report, finding: Finding) -> Text:
    """Return how bad it is, what it is, whose, and the evidence."""
    glyph = SEVERITY_GLYPHS[finding.severity]
    return text_of(
        (
            Piece(
                f"{glyph} {finding.severity.value} {finding.code.value}",
                SEVERITY_TONES[finding.severity],
            ),
            Piece("  "),
            Piece(printable(report.graph.name(finding.container)), Tone.STRONG),
            Piece(f"  {printable(finding.message)}"),
        )
    )


def _print_hanging(console: Console, text: Text) -> None:
    """Print a sentence: on a terminal as wide as that is, elsewhere on one line."""
    if not console.file.isatty() or console.width < NARROWEST:
        console.print(text, soft_wrap=True)
        return
    for number, line in enumerate(text.wrap(console, console.width - INDENT)):
        line.rstrip()
        line.pad_left(INDENT if number else 0)
        console.print(line, soft_wrap=True)
