"""Remembers what containers were called that others joined and that are gone."""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.errors import TraceFailed
from nstui.model.container import ContainerId, is_id
from nstui.model.snapshot import Ancestor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.container import Container
    from nstui.ports import TraceStore


class Lineage:
    """Learns from every look; what it has not seen may be in the store.

    It knows only of those that somebody who exists has joined, so that it stays small
    however long nstui is left open.
    """

    def __init__(self, store: TraceStore | None = None) -> None:
        """Take where removed containers are kept, if anywhere."""
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[ContainerId, Ancestor] = {}
        self._asked: set[ContainerId] = set()

    def learn(self, containers: Iterable[Container]) -> Mapping[ContainerId, Ancestor]:
        """Take in one look; return those that were joined and no longer exist."""
        with self._lock:
            return self._learn({container.id: container for container in containers})

    def _learn(
        self, there: Mapping[ContainerId, Container]
    ) -> Mapping[ContainerId, Ancestor]:
        joined = {
            ContainerId(join.reference)
            for container in there.values()
            for join in container.joins
            if is_id(join.reference)
        }
        known = {c: self._known[c] for c in joined if c in self._known}
        for container in joined & there.keys():
            seen = there[container]
            known[container] = Ancestor(container, seen.name, seen.compose)
        unknown = joined - known.keys()
        # What the store does not have now it will not have later: whoever removes a
        # container with nstui does so while it is there to be seen.
        if unknown - self._asked:
            known.update(self._kept(unknown))
        self._asked = unknown
        self._known = known
        return MappingProxyType(
            {c: known[c] for c in joined - there.keys() if c in known}
        )

    def _kept(self, wanted: Iterable[ContainerId]) -> Mapping[ContainerId, Ancestor]:
        """Return those of whom a copy was kept when they were removed."""
        if self._store is None:
            return {}
        try:
            records = self._store.removed()
        except TraceFailed:
            # Not to know a name is no reason not to look at what there is.
            return {}
        wanted = set(wanted)
        return {
            r.id: Ancestor(r.id, r.name, r.compose) for r in records if r.id in wanted
        }
