"""How an engine is read: over a socket, or with the docker SDK over a port.

The docker SDK could read from a unix socket too, but its import takes longer than all
that nstui asks at its start, and each of its answers three times as much work.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from nstui.engine.answer import Answer, NoHttp, connected
from nstui.engine.errors import Call, check_status, not_docker, parse, translated
from nstui.engine.streams import AnswerLines
from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.frozen import dataclass
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

    def get(self, path: str, call: Call, asked: Asked | None = None) -> object:
        """Return the JSON that is at a path.

        Args:
            path: What is asked for.
            call: What it is called when it fails.
            asked: What `ask` has returned for the path.

        """

    def ask(self, path: str) -> Asked | None:
        """Ask for what will be got, without waiting; None if that is not possible."""

    def drop(self, asked: Asked) -> None:
        """Wait no longer for an answer."""

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


_QUESTION = (
    "GET {} HTTP/1.1\r\n"
    "Host: localhost\r\n"
    "Accept-Encoding: identity\r\n"
    "Accept: application/json\r\n"
    "\r\n"
)
_OK = 200
_MOST_IDLE = 2
"""As many questions are asked at the same time, and rarely more."""

_SHORTEST = 0.001
"""What is left, in seconds, when nothing is: zero would mean not to wait at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is under way on a connection of its own."""

    connection: socket.socket
    closings: int
    """How often the reader had been closed before."""


class SocketReader:
    """Implements `Reader`; it keeps connections for the next question."""

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []
        self._closings = 0

    def ask(self, path: str) -> Asked | None:
        """Ask without waiting for anything; None if that is not possible."""
        with suppress(OSError):
            connection = self._kept() or connected(self._path, 0)
            return self._ask(connection, path, time.monotonic())
        return None

    def get(self, path: str, call: Call, asked: Asked | None = None) -> object:
        """Return the JSON that is at a path."""
        with translated(call):
            status, body = self._answer(path, call.most, asked)
        check_status(status, body, call)
        return parse(body, call)

    def stream(
        self, path: str, parameters: Mapping[str, str], call: Call
    ) -> AnswerLines:
        """Ask for lines that come now and then; return once an answer begins."""
        end = time.monotonic() + self._timeout
        with translated(call):
            asked = self._ask(self._fresh(), f"{path}?{urlencode(parameters)}", end)
        connection = asked.connection
        try:
            with translated(call):
                answer = _begun(connection, end)
                refused = answer.status != _OK
                body = answer.whole(call.most) if refused else b""
            if refused:
                check_status(answer.status, body, call)
            return AnswerLines(answer, call, connection.close)
        except BaseException:
            connection.close()
            raise

    def drop(self, asked: Asked) -> None:
        """Do not wait for an answer."""
        asked.connection.close()

    def close(self) -> None:
        """Close connections that are not in use."""
        with self._lock:
            self._closings += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _answer(self, path: str, most: int, asked: Asked | None) -> tuple[int, bytes]:
        end = time.monotonic() + self._timeout
        # While nobody asked the engine may have hung up, or come back as another.
        with suppress(ConnectionError, NoHttp):
            kept = None if asked is not None else self._kept()
            if kept is not None:
                asked = self._ask(kept, path, end)
            if asked is not None:
                return self._read(asked, most, end)
        return self._read(self._ask(self._fresh(), path, end), most, end)

    def _fresh(self) -> socket.socket:
        return connected(self._path, self._timeout)

    def _kept(self) -> socket.socket | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _ask(self, connection: socket.socket, path: str, end: float) -> Asked:
        """Ask on a connection, which is closed if that fails."""
        closings = self._closings
        try:
            connection.settimeout(_left(end))
            connection.sendall(_QUESTION.format(path).encode("ascii"))
        except BaseException:
            connection.close()
            raise
        return Asked(connection, closings)

    def _read(self, asked: Asked, most: int, end: float) -> tuple[int, bytes]:
        """Return a whole answer; keep the connection if it takes another question."""
        try:
            answer = _begun(asked.connection, end)
            try:
                told = answer.status, answer.whole(most)
            finally:
                answer.close()
        except BaseException:
            asked.connection.close()
            raise
        self._keep(asked, leaves_open=answer.leaves_open)
        return told

    def _keep(self, asked: Asked, *, leaves_open: bool) -> None:
        """Keep a connection for the next request, unless `close` was called since."""
        with self._lock:
            is_current = asked.closings == self._closings
            if leaves_open and is_current and len(self._idle) < _MOST_IDLE:
                self._idle.append(asked.connection)
                return
        asked.connection.close()


def _begun(connection: socket.socket, end: float) -> Answer:
    """Return an answer that has until some moment to be whole."""
    connection.settimeout(_left(end))
    return Answer(connection)


def _left(end: float) -> float:
    return max(end - time.monotonic(), _SHORTEST)
