"""What a standing watch tells, as lines for people and as JSON for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.watch import WatchEventKind
from nstui.render.document import SCHEMA
from nstui.render.incidents import iso_text
from nstui.render.text import printable

if TYPE_CHECKING:
    from nstui.model.watch import WatchEvent


SIGNS = {
    WatchEventKind.STARTED: "=",
    WatchEventKind.STOPPED: "=",
    WatchEventKind.FOUND: "+",
    WatchEventKind.WAITING: "…",
    WatchEventKind.LEFT: "?",
    WatchEventKind.HEALING: ">",
    WatchEventKind.HEALED: "✓",
    WatchEventKind.FAILED: "✗",
    WatchEventKind.OVER: "-",
    WatchEventKind.CIRCUIT_OPEN: "!",
    WatchEventKind.CIRCUIT_CLOSED: "=",
    WatchEventKind.ENGINE_LOST: "!",
    WatchEventKind.ENGINE_BACK: "=",
    WatchEventKind.EVENTS_LOST: "!",
    WatchEventKind.EVENTS_BACK: "=",
    WatchEventKind.CONFIG_READ: "=",
    WatchEventKind.PROBLEM: "!",
}
"""A sign for each kind of event, in the order of what happens to an incident."""

_TIMED = frozenset({WatchEventKind.HEALED, WatchEventKind.FAILED, WatchEventKind.OVER})

MOST_STEPS = 3
"""How many commands of a plan a line has; of more it has their number."""


def watch_line(event: WatchEvent) -> str:
    """Return an event as one line, with its time in UTC, a sign and a sentence."""
    sign = SIGNS[WatchEventKind.HEALING if event.is_dry_run else event.kind]
    words = f"{iso_text(event.at)} {sign} {event.message}{_times(event)}"
    does = _does(event)
    return printable(f"{words} → {does}" if does else words)


def _times(event: WatchEvent) -> str:
    """Return how long a plan took, and how long after the incident it ended."""
    if event.kind not in _TIMED:
        return ""
    parts = []
    if event.duration_s is not None:
        parts.append(f"took {event.duration_s:.1f} s")
    if event.waited_s is not None:
        parts.append(f"{event.waited_s:.1f} s after it was seen")
    return f" ({', '.join(parts)})" if parts else ""


def _does(event: WatchEvent) -> str:
    """Return the commands of an event: of its plan, or the one for a person."""
    if event.kind is WatchEventKind.FOUND:
        # What a person could do is told once it is known that a person has to.
        return ""
    is_plan = event.kind is WatchEventKind.HEALING or event.is_dry_run
    if not (is_plan and event.steps):
        return event.command
    if len(event.steps) > MOST_STEPS:
        return f"{len(event.steps)} commands, from {event.steps[0]}"
    return " && ".join(event.steps)


def watch_event_document(event: WatchEvent) -> dict[str, object]:
    """Return an event as JSON."""
    incident = {
        "key": event.key,
        "cause": event.cause or None,
        "severity": None if event.severity is None else event.severity.value,
        "subject": event.subject,
        "names": list(event.names),
    }
    return {
        "schema": SCHEMA,
        "at": event.at.isoformat(),
        "event": event.kind.value,
        "message": event.message,
        "incident": incident if event.key else None,
        "hold": None if event.hold is None else event.hold.value,
        "command": event.command or None,
        "plan": {"steps": list(event.steps)} if event.steps else None,
        "outcome": _outcome(event),
        "dry_run": event.is_dry_run,
        "duration_s": event.duration_s,
        "waited_s": event.waited_s,
    }


def _outcome(event: WatchEvent) -> str | None:
    """Return what became of a plan; None if the event tells of none that has ended."""
    if event.kind is WatchEventKind.HEALED:
        return "planned" if event.is_dry_run else "healed"
    return "failed" if event.kind is WatchEventKind.FAILED else None
