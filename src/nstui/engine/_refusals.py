"""Answers with an error's status: the engine's own, and those of what is before it.

A proxy in front of an engine speaks no JSON: it says why it lets nobody through, or
that it had no answer of the engine, in a page or in plain words.
"""

from __future__ import annotations

import html
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from nstui.engine._errors import not_docker
from nstui.engine._json import mapping, text
from nstui.engine._parse import loads
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    Unreachable,
)
from nstui.model.container import short_id

if TYPE_CHECKING:
    from nstui.engine._errors import Call
    from nstui.errors import NstuiError
    from nstui.model.container import ContainerId

_VANISHED = (
    "no such container: {}",
    'no container with name or id "{}"',
    'no container with id or name "{}"',
)
"""How Docker and Podman say that there is no container of an id."""

_JOINED = re.compile(
    r"has dependent containers which must be removed before it: ([0-9a-f]{64}(?:,\s*"
    r"[0-9a-f]{64})*)"
)
_HOLDS_POD = re.compile(r"is the infra container of pod ([0-9a-f]{64})")
"""Why Podman does not remove a container: ``libpod/runtime_ctr.go``."""

_DENIALS = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""What is said by somebody who knows who is asking, or how often."""

_GATEWAYS = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
"""What no engine says of itself, whatever words come with it."""

_EXCERPT = 80
_READ = 4096
"""Of a page nobody needs more bytes to know what it says."""

_LONGEST_WORDS = 200
_UNSEEN = re.compile(
    r"(?is)<(head|title|style|script)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)"
)
_TAG = re.compile(r"<[^<>]*>?")


def refusal(status: int, body: bytes, call: Call) -> NstuiError:
    """Return the error that an answer with an error's status stands for."""
    message = _message(body)
    if not message or status in _GATEWAYS:
        return _of_proxy(status, message, body, call)
    if status == HTTPStatus.NOT_FOUND and _is_about(message, call.container):
        return ContainerVanished(message)
    return EngineRefused(_in_plain_words(message))


def _in_plain_words(message: str) -> str:
    """Return what an engine says, in words that say what helps where they are known."""
    joined = _JOINED.search(message)
    if joined is not None:
        names = ", ".join(short_id(one.strip()) for one in joined[1].split(","))
        return f"Podman removes it only after what joined it: {names}"
    pod = _HOLDS_POD.search(message)
    if pod is not None:
        return f"it holds a pod together: use podman pod rm {short_id(pod[1])}"
    return message


def _message(body: bytes) -> str:
    """Return what an engine says in the field of its errors; nothing if it has none."""
    try:
        return " ".join(text(mapping(loads(body)), "message").split())
    except (ValueError, RecursionError):
        return ""


def _of_proxy(status: int, message: str, body: bytes, call: Call) -> NstuiError:
    name = _status_words(status)
    words = message or _words(body, name)
    said = f"{name}: {words}" if words else name
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and (
        call.is_known or status in _GATEWAYS or status == HTTPStatus.SERVICE_UNAVAILABLE
    ):
        # Whether the engine was asked, and did it, is not known.
        return EngineUnreachable(f"{call.endpoint}: {said}", Unreachable.OTHER)
    if call.is_known:
        return EngineRefused(f"refused: {said}")
    if status in _DENIALS:
        return EngineRefused(f"{call.endpoint} refused to say what it is: {said}")
    excerpt = " ".join(body[:_READ].decode(errors="replace").split())[:_EXCERPT]
    return not_docker(call, f"HTTP {status}: {excerpt}")


def _status_words(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _words(body: bytes, status: str) -> str:
    """Return what a page says, without its form, and without what the status says."""
    page = body[:_READ].decode(errors="replace")
    page = html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", page)))
    seen = "".join(c if c.isprintable() else " " for c in page)
    words = " ".join(seen.split())
    while words.lower().startswith(status.lower()):
        words = words[len(status) :].lstrip(" .:-")
    if len(words) > _LONGEST_WORDS:
        words = f"{words[:_LONGEST_WORDS].rstrip()}…"
    return words


def _is_about(message: str, container: ContainerId | None) -> bool:
    """Tell whether it is this container that is missing, not one that it joined."""
    sentences = (sentence.format(container) for sentence in _VANISHED)
    return container is not None and any(
        sentence in message.lower() for sentence in sentences
    )
