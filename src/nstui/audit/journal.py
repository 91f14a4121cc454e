"""Keeps the journals of plans: one file each, locked while a plan is carried out."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.audit.files import (
    SCHEMA,
    create_locked,
    decode_object,
    drop,
    engine_id_of,
    lock,
    open_regular,
    optional_time,
    required_text,
)
from nstui.errors import AuditFailed
from nstui.model.container import ContainerId, Join
from nstui.model.json import items, text, texts
from nstui.model.namespace import NamespaceKind
from nstui.model.outcome import PlanRecord
from nstui.model.step import Action, Step, Verb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


SUFFIX = ".jsonl"
MAX_PLAN_BYTES = 4 * 1024 * 1024
"""A plan of some thousand steps takes less."""

LOCK_LIMIT = 1.0
"""How many seconds to wait for a program that only reads the file."""


def encode_plan(record: PlanRecord) -> bytes:
    """Return the first line of a plan's file, with its line end."""
    document = {
        "schema": SCHEMA,
        "plan": record.id,
        "began_at": record.began_at.astimezone(UTC).isoformat(),
        "endpoint": record.endpoint,
        "engine_id": record.engine_id or None,
        "action": record.action.value,
        "steps": [_encode_step(step) for step in record.steps],
        "running": sorted(record.running),
        "paused": sorted(record.paused),
    }
    return json.dumps(document).encode() + b"\n"


def decode_plan(content: bytes) -> PlanRecord:
    """Return the plan that the lines of its file record.

    The last line is ignored if it is incomplete: the writing program was cut off.

    Raises:
        ValueError: The content is damaged; the message says how.

    """
    first, *rest = content.split(b"\n")[:-1] or [b""]
    record = _decode_first_line(decode_object(first))
    for line in rest:
        fields = decode_object(line)
        for key in ("begun", "done"):
            number = fields.get(key)
            if isinstance(number, int) and 0 < number <= len(record.steps):
                record = _advance(record, key, number)
        record = replace(record, written_at=optional_time(fields, "at"))
        new = fields.get("new")
        if isinstance(new, str):
            made = ContainerId(new)
            record = replace(record, new=made, made=record.made | {made})
    return record


def _advance(record: PlanRecord, key: str, number: int) -> PlanRecord:
    if key == "done":
        return replace(record, done=number, new=None)
    return replace(record, begun=number)


def _decode_first_line(document: Mapping[str, object]) -> PlanRecord:
    try:
        began_at = datetime.fromisoformat(required_text(document, "began_at"))
        action = Action(required_text(document, "action"))
    except ValueError as problem:
        raise ValueError(f"it is no record of a plan: {problem}") from None
    if began_at.tzinfo is None:
        raise ValueError("its began_at has no time zone")
    steps, running = document.get("steps"), document.get("running")
    # Plans that were written before nstui took note of it have none.
    paused = document.get("paused")
    if not isinstance(steps, list) or not isinstance(running, list):
        raise ValueError("it has no steps")  # noqa: TRY004 - content, not a type
    return PlanRecord(
        id=required_text(document, "plan"),
        began_at=began_at.astimezone(UTC),
        endpoint=required_text(document, "endpoint"),
        engine_id=engine_id_of(document),
        action=action,
        steps=tuple(_decode_step(value) for value in steps),
        running=_ids(running),
        paused=_ids(paused if isinstance(paused, list) else []),
    )


def _ids(values: list[object]) -> frozenset[ContainerId]:
    return frozenset(ContainerId(value) for value in values if isinstance(value, str))


def _encode_step(step: Step) -> dict[str, object]:
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
        "keeps_old": step.keeps_old,
        "is_old": step.is_old,
    }


def _decode_step(value: object) -> Step:
    if not isinstance(value, dict):
        raise ValueError("a step of it is no JSON object")  # noqa: TRY004 - as above
    timeout = value.get("timeout")
    try:
        return Step(
            verb=Verb(required_text(value, "verb")),
            container=ContainerId(required_text(value, "container")),
            name=required_text(value, "name"),
            timeout=timeout if isinstance(timeout, int) else None,
            joins=tuple(
                _decode_join(value)
                for value in items(value.get("joins"))
                if isinstance(value, dict)
            ),
            onto=required_text(value, "onto"),
            starts=value.get("starts") is True,
            keeps_layer=value.get("keeps_layer") is True,
            files=texts(value, "files"),
            command=texts(value, "command"),
            changes=texts(value, "changes"),
            network=text(value, "network"),
            keeps_old=value.get("keeps_old") is True,
            is_old=value.get("is_old") is True,
        )
    except ValueError as problem:
        raise ValueError(f"a step of it is damaged: {problem}") from None


def _decode_join(value: Mapping[str, object]) -> Join:
    return Join(
        NamespaceKind(required_text(value, "kind")), required_text(value, "reference")
    )


class FileJournal:
    """Implements `nstui.ports.PlanJournal` in a file that is locked while in use."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Take over a file that is open and locked."""
        self._path = path
        self._descriptor = descriptor

    def begun(self, number: int) -> None:
        """Write that a step is about to be taken; return once that is on the disk."""
        self._write({"begun": number})

    def done(self, number: int) -> None:
        """Write that a step was confirmed to be done."""
        self._write({"done": number})

    def created(self, new: ContainerId) -> None:
        """Write the id of the new container of a replacement, once it is complete."""
        self._write({"new": new})

    def end(self) -> None:
        """Remove the file: the plan has left nothing over."""
        drop(self._path)

    def close(self) -> None:
        """Close the file; if it still exists, the plan was cut off."""
        os.close(self._descriptor)

    def _write(self, line: dict[str, object]) -> None:
        moment = datetime.now(UTC).isoformat()
        content = json.dumps({**line, "at": moment}).encode() + b"\n"
        try:
            os.write(self._descriptor, content)
            os.fsync(self._descriptor)
        except OSError as problem:
            reason = problem.strerror or str(problem)
            raise AuditFailed(
                f"no progress can be noted in {self._path}: {reason}"
            ) from problem


def create_journal(folder: Path, record: PlanRecord) -> FileJournal:
    """Create the file of a plan, locked before anyone can see it.

    Raises:
        OSError: The file cannot be created.

    """
    path = folder / f"{record.id}{SUFFIX}"
    return FileJournal(path, create_locked(path, encode_plan(record)))


def resume_journal(folder: Path, record: str) -> FileJournal:
    """Open the file of a plan that was cut off, to finish the plan.

    Raises:
        OSError: The file cannot be opened.
        AuditFailed: Another program has locked it.

    """
    path = folder / f"{record}{SUFFIX}"
    descriptor = open_regular(path, os.O_RDWR | os.O_APPEND)
    try:
        lock(descriptor, path, LOCK_LIMIT)
    except AuditFailed:
        os.close(descriptor)
        raise AuditFailed(f"another nstui has locked {path}") from None
    return FileJournal(path, descriptor)


def read_journal(path: Path) -> PlanRecord | None:
    """Return a plan that was cut off; None if it is still running or has just ended.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is damaged; the message says how.

    """
    try:
        descriptor = open_regular(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if os.fstat(descriptor).st_size > MAX_PLAN_BYTES:
            raise ValueError("it is too large")
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            # It may have ended between the two calls.
            return (
                decode_plan(os.read(descriptor, MAX_PLAN_BYTES))
                if path.exists()
                else None
            )
        return None
    finally:
        os.close(descriptor)
