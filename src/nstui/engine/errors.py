"""Translates failed requests to an engine into exceptions of `nstui.errors`.

This module does not import the docker SDK, which most runs do not need; the errors of
the SDK are described by a `Library`.

A proxy in front of an engine does not respond with JSON. It reports that access is
denied, or that the engine did not respond, in an HTML page or in plain text.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nstui.engine.answer import MAX_ANSWER_BYTES, BadAnswer, IncompleteAnswer, NotHttp
from nstui.engine.json import MAX_INSPECT_DEPTH, loads
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
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404
_PROXY_AUTHENTICATION_REQUIRED, _TOO_MANY_REQUESTS = 407, 429
_INTERNAL_SERVER_ERROR, _SERVICE_UNAVAILABLE = 500, 503
_BAD_GATEWAY, _GATEWAY_TIMEOUT = 502, 504
# `http.HTTPStatus` has these too, and takes longer to import than a response to read.

_DISCONNECTED = "the connection to {where} broke before an answer came"
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
        # Connecting to a Unix socket whose backlog is full raises BlockingIOError.
        (TimeoutError, BlockingIOError),
        Unreachable.TIMED_OUT,
        "{where} did not answer within {timeout:g} s",
    ),
    (
        (ConnectionResetError, BrokenPipeError, IncompleteAnswer),
        Unreachable.OTHER,
        _DISCONNECTED,
    ),
    (
        (BadAnswer,),
        Unreachable.BAD_ANSWER,
        "{where} answered with {detail}",
    ),
    (
        (NotHttp,),
        Unreachable.OTHER,
        "what answers at {where} is not a Docker engine",
    ),
)
"""Exception types with their reason and message; the first match is used."""


@dataclass(frozen=True, slots=True)
class Call:
    """Description of a request, for its error messages and limits."""

    endpoint: str
    """Label of the endpoint, see `Endpoint.label`."""

    timeout: float
    """Timeout of the request, in seconds."""

    container: ContainerId | None = None
    """The container that the request is about; None if it is not about one."""

    is_known: bool = False
    """Whether an engine has responded at this endpoint before."""

    max_bytes: int = MAX_ANSWER_BYTES
    """Maximum size of the response, in bytes."""

    why: Callable[[], EngineUnreachable | None] | None = None
    """Returns why the way to the engine failed, if it did; see `Via.problem`."""


def _no_refusal(problem: BaseException, call: Call) -> NstuiError | None:  # noqa: ARG001 - as `Library.refusal`
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The exceptions that a library adds to those of sockets and `engine.answer`."""

    raises: tuple[type[BaseException], ...] = ()
    """All of these exceptions, except subclasses of OSError and ValueError."""

    wrappers: tuple[type[BaseException], ...] = ()
    """Exceptions that are translated by what caused them, even if they are derived from
    OSError. Exceptions in `equivalents` and `disconnects` are not."""

    equivalents: tuple[tuple[type[BaseException], type[OSError]], ...] = ()
    """Exceptions of the library, each with the exception of sockets or of
    `nstui.engine.answer` that has the same meaning."""

    disconnects: tuple[type[BaseException], ...] = ()
    """Exceptions that mean that the connection was lost, unless a cause says more."""

    refusal: Callable[[BaseException, Call], NstuiError | None] = _no_refusal
    """Returns the error for an exception that contains a response; None if it contains
    none."""


STANDARD = Library()
"""No library: only the exceptions of sockets and of `nstui.engine.answer`."""


@contextmanager
def translated(call: Call, library: Library = STANDARD) -> Iterator[None]:
    """Return a context manager that turns errors of a library into `NstuiError`.

    Also OSError, ValueError and RecursionError are translated.
    """
    # Python links an exception that the caller is already handling to the new one as
    # its context, although it is not a cause.
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
    """Return the error for an endpoint where something other than an engine responds.

    The evidence is an excerpt of the response and may be empty.
    """
    detail = f" ({evidence})" if evidence else ""
    return EngineUnreachable(
        f"what answers at {call.endpoint} is not a Docker engine{detail}"
    )


def check_status(status: int, body: bytes, call: Call) -> None:
    """Raise an `NstuiError` if the status code of a response is 400 or higher."""
    if status >= _ERROR_STATUS:
        raise refusal(status, body, call)


def unreachable(
    problem: BaseException,
    call: Call,
    handled: BaseException | None = None,
    library: Library = STANDARD,
) -> EngineUnreachable:
    """Return the error for an exception, described by its innermost known cause.

    Args:
        problem: The exception.
        call: Description of the request, for error messages.
        handled: The exception that was being handled when the request was made, which
            is not a cause; None if there was none.
        library: The library that raised the exception.

    """
    known = None if call.why is None else call.why()
    if known is not None:
        return _on_the_way(known, call)
    for cause in _causes(problem, handled):
        for kinds, reason, sentence in _SENTENCES:
            same = (theirs for theirs, ours in library.equivalents if ours in kinds)
            if isinstance(cause, (*kinds, *same)):
                return _unreachable_error(sentence, reason, call, cause)
        if isinstance(cause, OSError) and not isinstance(cause, library.wrappers):
            return _unreachable_error(_NO_CONNECTION, Unreachable.OTHER, call, cause)
    if isinstance(problem, library.disconnects):
        return _unreachable_error(_DISCONNECTED, Unreachable.OTHER, call, problem)
    if isinstance(problem, ValueError | KeyError | TypeError):
        return not_docker(call)
    return _unreachable_error("{where}: {detail}", Unreachable.OTHER, call, problem)


def _on_the_way(known: EngineUnreachable, call: Call) -> EngineUnreachable:
    """Return the error for a request that failed because the way to the engine did.

    Its reason is how the way is now: a connection that is refused now may have carried
    the request before, to an engine that has answered until then.
    """
    if call.is_known and known.reason is not Unreachable.TIMED_OUT:
        return EngineUnreachable(str(known), Unreachable.OTHER)
    return known


def _unreachable_error(
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
    """Yield the causes of an exception, innermost first, and the exception itself."""
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
    """Return the JSON document in the body of a response.

    Raises:
        EngineUnreachable: The body is not JSON, or is nested too deeply.

    """
    # Only inspects are kept as they are, and need a limit; of other documents only some
    # fields at known depths are kept.
    max_depth = None if call.container is None else MAX_INSPECT_DEPTH
    try:
        document = loads(body, max_depth)
    except RecursionError as problem:
        deep = BadAnswer("JSON that is nested too deeply")
        raise unreachable(deep, call) from problem
    except ValueError as problem:
        if call.container is None:
            raise not_docker(call) from problem
        # A bad inspect of one container does not mean that the endpoint is no engine.
        odd = BadAnswer("something that is not JSON")
        raise unreachable(odd, call) from problem
    return document


def made_id(answer: object) -> str:
    """Return the id in an engine's answer to a create request.

    Raises:
        BadAnswer: There is no id, without which no further request can be made.

    """
    found = text(mapping(answer), "Id")
    if not found:
        raise BadAnswer("no id of the new object")
    return found


_NO_SUCH_CONTAINER = (
    "no such container: {}",
    'no container with name or id "{}"',
    'no container with id or name "{}"',
)
"""Messages of Docker and Podman for a missing container, with its id, in lower case."""

_DEPENDENTS = (
    r"has dependent containers which must be removed before it: ([0-9a-f]{64}(?:,\s*"
    r"[0-9a-f]{64})*)"
)
_INFRA_OF_POD = r"is the infra container of pod ([0-9a-f]{64})"
"""Podman's reasons for not removing a container, from ``libpod/runtime_ctr.go``."""

_DENIALS = frozenset(
    {
        _UNAUTHORIZED,
        _FORBIDDEN,
        _PROXY_AUTHENTICATION_REQUIRED,
        _TOO_MANY_REQUESTS,
    }
)
"""Status codes of a proxy that denies access, or limits the rate of requests."""

_GATEWAYS = frozenset({_BAD_GATEWAY, _GATEWAY_TIMEOUT})
"""Status codes that only a proxy sends, whatever the body contains."""

_EXCERPT = 80
"""Maximum length of an excerpt of a response that is not from an engine."""

_PAGE_BYTES = 4096
"""How many bytes of a proxy's page are read; its message is near the beginning."""

_MAX_TEXT_CHARS = 200
"""Maximum length of the text of a proxy's page in an error message."""

_INVISIBLE_HTML = r"(?is)<(head|title|style|script)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)"
_TAG = r"<[^<>]*>?"


def refusal(status: int, body: bytes, call: Call) -> NstuiError:
    """Return the error for a response with an error status (400 or higher)."""
    message = _error_message(body)
    if not message or status in _GATEWAYS:
        return _proxy_error(status, message, body, call)
    if status == _NOT_FOUND and _is_missing(message, call.container):
        return ContainerVanished(message)
    return EngineRefused(_with_advice(message))


def _with_advice(message: str) -> str:
    """Return an engine's message, or advice in its place where the message is known."""
    joined = re.search(_DEPENDENTS, message)
    if joined is not None:
        names = ", ".join(short_id(one.strip()) for one in joined[1].split(","))
        return f"Podman removes it only after what joined it: {names}"
    pod = re.search(_INFRA_OF_POD, message)
    if pod is not None:
        return f"it holds a pod together: use podman pod rm {short_id(pod[1])}"
    return message


def _error_message(body: bytes) -> str:
    """Return the message of an engine's error document; empty if there is none."""
    try:
        return " ".join(text(mapping(loads(body)), "message").split())
    except (ValueError, RecursionError):
        return ""


def _proxy_error(status: int, message: str, body: bytes, call: Call) -> NstuiError:
    """Return the error for an error response that did not come from an engine."""
    name = _status_text(status)
    words = message or _page_text(body, name)
    said = f"{name}: {words}" if words else name
    if status >= _INTERNAL_SERVER_ERROR and (
        call.is_known or status in _GATEWAYS or status == _SERVICE_UNAVAILABLE
    ):
        # It is unknown whether the engine received the request and carried it out.
        return EngineUnreachable(f"{call.endpoint}: {said}", Unreachable.OTHER)
    if call.is_known:
        return EngineRefused(f"refused: {said}")
    if status in _DENIALS:
        return EngineRefused(f"{call.endpoint} refused to say what it is: {said}")
    excerpt = " ".join(body[:_PAGE_BYTES].decode(errors="replace").split())[:_EXCERPT]
    return not_docker(call, f"HTTP {status}: {excerpt}")


def _status_text(status: int) -> str:
    from http import HTTPStatus  # noqa: PLC0415

    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _page_text(body: bytes, status: str) -> str:
    """Return the text of an HTML page, without repetitions of the status text."""
    import html  # noqa: PLC0415

    page = body[:_PAGE_BYTES].decode(errors="replace")
    page = html.unescape(re.sub(_TAG, " ", re.sub(_INVISIBLE_HTML, " ", page)))
    seen = "".join(c if c.isprintable() else " " for c in page)
    words = " ".join(seen.split())
    while words.lower().startswith(status.lower()):
        words = words[len(status) :].lstrip(" .:-")
    if len(words) > _MAX_TEXT_CHARS:
        words = f"{words[:_MAX_TEXT_CHARS].rstrip()}…"
    return words


def _is_missing(message: str, container: ContainerId | None) -> bool:
    """Return whether this container is missing, rather than one that it joins."""
    sentences = (sentence.format(container) for sentence in _NO_SUCH_CONTAINER)
    return container is not None and any(
        sentence in message.lower() for sentence in sentences
    )
