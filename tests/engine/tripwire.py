"""A socket in front of an engine's that does something after a certain change."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

CHANGES = (b"POST ", b"DELETE ")
_CHUNK = 65536


class Tripwire:
    """Passes everything on; acts once the engine has answered one of the changes.

    Attributes:
        changes: How many changes were asked for.

    """

    def __init__(
        self, engine: Path, listen: Path, number: int, act: Callable[[], object]
    ) -> None:
        """Listen.

        Args:
            engine: The engine's socket.
            listen: Where to listen.
            number: The change to act after, counted from 1.
            act: What to do before its answer is passed on.

        """
        self.changes = 0
        self._engine = engine
        self._number = number
        self._act = act
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(listen))
        self._listener.listen()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                upstream = socket.socket(socket.AF_UNIX)
                upstream.connect(str(self._engine))
                trips: list[bool] = []
                for pump in (self._pass_requests, self._pass_answers):
                    threading.Thread(
                        target=pump, args=(client, upstream, trips), daemon=True
                    ).start()

    def _pass_requests(
        self, client: socket.socket, upstream: socket.socket, trips: list[bool]
    ) -> None:
        with suppress(OSError):
            while data := client.recv(_CHUNK):
                if data.startswith(CHANGES):
                    with self._lock:
                        self.changes += 1
                        trips.append(self.changes == self._number)
                upstream.sendall(data)
        with suppress(OSError):
            upstream.shutdown(socket.SHUT_WR)

    def _pass_answers(
        self, client: socket.socket, upstream: socket.socket, trips: list[bool]
    ) -> None:
        with suppress(OSError), client, upstream:
            while data := upstream.recv(_CHUNK):
                if trips and trips.pop():
                    self._act()
                client.sendall(data)
