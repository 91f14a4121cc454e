"""Follows a container's log in a thread."""

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
    """What has arrived since the last call of `LogFollower.take`."""

    lines: tuple[LogLine, ...]
    """The newest lines, the oldest first."""

    skipped: int
    """The number of older lines that were dropped."""

    has_begun: bool
    """Whether the engine has answered."""

    has_ended: bool
    """Whether no further lines will arrive."""

    problem: NstuiError | None
    """Why the log could not be read; None if it could."""


class LogFollower:
    """Collects the lines of a log in a thread, up to a limit, until they are taken.

    The thread is a daemon that nothing waits for: an engine that hangs blocks neither
    the screen nor the end of the program.
    """

    def __init__(
        self,
        engine: ContainerEngine,
        container: ContainerId,
        *,
        keep: int,
        on_news: Callable[[], object],
    ) -> None:
        """Store what to read; nothing is read before `start`.

        Args:
            engine: The engine of the container.
            container: The container.
            keep: The largest number of lines to hold; older ones are dropped.
            on_news: Called from the thread when there is something to take, and not
                again before `take` is called.

        """
        self._engine = engine
        self._container = container
        self._on_news = on_news
        self._lock = threading.Lock()
        self._waiting: deque[LogLine] = deque(maxlen=keep)
        self._count = 0
        self._is_told = False
        self._has_ended = False
        self._problem: NstuiError | None = None
        self._stopped = threading.Event()
        self._stream: LogStream | None = None

    def start(self, *, tail: int | None = None, since_ns: int | None = None) -> None:
        """Begin to read, with the arguments of `ContainerEngine.logs`."""
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
        """Return what has arrived since the last call."""
        with self._lock:
            lines = tuple(self._waiting)
            news = LogNews(
                lines=lines,
                skipped=self._count - len(lines),
                has_begun=self._stream is not None,
                has_ended=self._has_ended,
                problem=self._problem,
            )
            self._waiting.clear()
            self._count = 0
            self._is_told = False
        return news

    def _read(self, tail: int | None, since_ns: int | None) -> None:
        try:
            stream = self._engine.logs(self._container, tail=tail, since_ns=since_ns)
            with self._lock:
                self._stream = stream
            if self._stopped.is_set():
                # `stop` was called before there was a stream to close.
                stream.close()
            self._notify()
            for line in stream:
                self._append(line)
        except NstuiError as error:
            self._problem = error
        except Exception as error:  # noqa: BLE001 - every error is reported
            self._problem = InternalFault.of(error)
        self._has_ended = True
        self._notify()

    def _append(self, line: LogLine) -> None:
        with self._lock:
            self._waiting.append(line)
            self._count += 1
        if not self._is_told:
            self._notify()

    def _notify(self) -> None:
        with self._lock:
            is_told, self._is_told = self._is_told, True
        if not is_told and not self._stopped.is_set():
            self._on_news()
