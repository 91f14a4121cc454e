"""The findings that the user ignores, as rows of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.findings import FindingRow, finding_word
from nstui.render.incidents import remedy_text
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from nstui.analysis.report import Report


def ignored_rows(report: Report) -> tuple[FindingRow, ...]:
    """Return a muted row for each ignored finding, with what has it ignored."""
    return tuple(
        FindingRow(
            key=f"ignored/{one.finding.container}/{one.finding.code}",
            container=one.finding.container,
            incident=None,
            head=(
                Piece(finding_word(one.finding).text, Tone.MUTED),
                Piece("  "),
                Piece(printable(report.graph.name(one.finding.container))),
                Piece(f"  ignored: {printable(one.because)}", Tone.MUTED),
            ),
            sentence=Piece(printable(one.finding.message), Tone.MUTED),
            remedy=Piece(
                f"→ {printable(remedy_text(report, one.finding.remedy))}", Tone.MUTED
            ),
            copied=remedy_text(report, one.finding.remedy),
        )
        for one in report.ignored
    )
