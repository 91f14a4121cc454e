"""The members of a group with their CPU time and memory: as a table and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.analysis.text import age_text
from nstui.analysis.unread import unread_text
from nstui.model.container import ContainerState
from nstui.model.finding import FindingCode
from nstui.model.frozen import dataclass
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem
from nstui.render.findings import finding_word
from nstui.render.layout import (
    GAP,
    GAP_PIECE,
    Section,
    SectionRow,
    column_widths,
    table_row,
)
from nstui.render.network_sections import problem_text
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
"""In place of a CPU share until the second reading."""

UNREAD = "?"
SUMMED = "≈"

_MIN_WIDTHS = (0, len("59 min"), len("100%"), len("999 MB"))
"""The minimum widths, so that the table does not move when the numbers arrive."""

_GLYPH_WIDTH = 2
_MIN_NAME_WIDTH = 8


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells and notes of one member."""

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
    """Return the table of members, and below it what could not be read.

    The notes on a member follow its numbers if there is room, otherwise they are on a
    line of their own.

    Args:
        report: The report, with the findings.
        members: The members in order; cells not read yet are left empty.
        width: The number of terminal columns.

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
    """Yield the findings of a container, and its unusual properties."""
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
        reason = container.inspection_problem or "no reason was given"
        yield Piece(printable(f"not inspected: {reason}"), Tone.WARNING)
    elif inspection.restart_count:
        yield Piece(plural(inspection.restart_count, "restart"), Tone.MUTED)


def _fit_columns(rows: Iterable[_Row], width: int) -> list[int]:
    """Return the widths of the columns; the numbers get their full width."""
    rows = tuple(rows)
    with_numbers = [row.cells for row in rows if len(row.cells) == len(_MIN_WIDTHS)]
    widths = list(map(max, column_widths(with_numbers), _MIN_WIDTHS))
    name = max(cell_len(row.cells[0].text) for row in rows)
    remaining = width - _GLYPH_WIDTH - sum(GAP + number for number in widths[1:])
    return [min(name, max(_MIN_NAME_WIDTH, remaining)), *widths[1:]]


def _draw(row: _Row, widths: list[int], width: int) -> Iterator[Line]:
    """Yield the line of a member, and a second one for notes that do not fit."""
    name, *others = row.cells
    if len(row.cells) == len(widths):
        numbers = table_row(others, widths[1:], right=range(len(others)))
    else:
        numbers = table_row(others, [sum(widths[1:]) + GAP * (len(widths) - 2)])
    # A single piece, so that the gaps look like the numbers.
    beside_name = Piece(words_of(numbers), others[0].tone)
    cells = table_row((name, beside_name), widths[:1])
    cells = (row.glyph, Piece(" "), *cells)
    notes = table_row(row.notes, ())
    if not notes:
        yield cells
    elif cell_len(words_of(cells)) + GAP + cell_len(words_of(notes)) <= width:
        yield (*cells, GAP_PIECE, *notes)
    else:
        yield cells
        yield (Piece(" " * _GLYPH_WIDTH), *notes)


def _remarks(
    report: Report, usages: Iterable[Usage | ReadProblem | None]
) -> Iterator[Line]:
    """Yield the meanings of the signs that the table contains."""
    usages = tuple(usages)
    for problem in dict.fromkeys(p for p in usages if isinstance(p, ReadProblem)):
        yield (Piece(f"{UNREAD} {problem_text(report, problem)}", Tone.WARNING),)
    if any(isinstance(usage, Usage) and usage.is_summed for usage in usages):
        words = "the sum of its processes, as its cgroup could not be read"
        yield (Piece(f"{SUMMED} {words}", Tone.MUTED),)


def member_lines(report: Report, members: Iterable[Member]) -> Iterator[Line]:
    """Yield a line for each member: state, age, CPU time, memory and findings.

    Args:
        report: The report, for the present time.
        members: The members in order.

    """
    rows = [_text_row(report, member) for member in members]
    widths = column_widths([row.cells for row in rows])
    for row in rows:
        # The last cell of a line needs no padding.
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
            remedy = report.snapshot.host.remedy
            reason = f"CPU and memory: {unread_text(usage, remedy)}"
            notes.insert(0, Piece(reason, Tone.MUTED))
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
    """Yield the finding of a member, and its unusual properties."""
    container, finding = member.container, member.finding
    code = None if finding is None else finding.code
    if container.health is not None and code is not FindingCode.UNHEALTHY:
        yield Piece(container.health.value)
    yield from _inspection_notes(container)
    if finding is not None:
        yield finding_word(finding)
