"""Remembers from look to look how soon containers are started again."""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from nstui.model.container import Container, ContainerId


class RestartMemory:
    """Learns from every look; knows only containers that exist."""

    def __init__(self) -> None:
        """Begin without knowing anything."""
        self._lock = threading.Lock()
        self._last: dict[ContainerId, tuple[int, datetime]] = {}
        self._periods: dict[ContainerId, timedelta] = {}

    def learn(self, containers: Iterable[Container]) -> Mapping[ContainerId, timedelta]:
        """Take in one look; return how long the last runs of some were.

        Those are the containers whose restart count has been seen to rise. A count
        that has fallen is that of a container that was started by hand.
        """
        with self._lock:
            last, periods = {}, {}
            for container in containers:
                inspection = container.inspection
                if inspection is None or inspection.started_at is None:
                    continue
                now = inspection.restart_count, inspection.started_at
                last[container.id] = now
                period = self._period(container.id, *now)
                if period is not None:
                    periods[container.id] = period
            self._last, self._periods = last, periods
            return MappingProxyType(periods)

    def _period(
        self, container: ContainerId, count: int, started: datetime
    ) -> timedelta | None:
        before = self._last.get(container)
        if before is None or count < before[0]:
            return None
        if count == before[0]:
            return self._periods.get(container)
        return (started - before[1]) / (count - before[0])
