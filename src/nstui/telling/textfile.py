"""Writes metrics to a file whenever there are new ones."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.errors import InternalFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nstui.telling.target import MetricsFile

LEAST_S = 1.0
"""The least time between two writes, in seconds."""

CLOSING_S = 0.4
READABLE = 0o644
"""node_exporter runs as another user."""


def write_readable(path: Path, content: bytes) -> None:
    """Replace a file by one that is complete, and that everybody may read.

    Its temporary name does not end in ``.prom``, so that no collector reads it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.chmod(READABLE)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


class TextFile:
    """Keeps a file as the metrics are, in a thread of its own."""

    def __init__(
        self,
        target: MetricsFile,
        content: Callable[[], bytes],
        problem: Callable[[str], None],
        *,
        retry_s: float,
    ) -> None:
        """Begin to write.

        Args:
            target: The file.
            content: Returns what it is to contain; called in this thread.
            problem: Is told, once, that it cannot be written; called in this thread.
            retry_s: After how many seconds it is tried again.

        """
        self._target = target
        self._content = content
        self._problem = problem
        self._retry_s = retry_s
        self._has_failed = False
        self._is_closed = False
        self._news = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="metrics file", daemon=True
        )
        self._thread.start()

    def wake(self) -> None:
        """Say that there are new metrics."""
        self._news.set()

    def close(self) -> None:
        """Write the last metrics, and end."""
        self._is_closed = True
        self._closing.set()
        self._news.set()
        self._thread.join(CLOSING_S)

    def _run(self) -> None:
        while not self._is_closed:
            self._news.wait()
            self._news.clear()
            is_written = self._write()
            # Events come in bursts, and a disk that is full stays so for a while.
            self._closing.wait(LEAST_S if is_written else self._retry_s)
            if not is_written:
                self._news.set()
        if self._news.is_set():
            self._write()

    def _write(self) -> bool:
        try:
            write_readable(self._target.path, self._content())
        except OSError as error:
            self._tell(
                f"the metrics cannot be written to {self._target}: "
                f"{printable(error.strerror or str(error))}; it is tried again"
            )
            return False
        except Exception as error:  # noqa: BLE001 - no exception ends a thread in silence
            self._tell(str(InternalFault.of(error)))
            return False
        self._has_failed = False
        return True

    def _tell(self, sentence: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._problem(sentence)
