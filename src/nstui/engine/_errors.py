"""What goes wrong while an engine is asked, as `nstui.errors`.

It knows nothing of the docker SDK, which most runs never import: see `_sdk_errors`.
"""

from __future__ import annotations

import http.client
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.engine._answer import LARGEST, BadAnswer
from nstui.errors import EngineUnreachable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        (ConnectionResetError, BrokenPipeError, http.client.IncompleteRead),
        Unreachable.OTHER,
        _BROKE,
    ),
    (
        (BadAnswer,),
        Unreachable.BAD_ANSWER,
        "{where} answered with {detail}",
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

    is_known: bool = False
    """Whether an engine has answered there before."""

    most: int = LARGEST
    """How many bytes the answer may have."""


@dataclass(frozen=True, slots=True)
class Wrappers:
    """Exceptions of a library that stand for others, which may have caused them."""

    any: tuple[type[BaseException], ...] = ()
    """Whatever they are derived from, they say nothing by themselves, but that …"""

    timeouts: tuple[type[BaseException], ...] = ()
    """… no answer came in time, or …"""

    broken: tuple[type[BaseException], ...] = ()
    """… the connection broke."""


NO_WRAPPERS = Wrappers()


@contextmanager
def translated(call: Call) -> Iterator[None]:
    """Raise only errors of `nstui.errors` for what sockets and HTTP raise."""
    # What the caller is handling has no part in what fails here.
    handled = sys.exception()
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise unreachable(problem, call, handled) from problem


def not_docker(call: Call, evidence: str = "") -> EngineUnreachable:
    """Say that something else answers at the endpoint."""
    detail = f" ({evidence})" if evidence else ""
    return EngineUnreachable(
        f"what answers at {call.endpoint} is not a Docker engine{detail}"
    )


def check_status(status: int, body: bytes, call: Call) -> None:
    """Raise the error that an answer's status stands for, if it does."""
    if status >= _ERROR_STATUS:
        # What is seldom wanted need not be imported before.
        from nstui.engine._refusals import refusal  # noqa: PLC0415 - as above

        raise refusal(status, body, call)


def unreachable(
    problem: BaseException,
    call: Call,
    handled: BaseException | None = None,
    wrappers: Wrappers = NO_WRAPPERS,
) -> EngineUnreachable:
    """Return what an exception means, in the words of its innermost cause.

    Args:
        problem: The exception.
        call: What was asked.
        handled: What was being handled when it was asked, which is no cause.
        wrappers: Exceptions that stand for others.

    """
    for cause in _causes(problem, handled):
        for kinds, reason, sentence in _SENTENCES:
            if reason is Unreachable.TIMED_OUT:
                kinds = (*kinds, *wrappers.timeouts)  # noqa: PLW2901 - more of them
            if isinstance(cause, kinds):
                return _say(sentence, reason, call, cause)
        if isinstance(cause, OSError) and not isinstance(cause, wrappers.any):
            return _say(_NO_CONNECTION, Unreachable.OTHER, call, cause)
    if isinstance(problem, wrappers.broken):
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
