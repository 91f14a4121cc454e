"""Reading from an engine's unix socket with nothing but the standard library.

The docker SDK would do it too, but its import takes longer than all that nstui asks at
its start, and each of its answers three times as much work.
"""

from __future__ import annotations

import http
import http.client
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nstui.engine._answer import Answer
from nstui.engine._errors import check_status, translated
from nstui.engine._lines import AnswerLines
from nstui.engine._parse import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.engine._errors import Call

_HEADERS = {"Accept": "application/json"}
_MOST_IDLE = 2
"""As many threads ask at the same time, and rarely more."""

_SHORTEST = 0.001
"""What is left, in seconds, when nothing is: zero would mean not to wait at all."""


class _Connection(http.client.HTTPConnection):
    response_class = Answer

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
            status, body = self._answer(path, call.most)
        check_status(status, body, call)
        return parse(body, call)

    def stream(
        self, path: str, parameters: Mapping[str, str], call: Call
    ) -> AnswerLines:
        """Ask for lines that come now and then; return once an answer begins."""
        connection = _Connection(self._path, self._timeout)
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
        """Let go of connections that are not in use."""
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
        connection = _Connection(self._path, self._timeout)
        return self._ask(connection, path, most, end)

    def _ask(
        self, connection: _Connection, path: str, most: int, end: float
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

    def _keep(self, connection: _Connection, closings: int) -> None:
        """Keep a connection for the next question, unless all were let go of since."""
        with self._lock:
            if closings == self._closings and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()
