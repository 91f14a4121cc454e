"""Findings as a list shows them, and what is said where there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.render.rows import finding_word
from nstui.render.summary import blind_spots
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId

NOTHING = "nothing is wrong"
NOTHING_SHOWN = "nothing is wrong in what the filter shows"
NOTHING_SEEN = "nothing is wrong as far as could be seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding; equal rows look the same."""

    key: str
    """Tells the finding apart from all others, and again at the next look."""

    container: ContainerId
    head: tuple[Piece, ...]
    """What it is, and whose."""

    sentence: Piece
    remedy: Piece


def finding_rows(report: Report) -> tuple[FindingRow, ...]:
    """Return a row for each finding, the worst first."""
    return tuple(
        FindingRow(
            key=f"{finding.container}/{finding.code}",
            container=finding.container,
            head=(
                finding_word(finding),
                Piece("  "),
                Piece(printable(report.graph.name(finding.container)), Tone.STRONG),
            ),
            sentence=Piece(printable(finding.message)),
            remedy=Piece(f"→ {printable(finding.remedy)}", Tone.MUTED),
        )
        for finding in report.findings
    )


def nothing_words(report: Report) -> str:
    """Return what to say where nobody shown has a finding: never more than is known."""
    if report.findings:
        return NOTHING_SHOWN
    return NOTHING_SEEN if blind_spots(report) else NOTHING
