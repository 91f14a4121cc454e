"""What a standing watch is doing: as lines, as JSON, as rows and as a badge."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from nstui.analysis.text import on_host, shell_line
from nstui.analysis.watching.status import SHORT_ID, WatchAct, WatchLife, act_of
from nstui.model.frozen import dataclass
from nstui.model.host_options import HERE, HostOptions
from nstui.model.watch import WatchEventKind
from nstui.render.incidents import SEVERITY_GLYPHS, SEVERITY_TONES
from nstui.render.since import clock_text
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from nstui.analysis.watching.status import ObservedWatch
    from nstui.model.watch import Circuit, WatchedIncident, WatchEvent
    from nstui.render.text import Line


INDENT = "    "
SOON_S = 60.0
"""What happens within this many seconds is counted in seconds."""

MOST_NAMES = 5
"""How many of the containers are named that were healed last."""

HOW_TO_START = (
    "nstui watch heals what breaks by itself; with --dry-run it only says what it would"
)

_HEADINGS = {
    WatchAct.HEALING: "healing now",
    WatchAct.SOON: "healed soon",
    WatchAct.WAITING: "waiting",
    WatchAct.CIRCUIT: "given up for a while",
    WatchAct.LEFT: "left alone",
}
"""What the watch does about incidents, in the order in which they are listed."""

_TONES = {
    WatchAct.HEALING: Tone.NOTICE,
    WatchAct.SOON: Tone.NOTICE,
    WatchAct.WAITING: Tone.NOTICE,
    WatchAct.CIRCUIT: Tone.ERROR,
    WatchAct.LEFT: Tone.WARNING,
}


WELL = Piece("watch ✓", Tone.GOOD)
_UNLIKE_RUNNING = {
    WatchLife.UNKNOWN: Piece("watch: unknown", Tone.WARNING),
    WatchLife.SILENT: Piece("watch: silent", Tone.WARNING),
    WatchLife.ENDED: Piece("watch: ended", Tone.MUTED),
    WatchLife.STARTING: Piece("watch: starting", Tone.MUTED),
}
"""The badges of what is no running watch; one that was never here has none."""


def watch_badge(sight: ObservedWatch) -> Piece | None:
    """Return the state of a watch in two or three words; None if none was ever here."""
    status = sight.present
    if status is None:
        return _UNLIKE_RUNNING.get(sight.life)
    waiting = len(sight.doing(WatchAct.SOON, WatchAct.WAITING))
    found = (
        (status.problem, Piece("watch: no engine", Tone.WARNING)),
        (status.circuits, Piece("watch: circuit open", Tone.ERROR)),
        (status.is_dry_run, Piece("watch: dry run", Tone.WARNING)),
        (status.is_read_only, Piece("watch: read-only", Tone.WARNING)),
        (sight.doing(WatchAct.HEALING), Piece("watch: healing", Tone.NOTICE)),
        (waiting, Piece(f"watch: {waiting} waiting", Tone.NOTICE)),
    )
    return next((badge for applies, badge in found if applies), WELL)


def watch_sentence(sight: ObservedWatch, now: datetime) -> str:
    """Return whether a watch runs, as a sentence."""
    status, reading = sight.reading.status, sight.reading
    if sight.life is WatchLife.UNKNOWN:
        problem = reading.problem or "its lock cannot be read"
        return printable(f"whether a watch runs is not known: {problem}")
    if sight.life is WatchLife.STARTING:
        return "a watch is starting: it has written nothing yet"
    if status is None:
        return printable(f"no watch runs, and none has written to {reading.place}")
    who = f"pid {status.pid}"
    if sight.life is WatchLife.ENDED:
        return f"no watch runs: the last one ({who}) has ended"
    if sight.life is WatchLife.SILENT:
        since = clock_text(status.written_at, now)
        return f"a watch runs ({who}), but has written nothing since {since}"
    return f"a watch runs since {clock_text(status.started_at, now)} ({who})"


def watch_pieces(sight: ObservedWatch, now: datetime) -> Line:
    """Return whether a watch runs and how, in one line of several pieces."""
    status = sight.present
    if status is None:
        has_ended = sight.life in {WatchLife.NONE, WatchLife.ENDED}
        sign = "○" if has_ended else "?"
        return (Piece(f"{sign} {watch_sentence(sight, now)}", Tone.WARNING),)
    sign, tone = ("✓", Tone.GOOD) if sight.is_well else ("!", Tone.WARNING)
    pieces = [Piece(f"{sign} {watch_sentence(sight, now)}", tone)]
    if status.is_dry_run:
        pieces.append(Piece("dry run: it changes nothing", Tone.WARNING))
    elif status.is_read_only:
        pieces.append(Piece("read-only: it only tells", Tone.WARNING))
    counts = f"{status.healed} healed, {status.failed} failed"
    return (*pieces, Piece(counts, Tone.MUTED))


def watch_problems(sight: ObservedWatch) -> tuple[str, ...]:
    """Return what keeps a running watch from its work, as sentences."""
    status = sight.present
    if status is None:
        return ()
    deaf = "the engine's events do not reach it: it looks at intervals instead"
    problems = (
        f"its last look failed: {status.problem}" if status.problem else "",
        "" if status.has_events or status.problem else deaf,
    )
    return tuple(printable(problem) for problem in problems if problem)


def intent_text(sight: ObservedWatch, incident: WatchedIncident, now: datetime) -> str:
    """Return what a watch does about an incident, as a sentence about the watch."""
    act = act_of(incident)
    is_idle = sight.present is None or (
        sight.present.is_dry_run or sight.present.is_read_only
    )
    if act is WatchAct.HEALING:
        return "the watch would heal it" if is_idle else "the watch is healing it"
    reason = f": {incident.reason}" if incident.reason else ""
    end = "" if incident.until is None else clock_text(incident.until, now)
    if act is WatchAct.SOON:
        verb = "would heal" if is_idle else "heals"
        text = f"the watch {verb} it {soon_text(incident.until, now)}{reason}"
    elif act is WatchAct.CIRCUIT:
        text = f"the watch does not heal it{end and f' until {end}'}{reason}"
    elif act is WatchAct.WAITING:
        text = f"the watch waits{end and f', at most until {end}'}{reason}"
    else:
        text = f"the watch leaves it alone{reason}"
    return printable(text)


def soon_text(until: datetime | None, now: datetime) -> str:
    """Return when a hold ends, such as ``in 8 s``; empty if that is not known."""
    if until is None:
        return ""
    left = (until - now).total_seconds()
    if left <= 0:
        return "now"
    return f"in {ceil(left)} s" if left < SOON_S else f"at {clock_text(until, now)}"


def last_text(event: WatchEvent, now: datetime) -> str:
    """Return what a watch did last and when, as short as that can be said."""
    at, more = clock_text(event.at, now), len(event.names) - MOST_NAMES
    names = ", ".join(event.names[:MOST_NAMES])
    names += f" and {more} more" if more > 0 else ""
    took = "" if event.duration_s is None else f"{event.duration_s:.1f} s"
    if event.kind is WatchEventKind.HEALED:
        return printable(f"{at} healed{took and f' in {took}'}: {names}")
    failed = f"failed{took and f' after {took}'}: {names}"
    why = f": {event.reason}" if event.reason else ""
    return printable(f"{at} {failed}{why}")


def act_tone(incident: WatchedIncident) -> Tone:
    """Return the tone of what a watch does about an incident."""
    return _TONES[act_of(incident)]


def watch_notes(sight: ObservedWatch, now: datetime) -> Line:
    """Return what else is known of a watch, each piece for lines of its own."""
    notes = [Piece(f"! {text}", Tone.WARNING) for text in watch_problems(sight)]
    status = sight.reading.status
    if status is not None and status.last is not None:
        notes.append(Piece(f"last: {last_text(status.last, now)}"))
    if sight.is_well and not sight.incidents:
        notes.append(Piece("✓ nothing to heal", Tone.GOOD))
    if sight.life in {WatchLife.NONE, WatchLife.ENDED}:
        notes.append(Piece(HOW_TO_START, Tone.MUTED))
    return tuple(notes)


def reset_question(
    circuit: Circuit, now: datetime
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return a question, its explanation, and the answers, the harmless one first."""
    tries = plural(circuit.attempts, "attempt")
    until = clock_text(circuit.until, now)
    return (
        f"Close the circuit of {printable(circuit.name)}?",
        (
            f"The watch has given up on it after {tries}, until {until}.",
            "Once it is closed, the watch heals it again as soon as it may.",
        ),
        ("Leave it open", "Close it"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """An incident or an open circuit of a watch; equal rows look the same."""

    key: str
    """Identifies the row, also at the next reading."""

    head: Line
    sentence: Piece
    remedy: Piece | None
    """The command for a person; None if there is none."""

    names: tuple[str, ...]
    """The containers that it is about."""

    copied: str
    """The command, as it is copied; empty if there is none."""

    circuit: Circuit | None = None
    """The circuit; None for an incident."""

    depth: int = 0

    @property
    def below(self) -> Line:
        """What is below the head, each piece on lines of its own."""
        return (self.sentence, *(() if self.remedy is None else (self.remedy,)))


def watch_rows(
    sight: ObservedWatch, now: datetime, options: HostOptions = HERE
) -> tuple[WatchRow, ...]:
    """Return a row for each circuit that is open, then for each incident.

    What is healed comes before what is left alone.

    Args:
        sight: The watch.
        now: The present time.
        options: The options that select the host, for the commands.

    """
    order = list(_HEADINGS)
    several = sorted(sight.incidents, key=lambda one: order.index(act_of(one)))
    return (
        *(_circuit_row(circuit, now, options) for circuit in sight.circuits),
        *(_incident_row(sight, one, now, options) for one in several),
    )


def _circuit_row(circuit: Circuit, now: datetime, options: HostOptions) -> WatchRow:
    command = on_host(reset_command(circuit), options)
    tries = plural(circuit.attempts, "attempt")
    until = clock_text(circuit.until, now)
    return WatchRow(
        key=f"circuit {circuit.container}",
        head=(
            Piece("✗ circuit open", Tone.ERROR),
            Piece("  "),
            Piece(printable(circuit.name), Tone.STRONG),
        ),
        sentence=Piece(f"not healed any more after {tries}, until {until}"),
        remedy=_remedy_piece(command),
        names=(circuit.name,),
        copied=command,
        circuit=circuit,
    )


def reset_command(circuit: Circuit) -> str:
    """Return the command that closes a circuit; empty if no shell could read it."""
    name = circuit.name or circuit.container[:SHORT_ID]
    return shell_line(("nstui", "watch", "--reset", name)) or ""


def _incident_row(
    sight: ObservedWatch, incident: WatchedIncident, now: datetime, options: HostOptions
) -> WatchRow:
    act = act_of(incident)
    command = on_host(incident.command, options)
    intent = on_host(intent_text(sight, incident, now), options)
    sign = SEVERITY_GLYPHS[incident.severity]
    return WatchRow(
        key=f"incident {incident.key}",
        head=(
            Piece(f"{sign} {_HEADINGS[act]}", SEVERITY_TONES[incident.severity]),
            Piece("  "),
            Piece(printable(incident.message)),
        ),
        sentence=Piece(intent, _TONES[act]),
        remedy=_remedy_piece(command),
        names=incident.names,
        copied=command,
    )


def _remedy_piece(command: str) -> Piece | None:
    return Piece(f"→ {printable(command)}", Tone.MUTED) if command else None


def watch_lines(
    sight: ObservedWatch, now: datetime, options: HostOptions = HERE
) -> Iterator[Line]:
    """Yield what is known of a watch, as lines; arguments as for `watch_rows`."""
    yield _joined(watch_pieces(sight, now))
    for note in watch_notes(sight, now):
        yield (note,)
    for row in watch_rows(sight, now, options):
        yield row.head
        yield (Piece(INDENT), row.sentence)
        if row.copied:
            yield (Piece(INDENT), Piece(printable(row.copied), Tone.MUTED))


def _joined(pieces: Line) -> Line:
    """Return pieces with a dot between them."""
    return tuple(part for piece in pieces for part in (Piece(" · "), piece))[1:]


def watch_document(
    sight: ObservedWatch, written: Mapping[str, object] | None, now: datetime
) -> dict[str, object]:
    """Return what is known of a watch, as JSON.

    Args:
        sight: The watch.
        written: What it has written last, as JSON; None if there is nothing.
        now: The present time.

    """
    return {
        "schema": "nstui/1",
        "state": sight.life.value,
        "ok": sight.is_well,
        "message": watch_sentence(sight, now),
        "status": None if written is None else dict(written),
    }
