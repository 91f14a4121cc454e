"""Translates what fails while an engine is asked into `nstui.errors`.

It knows nothing of the docker SDK, which most runs never import.

A proxy in front of an engine speaks no JSON: it says why it lets nobody through, or
that it had no answer of the engine, in a page or in plain words.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from nstui.engine.answer import LARGEST, BadAnswer, CutOff, NoHttp
from nstui.engine.json import DEEPEST, loads
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    Unreachable,
)
from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.json import mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.errors import NstuiError
    from nstui.model.container import ContainerId


_ERROR_STATUS = 400

_BROKE = "the connection to {where} broke before an answer came"
_NO_CONNECTION = "no connection to {where}: {detail}"
_SENTENCES: tuple[tuple[tuple[type[BaseException], ...], Unreachable, str], ...] = (
    (
        (FileNotFoundError,),
        Unreachable.MISSING_SOCKET,
        (
            "no Docker engine is listening: {where} does not exist; is it running? "
            "Start it, or name another with --host or --context"
        ),
    ),
    (
        (PermissionError,),
        Unreachable.PERMISSION,
        (
            "no permission to use {where}: join the docker group with "
            "sudo usermod -aG docker $USER, then log in again"
        ),
    ),
    (
        (ConnectionRefusedError,),
        Unreachable.REFUSED,
        "no Docker engine is listening: {where} refused the connection; is it running?",
    ),
    (
        # A unix socket whose queue is full says at once that it would block.
        (TimeoutError, BlockingIOError),
        Unreachable.TIMED_OUT,
        "{where} did not answer within {timeout:g} s",
    ),
    (
        (ConnectionResetError, BrokenPipeError, CutOff),
        Unreachable.OTHER,
        _BROKE,
    ),
    (
        (BadAnswer,),
        Unreachable.BAD_ANSWER,
        "{where} answered with {detail}",
    ),
    (
        (NoHttp,),
        Unreachable.OTHER,
        "what answers at {where} is not a Docker engine",
    ),
)
"""What an exception means; the first that fits the innermost cause is said."""


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of whom, for the sentence that says how it failed."""

    endpoint: str
    """As `Endpoint.label` names it."""

    timeout: float
    container: ContainerId | None = None
    """The container that was asked for, if it was one."""

    is_known: bool = False
    """Whether an engine has answered there before."""

    most: int = LARGEST
    """How many bytes the answer may have."""


def _no_refusal(problem: BaseException, call: Call) -> NstuiError | None:  # noqa: ARG001 - as `Library.refusal`
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What a library raises beside what sockets and `nstui.engine.answer` do."""

    raises: tuple[type[BaseException], ...] = ()
    """All of that, unless it is an OSError or a ValueError."""

    wrappers: tuple[type[BaseException], ...] = ()
    """Exceptions that say nothing by themselves, whatever they are derived from: they
    stand for others, which may have caused them, but for …"""

    alike: tuple[tuple[type[BaseException], type[OSError]], ...] = ()
    """… those that mean the same as an exception of sockets or of `nstui.engine.answer`
    does, and …"""

    broken: tuple[type[BaseException], ...] = ()
    """… those that say that the connection broke."""

    refusal: Callable[[BaseException, Call], NstuiError | None] = _no_refusal
    """Returns what an exception means that holds an answer; None if it holds none."""


STANDARD = Library()
"""Sockets and `nstui.engine.answer` themselves."""


@contextmanager
def translated(call: Call, library: Library = STANDARD) -> Iterator[None]:
    """Raise only errors of `nstui.errors` for what a library raises."""
    # What the caller is handling has no part in what fails here.
    handled = sys.exception()
    kinds: tuple[type[BaseException], ...] = (OSError, ValueError, *library.raises)
    try:
        yield
    except RecursionError as problem:
        deep = BadAnswer("JSON that is nested too deeply")
        raise unreachable(deep, call) from problem
    except kinds as problem:
        refused = library.refusal(problem, call)
        raise refused or unreachable(problem, call, handled, library) from problem


def not_docker(call: Call, evidence: str = "") -> EngineUnreachable:
    """Say that something else answers at the endpoint."""
    detail = f" ({evidence})" if evidence else ""
    return EngineUnreachable(
        f"what answers at {call.endpoint} is not a Docker engine{detail}"
    )


def check_status(status: int, body: bytes, call: Call) -> None:
    """Raise the error that an answer's status stands for, if it does."""
    if status >= _ERROR_STATUS:
        raise refusal(status, body, call)


def unreachable(
    problem: BaseException,
    call: Call,
    handled: BaseException | None = None,
    library: Library = STANDARD,
) -> EngineUnreachable:
    """Return what an exception means, in the words of its innermost cause.

    Args:
        problem: The exception.
        call: What was asked.
        handled: What was being handled when it was asked, which is no cause.
        library: What raised it.

    """
    for cause in _causes(problem, handled):
        for kinds, reason, sentence in _SENTENCES:
            alike = (theirs for theirs, ours in library.alike if ours in kinds)
            if isinstance(cause, (*kinds, *alike)):
                return _say(sentence, reason, call, cause)
        if isinstance(cause, OSError) and not isinstance(cause, library.wrappers):
            return _say(_NO_CONNECTION, Unreachable.OTHER, call, cause)
    if isinstance(problem, library.broken):
        return _say(_BROKE, Unreachable.OTHER, call, problem)
    if isinstance(problem, ValueError | KeyError | TypeError):
        return not_docker(call)
    return _say("{where}: {detail}", Unreachable.OTHER, call, problem)


def _say(
    sentence: str, reason: Unreachable, call: Call, cause: BaseException
) -> EngineUnreachable:
    detail = (isinstance(cause, OSError) and cause.strerror) or str(cause)
    message = sentence.format(
        where=call.endpoint, timeout=call.timeout, detail=" ".join(detail.split())
    )
    return EngineUnreachable(message, reason)


def _causes(
    problem: BaseException, handled: BaseException | None
) -> Iterator[BaseException]:
    """Yield everything an exception was caused by, the innermost first."""
    seen: list[BaseException] = []
    waiting = [problem]
    while waiting:
        one = waiting.pop()
        if one is handled or one in seen:
            continue
        seen.append(one)
        linked = (one.__cause__, one.__context__, *one.args)
        waiting += [other for other in linked if isinstance(other, BaseException)]
        reason: object = getattr(one, "reason", None)
        if isinstance(reason, BaseException):
            waiting.append(reason)
    yield from reversed(seen)


def parse(body: bytes, call: Call) -> object:
    """Return what an answer says.

    Raises:
        EngineUnreachable: it is no JSON, or nested too deeply.

    """
    # Of a list nothing is kept but what was found at its depth.
    most = None if call.container is None else DEEPEST
    try:
        document = loads(body, most)
    except RecursionError as problem:
        deep = BadAnswer("JSON that is nested too deeply")
        raise unreachable(deep, call) from problem
    except ValueError as problem:
        if call.container is None:
            raise not_docker(call) from problem
        # Of one container this may be said, and the rest be well.
        odd = BadAnswer("something that is no JSON")
        raise unreachable(odd, call) from problem
    return document


def made_id(answer: object) -> str:
    """Return the id of what an engine says that it has made.

    Raises:
        BadAnswer: there is none, and nobody may be asked for a thing without a name.

    """
    found = text(mapping(answer), "Id")
    if not found:
        raise BadAnswer("no id of what it was to make")
    return found


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
    return EngineRefused(_in_plain_text(message))


def _in_plain_text(message: str) -> str:
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
    name = _status_text(status)
    words = message or _text(body, name)
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


def _status_text(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _text(body: bytes, status: str) -> str:
    """Return what a page says, without its form, and without what the status says."""
    import html  # noqa: PLC0415

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
