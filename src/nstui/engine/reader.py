"""How an engine is read: over a socket with the standard library, or the docker SDK.

The docker SDK could read from a unix socket too, but its import takes longer than all
that nstui asks at its start, and each of its answers three times as much work.
"""

from __future__ import annotations

import http
import http.client
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from nstui.engine.answer import Answer, connected
from nstui.engine.errors import Call, check_status, not_docker, parse, translated
from nstui.engine.streams import AnswerLines
from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.json import text

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from nstui.engine.endpoint import Endpoint
    from nstui.engine.streams import Lines


class Reader(Protocol):
    """Asks one endpoint and changes nothing; several threads may use it.

    Raises:
        NstuiError: nobody answers, not in time, or with an error.

    """

    def get(self, path: str, call: Call) -> object:
        """Return the JSON that is at a path."""

    def stream(self, path: str, parameters: Mapping[str, str], call: Call) -> Lines:
        """Ask for lines that come now and then; return once an answer begins."""

    def close(self) -> None:
        """Close connections that are not in use."""


def reader_for(endpoint: Endpoint, timeout: float) -> Reader:
    """Return what asks an endpoint; nothing is connected yet.

    Args:
        endpoint: Where the engine is.
        timeout: How many seconds an answer may take; to begin, if it has no end.

    """
    if endpoint.socket_path is not None:
        return SocketReader(endpoint.socket_path, timeout)
    from nstui.engine.sdk import SdkReader  # noqa: PLC0415

    return SdkReader(endpoint, timeout)


OLDEST_API = "1.24"
NEWEST_API = "1.51"
"""The versions between which nstui knows what to say.

A container is read and made again in one version, so it has to be one that knows all
that the engine does: 1.48 and later have priorities of gateways and mounts of images,
1.46 has options of a tmpfs. From 1.52 on an inspect no longer tells which MAC address
somebody asked for.
"""

EXACT_API = "1.52"
"""From this version on an engine tells whole numbers as they are.

For an older version, an engine that knows this one writes an inspect by way of
floating-point numbers, which have 53 bits.
"""


def common_version(answer: Mapping[str, object], call: Call) -> str:
    """Choose the newest version of the API that both sides know."""
    newest, oldest = text(answer, "ApiVersion"), text(answer, "MinAPIVersion")
    try:
        version = min(newest, NEWEST_API, key=_numbers)
        version = max(version, oldest or version, key=_numbers)
        is_too_old = _numbers(version) < _numbers(OLDEST_API)
    except ValueError:
        raise not_docker(call) from None
    if is_too_old:
        raise EngineUnreachable(
            f"the engine at {call.endpoint} is too old: API versions below {OLDEST_API}"
            f" are not supported, and it speaks {version}",
            Unreachable.UNSUPPORTED,
        )
    return version


def exact_version(answer: Mapping[str, object], spoken: str) -> str | None:
    """Return the version to ask for numbers that the one that is spoken rounds.

    None if the engine has no such version, or it is spoken.
    """
    newest = text(answer, "ApiVersion")
    rounds = _numbers(spoken) < _numbers(EXACT_API) <= _numbers(newest)
    return EXACT_API if rounds else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


_HEADERS = {"Accept": "application/json"}
_MOST_IDLE = 2
"""As many threads ask at the same time, and rarely more."""

_SHORTEST = 0.001
"""What is left, in seconds, when nothing is: zero would mean not to wait at all."""


class _SocketConnection(http.client.HTTPConnection):
    response_class = Answer

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = connected(self._path, self.timeout)

    def ask(self, path: str, headers: Mapping[str, str], end: float) -> Answer:
        """Return an answer that has until some moment to be whole."""
        self._end_at(end)
        self.request("GET", path, headers=headers)
        # The answer has what the question has left of the time.
        self._end_at(end)
        answer = self.getresponse()
        if not isinstance(answer, Answer):
            raise TypeError(answer)
        return answer

    def _end_at(self, end: float) -> None:
        self.timeout = max(end - time.monotonic(), _SHORTEST)
        sock: socket.socket | None = self.sock
        if sock is not None:
            sock.settimeout(self.timeout)


class SocketReader:
    """Implements `Reader`; it keeps connections for the next question."""

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._lock = threading.Lock()
        self._idle: list[_SocketConnection] = []
        self._closings = 0

    def get(self, path: str, call: Call) -> object:
        """Return the JSON that is at a path."""
        with translated(call):
            status, body = self._answer(path, call.most)
        check_status(status, body, call)
        return parse(body, call)

    def stream(
        self, path: str, parameters: Mapping[str, str], call: Call
    ) -> AnswerLines:
        """Ask for lines that come now and then; return once an answer begins."""
        connection = _SocketConnection(self._path, self._timeout)
        try:
            with translated(call):
                end = time.monotonic() + self._timeout
                question = f"{path}?{urlencode(parameters)}"
                answer = connection.ask(question, {}, end)
                refused = answer.status != http.HTTPStatus.OK
                body = answer.whole(call.most) if refused else b""
            if refused:
                check_status(answer.status, body, call)
            return AnswerLines(answer, call, connection.close)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close connections that are not in use."""
        with self._lock:
            self._closings += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _answer(self, path: str, most: int) -> tuple[int, bytes]:
        end = time.monotonic() + self._timeout
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is not None:
            # While nobody asked the engine may have hung up, or come back as another.
            with suppress(ConnectionError, http.client.BadStatusLine):
                return self._ask(kept, path, most, end)
        connection = _SocketConnection(self._path, self._timeout)
        return self._ask(connection, path, most, end)

    def _ask(
        self, connection: _SocketConnection, path: str, most: int, end: float
    ) -> tuple[int, bytes]:
        closings = self._closings
        try:
            with connection.ask(path, _HEADERS, end) as answer:
                told = answer.status, answer.whole(most)
        except BaseException:
            connection.close()
            raise
        self._keep(connection, closings)
        return told

    def _keep(self, connection: _SocketConnection, closings: int) -> None:
        """Keep a connection for the next request, unless `close` was called since."""
        with self._lock:
            if closings == self._closings and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()
