"""Who is in a network and what they use, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.analysis.ages import age_words
from nstui.model.container import short_id
from nstui.model.finding import FindingCode
from nstui.model.snapshot import ReadProblem
from nstui.render.amounts import percent_words, size_words
from nstui.render.columns import GAP, fit
from nstui.render.interior_text import UNREAD_WORDS
from nstui.render.rows import finding_word, state_glyph, state_words
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.explanation import Explanation
    from nstui.analysis.members import Member
    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.model.interior import NetworkProcess
    from nstui.model.usage import Usage

Line = tuple[Piece, ...]

NOT_LOOKED_FOR = "not looked for: all of the host is in this network"
OTHERS_HIDDEN = "there may be others: seeing them needs root: run nstui with sudo"

_SPACE = Piece(" " * GAP)


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of one line."""

    glyph: Piece
    columns: tuple[Piece, ...]
    """Those that stand below each other: name, state, age, CPU and memory, or the first
    of these."""

    more: tuple[Piece, ...]


def member_lines(report: Report, members: Iterable[Member]) -> Iterator[Line]:
    """Yield a line for each, with its state, its age, what it uses and what is wrong.

    Args:
        report: When all of it was seen.
        members: In the order of the lines.

    """
    rows = [_row(report, each) for each in members]
    widths = [
        max(cell_len(row.columns[i].text) for row in rows if i < len(row.columns))
        for i in range(max((len(row.columns) for row in rows), default=0))
    ]
    for row in rows:
        cells = [*map(_fit, row.columns, widths), *row.more]
        if not row.more:
            # What ends a line needs no blanks, which nobody would see.
            cells[-1] = row.columns[-1]
        pieces = [piece for each in cells for piece in (_SPACE, each)]
        yield (row.glyph, Piece(" "), *pieces[1:])


def outsider_lines(report: Report, told: Explanation) -> Iterator[Line]:
    """Yield each process that has entered a network, and who may not be seen."""
    if told.interior is None:
        return
    found = told.outsiders
    if isinstance(found, ReadProblem):
        yield (Piece(UNREAD_WORDS[found], Tone.MUTED),)
        return
    if found is None:
        yield (Piece(NOT_LOOKED_FOR, Tone.MUTED),)
        return
    for each in found:
        yield (
            Piece(f"{each.pid}", Tone.WARNING),
            Piece(f"  {printable(each.command)}"),
            Piece(whose_words(report, each), Tone.MUTED),
        )
    if told.interior.hides_processes:
        yield (Piece(OTHERS_HIDDEN, Tone.MUTED),)
    elif not found:
        yield (Piece("nobody", Tone.MUTED),)


def whose_words(report: Report, process: NetworkProcess) -> str:
    """Return to whom a process belongs, as the end of a sentence."""
    container = process.container
    if container is None:
        return ", no container's"
    if container not in report.graph.containers:
        return f", of {short_id(container)}, which is unknown"
    return printable(f", of {report.graph.name(container)}")


def _fit(cell: Piece, width: int) -> Piece:
    return Piece(fit(cell.text, width), cell.tone)


def _row(report: Report, member: Member) -> _Row:
    container = member.container
    columns = [Piece(printable(container.name), Tone.STRONG), state_words(container)]
    more = tuple(_notes(member))
    if not container.state.has_process:
        status = Piece(printable(container.status), Tone.MUTED)
        return _Row(state_glyph(container), tuple(columns), (status, *more))
    columns.append(Piece(f"up {_age(report, container)}"))
    usage = member.usage
    if isinstance(usage, ReadProblem):
        why = Piece(f"CPU and memory: {UNREAD_WORDS[usage]}", Tone.MUTED)
        more = (why, *more)
    elif usage is not None:
        columns += _use(usage, member.cpu_percent)
    return _Row(state_glyph(container), tuple(columns), more)


def _age(report: Report, container: Container) -> str:
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return "?"
    return age_words(inspection.started_at, report.snapshot.taken_at)


def _use(usage: Usage, percent: float | None) -> Iterator[Piece]:
    """Yield the share of the CPU and the memory."""
    about = "about " if usage.is_summed else ""
    share = "not known" if percent is None else f"{about}{percent_words(percent)}"
    yield Piece(f"CPU {share}")
    yield Piece(f"memory {about}{size_words(usage.memory)}")


def _notes(member: Member) -> Iterator[Piece]:
    """Yield what is wrong, and what is not as it is with most."""
    container, inspection = member.container, member.container.inspection
    code = None if member.finding is None else member.finding.code
    if container.health is not None and code is not FindingCode.UNHEALTHY:
        yield Piece(container.health.value)
    if inspection is None:
        why = container.inspection_problem or "no reason was given"
        yield Piece(printable(f"not inspected: {why}"), Tone.WARNING)
    elif inspection.restart_count:
        yield Piece(plural(inspection.restart_count, "restart"), Tone.MUTED)
    if member.finding is not None:
        yield finding_word(member.finding)
