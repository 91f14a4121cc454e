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


_BRAND = Piece("nstui", Tone.STRONG)

LEAST_NAME = 8
"""The columns down to which the name of a host or a context is cut."""

LEAST_ENGINE = 12
"""The columns below which an engine's name and address are left out."""

LEAST_WORST = 20
"""The columns down to which the worst incident is cut, so that a count has room."""


def asking_line(
    endpoint: str, context: str | None, badges: Iterable[Piece], width: int
) -> Line:
    """Return the line for an engine that has not answered yet.

    Args:
        endpoint: The address.
        context: The docker context that the engine was found through, if any.
        badges: What comes first.
        width: The columns of the line.

    """
    brand = (_BRAND, *badges)
    name = _context_of(context, brand)
    pieces = _shortened(brand, width) if name is None else _named(brand, name, width)
    asked = Piece(f"asking {printable(endpoint)}", Tone.MUTED)
    room = width - _taken(pieces)
    if room < min(LEAST_ENGINE, cell_len(asked.text)):
        return leading_pieces(pieces, width)
    return (*pieces, Piece(cut_end(asked.text, room), asked.tone))


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
    whole = (_BRAND, *badges)
    brand = _shortened(whole, width - kept)
    engine, context = (
        engine_text(report.snapshot.engine),
        report.snapshot.engine.context,
    )
    room = width - _taken((*brand, known))
    if room < min(LEAST_ENGINE, cell_len(engine.text)):
        name = _context_of(context, whole)
        if name is None:
            return leading_pieces((*brand, known), width)
        return _narrow_identity(whole, known, name, width)
    if context is not None and cell_len(engine.text) > room:
        # The address is what can be done without.
        engine = context_text(report.snapshot.engine)
    engine = Piece(cut_end(engine.text, room), engine.tone)
    told = (known, engine) if is_doubtful else (engine, known)
    return (*brand, *told)


def _narrow_identity(brand: Line, known: Piece, name: Piece, width: int) -> Line:
    """Return what has no room for the engine, with the name of its context."""
    if known.tone is not Tone.WARNING:
        return leading_pieces((*_named(brand, name, width), known), width)
    if _taken((*brand, known)) + _least(name) > width:
        # Why it is not verified is told elsewhere, too.
        known = Piece(known.text.partition(" (")[0], known.tone)
    return leading_pieces(_named((*brand, known), name, width), width)


def _named(pieces: Line, name: Piece, width: int) -> Line:
    """Return pieces with a name at their end, which has more room without ours."""
    if _taken(pieces) + _least(name) > width:
        pieces = pieces[1:]
    return (*pieces, _cut(name, max(_least(name), width - _taken(pieces))))


def _least(name: Piece) -> int:
    return min(LEAST_NAME, cell_len(name.text))


def _context_of(context: str | None, brand: Line) -> Piece | None:
    """Return the name of a context; None if it is there already, or there is none."""
    name = Piece(printable(context or ""), Tone.STRONG)
    return None if name in {*brand[1:], Piece("", Tone.STRONG)} else name


def _taken(pieces: Line) -> int:
    """Return the columns of pieces with a gap after each."""
    return sum(cell_len(piece.text) + GAP for piece in pieces)


def _cut(piece: Piece, width: int) -> Piece:
    """Return a piece of at most so many columns; its middle is left out."""
    return Piece(fit_ends(piece.text, width).rstrip(), piece.tone)


def _shortened(pieces: Line, width: int) -> Line:
    """Return pieces of which the longest is cut in its middle if they have no room."""
    excess = _taken(pieces) - GAP - width
    longest = max(pieces, key=lambda piece: cell_len(piece.text))
    if excess <= 0:
        return pieces
    left = max(LEAST_NAME, cell_len(longest.text) - excess)
    cut = _cut(longest, left)
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
