"""What earlier inspects told, for as long as it holds."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.engine._json import items, mapping, number, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.container import ContainerId, Inspection

_PARENTHESES = re.compile(r"\([^)]*\)")
"""In ``Up 3 hours (healthy)`` and ``Exited (137) 5 minutes ago`` what is no time."""

Signature = tuple[object, ...]


def signature(row: Mapping[str, object]) -> Signature:
    """Return what in a row of the list changes when an inspect would.

    A start gives a container new endpoints in its networks, so that even a restart
    which nobody saw is noticed, except that of a container without a network.
    """
    networks = mapping(mapping(row.get("NetworkSettings")).get("Networks"))
    return (
        text(row, "State"),
        texts(row.get("Names")),
        tuple(_PARENTHESES.findall(text(row, "Status"))),
        tuple(
            sorted(
                (name, text(mapping(value), "EndpointID"))
                for name, value in networks.items()
            )
        ),
        tuple(sorted(_port_words(mapping(port)) for port in items(row.get("Ports")))),
    )


def _port_words(port: Mapping[str, object]) -> str:
    inside, outside = number(port, "PrivatePort"), number(port, "PublicPort")
    return f"{inside} {outside} {text(port, 'Type')} {text(port, 'IP')}"


@dataclass(frozen=True, slots=True)
class _Entry:
    signature: Signature
    inspection: Inspection


class InspectMemory:
    """Remembers inspections by container; several threads may use it.

    What is forgotten while an inspect is under way must not come back with its
    answer, which may be older: `store` wants to know when the inspect began.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[ContainerId, _Entry] = {}
        self._clock = 0
        self._forgotten_at: dict[ContainerId, int] = {}
        self._all_forgotten_at = 0

    def now(self) -> int:
        """Return the moment for `store`: ask before the inspect."""
        with self._lock:
            return self._clock

    def recall(self, container: ContainerId, seen: Signature) -> Inspection | None:
        """Return what is remembered of a container if its row still looks the same."""
        with self._lock:
            entry = self._entries.get(container)
        if entry is None or entry.signature != seen:
            return None
        return entry.inspection

    def store(
        self,
        container: ContainerId,
        seen: Signature,
        inspection: Inspection,
        *,
        began: int,
    ) -> None:
        """Remember an inspection, unless it was forgotten since it began."""
        with self._lock:
            forgotten_at = self._forgotten_at.get(container, 0)
            if max(forgotten_at, self._all_forgotten_at) <= began:
                self._entries[container] = _Entry(seen, inspection)

    def forget(self, containers: Iterable[ContainerId] | None) -> None:
        """Drop some containers, or all."""
        with self._lock:
            self._clock += 1
            if containers is None:
                self._all_forgotten_at = self._clock
                self._entries.clear()
                return
            for container in containers:
                self._forgotten_at[container] = self._clock
                self._entries.pop(container, None)

    def retain(self, containers: Iterable[ContainerId]) -> None:
        """Drop all that are not among these."""
        present = set(containers)
        with self._lock:
            for known in (self._entries, self._forgotten_at):
                for container in known.keys() - present:
                    del known[container]
