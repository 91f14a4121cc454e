"""The members of a group with what each of them uses: as a table and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.analysis.text import age_text
from nstui.model.container import ContainerState
from nstui.model.finding import FindingCode
from nstui.model.frozen import dataclass
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem
from nstui.render.findings import finding_word
from nstui.render.layout import (
    BETWEEN,
    GAP,
    Section,
    SectionRow,
    column_widths,
    table_row,
)
from nstui.render.network_sections import UNREAD_WORDS, problem_text
from nstui.render.rows import state_glyph, state_text
from nstui.render.text import Piece, Tone, plural, printable, words_of
from nstui.render.usage import percent_text, short_size_text, size_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.analysis.tree.members import Member
    from nstui.model.container import Container
    from nstui.render.text import Line

NO_MEMBERS = "Go to a container to see its group."

AWAITED = "…"
"""Stands for a share of the CPU: that takes two readings."""

UNREAD = "?"
SUMMED = "≈"

_LEAST = (0, len("59 min"), len("100%"), len("999 MB"))
"""So wide are the columns at least: a table must not jump when the numbers come."""

_SIGN = 2
_SHORTEST_NAME = 8


@dataclass(frozen=True, slots=True)
class _Row:
    """What there is to say of one member."""

    glyph: Piece
    cells: Line
    """Its name, then its numbers, or its state if it does not run."""

    notes: Line


_HEAD = _Row(
    Piece(" "),
    tuple(Piece(title, Tone.MUTED) for title in ("name", "up", "CPU", "memory")),
    (),
)


def member_sections(
    report: Report, members: Iterable[Member], width: int
) -> tuple[Section, ...]:
    """Return the table, and below it what could not be read.

    What else there is to say of a member stands behind its numbers if it fits there,
    otherwise on a line of its own.

    Args:
        report: What else is known of them.
        members: In the order of the lines; what was not read yet is left free.
        width: How many terminal columns there are.

    """
    members = tuple(members)
    rows = (_HEAD, *(_table_row(report, member) for member in members))
    widths = _fit_columns(rows, width)
    lines = [line for row in rows for line in _draw(row, widths, width)]
    remarks = tuple(_remarks(report, [member.usage for member in members]))
    return tuple(
        Section("", tuple(SectionRow("", line) for line in part))
        for part in (lines, remarks)
        if part
    )


def _table_row(report: Report, member: Member) -> _Row:
    container, usage = member.container, member.usage
    cells = [Piece(printable(container.name), Tone.STRONG)]
    if container.state.has_process:
        cpu = memory = ""
        if isinstance(usage, ReadProblem):
            cpu = memory = UNREAD
        elif usage is not None:
            mark = SUMMED if usage.is_summed else ""
            percent = member.cpu_percent
            cpu = AWAITED if percent is None else f"{mark}{percent_text(percent)}"
            memory = f"{mark}{short_size_text(usage.memory)}"
        cells += map(Piece, (_age(report, container), cpu, memory))
    else:
        cells.append(state_text(container))
    notes = tuple(_table_notes(report, container))
    return _Row(state_glyph(container), tuple(cells), notes)


def _age(report: Report, container: Container) -> str:
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return UNREAD
    return age_text(inspection.started_at, report.snapshot.taken_at)


def _table_notes(report: Report, container: Container) -> Iterator[Piece]:
    """Yield what is wrong, and what is not as it is with most."""
    found = report.findings_by_container.get(container.id, ())
    yield from (finding_word(finding) for finding in found)
    if container.state is ContainerState.PAUSED:
        yield state_text(container)
    codes = {finding.code for finding in found}
    if container.health is not None and FindingCode.UNHEALTHY not in codes:
        yield Piece(container.health.value, Tone.MUTED)
    if not report.snapshot.is_glimpse:
        yield from _inspection_notes(container)


def _inspection_notes(container: Container) -> Iterator[Piece]:
    inspection = container.inspection
    if inspection is None:
        why = container.inspection_problem or "no reason was given"
        yield Piece(printable(f"not inspected: {why}"), Tone.WARNING)
    elif inspection.restart_count:
        yield Piece(plural(inspection.restart_count, "restart"), Tone.MUTED)


def _fit_columns(rows: Iterable[_Row], width: int) -> list[int]:
    """Give the numbers what they need, and the names at most what is left."""
    rows = tuple(rows)
    with_numbers = [row.cells for row in rows if len(row.cells) == len(_LEAST)]
    widths = list(map(max, column_widths(with_numbers), _LEAST))
    name = max(cell_len(row.cells[0].text) for row in rows)
    left = width - _SIGN - sum(GAP + number for number in widths[1:])
    return [min(name, max(_SHORTEST_NAME, left)), *widths[1:]]


def _draw(row: _Row, widths: list[int], width: int) -> Iterator[Line]:
    """Yield the line of a member, and another one for notes that do not fit there."""
    name, *others = row.cells
    if len(row.cells) == len(widths):
        numbers = table_row(others, widths[1:], right=range(len(others)))
    else:
        numbers = table_row(others, [sum(widths[1:]) + GAP * (len(widths) - 2)])
    # One piece, so that what is between the numbers looks as they do.
    beside_name = Piece(words_of(numbers), others[0].tone)
    cells = table_row((name, beside_name), widths[:1])
    cells = (row.glyph, Piece(" "), *cells)
    notes = table_row(row.notes, ())
    if not notes:
        yield cells
    elif cell_len(words_of(cells)) + GAP + cell_len(words_of(notes)) <= width:
        yield (*cells, BETWEEN, *notes)
    else:
        yield cells
        yield (Piece(" " * _SIGN), *notes)


def _remarks(
    report: Report, found: Iterable[Usage | ReadProblem | None]
) -> Iterator[Line]:
    """Yield what the signs in the table mean, if there are any."""
    found = tuple(found)
    for problem in dict.fromkeys(p for p in found if isinstance(p, ReadProblem)):
        yield (Piece(f"{UNREAD} {problem_text(report, problem)}", Tone.WARNING),)
    if any(isinstance(each, Usage) and each.is_summed for each in found):
        words = "the sum of its processes, as its cgroup could not be read"
        yield (Piece(f"{SUMMED} {words}", Tone.MUTED),)


def member_lines(report: Report, members: Iterable[Member]) -> Iterator[Line]:
    """Yield a line for each, with its state, its age, what it uses and what is wrong.

    Args:
        report: When all of it was seen.
        members: In the order of the lines.

    """
    rows = [_text_row(report, each) for each in members]
    widths = column_widths([row.cells for row in rows])
    for row in rows:
        # What ends a line needs no blanks, which nobody would see.
        count = len(row.cells) if row.notes else len(row.cells) - 1
        cells = table_row((*row.cells, *row.notes), widths[:count])
        yield (row.glyph, Piece(" "), *cells)


def _text_row(report: Report, member: Member) -> _Row:
    container, usage = member.container, member.usage
    cells = [Piece(printable(container.name), Tone.STRONG), state_text(container)]
    notes = list(_text_notes(member))
    if not container.state.has_process:
        notes.insert(0, Piece(printable(container.status), Tone.MUTED))
    else:
        cells.append(Piece(f"up {_age(report, container)}"))
        if isinstance(usage, ReadProblem):
            why = f"CPU and memory: {UNREAD_WORDS[usage]}"
            notes.insert(0, Piece(why, Tone.MUTED))
        elif usage is not None:
            cells += _usage_cells(usage, member.cpu_percent)
    return _Row(state_glyph(container), tuple(cells), tuple(notes))


def _usage_cells(usage: Usage, percent: float | None) -> Iterator[Piece]:
    """Yield the share of the CPU and the memory."""
    about = "about " if usage.is_summed else ""
    share = "not known" if percent is None else f"{about}{percent_text(percent)}"
    yield Piece(f"CPU {share}")
    yield Piece(f"memory {about}{size_text(usage.memory)}")


def _text_notes(member: Member) -> Iterator[Piece]:
    """Yield what is wrong, and what is not as it is with most."""
    container, finding = member.container, member.finding
    code = None if finding is None else finding.code
    if container.health is not None and code is not FindingCode.UNHEALTHY:
        yield Piece(container.health.value)
    yield from _inspection_notes(container)
    if finding is not None:
        yield finding_word(finding)
