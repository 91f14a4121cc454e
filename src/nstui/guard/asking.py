"""Asks the engine, and the guard at both of its sockets."""

from __future__ import annotations

import http.client
import json
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWER_BYTES = 4_000_000
CONTENT_TYPE = "application/vnd.docker.plugins.v1.1+json"


PING = "/nstui.Ping"
"""What the front answers to who watches over it."""


class NoAnswer(Exception):
    """Nobody answers, or not in time; the message says why, without a full stop."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def call(
    path: str, method: str, target: str, *, timeout_s: float, body: object = None
) -> tuple[int, object]:
    """Send a request; return the status, and the JSON of the answer, or its text.

    Args:
        path: The socket.
        method: The method, such as ``GET``.
        target: The path of the request, with its query.
        timeout_s: How many seconds each part of the answer may take.
        body: What is sent as JSON; None for nothing.

    Raises:
        NoAnswer: Nobody answers, or not in time, or not in HTTP.

    """
    connection = _Connection(path, timeout_s)
    sent = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {"Content-Type": CONTENT_TYPE}
    try:
        connection.request(method, target, body=sent, headers=headers)
        answer = connection.getresponse()
        text = answer.read(ANSWER_BYTES).decode(errors="replace")
    except TimeoutError:
        raise NoAnswer(f"it did not answer within {timeout_s:g} s") from None
    except (OSError, http.client.HTTPException) as problem:
        raise NoAnswer(_words(problem)) from problem
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text)
    except (ValueError, RecursionError):
        return answer.status, text


def listens(path: str) -> bool:
    """Tell whether anybody listens at a socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)  # noqa: FBT003 - the only argument it has
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            # So many wait there that one more is not taken.
            return True
    return True


def ping_front(path: str, timeout_s: float) -> Mapping[str, object]:
    """Return what the front says of itself, which asks it about no call.

    That is its process, ``pid``, and how often the engine has asked it, ``asked``.

    Raises:
        NoAnswer: It does not answer, or something else listens there.

    """
    status, answer = call(path, "POST", PING, timeout_s=timeout_s, body={})
    if status != http.HTTPStatus.OK or not isinstance(answer, dict):
        raise NoAnswer(f"what listens at {path} is not the guard")
    return answer


def ask_front(
    path: str, method: str, uri: str, timeout_s: float
) -> Mapping[str, object]:
    """Ask the front as the engine does; return its answer.

    Raises:
        NoAnswer: It does not answer, or not as a plugin does.

    """
    question = {"RequestMethod": method, "RequestUri": uri, "RequestHeaders": {}}
    status, answer = call(
        path, "POST", "/AuthZPlugin.AuthZReq", timeout_s=timeout_s, body=question
    )
    if status != http.HTTPStatus.OK or not isinstance(answer, dict):
        raise NoAnswer(f"what listens at {path} is no authorization plugin")
    return answer


def ask_control(
    path: str, question: Mapping[str, object], timeout_s: float
) -> Mapping[str, object]:
    """Ask the guard at its control socket: a line of JSON for a line of JSON.

    Raises:
        NoAnswer: It does not answer, or not in time.

    """
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout_s)
            connection.connect(path)
            connection.sendall(json.dumps(question).encode() + b"\n")
            with connection.makefile("rb") as lines:
                line = lines.readline(ANSWER_BYTES)
    except TimeoutError:
        raise NoAnswer(f"it did not answer within {timeout_s:g} s") from None
    except OSError as problem:
        raise NoAnswer(_words(problem)) from problem
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise NoAnswer(f"what listens at {path} is no guard")
    return answer


def _words(problem: BaseException) -> str:
    if isinstance(problem, FileNotFoundError):
        return "it has no socket"
    if isinstance(problem, ConnectionRefusedError):
        return "nobody listens at its socket"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror
    return f"the answer broke off ({type(problem).__name__})"
