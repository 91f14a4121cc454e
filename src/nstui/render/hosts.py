"""Several hosts: each under its name, and all of them in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.certainty import blind_spots
from nstui.analysis.hosts import NOT_REACHED, WELL, host_rank
from nstui.model.finding import Severity
from nstui.model.frozen import dataclass
from nstui.render.document import SCHEMA
from nstui.render.findings import CheckLine, check_lines
from nstui.render.incidents import (
    OK,
    SEVERITY_GLYPHS,
    SEVERITY_TONES,
    UNSURE,
    host_state_text,
)
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.report import Report
    from nstui.render.text import Line

INDENT = Piece("  ")
"""What is before the lines below a name."""

_NOUNS = {Severity.ERROR: "incidents", Severity.WARNING: "warnings"}
"""What a host has, by the worst of it. With no more than notices it is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLook:
    """What a look at one of several hosts has found."""

    name: str
    also: tuple[str, ...]
    """Other names of the same engine."""

    options: tuple[str, ...]
    """The options that select it alone."""

    report: Report | None
    """None if it could not be looked at."""

    problem: str = ""
    """Why not, as a sentence."""

    hint: str = ""
    """What one command would heal; empty for nothing."""

    @property
    def rank(self) -> int:
        """How urgent it is; the lowest first."""
        return host_rank(self.report)


def worst_first(looks: Iterable[HostLook]) -> tuple[HostLook, ...]:
    """Return the hosts in the order in which a reader in a hurry needs them.

    Those that could not be looked at come first, then those with the worst incidents,
    and among equals those that were asked for first.
    """
    return tuple(sorted(looks, key=lambda look: look.rank))


def host_heading(look: HostLook) -> Line:
    """Return the names of a host, before what is told of it."""
    pieces = [Piece(printable(look.name), Tone.STRONG)]
    if look.also:
        also = ", ".join(map(printable, look.also))
        pieces.append(Piece(f" (also {also})", Tone.MUTED))
    return (*pieces, Piece(":"))


def problem_line(look: HostLook) -> Line:
    """Return that a host could not be looked at, with the reason."""
    sign = SEVERITY_GLYPHS[Severity.ERROR]
    problem = Piece(f" {sign} {printable(look.problem)}", Tone.ERROR)
    return (*host_heading(look), problem)


def hosts_lines(looks: Iterable[HostLook]) -> Iterator[CheckLine]:
    """Yield each host with its incidents, the worst first, and a line about them all.

    A host about which there is one line has it beside its name.
    """
    ordered = worst_first(looks)
    for look in ordered:
        yield from _lines_of(look)
    yield CheckLine(_summary(ordered))


def _lines_of(look: HostLook) -> Iterator[CheckLine]:
    if look.report is None:
        yield CheckLine(problem_line(look))
        return
    first, *others = check_lines(look.report, look.hint)
    if not others:
        yield CheckLine((*host_heading(look), Piece(" "), *first.pieces))
        return
    yield CheckLine(host_heading(look))
    for line in (first, *others):
        yield CheckLine((INDENT, *line.pieces), is_remedy=line.is_remedy)


def _summary(looks: tuple[HostLook, ...]) -> Line:
    """Return how many hosts there are, and how they are."""
    pieces = [Piece(plural(len(looks), "host"))]
    unreached = sum(look.rank == NOT_REACHED for look in looks)
    if unreached:
        sign = SEVERITY_GLYPHS[Severity.ERROR]
        pieces.append(Piece(f"{sign} {unreached} not reached", Tone.ERROR))
    for severity, noun in _NOUNS.items():
        count = sum(look.rank == severity.rank for look in looks)
        if count:
            text = f"{SEVERITY_GLYPHS[severity]} {count} with {noun}"
            pieces.append(Piece(text, SEVERITY_TONES[severity]))
    well = [look for look in looks if look.rank in {Severity.NOTICE.rank, WELL}]
    partly = sum(_is_partly_read(look) for look in well)
    if len(well) > partly:
        pieces.append(Piece(f"✓ {len(well) - partly} well", Tone.GOOD))
    if partly:
        pieces.append(Piece(f"? {partly} partly read", Tone.WARNING))
    first, *others = pieces
    return (first, *(part for each in others for part in (Piece(" · "), each)))


def _is_partly_read(look: HostLook) -> bool:
    return look.report is not None and bool(blind_spots(look.report))


def short_hosts_text(looks: Iterable[HostLook]) -> str:
    """Return the state of several hosts as one line for a prompt or a status bar.

    What is wrong is told of each host, the worst first; the others are counted.
    """
    told, quiet = [], {OK: 0, UNSURE: 0}
    for look in worst_first(looks):
        if look.report is None:
            told.append(f"{look.name}: not reached")
            continue
        state = host_state_text(look.report, is_sure=not blind_spots(look.report))
        if state in quiet:
            quiet[state] += 1
        else:
            told.append(f"{look.name}: {state}")
    for state, joint in ((OK, " "), (UNSURE, ": ")):
        if quiet[state]:
            told.append(f"{plural(quiet[state], 'host')}{joint}{state}")
    return f"nstui: {printable(' · '.join(told))}"


def host_fields(look: HostLook, document: Mapping[str, object]) -> dict[str, object]:
    """Return the JSON of one of several hosts.

    Args:
        look: The host.
        document: What is printed of it if it is the only one; empty if it could not be
            looked at.

    """
    return {
        "schema": SCHEMA,
        "host": look.name,
        "also": list(look.also),
        "options": list(look.options),
        "error": look.problem or None,
        **document,
    }
