"""What the guard has decided, as lines of JSON in a file that does not grow for ever.

Neither the bodies of requests nor environments are in it. A disk that is full or hangs
changes no answer and delays none.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from queue import Full, Queue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_BYTES = 1_000_000
"""When a file is as long it is put aside; there are two of them at most."""

ASIDE = ".1"
_MOST_WAITING = 1000
_MODE = 0o600


class DecisionLog:
    """Appends decisions to a file, from a thread of its own."""

    def __init__(self, file: Path) -> None:
        """Begin to wait for decisions.

        Args:
            file: The file; missing folders are made.

        """
        self._file = file
        self._queue: Queue[dict[str, object]] = Queue(_MOST_WAITING)
        self.lost = 0
        """How many are not in the file."""

        self.problem = ""
        """Why the last one is not; empty if it is."""

        threading.Thread(target=self._write_all, daemon=True).start()

    def add(self, decision: dict[str, object]) -> None:
        """Have a decision written; return at once."""
        try:
            self._queue.put_nowait(decision)
        except Full:
            self.lost += 1
            self.problem = "writing takes too long"

    def flush(self) -> None:
        """Return once everything was tried that was added."""
        self._queue.join()

    def _write_all(self) -> None:
        while True:
            decision = self._queue.get()
            try:
                self._write(decision)
            except (OSError, ValueError) as error:
                self.lost += 1
                self.problem = getattr(error, "strerror", None) or type(error).__name__
            else:
                self.problem = ""
            finally:
                self._queue.task_done()

    def _write(self, decision: dict[str, object]) -> None:
        line = json.dumps(decision).encode() + b"\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._file, flags, _MODE)
        try:
            size = os.fstat(descriptor).st_size
            if os.write(descriptor, line) < len(line):
                # Half a line would spoil the next one.
                os.ftruncate(descriptor, size)
                raise OSError(28, "No space left on device")
        finally:
            os.close(descriptor)
        if size + len(line) > FILE_BYTES:
            self._file.replace(f"{self._file}{ASIDE}")


def read_decisions(file: Path, since: float) -> Iterator[dict[str, object]]:
    """Yield the decisions since a time, the oldest first.

    Args:
        file: The file of a `DecisionLog`; nothing comes of one that cannot be read.
        since: The time, in seconds since the epoch.

    """
    for path in (Path(f"{file}{ASIDE}"), file):
        with suppress(OSError):
            for line in path.read_bytes().splitlines():
                with suppress(ValueError, RecursionError):
                    decision = json.loads(line)
                    if isinstance(decision, dict) and _time(decision) >= since:
                        yield decision


def _time(decision: dict[str, object]) -> float:
    at = decision.get("at")
    return float(at) if isinstance(at, int | float) else 0.0
