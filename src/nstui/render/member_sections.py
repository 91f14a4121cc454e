"""The members of a group with what each of them uses, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.analysis.ages import age_words
from nstui.model.container import ContainerState
from nstui.model.finding import FindingCode
from nstui.model.snapshot import ReadProblem
from nstui.model.usage import Usage
from nstui.render.amounts import percent_words, short_size_words
from nstui.render.columns import GAP, fit
from nstui.render.details import Entry, Section
from nstui.render.network_sections import problem_words
from nstui.render.rows import finding_word, state_glyph, state_words
from nstui.render.text import Piece, Tone, plural, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.members import Member
    from nstui.analysis.report import Report
    from nstui.model.container import Container

Line = tuple[Piece, ...]

AWAITED = "…"
"""Stands for a share of the CPU: that takes two readings."""

UNREAD = "?"
SUMMED = "≈"

_AGE, _CPU, _MEMORY = len("59 min"), len("100%"), len("999 MB")
"""So wide at least: a table must not jump when the numbers come."""

_SIGN = 2
_SHORTEST_NAME = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """The cells of one line."""

    glyph: Piece
    name: Piece
    state: Piece
    """In place of the next three, if it does not run; else empty."""

    age: str
    cpu: str
    memory: str
    notes: Line


@dataclass(frozen=True, slots=True)
class _Widths:
    """The columns of the cells that are cut or filled to one width."""

    name: int
    age: int
    cpu: int
    memory: int

    @property
    def numbers(self) -> int:
        """The last three with what is between them."""
        return self.age + self.cpu + self.memory + 2 * GAP


_HEAD = _Row(
    glyph=Piece(" "),
    name=Piece("name", Tone.MUTED),
    state=Piece(""),
    age="up",
    cpu="CPU",
    memory="memory",
    notes=(),
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
    rows = [_row(report, member) for member in members]
    widths = _fit((_HEAD, *rows), width)
    lines = [line for row in (_HEAD, *rows) for line in _draw(row, widths, width)]
    remarks = tuple(_remarks(report, [member.usage for member in members]))
    return tuple(
        Section("", tuple(Entry("", line) for line in part))
        for part in (lines, remarks)
        if part
    )


def _row(report: Report, member: Member) -> _Row:
    container, usage = member.container, member.usage
    runs = container.state.has_process
    cpu = memory = ""
    if isinstance(usage, ReadProblem):
        cpu = memory = UNREAD
    elif usage is not None:
        mark = SUMMED if usage.is_summed else ""
        percent = member.cpu_percent
        cpu = AWAITED if percent is None else f"{mark}{percent_words(percent)}"
        memory = f"{mark}{short_size_words(usage.memory)}"
    return _Row(
        glyph=state_glyph(container),
        name=Piece(printable(container.name), Tone.STRONG),
        state=Piece("") if runs else state_words(container),
        age=_age(report, container) if runs else "",
        cpu=cpu,
        memory=memory,
        notes=tuple(_notes(report, container)),
    )


def _age(report: Report, container: Container) -> str:
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return UNREAD
    return age_words(inspection.started_at, report.snapshot.taken_at)


def _notes(report: Report, container: Container) -> Iterator[Piece]:
    """Yield what is wrong, and what is not as it is with most."""
    found = report.findings_by_container.get(container.id, ())
    yield from (finding_word(finding) for finding in found)
    if container.state is ContainerState.PAUSED:
        yield state_words(container)
    codes = {finding.code for finding in found}
    if container.health is not None and FindingCode.UNHEALTHY not in codes:
        yield Piece(container.health.value, Tone.MUTED)
    if report.snapshot.is_glimpse:
        return
    if container.inspection is None:
        why = container.inspection_problem or "no reason was given"
        yield Piece(printable(f"not inspected: {why}"), Tone.WARNING)
    elif container.inspection.restart_count:
        count = container.inspection.restart_count
        yield Piece(plural(count, "restart"), Tone.MUTED)


def _fit(rows: Iterable[_Row], width: int) -> _Widths:
    """Give the numbers what they need, and the names at most what is left."""
    rows = tuple(rows)
    age = max(_AGE, *(cell_len(row.age) for row in rows))
    cpu = max(_CPU, *(cell_len(row.cpu) for row in rows))
    memory = max(_MEMORY, *(cell_len(row.memory) for row in rows))
    name = max(cell_len(row.name.text) for row in rows)
    left = width - _SIGN - 3 * GAP - age - cpu - memory
    return _Widths(min(name, max(_SHORTEST_NAME, left)), age, cpu, memory)


def _draw(row: _Row, widths: _Widths, width: int) -> Iterator[Line]:
    tone = Tone.MUTED if row is _HEAD else Tone.PLAIN
    cells = [
        row.glyph,
        Piece(" "),
        Piece(fit(row.name.text, widths.name), row.name.tone),
        Piece(" " * GAP),
    ]
    if row.state.text:
        cells.append(Piece(row.state.text.ljust(widths.numbers), row.state.tone))
    else:
        numbers = (
            row.age.rjust(widths.age),
            row.cpu.rjust(widths.cpu),
            row.memory.rjust(widths.memory),
        )
        cells.append(Piece((" " * GAP).join(numbers), tone))
    notes = _spaced(row.notes)
    taken = cell_len(words_of(cells)) + GAP
    if not notes or taken + cell_len(words_of(notes)) <= width:
        yield (*cells, Piece(" " * GAP), *notes) if notes else tuple(cells)
        return
    yield tuple(cells)
    yield (Piece(" " * _SIGN), *notes)


def _spaced(pieces: Line) -> Line:
    gap = Piece(" " * GAP)
    return tuple(p for each in pieces for p in (gap, each))[1:]


def _remarks(
    report: Report, found: Iterable[Usage | ReadProblem | None]
) -> Iterator[Line]:
    """Yield what the signs in the table mean, if there are any."""
    found = tuple(found)
    for problem in dict.fromkeys(p for p in found if isinstance(p, ReadProblem)):
        yield (Piece(f"{UNREAD} {problem_words(report, problem)}", Tone.WARNING),)
    if any(isinstance(each, Usage) and each.is_summed for each in found):
        words = "the sum of its processes, as its cgroup could not be read"
        yield (Piece(f"{SUMMED} {words}", Tone.MUTED),)
