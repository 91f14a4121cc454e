"""A removed container and a log entry as JSON, and the name of a record's file."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.model.container import ComposeService, ContainerId, is_id
from nstui.model.trace import RemovedContainer

if TYPE_CHECKING:
    from nstui.model.trace import ActionEntry

SCHEMA = "nstui/1"
_FILE_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{64}\.json")


def file_name(removed: RemovedContainer) -> str:
    """Return the name of the file that a removed container is kept in.

    Names sort as the moments of removal do. Nothing in one is chosen by whoever made
    the container.
    """
    moment = removed.removed_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return f"{moment}-{_digits(removed.id)}.json"


def is_file_name(name: str) -> bool:
    """Tell whether a file is one that a removed container is kept in."""
    return _FILE_NAME.fullmatch(name) is not None


def encode_removed(removed: RemovedContainer) -> bytes:
    """Return the content of the file of a removed container."""
    document = {
        "schema": SCHEMA,
        "removed_at": _time(removed.removed_at),
        "endpoint": removed.endpoint,
        "id": removed.id,
        "name": removed.name,
        "image": removed.image,
        "compose": _service(removed.compose),
        "inspect": dict(removed.inspect),
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def decode_removed(content: bytes) -> RemovedContainer:
    """Return the removed container that a file tells of.

    Raises:
        ValueError: the content is damaged; the message says how.

    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is no valid JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - content, not a type
    inspect = document.get("inspect")
    if not isinstance(inspect, dict):
        raise ValueError("it has no inspect")  # noqa: TRY004 - as above
    return RemovedContainer(
        removed_at=_moment(_text(document, "removed_at")),
        endpoint=_text(document, "endpoint"),
        id=ContainerId(_text(document, "id")),
        name=_text(document, "name"),
        image=_text(document, "image"),
        inspect=inspect,
        compose=_composed(document.get("compose")),
    )


def encode_entry(entry: ActionEntry) -> bytes:
    """Return a line of the action log, with its end."""
    document = {
        "schema": SCHEMA,
        "at": _time(entry.at),
        "endpoint": entry.endpoint,
        "who": entry.who,
        "plan": entry.plan,
        "number": entry.number,
        "total": entry.total,
        "action": entry.action,
        "verb": entry.verb.value,
        "container": entry.container,
        "name": entry.name,
        "why": entry.why,
        "phase": entry.phase.value,
        "error": entry.error,
    }
    return json.dumps(document).encode() + b"\n"


def _digits(container: ContainerId) -> str:
    if is_id(container):
        return container
    return hashlib.sha256(container.encode(errors="surrogatepass")).hexdigest()


def _service(compose: ComposeService | None) -> dict[str, str] | None:
    if compose is None:
        return None
    return {"project": compose.project, "service": compose.service}


def _composed(value: object) -> ComposeService | None:
    """Return the service that was proven, which older records say nothing of."""
    if not isinstance(value, dict):
        return None
    project, service = value.get("project"), value.get("service")
    if not isinstance(project, str) or not isinstance(service, str):
        return None
    return ComposeService(project, service) if project and service else None


def _text(document: dict[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str):
        raise ValueError(f"it has no {key}")  # noqa: TRY004 - content, not a type
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("its removed_at is no moment") from None
    if moment.tzinfo is None:
        raise ValueError("its removed_at has no time zone")
    return moment.astimezone(UTC)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
