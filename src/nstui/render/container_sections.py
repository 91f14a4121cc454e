"""The facts about one container that do not concern others, in sections.

What is the default is left out, and no fact is told twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.exits import start_error
from nstui.analysis.managers import management_text, pod_text
from nstui.analysis.text import shell_line
from nstui.model.container import Health, is_id, short_id
from nstui.render.layout import Section, SectionRow, text_row
from nstui.render.rows import condition_glyph, condition_text
from nstui.render.since import clock_text, since_text
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.model.container import Container, Inspection
    from nstui.model.particulars import Mount, Probe


MOST_OUTPUT = 3
"""The number of lines shown of what a health check wrote."""

MOST_WIDTH = 200
"""The number of characters shown of such a line."""

MOST_ROWS = 50
"""The number of rows shown of mounts, and of variables."""

_HEALTH_TONES = {
    Health.HEALTHY: Tone.GOOD,
    Health.STARTING: Tone.MUTED,
    Health.UNHEALTHY: Tone.ERROR,
}


def identity_section(report: Report, container: Container) -> Section:
    """Return what a container is, how it is, and what it runs."""
    return Section("Container", tuple(_identity(report, container)))


def mounts_section(container: Container) -> Section:
    """Return the volumes and folders of a container."""
    inspection = container.inspection
    mounts = () if inspection is None else inspection.particulars.mounts
    return Section("Mounts", tuple(_first(text_row("", _mount(m)) for m in mounts)))


def environment_section(container: Container) -> Section:
    """Return the environment of a container, without its secrets."""
    inspection = container.inspection
    found = () if inspection is None else inspection.particulars.environment
    rows = (
        SectionRow(
            "",
            (
                Piece(f"{printable(variable.name)}=", Tone.MUTED),
                Piece(printable(variable.value)),
            ),
        )
        for variable in found
    )
    return Section("Environment", tuple(_first(rows)))


def _first(rows: Iterable[SectionRow]) -> Iterator[SectionRow]:
    """Yield the first of some rows, and how many more there are."""
    found = tuple(rows)
    yield from found[:MOST_ROWS]
    if len(found) > MOST_ROWS:
        more = f"… and {len(found) - MOST_ROWS} more, which Inspect shows"
        yield text_row("", more, Tone.MUTED)


def _identity(report: Report, container: Container) -> Iterator[SectionRow]:
    inspection, now = container.inspection, report.snapshot.taken_at
    yield text_row("name", container.name, Tone.STRONG)
    yield text_row("id", short_id(container.id))
    yield text_row("image", container.image)
    if container.compose is not None:
        yield text_row("compose", str(container.compose))
    if container.manager is not None:
        yield text_row("manager", management_text(container.manager))
    if container.pod is not None:
        yield text_row("pod", pod_text(container.pod))
    since = Piece(printable(_state_words(container, now)), Tone.MUTED)
    glyph, word = condition_glyph(container, report), condition_text(container, report)
    state = (glyph, Piece(" "), word)
    yield SectionRow("state", (*state, Piece("  "), since) if since.text else state)
    error = start_error(container)
    told = report.findings_by_container.get(container.id, ())
    if error and not any(error in finding.message for finding in told):
        yield text_row("error", error, Tone.ERROR)
    if inspection is not None:
        yield from _inspected(inspection, now)
    elif not report.snapshot.is_glimpse:
        reason = container.inspection_problem or "no reason was given"
        yield text_row("inspect", f"failed: {reason}", Tone.WARNING)
    if container.created_at is not None:
        yield text_row("created", f"{container.created_at.astimezone():%Y-%m-%d %H:%M}")


def _inspected(inspection: Inspection, now: datetime) -> Iterator[SectionRow]:
    """Yield what only an inspect tells of how a container is."""
    if inspection.health is not None:
        yield from _health(inspection.health, inspection.particulars.probe, now)
    is_default = inspection.restart_policy == "no" and not inspection.removes_itself
    tone = Tone.MUTED if is_default else Tone.PLAIN
    yield text_row("restart", _restart_words(inspection), tone)
    if inspection.pid is not None:
        yield text_row("pid", str(inspection.pid))
    words = inspection.particulars.command
    if words:
        yield text_row("command", shell_line(words) or " ".join(words))


def _state_words(container: Container, now: datetime) -> str:
    """Return since when a container is in its state, and how it has ended."""
    # The engine's own sentence may begin with the state.
    words = since_text(container, now)
    return words.removeprefix(container.state.capitalize()).strip()


def _restart_words(inspection: Inspection) -> str:
    """Return when the engine restarts a container, and how often it did."""
    words = inspection.restart_policy
    if inspection.restart_limit:
        words += f", at most {inspection.restart_limit} times"
    if inspection.removes_itself:
        words += ", removed when it stops"
    if inspection.restart_count:
        words += f", {inspection.restart_count} so far"
    return words


def _health(health: Health, probe: Probe | None, now: datetime) -> Iterator[SectionRow]:
    """Yield the health with the last lines of what the check wrote.

    It is known when that was: another probe may have written something else since then.
    """
    word = Piece(health.value, _HEALTH_TONES[health])
    if probe is None:
        yield SectionRow("health", (word,))
        return
    words = f"exit code {probe.exit_code}, " if probe.exit_code else ""
    if probe.ended_at is not None:
        words += f"as of {clock_text(probe.ended_at, now)}"
    yield SectionRow("health", (word, Piece(f"  {words}".rstrip(" ,"), Tone.MUTED)))
    lines = [line for text in probe.output.splitlines() if (line := text.strip())]
    if len(lines) > MOST_OUTPUT:
        yield text_row("", "…", Tone.MUTED)
    for line in lines[-MOST_OUTPUT:]:
        cut = "…" if len(line) > MOST_WIDTH else ""
        yield text_row("", f"{line[:MOST_WIDTH]}{cut}")


def _mount(mount: Mount) -> str:
    """Return a mount with its source; a volume without a name has an id."""
    source = mount.source or mount.kind
    if is_id(mount.source):
        source = f"{short_id(mount.source)} (anonymous)"
    return f"{source} → {mount.destination}{', read-only' * mount.is_read_only}"
