"""Finds out what containers that are gone were, and settles unfinished records."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.ancestry import as_seen, from_past, newer, with_past
from nstui.errors import AuditFailed, NstuiError
from nstui.model.container import ContainerId, is_id
from nstui.model.snapshot import FormerContainer, FormerContainerSource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.ports import AuditLog, ContainerEvent, Register


MOST_ASKED = 100
"""The engine is asked for the past of no more containers at a time."""

_AT_ITS_END = frozenset({FormerContainerSource.EVENTS, FormerContainerSource.REMOVED})
"""Where what is known of a container is from the moment when it went."""


class FormerContainers:
    """Learns from every look; what it has not seen others may know.

    Those are the register, in which every look of every program is noted, and else the
    copies of what nstui removed; and the engine's memory of past events, which has the
    last name. Each is asked once for each container that was joined and is gone.
    """

    def __init__(
        self,
        store: AuditLog | None = None,
        register: Register | None = None,
        past: Callable[[Collection[ContainerId]], Iterable[ContainerEvent]]
        | None = None,
    ) -> None:
        """Take who may know more.

        Args:
            store: Where removed containers are kept, if anywhere.
            register: Where all that is seen is noted, if anywhere.
            past: Asks the engine, if it may be asked.

        """
        self._store = store
        self._register = register
        self._past = past
        self._lock = threading.Lock()
        self._there: dict[ContainerId, FormerContainer] = {}
        self._gone: dict[ContainerId, FormerContainer] = {}
        self._asked: set[ContainerId] = set()
        self._asked_engine: set[ContainerId] = set()

    def learn(
        self, containers: Iterable[Container], *, is_glimpse: bool = False
    ) -> Mapping[ContainerId, FormerContainer]:
        """Take in one look; return those that were joined and no longer exist.

        Args:
            containers: All that there are.
            is_glimpse: Whether not all is known of them yet, and nobody shall wait:
                nothing is noted then, and the engine is not asked.

        """
        with self._lock:
            there = {container.id: container for container in containers}
            return self._learn(there, is_glimpse=is_glimpse)

    def _learn(
        self, there: Mapping[ContainerId, Container], *, is_glimpse: bool
    ) -> Mapping[ContainerId, FormerContainer]:
        joined = {
            ContainerId(join.reference)
            for container in there.values()
            for join in container.joins
            if is_id(join.reference)
        }
        before = self._there | self._gone
        seen = dict(self._seen(there, before))
        gone = joined - there.keys()
        known = {one: before[one] for one in gone if one in before}
        known |= self._found_out(gone - known.keys())
        if not is_glimpse:
            known |= self._as_the_engine_knows(gone, known)
            is_news = any(before.get(one.id) != one for one in seen.values())
            if self._register is not None and (is_news or known != self._gone):
                # Who is needed most comes last, since it is forgotten last.
                rest = [one for one in seen.values() if one.id not in joined]
                needed = [one for one in seen.values() if one.id in joined]
                self._register.note([*rest, *needed, *known.values()])
            self._there = seen
        self._gone = known
        return MappingProxyType(known)

    def _seen(
        self,
        there: Mapping[ContainerId, Container],
        before: Mapping[ContainerId, FormerContainer],
    ) -> Iterable[tuple[ContainerId, FormerContainer]]:
        """Yield what is known of those that are there."""
        for container in there.values():
            told = as_seen(container, there.keys())
            if told is not None:
                yield container.id, newer(before.get(container.id), told)
            elif container.id in before:
                yield container.id, before[container.id]

    def _found_out(
        self, unknown: set[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return what was written down; it is read once."""
        found: dict[ContainerId, FormerContainer] = {}
        # What they do not have now they will not have later: whoever notes or removes a
        # container does so while it is there to be seen.
        if unknown - self._asked:
            if self._register is not None:
                found |= self._register.find(unknown)
            if unknown - found.keys():
                found |= self._kept(unknown - found.keys())
        self._asked = unknown - found.keys()
        return found

    def _as_the_engine_knows(
        self, gone: set[ContainerId], known: Mapping[ContainerId, FormerContainer]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return those of whom the engine tells more, which is asked once.

        One can have been renamed between the look that saw it last and its end.
        """
        final = {one for one, was in known.items() if was.source in _AT_ITS_END}
        asked = sorted(gone - final - self._asked_engine)[:MOST_ASKED]
        told = self._told(asked) if asked else {}
        self._asked_engine = {*self._asked_engine, *asked} & gone
        return {one: with_past(known.get(one), past) for one, past in told.items()}

    def _kept(
        self, wanted: Iterable[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return those of whom a copy was kept when they were removed."""
        if self._store is None:
            return {}
        try:
            records = self._store.removed()
        except AuditFailed:
            # Not to know a name is no reason not to look at what there is.
            return {}
        wanted = set(wanted)
        return {
            r.id: FormerContainer(
                r.id, r.name, r.compose, FormerContainerSource.REMOVED
            )
            for r in records
            if r.id in wanted
        }

    def _told(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return those of whom the engine still knows what they were called."""
        if self._past is None:
            return {}
        events: Iterable[ContainerEvent] = ()
        # Who may look may not always ask for events, and Podman may keep none.
        with suppress(NstuiError):
            events = self._past(wanted)
        found = from_past(
            (e.container, e.name, datetime.fromtimestamp(e.time_ns / 1e9, UTC))
            for e in events
        )
        return {one: found[one] for one in wanted if one in found}


GRACE_S = 30.0
"""How long an engine may still be at the last request of a program that was killed."""


def settle_records(
    store: AuditLog, report: Report, acted_on: Collection[ContainerId] = ()
) -> None:
    """Drop what no longer says anything, and confirm the removals that are seen.

    Of plans that were cut off those are dropped that left nothing, and those all of
    whose containers a later plan has acted on.

    Args:
        store: Where the records are.
        report: What was seen; only records of its engine are touched.
        acted_on: The containers that a later plan has acted on.

    Raises:
        AuditFailed: something cannot be written.

    """
    from nstui.analysis.plans.interruptions import (  # noqa: PLC0415
        concerned,
        find_interruptions,
    )

    snapshot, graph = report.snapshot, report.graph
    left = {one.record.id: one for one in find_interruptions(snapshot, graph)}
    for record in snapshot.unfinished:
        one = left.get(record.id)
        age = snapshot.taken_at - (record.written_at or record.began_at)
        mine = {step.container for step in record.steps[: record.begun]}
        is_over = (
            age >= timedelta(seconds=GRACE_S) or not mine.isdisjoint(acted_on)
            if one is None
            else concerned(one) <= set(acted_on)
        )
        if is_over and record.endpoint == snapshot.engine.endpoint:
            journal = store.resume(record.id)
            journal.end()
            journal.close()


def confirm_removals(store: AuditLog, report: Report) -> None:
    """Confirm those removals that were cut off and whose containers are gone.

    Raises:
        AuditFailed: something cannot be read or written.

    """
    for removed in store.removed():
        is_here = removed.endpoint == report.snapshot.engine.endpoint
        is_gone = removed.id not in report.graph.containers
        if not removed.is_confirmed and is_here and is_gone:
            store.save(replace(removed, is_confirmed=True))
