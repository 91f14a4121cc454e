"""Reading from an engine's unix socket with nothing but the standard library.

The docker SDK would do it too, but its import takes longer than all that nstui asks at
its start, and each of its answers three times as much work.
"""

from __future__ import annotations

import http
import http.client
import json
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nstui.engine._errors import check_status, translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.engine._errors import Call

_HEADERS = {"Accept": "application/json"}
_MOST_IDLE = 2
"""As many threads ask at the same time, and rarely more."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(self.timeout)
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise
        self.sock = connection


class SocketReader:
    """Implements `_reader.Reader`; it keeps connections for the next question."""

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._lock = threading.Lock()
        self._idle: list[_Connection] = []
        self._closings = 0

    def get(self, path: str, call: Call) -> object:
        """Return the JSON that is at a path."""
        with translated(call):
            status, body = self._answer(path)
            check_status(status, body, call)
            answer: object = json.loads(body)
            return answer

    def stream(
        self, path: str, parameters: Mapping[str, str], call: Call
    ) -> SocketLines:
        """Ask for lines that come now and then; return once an answer begins."""
        connection = _Connection(self._path, self._timeout)
        try:
            with translated(call):
                connection.request("GET", f"{path}?{urlencode(parameters)}")
                response = connection.getresponse()
                if response.status != http.HTTPStatus.OK:
                    check_status(response.status, response.read(), call)
                return SocketLines(connection, response)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Let go of connections that are not in use."""
        with self._lock:
            self._closings += 1
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _answer(self, path: str) -> tuple[int, bytes]:
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is not None:
            # While nobody asked the engine may have hung up, or come back as another.
            with suppress(ConnectionError, http.client.BadStatusLine):
                return self._ask(kept, path)
        return self._ask(_Connection(self._path, self._timeout), path)

    def _ask(self, connection: _Connection, path: str) -> tuple[int, bytes]:
        closings = self._closings
        try:
            connection.request("GET", path, headers=_HEADERS)
            with connection.getresponse() as response:
                answer = response.status, response.read()
        except BaseException:
            connection.close()
            raise
        self._keep(connection, closings)
        return answer

    def _keep(self, connection: _Connection, closings: int) -> None:
        """Keep a connection for the next question, unless all were let go of since."""
        with self._lock:
            if closings == self._closings and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()


class SocketLines:
    """Implements `_events.Lines`."""

    def __init__(
        self, connection: _Connection, response: http.client.HTTPResponse
    ) -> None:
        """Take over an answer whose body has not been read.

        Until here the time limit of a call held; a quiet host may be silent for ever.
        """
        self._connection = connection
        self._response = response
        self._socket: socket.socket = connection.sock
        self._socket.settimeout(None)

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines until the other side or `end` ends them."""
        with suppress(OSError, http.client.HTTPException):
            while line := self._response.readline():
                yield line

    def end(self) -> None:
        """End the lines, also while another thread waits for the next one."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
        self._response.close()
        self._connection.close()
