"""Reads from an engine: directly over a Unix socket, or by the docker SDK over a port.

The docker SDK can read from a Unix socket too, but importing it takes longer than all
requests that nstui makes at its start, and it needs three times as much work for each
response.
"""

from __future__ import annotations

import select
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from nstui.engine.answer import (
    SHORT_BYTES,
    Answer,
    NotHttp,
    connect_unix,
    short_answer,
)
from nstui.engine.errors import Call, check_status, not_docker, parse, translated
from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.frozen import dataclass
from nstui.model.json import text

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from nstui.engine.endpoint import Endpoint
    from nstui.engine.streams import AnswerLines, Lines


class Reader(Protocol):
    """Sends read-only requests to one endpoint; several threads may use it.

    Raises:
        NstuiError: The engine is unreachable, does not respond in time, or responds
            with an error.

    Attributes:
        named_version: The newest API version of the engine, as its last answer named
            it; empty if none did.

    """

    named_version: str

    def get(self, path: str, call: Call, asked: Asked | None = None) -> object:
        """Return the JSON document at a path.

        Args:
            path: Path and query of the resource, with the API version.
            call: Description of the request, for error messages.
            asked: The result of `ask` for this path; None sends a new request.

        """

    def ask(self, path: str) -> Asked | None:
        """Send a request without waiting; return None if that is not possible.

        The result is to be passed to `get` or `drop`.
        """

    def drop(self, asked: Asked) -> None:
        """Abandon a request whose answer is no longer needed."""

    def stream(self, path: str, parameters: Mapping[str, str], call: Call) -> Lines:
        """Request a stream of lines; return once the response has begun."""

    def close(self) -> None:
        """Close idle connections."""


def reader_for(endpoint: Endpoint, timeout: float) -> Reader:
    """Return a reader for an endpoint, without connecting yet.

    Args:
        endpoint: The endpoint of the engine.
        timeout: Timeout of a whole response in seconds. For a stream it applies only
            until the response begins.

    """
    if endpoint.socket_path is not None:
        return SocketReader(endpoint.socket_path, timeout)
    from nstui.engine.sdk import SdkReader  # noqa: PLC0415

    return SdkReader(endpoint, timeout)


OLDEST_API = "1.24"
NEWEST_API = "1.51"
"""The oldest and the newest version of the Docker API that nstui uses.

A container is inspected and recreated with the same version, so this version has to
support everything the engine does: gateway priorities and image mounts need 1.48, tmpfs
options need 1.46. Since 1.52 an inspect no longer contains the requested MAC address.
"""

EXACT_API = "1.52"
"""The first API version in which integers are exact.

For older versions, an engine that supports this one converts the numbers of an inspect
to floating-point numbers, which have a precision of 53 bits.
"""


def common_version(answer: Mapping[str, object], call: Call) -> str:
    """Return the newest API version that both the engine and nstui support.

    Args:
        answer: The engine's answer to the version request.
        call: Description of that request, for error messages.

    Raises:
        EngineUnreachable: The engine is too old, or is not a Docker engine.

    """
    newest, oldest = text(answer, "ApiVersion"), text(answer, "MinAPIVersion")
    try:
        version = min(newest, NEWEST_API, key=_version_key)
        version = max(version, oldest or version, key=_version_key)
        is_too_old = _version_key(version) < _version_key(OLDEST_API)
    except ValueError:
        raise not_docker(call) from None
    if is_too_old:
        raise EngineUnreachable(
            f"the engine at {call.endpoint} is too old: API versions below {OLDEST_API}"
            f" are not supported, and it speaks {version}",
            Unreachable.UNSUPPORTED,
        )
    return version


def is_spoken(version: str) -> bool:
    """Tell whether nstui supports an API version that an engine named.

    It may name any text, or none.
    """
    try:
        key = _version_key(version)
    except ValueError:
        return False
    return _version_key(OLDEST_API) <= key <= _version_key(NEWEST_API)


def exact_version(answer: Mapping[str, object], spoken: str) -> str | None:
    """Return the API version to request for numbers that *spoken* rounds.

    Return None if the engine does not support such a version, or if *spoken* does not
    round.

    Args:
        answer: The engine's answer to the version request.
        spoken: The API version that is used for requests.

    """
    newest = text(answer, "ApiVersion")
    rounds = _version_key(spoken) < _version_key(EXACT_API) <= _version_key(newest)
    return EXACT_API if rounds else None


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


_REQUEST = (
    "GET {} HTTP/1.1\r\n"
    "Host: localhost\r\n"
    "Accept-Encoding: identity\r\n"
    "Accept: application/json\r\n"
    "\r\n"
)
_OK = 200
_MAX_IDLE = 2
"""Maximum number of idle connections.

There are rarely more requests at the same time.
"""

_MIN_TIMEOUT_S = 0.001
"""Minimum timeout of a socket, in seconds.

It is used once the deadline has passed, because zero would make the socket
non-blocking.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that has been sent on a connection of its own."""

    connection: socket.socket
    generation: int
    """How often the reader had been closed when the request was sent."""

    sent_at: float
    """Monotonic time in seconds."""

    @property
    def age_s(self) -> float:
        """How many seconds ago it was sent."""
        return time.monotonic() - self.sent_at

    def is_answered(self, limit_s: float = 0) -> bool:
        """Tell whether the response has begun to arrive, or the connection ended.

        Args:
            limit_s: How many seconds to wait for that.

        """
        ready, _, _ = select.select((self.connection,), (), (), limit_s)
        return bool(ready)


class SocketReader:
    """Implements `Reader` over a Unix socket; connections are reused.

    Each call raises `NstuiError` as described in `Reader`.
    """

    def __init__(self, path: str, timeout: float) -> None:
        self.named_version = ""
        self._path = path
        self._timeout = timeout
        self._lock = threading.Lock()
        self._idle: list[socket.socket] = []
        self._generation = 0

    def ask(self, path: str) -> Asked | None:
        """Send a request without waiting; return None if that is not possible."""
        with suppress(OSError):
            connection = self._take_idle() or connect_unix(self._path, 0)
            return self._send(connection, path, time.monotonic())
        return None

    def get(self, path: str, call: Call, asked: Asked | None = None) -> object:
        """Return the JSON document at a path."""
        with translated(call):
            status, body = self._request(path, call.max_bytes, asked)
        check_status(status, body, call)
        return parse(body, call)

    def stream(
        self, path: str, parameters: Mapping[str, str], call: Call
    ) -> AnswerLines:
        """Request a stream of lines; return once the response has begun."""
        from nstui.engine.streams import AnswerLines  # noqa: PLC0415

        deadline = time.monotonic() + self._timeout
        with translated(call):
            asked = self._send(
                self._connect(), f"{path}?{urlencode(parameters)}", deadline
            )
        connection = asked.connection
        try:
            with translated(call):
                answer = _read_head(connection, deadline)
                refused = answer.head.status != _OK
                body = answer.read_all(call.max_bytes) if refused else b""
            if refused:
                check_status(answer.head.status, body, call)
            return AnswerLines(answer, call, connection.close)
        except BaseException:
            connection.close()
            raise

    def drop(self, asked: Asked) -> None:
        """Abandon a request by closing its connection."""
        asked.connection.close()

    def close(self) -> None:
        """Close idle connections; the others are closed after their response."""
        with self._lock:
            self._generation += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _request(
        self, path: str, max_bytes: int, asked: Asked | None
    ) -> tuple[int, bytes]:
        deadline = time.monotonic() + self._timeout
        # The engine may have closed an idle connection, or may have been replaced, so
        # that the request is repeated once on a new connection.
        with suppress(ConnectionError, NotHttp):
            idle = None if asked is not None else self._take_idle()
            if idle is not None:
                asked = self._send(idle, path, deadline)
            if asked is not None:
                return self._read_answer(asked, max_bytes, deadline)
        return self._read_answer(
            self._send(self._connect(), path, deadline), max_bytes, deadline
        )

    def _connect(self) -> socket.socket:
        return connect_unix(self._path, self._timeout)

    def _take_idle(self) -> socket.socket | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _send(self, connection: socket.socket, path: str, deadline: float) -> Asked:
        """Send a request on a connection; close the connection if that fails."""
        generation = self._generation
        try:
            connection.settimeout(_remaining_s(deadline))
            connection.sendall(_REQUEST.format(path).encode("ascii"))
        except BaseException:
            connection.close()
            raise
        return Asked(connection, generation, time.monotonic())

    def _read_answer(
        self, asked: Asked, max_bytes: int, deadline: float
    ) -> tuple[int, bytes]:
        """Return status and body; keep the connection if it can be reused."""
        connection = asked.connection
        try:
            connection.settimeout(_remaining_s(deadline))
            received = connection.recv(SHORT_BYTES)
            short = short_answer(received) if len(received) <= max_bytes else None
            if short is not None:
                body, head = short
            else:
                answer = _read_head(connection, deadline, received)
                with closing(answer):
                    body = answer.read_all(max_bytes)
                head = answer.head
        except BaseException:
            connection.close()
            raise
        self._keep_idle(asked, is_reusable=head.is_reusable)
        self.named_version = head.api_version
        return head.status, body

    def _keep_idle(self, asked: Asked, *, is_reusable: bool) -> None:
        """Keep a reusable connection, unless `close` has been called since."""
        with self._lock:
            is_current = asked.generation == self._generation
            if is_reusable and is_current and len(self._idle) < _MAX_IDLE:
                self._idle.append(asked.connection)
                return
        asked.connection.close()


def _read_head(
    connection: socket.socket, deadline: float, received: bytes = b""
) -> Answer:
    """Read the head of a response that must be complete at a monotonic time."""
    connection.settimeout(_remaining_s(deadline))
    return Answer(connection, received)


def _remaining_s(deadline: float) -> float:
    """Return the time until a deadline in seconds, at least `_MIN_TIMEOUT_S`."""
    return max(deadline - time.monotonic(), _MIN_TIMEOUT_S)
