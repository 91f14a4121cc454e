"""Reads a container's log until it is stopped."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from nstui.errors import InternalFault, NstuiError
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.audit import LogLine
    from nstui.model.container import ContainerId
    from nstui.ports import ContainerEngine, LogStream


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNews:
    """What has come since somebody last asked."""

    lines: tuple[LogLine, ...]
    """The newest lines, the oldest first."""

    skipped: int
    """How many came before them and were not kept."""

    has_begun: bool
    """Whether the engine has answered."""

    has_ended: bool
    """Whether no more will come."""

    problem: NstuiError | None
    """Why the log could not be read, if it could not."""


class LogFollower:
    """Holds the lines that nobody has taken yet, and no more than it may.

    Its thread is a daemon that nothing waits for: an engine that hangs holds up
    neither the screen nor the end of the program.
    """

    def __init__(
        self,
        engine: ContainerEngine,
        container: ContainerId,
        *,
        keep: int,
        on_news: Callable[[], object],
    ) -> None:
        """Take what to read and whom to tell; the call comes from a thread.

        Args:
            engine: Has the log.
            container: Whose log it is.
            keep: How many lines to hold; older ones are dropped.
            on_news: Called when there is something to take, once until it is taken.

        """
        self._engine = engine
        self._container = container
        self._on_news = on_news
        self._lock = threading.Lock()
        self._waiting: deque[LogLine] = deque(maxlen=keep)
        self._arrived = 0
        self._is_told = False
        self._has_ended = False
        self._problem: NstuiError | None = None
        self._stopped = threading.Event()
        self._stream: LogStream | None = None

    def start(self, *, tail: int | None = None, since_ns: int | None = None) -> None:
        """Begin to read; `tail` and `since_ns` are those of `ContainerEngine.logs`."""
        threading.Thread(
            target=self._read, args=(tail, since_ns), name="log", daemon=True
        ).start()

    def stop(self) -> None:
        """Tell the thread to end, without waiting for it."""
        self._stopped.set()
        with self._lock:
            stream = self._stream
        if stream is not None:
            stream.close()

    def take(self) -> LogNews:
        """Return what has come since the last call."""
        with self._lock:
            lines = tuple(self._waiting)
            news = LogNews(
                lines=lines,
                skipped=self._arrived - len(lines),
                has_begun=self._stream is not None,
                has_ended=self._has_ended,
                problem=self._problem,
            )
            self._waiting.clear()
            self._arrived = 0
            self._is_told = False
        return news

    def _read(self, tail: int | None, since_ns: int | None) -> None:
        try:
            stream = self._engine.logs(self._container, tail=tail, since_ns=since_ns)
            with self._lock:
                self._stream = stream
            if self._stopped.is_set():
                # It was too early for `stop` to close it.
                stream.close()
            self._tell()
            for line in stream:
                self._hold(line)
        except NstuiError as error:
            self._problem = error
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self._problem = InternalFault.of(error)
        self._has_ended = True
        self._tell()

    def _hold(self, line: LogLine) -> None:
        with self._lock:
            self._waiting.append(line)
            self._arrived += 1
        if not self._is_told:
            self._tell()

    def _tell(self) -> None:
        with self._lock:
            is_told, self._is_told = self._is_told, True
        if not is_told and not self._stopped.is_set():
            self._on_news()
