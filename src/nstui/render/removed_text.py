"""The containers that were removed, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from nstui.model.container import short_id
from nstui.render.terminal import text_of
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from rich.console import Console

    from nstui.model.trace import RemovedContainer

_GAP = "  "
_TONES = (Tone.STRONG, Tone.PLAIN, Tone.PLAIN, Tone.MUTED, Tone.MUTED)


def print_removed(
    console: Console, records: Sequence[RemovedContainer], zone: tzinfo | None = None
) -> None:
    """Print a line for each: its name, when, the image, the id and the endpoint.

    A question mark behind the time says that nstui was cut off while it removed it, so
    that it may still exist.

    Args:
        console: Where to.
        records: What to show.
        zone: The time zone of what is shown; None: that of this machine.

    """
    rows = [_cells(record, zone) for record in records]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        pieces = [
            Piece(set_cell_size(cell, width), tone)
            for cell, width, tone in zip(row, widths, _TONES, strict=True)
        ]
        line = text_of(pieces, _GAP)
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)


def _cells(record: RemovedContainer, zone: tzinfo | None) -> tuple[str, ...]:
    when = record.removed_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if not record.is_confirmed:
        when += " ?"
    cells = (record.name, when, record.image, short_id(record.id), record.endpoint)
    return tuple(map(printable, cells))
