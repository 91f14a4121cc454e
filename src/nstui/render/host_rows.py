"""The rows of a list of hosts, as wide as the screen is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nstui.analysis.host_summary import HostState, state_of
from nstui.analysis.text import age_text
from nstui.model.frozen import dataclass
from nstui.render.findings import certainty_text
from nstui.render.host_bar import leading_pieces
from nstui.render.incidents import count_pieces, count_words, glance_text
from nstui.render.layout import GAP, column_widths, fit_ends, table_row
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from nstui.analysis.host_summary import HostSummary
    from nstui.render.text import Line

LEAST_NAME = 12
"""The columns down to which the name of a host is cut."""

WIDE_NAME = 24
"""The columns down to which it is cut before the engine goes below."""

NAME = 1
"""The column of the name."""

RECENT_S = 60
"""For how many seconds a look is recent: a row at rest need not be drawn again."""

_STATES = {
    HostState.INCIDENTS: Piece("✗ {} with incidents", Tone.ERROR),
    HostState.NOT_REACHED: Piece("? {} not reached", Tone.WARNING),
    HostState.WARNINGS: Piece("! {} with warnings", Tone.WARNING),
    HostState.NOTICES: Piece("· {} with notices", Tone.NOTICE),
    HostState.UNSURE: Piece("? {} partly read", Tone.WARNING),
    HostState.WELL: Piece("✓ {} well", Tone.GOOD),
    HostState.ASKING: Piece("… asking {}", Tone.MUTED),
}
"""What the title says of the hosts in each state."""

_WORDS = {
    HostState.NOT_REACHED: Piece("? not reached", Tone.WARNING),
    HostState.UNSURE: Piece("? nothing wrong", Tone.WARNING),
    HostState.WELL: Piece("✓ nothing wrong", Tone.GOOD),
    HostState.ASKING: Piece("… asking", Tone.MUTED),
}
"""What a row says where no incident is the worst."""


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host of the list; equal rows look the same."""

    key: str
    """The name of the host."""

    head: Line
    below: Line
    depth: int = 0


def host_rows(
    summaries: Sequence[HostSummary], now: datetime, width: int
) -> tuple[HostRow, ...]:
    """Return a row for each host, in columns that all rows share.

    Args:
        summaries: The hosts in their order.
        now: The time to count ages from.
        width: The columns of a row. If there is no room for the engine and how
            namespaces are verified, both are below the rest.

    """
    cells = [_cells(one, now) for one in summaries]
    widths = _widths(cells, width, WIDE_NAME)
    is_narrow = _total(widths) > width
    if is_narrow:
        cells = [[*row[:3], row[-1]] for row in cells]
        widths = _widths(cells, width, LEAST_NAME)
    cut = [fit_ends(row[NAME].text, widths[NAME]) for row in cells]
    times = Counter(cut)
    rows = []
    for one, row, name in zip(summaries, cells, cut, strict=True):
        # Those that are cut to the same are told apart by what is below.
        whole = (row[NAME],) if times[name] > 1 else ()
        row[NAME] = Piece(name, Tone.STRONG)
        head = table_row(row, widths)
        below = (*whole, *_below(one, now, is_narrow=is_narrow))
        rows.append(HostRow(one.name, head, below))
    return tuple(rows)


def _total(widths: Sequence[int]) -> int:
    return sum(width + GAP for width in widths) - GAP


def _widths(cells: Sequence[Sequence[Piece]], width: int, least: int) -> list[int]:
    """Return the widths of the columns; names are cut, but not below `least`."""
    widths = column_widths(cells)
    missing = _total(widths) - width
    if widths and missing > 0:
        whole = widths[NAME]
        widths[NAME] = max(min(whole, least), whole - missing)
    return widths


def hosts_title(
    summaries: Iterable[HostSummary], badges: Iterable[Piece], width: int
) -> Line:
    """Return how many hosts there are, and how many of them are how bad.

    Args:
        summaries: The hosts.
        badges: What comes first.
        width: The columns of the line.

    """
    found = Counter(state_of(one) for one in summaries)
    counts = (
        Piece(piece.text.format(found[state]), piece.tone)
        for state, piece in _STATES.items()
        if found[state]
    )
    several = Piece(plural(found.total(), "host"))
    brand = (Piece("nstui", Tone.STRONG), *badges)
    return leading_pieces((*brand, several, *counts), width)


def _cells(summary: HostSummary, now: datetime) -> list[Piece]:
    """Return the state, the name, the counts, the engine, how it is verified, the age.

    Nothing but the first two and the last is known before the first look.
    """
    name = Piece(printable(summary.name))
    taken = summary.taken_at
    if taken is None:
        blank = Piece("")
        return [_state_text(summary), name, blank, blank, blank, blank]
    return [
        _state_text(summary),
        name,
        Piece(f"{summary.running}/{summary.containers} running"),
        Piece(printable(summary.engine)),
        certainty_text(summary.certainty),
        Piece(_look_text(taken, now), Tone.MUTED),
    ]


def _state_text(summary: HostSummary) -> Piece:
    state = state_of(summary)
    if state in _WORDS:
        return _WORDS[state]
    severity, count = summary.counts[0]
    return count_pieces([(severity, count_words(severity, count))])[0]


def _look_text(taken: datetime, now: datetime) -> str:
    """Return the age of a look, which is the same as long as it is recent."""
    is_recent = (now - taken).total_seconds() < RECENT_S
    return "just now" if is_recent else f"{age_text(taken, now)} ago"


def _below(summary: HostSummary, now: datetime, *, is_narrow: bool) -> Iterator[Piece]:
    """Yield why the host was not reached, its worst incident, and what has no room."""
    if summary.problem:
        yield Piece(printable(summary.problem), Tone.WARNING)
    if summary.worst is not None:
        words = [printable(glance_text(summary.worst, now))]
        others = [(each, count_words(each, count)) for each, count in summary.counts]
        shown = others if state_of(summary) in _WORDS else others[1:]
        words += [piece.text for piece in count_pieces(shown)]
        yield Piece(" · ".join(words))
    if is_narrow and summary.taken_at is not None:
        known = certainty_text(summary.certainty).text
        yield Piece(f"{printable(summary.engine)} · {known}", Tone.MUTED)
