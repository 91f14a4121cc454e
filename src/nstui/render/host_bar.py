"""The two lines at the top of the screen, as wide as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.model.namespace import NamespaceKind
from nstui.render.findings import (
    context_text,
    count_text,
    engine_text,
    namespaces_text,
    summary_pieces,
)
from nstui.render.incidents import worst_text
from nstui.render.layout import GAP, cut_end, fit_ends
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.render.text import Line


LEAST_NAME = 8
"""The columns down to which the name of a host is cut."""

LEAST_ENGINE = 12
"""The columns below which an engine's name and address are left out."""

LEAST_WORST = 20
"""The columns down to which the worst incident is cut, so that a count has room."""


def identity_line(report: Report, badges: Iterable[Piece], width: int) -> Line:
    """Return the engine and how namespaces were read; a long address is cut.

    Args:
        report: The report.
        badges: What comes first.
        width: The columns of the line.

    """
    known = namespaces_text(report)
    # What could not be verified must be seen also where the terminal is narrow.
    is_doubtful = known.tone is Tone.WARNING
    kept = cell_len(known.text) + GAP if is_doubtful else 0
    brand = _shortened((Piece("nstui", Tone.STRONG), *badges), width - kept)
    engine, context = (
        engine_text(report.snapshot.engine),
        report.snapshot.engine.context,
    )
    room = width - sum(cell_len(piece.text) + GAP for piece in (*brand, known))
    if room < min(LEAST_ENGINE, cell_len(engine.text)):
        shown = () if context is None else (Piece(printable(context)),)
        if is_doubtful:
            return leading_pieces((*brand, known, *shown), width)
        return leading_pieces((*brand, *shown, known), width)
    if context is not None and cell_len(engine.text) > room:
        # The address is what can be done without.
        engine = context_text(report.snapshot.engine)
    engine = Piece(cut_end(engine.text, room), engine.tone)
    told = (known, engine) if is_doubtful else (engine, known)
    return (*brand, *told)


def _shortened(pieces: Line, width: int) -> Line:
    """Return pieces of which the longest is cut in its middle if they have no room."""
    excess = sum(cell_len(piece.text) + GAP for piece in pieces) - GAP - width
    longest = max(pieces, key=lambda piece: cell_len(piece.text))
    if excess <= 0:
        return pieces
    left = max(LEAST_NAME, cell_len(longest.text) - excess)
    cut = Piece(fit_ends(longest.text, left).rstrip(), longest.tone)
    return tuple(cut if piece is longest else piece for piece in pieces)


def state_line(
    report: Report,
    notes: Iterable[Piece],
    width: int,
    *,
    is_outdated: bool = False,
    kind: NamespaceKind = NamespaceKind.NET,
) -> Line:
    """Return what is wrong and how much there is; what has no room is left out.

    Args:
        report: The report.
        notes: What comes first.
        width: The columns of the line.
        is_outdated: Whether the engine has not answered since the report.
        kind: The kind of namespace whose groups are counted.

    """
    first = [*notes]
    summary = summary_pieces(report, is_outdated=is_outdated)
    if report.incidents:
        worst = worst_text(report)
        taken = sum(cell_len(piece.text) + GAP for piece in (*first, summary[0]))
        room = max(LEAST_WORST, width - taken)
        first.append(Piece(cut_end(worst.text, room), worst.tone))
    return leading_pieces((*first, *summary, count_text(report, kind)), width)


def leading_pieces(pieces: Iterable[Piece], width: int) -> Line:
    """Return the first pieces that have room with gaps; only the very first is cut."""
    return tuple(_leading(pieces, width))


def _leading(pieces: Iterable[Piece], width: int) -> Iterator[Piece]:
    left, is_first = width, True
    for piece in pieces:
        text = cut_end(piece.text, left) if is_first else piece.text
        if cell_len(text) > left:
            return
        yield Piece(text, piece.tone)
        left -= cell_len(text) + GAP
        is_first = False
