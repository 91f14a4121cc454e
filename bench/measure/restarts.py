"""Notes the restarts that a program asks an engine for."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_RESTART = re.compile(r"POST \S*/containers/[^/]+/restart(?:\?|$)")


class Restarts:
    """When restarts were requested, and how many were under way at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.most_at_once = 0
        self._clock = clock
        self._begun: list[float] = []
        self._under_way = 0
        self._arrived = threading.Condition()

    def begin(self, request: str) -> None:
        """Take a request, as method and path, before it is passed on."""
        if not _RESTART.match(request):
            return
        with self._arrived:
            self._begun.append(self._clock())
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
            self._arrived.notify_all()

    def end(self, request: str) -> None:
        """Take a request whose answer has come."""
        if _RESTART.match(request):
            with self._arrived:
                self._under_way -= 1

    @property
    def count(self) -> int:
        """The number of restarts requested so far."""
        return len(self._begun)

    def wait_for(self, number: int, limit_s: float) -> float | None:
        """Return when a restart was requested; None if it was not in time.

        Args:
            number: Which one, from 0.
            limit_s: How long to wait for it.

        """
        with self._arrived:
            if self._arrived.wait_for(lambda: len(self._begun) > number, limit_s):
                return self._begun[number]
            return None
