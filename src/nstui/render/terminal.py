"""Prints pieces and tables on a plain terminal, with rich."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from nstui.model.container import short_id
from nstui.render.findings import INDENT, check_lines
from nstui.render.layout import column_widths, table_row
from nstui.render.restoration_text import local_time
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import tzinfo
    from typing import TextIO

    from nstui.analysis.report import Report
    from nstui.model.audit import RemovedContainer
    from nstui.render.findings import CheckLine
    from nstui.render.text import Line


STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.MUTED: "dim",
    Tone.GOOD: "green",
    Tone.NOTICE: "cyan",
    Tone.WARNING: "yellow",
    Tone.ERROR: "red",
}
PIPE_WIDTH = 100_000
"""The width if there is no terminal: nothing is cut that may be searched for."""

MIN_WRAP_WIDTH = 20
"""The width below which a terminal does not wrap sentences."""

SHORT_ENGINE_ID = 8
"""How much of an engine's id is shown, in characters."""

_REMOVED_TONES = (Tone.STRONG, Tone.PLAIN, Tone.PLAIN, Tone.MUTED, Tone.MUTED)


def console_on(stream: TextIO) -> Console:
    """Return a console that adapts to a terminal and writes plain text elsewhere.

    If ``NO_COLOR`` is set, it is plain on a terminal too: rich by itself would omit the
    colours, but not bold and dim.
    """
    return Console(
        file=stream,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        width=None if stream.isatty() else PIPE_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


def text_of(pieces: Iterable[Piece], separator: str = "") -> Text:
    """Return pieces as one text in rich's styles."""
    parts = [(piece.text, STYLES[piece.tone]) for piece in pieces if piece.text]
    return Text(separator).join(Text(*part) for part in parts)


def print_check(console: Console, report: Report, hint: str = "") -> None:
    """Print every incident with its remedy, or that there are none.

    Args:
        console: The console to print on.
        report: The report.
        hint: What one command would heal; empty for nothing.

    """
    print_check_lines(console, check_lines(report, hint))


def print_check_lines(console: Console, lines: Iterable[CheckLine]) -> None:
    """Print lines of findings, of one host or of several."""
    for line in lines:
        if line.is_remedy:
            # It is meant to be copied: a terminal wraps it without a line break.
            console.print(text_of(line.pieces), soft_wrap=True)
        else:
            _print_hanging(console, text_of(line.pieces))


def _print_hanging(console: Console, text: Text) -> None:
    """Print a sentence: wrapped on a terminal, otherwise on one line."""
    if not console.file.isatty() or console.width < MIN_WRAP_WIDTH:
        console.print(text, soft_wrap=True)
        return
    for number, line in enumerate(text.wrap(console, console.width - INDENT)):
        line.rstrip()
        line.pad_left(INDENT if number else 0)
        console.print(line, soft_wrap=True)


def print_removed(
    console: Console, records: Sequence[RemovedContainer], zone: tzinfo | None = None
) -> None:
    """Print a line for each container: name, time, image, id and endpoint.

    If it was restored, what it is now stands before the endpoint. If there were
    different engines at that, the beginning of the engine's id stands behind it.

    A question mark after the time means that nstui was cut off during the removal, so
    that the container may still exist.

    Args:
        console: The console to print on.
        records: The removed containers.
        zone: The time zone of the times; None for that of this machine.

    """
    # A check, which prints here too, needs none of that.
    from nstui.analysis.same_engine import shared_endpoints  # noqa: PLC0415

    shared = shared_endpoints(records)
    rows = [_removed_cells(record, shared, zone) for record in records]
    widths = column_widths(rows)
    for row in rows:
        line = text_of(table_row(row, widths))
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)


def _removed_cells(
    record: RemovedContainer, shared: Collection[str], zone: tzinfo | None
) -> Line:
    when = local_time(record.removed_at, zone)
    if not record.is_confirmed:
        when += " ?"
    where = record.endpoint
    if where in shared and record.engine_id:
        where += f" (engine {record.engine_id[:SHORT_ENGINE_ID]})"
    if record.restored is not None:
        # In front of what is cut first where the terminal is narrow.
        now = record.restored
        where = f"restored as {now.name} ({short_id(now.container)}), {where}"
    cells = (record.name, when, record.image, short_id(record.id), where)
    return tuple(map(Piece, map(printable, cells), _REMOVED_TONES))
