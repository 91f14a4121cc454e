"""What a standing watch does, as JSON on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.audit.files import SCHEMA, optional_time
from nstui.model.container import ContainerId
from nstui.model.finding import Severity
from nstui.model.json import flag, inner, number, objects, text, texts
from nstui.model.watch import (
    Circuit,
    Hold,
    WatchedIncident,
    WatchEvent,
    WatchEventKind,
    WatchStatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime


def encode_status(status: WatchStatus) -> dict[str, object]:
    """Return a status as JSON."""
    return {
        "schema": SCHEMA,
        "pid": status.pid,
        "endpoint": status.endpoint,
        "started_at": _time(status.started_at),
        "written_at": _time(status.written_at),
        "looked_at": _time(status.looked_at),
        "dry_run": status.is_dry_run,
        "read_only": status.is_read_only,
        "has_events": status.has_events,
        "problem": status.problem,
        "findings": dict(status.findings),
        "incidents": [_encode_incident(one) for one in status.incidents],
        "circuits": [_encode_circuit(one) for one in status.circuits],
        "last": None if status.last is None else _encode_event(status.last),
        "healed": status.healed,
        "failed": status.failed,
    }


def _encode_incident(one: WatchedIncident) -> dict[str, object]:
    return {
        "key": one.key,
        "message": one.message,
        "severity": one.severity.value,
        "names": list(one.names),
        "since": _time(one.since),
        "hold": None if one.hold is None else one.hold.value,
        "reason": one.reason,
        "until": _time(one.until),
        "command": one.command,
    }


def _encode_circuit(one: Circuit) -> dict[str, object]:
    return {
        "container": one.container,
        "name": one.name,
        "attempts": one.attempts,
        "until": _time(one.until),
    }


def _encode_event(event: WatchEvent) -> dict[str, object]:
    return {
        "kind": event.kind.value,
        "at": _time(event.at),
        "message": event.message,
        "severity": None if event.severity is None else event.severity.value,
        "key": event.key,
        "cause": event.cause,
        "subject": event.subject,
        "names": list(event.names),
        "hold": None if event.hold is None else event.hold.value,
        "reason": event.reason,
        "command": event.command,
        "steps": list(event.steps),
        "dry_run": event.is_dry_run,
        "duration_s": event.duration_s,
        "waited_s": event.waited_s,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def decode_status(document: Mapping[str, object]) -> WatchStatus:
    """Return the status in a document.

    Raises:
        ValueError: it lacks what every status has.

    """
    started, written = (
        optional_time(document, key) for key in ("started_at", "written_at")
    )
    pid = number(document, "pid")
    if started is None or written is None or pid is None:
        raise ValueError("it is no status of a watch")
    findings = inner(document, "findings")
    last = inner(document, "last")
    return WatchStatus(
        pid=pid,
        endpoint=text(document, "endpoint"),
        started_at=started,
        written_at=written,
        looked_at=optional_time(document, "looked_at"),
        is_dry_run=flag(document, "dry_run") or False,
        is_read_only=flag(document, "read_only") or False,
        has_events=flag(document, "has_events") is not False,
        problem=text(document, "problem"),
        findings={code: number(findings, code) or 0 for code in findings},
        incidents=tuple(_decode_incidents(document)),
        circuits=tuple(_decode_circuits(document)),
        last=_decode_event(last) if last else None,
        healed=number(document, "healed") or 0,
        failed=number(document, "failed") or 0,
    )


def _decode_incidents(document: Mapping[str, object]) -> Iterator[WatchedIncident]:
    for entry in objects(document, "incidents"):
        severity = _severity(entry)
        if severity is not None:
            yield WatchedIncident(
                key=text(entry, "key"),
                message=text(entry, "message"),
                severity=severity,
                names=texts(entry, "names"),
                since=optional_time(entry, "since"),
                hold=_hold(entry),
                reason=text(entry, "reason"),
                until=optional_time(entry, "until"),
                command=text(entry, "command"),
            )


def _decode_circuits(document: Mapping[str, object]) -> Iterator[Circuit]:
    for entry in objects(document, "circuits"):
        until = optional_time(entry, "until")
        if until is not None:
            yield Circuit(
                container=ContainerId(text(entry, "container")),
                name=text(entry, "name"),
                attempts=number(entry, "attempts") or 0,
                until=until,
            )


def _decode_event(entry: Mapping[str, object]) -> WatchEvent | None:
    at = optional_time(entry, "at")
    kind = text(entry, "kind")
    if at is None or kind not in set(WatchEventKind):
        return None
    return WatchEvent(
        kind=WatchEventKind(kind),
        at=at,
        message=text(entry, "message"),
        severity=_severity(entry),
        key=text(entry, "key"),
        cause=text(entry, "cause"),
        subject=text(entry, "subject"),
        names=texts(entry, "names"),
        hold=_hold(entry),
        reason=text(entry, "reason"),
        command=text(entry, "command"),
        steps=texts(entry, "steps"),
        is_dry_run=flag(entry, "dry_run") or False,
        duration_s=_seconds(entry, "duration_s"),
        waited_s=_seconds(entry, "waited_s"),
    )


def _severity(entry: Mapping[str, object]) -> Severity | None:
    word = text(entry, "severity")
    return Severity(word) if word in set(Severity) else None


def _hold(entry: Mapping[str, object]) -> Hold | None:
    word = text(entry, "hold")
    return Hold(word) if word in set(Hold) else None


def _seconds(entry: Mapping[str, object], key: str) -> float | None:
    value = entry.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(str(value)) if is_number else None
