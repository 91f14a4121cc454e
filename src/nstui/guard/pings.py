"""Asks the front whether it answers, as the engine would."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from nstui.guard.front import PING
from nstui.guard.loop import READ

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nstui.guard.loop import Loop, Timer

PING_S = 1.5
"""How long a front may take for an answer: an engine asks again 1 s after the
connection broke off, and no call may take 5 s."""

_PING = f"POST {PING} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode()


class Pings:
    """Asks one question after the other, each when it is told to."""

    def __init__(
        self,
        loop: Loop,
        path: Path,
        answered: Callable[[int | None], None],
        unreached: Callable[[], None],
    ) -> None:
        """Ask nothing yet.

        Args:
            loop: Waits for the answers.
            path: The socket where the engine asks.
            answered: Is called with the process that has answered; with None if there
                was no answer in time.
            unreached: Is called if nobody listens at the socket.

        """
        self._loop = loop
        self._path = path
        self._answered, self._unreached = answered, unreached
        self._ping: _Ping | None = None
        self._next: Timer | None = None

    def ask_after(self, seconds: float) -> None:
        """Ask after a time, in place of what was to be asked next."""
        if self._next is not None:
            self._next.cancel()
        self._next = self._loop.after(seconds, self._begin)

    def stop(self) -> None:
        """Ask no more, and take no answer, until `ask_after`."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        if self._ping is not None:
            self._ping.cancel()
            self._ping = None

    def _begin(self) -> None:
        self._next = None
        if self._ping is not None:
            return
        try:
            ping = _Ping(self._loop, self._path, self._finish)
        except OSError:
            # That no file can be opened here says nothing of the front.
            self.ask_after(PING_S)
            return
        if ping.is_heard:
            self._ping = ping
        else:
            ping.cancel()
            self._unreached()

    def _finish(self, pid: int | None) -> None:
        self._ping = None
        self._answered(pid)


class _Ping:
    """One question, and what has come of its answer."""

    def __init__(
        self, loop: Loop, path: Path, answered: Callable[[int | None], None]
    ) -> None:
        self._loop = loop
        self._answered = answered
        self._got = bytearray()
        self.is_heard = True
        """Whether somebody listens."""

        self._socket = socket.socket(socket.AF_UNIX)
        self._timer: Timer = loop.after(PING_S, self._expire)
        self._socket.setblocking(False)  # noqa: FBT003 - the only argument it has
        try:
            self._socket.connect(str(path))
            self._socket.send(_PING)
            loop.watch(self._socket, READ, self._read)
        except (FileNotFoundError, ConnectionRefusedError):
            self.is_heard = False
        except OSError:
            # Where too many wait to be accepted, the time runs out.
            pass

    def cancel(self) -> None:
        """Ask no more."""
        self._timer.cancel()
        self._loop.forget(self._socket)
        self._socket.close()

    def _read(self) -> None:
        try:
            data = self._socket.recv(4096)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        self._got += data
        pid = _pid_in(bytes(self._got))
        if pid is not None:
            self._finish(pid)
        elif not data:
            self._loop.forget(self._socket)

    def _expire(self) -> None:
        # What came while this process was held up counts.
        if self._socket.fileno() >= 0:
            with suppress(OSError):
                self._got += self._socket.recv(4096)
        self._finish(_pid_in(bytes(self._got)))

    def _finish(self, pid: int | None) -> None:
        self.cancel()
        self._answered(pid)


def _pid_in(got: bytes) -> int | None:
    _, _, content = got.partition(b"\r\n\r\n")
    with suppress(ValueError):
        document = json.loads(content)
        pid = document.get("pid") if isinstance(document, dict) else None
        return pid if isinstance(pid, int) else None
    return None
