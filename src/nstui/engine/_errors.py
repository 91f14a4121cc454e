"""The one translator of what the docker SDK raises into `nstui.errors`."""

from __future__ import annotations

import http.client
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
import urllib3
from docker.errors import APIError, DockerException

from nstui.engine._json import mapping, text
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    NstuiError,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.container import ContainerId

NOT_FOUND = 404

_VANISHED = ("no such container: {}", 'no container with name or id "{}"')
"""How Docker and Podman say that there is no container of an id."""

_ERROR_STATUS = 400
_EXCERPT = 80


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
        (TimeoutError, BlockingIOError, requests.Timeout),
        Unreachable.TIMED_OUT,
        "{where} did not answer within {timeout:g} s",
    ),
    (
        (ConnectionResetError, BrokenPipeError, http.client.IncompleteRead),
        Unreachable.OTHER,
        _BROKE,
    ),
    (
        (http.client.HTTPException,),
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


@contextmanager
def translated(call: Call) -> Iterator[None]:
    """Raise only errors of `nstui.errors`.

    KeyError and TypeError: the SDK raises them when an error's JSON is not what it
    expects (``docker.errors.create_api_error_from_http_exception``).
    """
    # What the caller is handling has no part in what fails here.
    handled = sys.exception()
    try:
        yield
    except APIError as problem:
        raise _refusal(problem, call) from problem
    except (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        DockerException,
        OSError,
        ValueError,
        KeyError,
        TypeError,
    ) as problem:
        raise _unreachable(problem, call, handled) from problem


def not_docker(call: Call, evidence: str = "") -> EngineUnreachable:
    """Say that something else answers at the endpoint."""
    detail = f" ({evidence})" if evidence else ""
    return EngineUnreachable(
        f"what answers at {call.endpoint} is not a Docker engine{detail}"
    )


def check_status(response: requests.Response, call: Call) -> None:
    """Raise the error that an answer's status stands for, if it does."""
    if response.status_code >= _ERROR_STATUS:
        raise refusal_of(response, call)


def refusal_of(response: requests.Response, call: Call) -> NstuiError:
    """Return the error that an answer with an error's status stands for."""
    try:
        message = text(mapping(response.json()), "message")
    except ValueError:
        message = ""
    if not message:
        said = " ".join(response.text.split())[:_EXCERPT]
        return not_docker(call, f"HTTP {response.status_code}: {said}")
    message = " ".join(message.split())
    if response.status_code == NOT_FOUND and _is_about(message, call.container):
        return ContainerVanished(message)
    return EngineRefused(message)


def _is_about(message: str, container: ContainerId | None) -> bool:
    """Tell whether it is this container that is missing, not one that it joined."""
    sentences = (sentence.format(container) for sentence in _VANISHED)
    return container is not None and any(
        sentence in message.lower() for sentence in sentences
    )


def _refusal(problem: APIError, call: Call) -> NstuiError:
    if problem.response is None:
        return not_docker(call)
    return refusal_of(problem.response, call)


def _unreachable(
    problem: BaseException, call: Call, handled: BaseException | None
) -> EngineUnreachable:
    for cause in _causes(problem, handled):
        for kinds, reason, sentence in _SENTENCES:
            if isinstance(cause, kinds):
                return _say(sentence, reason, call, cause)
        if isinstance(cause, OSError) and not isinstance(
            cause, requests.RequestException
        ):
            return _say(_NO_CONNECTION, Unreachable.OTHER, call, cause)
    if isinstance(problem, requests.ConnectionError):
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
