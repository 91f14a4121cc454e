"""A shell of this machine in the place of one behind a connection."""

from __future__ import annotations

import os
import secrets
import select
import subprocess
import time
from typing import TYPE_CHECKING

from nstui.errors import EngineUnreachable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHUNK = 65536


class LocalShell:
    """Implements `RemoteShell` by one shell that is kept, and counts what it is asked.

    It is started when it is first needed, with the rights that its process has then.
    """

    refusal: str | None = None

    def __init__(self, command: Sequence[str]) -> None:
        """Take the command of the shell."""
        self._command = tuple(command)
        self._started: subprocess.Popen[bytes] | None = None
        self.round_trips = 0
        self.bytes = 0
        """How many have gone through it, both ways together."""

    def run(self, script: str, *, timeout_s: float) -> bytes:
        """Run a script in the shell; see `RemoteShell`."""
        if self._started is None:
            self._started = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        process, mark = self._started, secrets.token_hex(16)
        assert process.stdin is not None
        half = len(mark) // 2
        ended = f"\nprintf %s%s {mark[:half]} {mark[half:]}\n"
        try:
            process.stdin.write((script + ended).encode())
        except OSError:
            raise self._lost() from None
        answer = self._read_until(process, mark.encode(), timeout_s)
        self.round_trips += 1
        self.bytes += len(script.encode()) + len(answer)
        return answer

    def _read_until(
        self, process: subprocess.Popen[bytes], mark: bytes, timeout_s: float
    ) -> bytes:
        assert process.stdout is not None
        found, end = bytearray(), time.monotonic() + timeout_s
        while not found.endswith(mark):
            left = end - time.monotonic()
            if not select.select([process.stdout], [], [], max(left, 0))[0]:
                raise EngineUnreachable("the shell is silent", Unreachable.TIMED_OUT)
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                raise self._lost()
            found += chunk
        return bytes(found[: -len(mark)])

    def _lost(self) -> EngineUnreachable:
        return EngineUnreachable("the connection is lost")

    def kill(self) -> None:
        """End the shell, as a connection dies."""
        if self._started is not None:
            self._started.kill()

    def close(self) -> None:
        """End the shell and wait for its end."""
        if self._started is not None:
            assert self._started.stdin is not None
            assert self._started.stdout is not None
            self._started.stdin.close()
            self._started.stdout.close()
            self._started.kill()
            self._started.wait()
            self._started = None
