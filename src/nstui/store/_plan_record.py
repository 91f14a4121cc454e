"""A plan that is being carried out as lines of JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.model.container import ContainerId, Join
from nstui.model.interruption import PlanRecord
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action, Step, Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "nstui/1"


def encode_plan(record: PlanRecord) -> bytes:
    """Return the first line of a plan's file, with its end."""
    document = {
        "schema": SCHEMA,
        "plan": record.id,
        "began_at": record.began_at.astimezone(UTC).isoformat(),
        "endpoint": record.endpoint,
        "action": record.action.value,
        "steps": [_step_fields(step) for step in record.steps],
        "running": sorted(record.running),
    }
    return json.dumps(document).encode() + b"\n"


def decode_plan(content: bytes) -> PlanRecord:
    """Return what the lines of a plan's file tell.

    The last line may be a piece of one: whoever wrote it was cut off.

    Raises:
        ValueError: the content is damaged; the message says how.

    """
    first, *rest = content.split(b"\n")[:-1] or [b""]
    record = _first_line(_object(first))
    for line in rest:
        said = _object(line)
        for key in ("begun", "done"):
            number = said.get(key)
            if isinstance(number, int) and 0 < number <= len(record.steps):
                record = _advanced(record, key, number)
        record = replace(record, written_at=_moment(said.get("at")))
        new = said.get("new")
        if isinstance(new, str):
            record = replace(record, new=ContainerId(new))
    return record


def _advanced(record: PlanRecord, key: str, number: int) -> PlanRecord:
    if key == "done":
        return replace(record, done=number, new=None)
    return replace(record, begun=number)


def _first_line(document: Mapping[str, object]) -> PlanRecord:
    try:
        began_at = datetime.fromisoformat(_text(document, "began_at"))
        action = Action(_text(document, "action"))
    except ValueError as problem:
        raise ValueError(f"it is no record of a plan: {problem}") from None
    if began_at.tzinfo is None:
        raise ValueError("its began_at has no time zone")
    steps, running = document.get("steps"), document.get("running")
    if not isinstance(steps, list) or not isinstance(running, list):
        raise ValueError("it has no steps")  # noqa: TRY004 - content, not a type
    return PlanRecord(
        id=_text(document, "plan"),
        began_at=began_at.astimezone(UTC),
        endpoint=_text(document, "endpoint"),
        action=action,
        steps=tuple(_step(one) for one in steps),
        running=frozenset(ContainerId(c) for c in running if isinstance(c, str)),
    )


def _step_fields(step: Step) -> dict[str, object]:
    return {
        "verb": step.verb.value,
        "container": step.container,
        "name": step.name,
        "timeout": step.timeout,
        "joins": [{"kind": j.kind.value, "reference": j.reference} for j in step.joins],
        "onto": step.onto,
        "starts": step.starts,
        "keeps_layer": step.keeps_layer,
        "files": list(step.files),
        "command": list(step.command),
        "network": step.network,
        "changes": list(step.changes),
    }


def _step(value: object) -> Step:
    if not isinstance(value, dict):
        raise ValueError("a step of it is no JSON object")  # noqa: TRY004 - as above
    timeout = value.get("timeout")
    joins = value.get("joins")
    network = value.get("network")
    try:
        return Step(
            verb=Verb(_text(value, "verb")),
            container=ContainerId(_text(value, "container")),
            name=_text(value, "name"),
            timeout=timeout if isinstance(timeout, int) else None,
            joins=tuple(_join(one) for one in joins if isinstance(one, dict))
            if isinstance(joins, list)
            else (),
            onto=_text(value, "onto"),
            starts=value.get("starts") is True,
            keeps_layer=value.get("keeps_layer") is True,
            files=_texts(value, "files"),
            command=_texts(value, "command"),
            changes=_texts(value, "changes"),
            network=network if isinstance(network, str) else "",
        )
    except ValueError as problem:
        raise ValueError(f"a step of it is damaged: {problem}") from None


def _join(value: Mapping[str, object]) -> Join:
    return Join(NamespaceKind(_text(value, "kind")), _text(value, "reference"))


def _texts(document: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the strings of an array; none if there is no array."""
    value = document.get(key)
    found = value if isinstance(value, list) else []
    return tuple(each for each in found if isinstance(each, str))


def _moment(value: object) -> datetime | None:
    """Return when a line was written, if it says so."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return None if moment is None or moment.tzinfo is None else moment


def _object(line: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("it is no valid JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - content, not a type
    return document


def _text(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str):
        raise ValueError(f"it has no {key}")  # noqa: TRY004 - content, not a type
    return value
