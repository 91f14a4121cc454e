"""Somebody who reads a log in a thread of their own."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.audit import LogLine
    from nstui.ports import LogStream

PATIENCE = 60.0
"""Seconds within which a line has arrived, or a stream has ended."""


class LogReader:
    """Collects the lines of a stream until it ends."""

    def __init__(self, stream: LogStream) -> None:
        self.lines: list[LogLine] = []
        self._stream = stream
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def texts(self) -> list[str]:
        """What the lines say."""
        return [line.text for line in self.lines]

    def until(self, *texts: str) -> list[LogLine]:
        """Return the lines as soon as exactly these have come."""
        deadline = time.monotonic() + PATIENCE
        while self.texts != list(texts) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.texts == list(texts)
        return self.lines

    def until_last(self, text: str) -> None:
        """Return as soon as the last line that has come is this one."""
        deadline = time.monotonic() + PATIENCE
        while self.texts[-1:] != [text] and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.texts[-1:] == [text]

    def ended(self, timeout: float = PATIENCE) -> bool:
        """Wait for the end of the stream; tell whether it has come."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _read(self) -> None:
        for line in self._stream:
            self.lines.append(line)
