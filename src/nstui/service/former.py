"""Remembers containers that are gone, and settles the records of earlier plans."""

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
    from nstui.model.container import Container, ContainerEvent
    from nstui.model.outcome import PlanRecord
    from nstui.ports import AuditLog, Register


MAX_ASKED = 100
"""The largest number of containers that the engine is asked about at once."""

_FINAL_SOURCES = frozenset(
    {FormerContainerSource.EVENTS, FormerContainerSource.REMOVED}
)
"""The sources that tell what a container was when it was removed."""


class FormerContainers:
    """Remembers containers from look to look, to describe those that are gone.

    For a container that it has not seen, it asks other sources, each once: the
    register, in which every nstui process notes what it sees; the copies of containers
    that nstui removed; and the engine's past events, which have the last name.
    """

    def __init__(
        self,
        audit_log: AuditLog | None = None,
        register: Register | None = None,
        past_events: Callable[[Collection[ContainerId]], Iterable[ContainerEvent]]
        | None = None,
    ) -> None:
        """Store the other sources, each of which may be None.

        Args:
            audit_log: Has the copies of removed containers.
            register: Has the containers seen by any nstui process.
            past_events: Returns the engine's past events of some containers.

        """
        self._audit_log = audit_log
        self._register = register
        self._past_events = past_events
        self._lock = threading.Lock()
        self._there: dict[ContainerId, FormerContainer] = {}
        self._gone: dict[ContainerId, FormerContainer] = {}
        self._asked: set[ContainerId] = set()
        self._asked_engine: set[ContainerId] = set()

    def learn(
        self, containers: Iterable[Container], *, is_glimpse: bool = False
    ) -> Mapping[ContainerId, FormerContainer]:
        """Take in one look; return the containers that were joined and are gone.

        Args:
            containers: All containers of the host.
            is_glimpse: Whether the look was only a glimpse. Nothing is written then,
                and the engine is not asked, since that could take a while.

        """
        with self._lock:
            there = {container.id: container for container in containers}
            return self._learn(there, is_glimpse=is_glimpse)

    def find(
        self, gone: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return what is known of containers that are gone, which need not be joined.

        Args:
            gone: The ids of the containers.

        """
        with self._lock:
            before = self._there | self._gone
            known = {one: before[one] for one in gone if one in before}
            if self._register is not None:
                known |= self._register.find({*gone} - known.keys())
            known |= self._find_removed({*gone} - known.keys())
            known |= self._find_elsewhere({*gone} - known.keys())
            final = {one for one in known if known[one].source in _FINAL_SOURCES}
            asked = sorted({*gone} - final)[:MAX_ASKED]
            told = self._find_in_events(asked) if asked else {}
            return known | {one: with_past(known.get(one), told[one]) for one in told}

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
        seen = dict(self._remember(there, before))
        gone = joined - there.keys()
        known = {one: before[one] for one in gone if one in before}
        known |= self._find_written(gone - known.keys())
        if not is_glimpse:
            known |= self._find_elsewhere(gone - known.keys())
            known |= self._add_engine_events(gone, known)
            is_news = any(before.get(one.id) != one for one in seen.values())
            if self._register is not None and (is_news or known != self._gone):
                # The register drops its oldest entries first, so the containers that
                # others joined are written last.
                rest = [one for one in seen.values() if one.id not in joined]
                needed = [one for one in seen.values() if one.id in joined]
                self._register.note([*rest, *needed, *known.values()])
            self._there = seen
        self._gone = known
        return MappingProxyType(known)

    def _remember(
        self,
        there: Mapping[ContainerId, Container],
        before: Mapping[ContainerId, FormerContainer],
    ) -> Iterable[tuple[ContainerId, FormerContainer]]:
        """Yield what is known of the containers that exist."""
        for container in there.values():
            told = as_seen(container, there.keys())
            if told is not None:
                yield container.id, newer(before.get(container.id), told)
            elif container.id in before:
                yield container.id, before[container.id]

    def _find_written(
        self, unknown: set[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return the containers that the register or the audit log has."""
        found: dict[ContainerId, FormerContainer] = {}
        # Entries are written only while a container exists, so an entry that is not
        # there now will not appear later.
        if unknown - self._asked:
            if self._register is not None:
                found |= self._register.find(unknown)
            if unknown - found.keys():
                found |= self._find_removed(unknown - found.keys())
        self._asked = unknown - found.keys()
        return found

    def _find_elsewhere(
        self, unknown: set[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return the containers that were seen at other addresses of the engine.

        This is tried again at each look: the engine may be late to tell its id.
        """
        if self._register is None or not unknown:
            return {}
        return self._register.find_elsewhere(unknown)

    def _add_engine_events(
        self, gone: set[ContainerId], known: Mapping[ContainerId, FormerContainer]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return the containers for which the engine's past events tell more.

        A container can have been renamed between the last look and its removal. The
        engine is asked once for each container.
        """
        final = {one for one, was in known.items() if was.source in _FINAL_SOURCES}
        asked = sorted(gone - final - self._asked_engine)[:MAX_ASKED]
        told = self._find_in_events(asked) if asked else {}
        self._asked_engine = {*self._asked_engine, *asked} & gone
        return {one: with_past(known.get(one), past) for one, past in told.items()}

    def _find_removed(
        self, wanted: Iterable[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return the wanted containers of which nstui has kept a copy."""
        if self._audit_log is None:
            return {}
        try:
            records = self._audit_log.removed()
        except AuditFailed:
            # A look must not fail because a name is unknown.
            return {}
        wanted = set(wanted)
        return {
            r.id: FormerContainer(
                r.id, r.name, r.compose, FormerContainerSource.REMOVED
            )
            for r in records
            if r.id in wanted
        }

    def _find_in_events(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return the wanted containers that the engine's past events name."""
        if self._past_events is None:
            return {}
        events: Iterable[ContainerEvent] = ()
        # A proxy may allow lists but not events, and Podman may keep no events.
        with suppress(NstuiError):
            events = self._past_events(wanted)
        found = from_past(
            (e.container, e.name, datetime.fromtimestamp(e.time_ns / 1e9, UTC))
            for e in events
        )
        return {one: found[one] for one in wanted if one in found}


GRACE_S = 30.0
"""Seconds that an engine may still work on the last request of a killed program."""


def may_settle(record: PlanRecord, report: Report) -> bool:
    """Tell whether a record may be of the engine, before that is asked for its id."""
    is_here = record.endpoint == report.snapshot.engine.endpoint
    return is_here or not _acted_on(record).isdisjoint(report.graph.containers)


def _acted_on(record: PlanRecord) -> set[ContainerId]:
    return {*record.made, *(step.container for step in record.steps)}


def settle_records(
    audit_log: AuditLog,
    report: Report,
    engine_id: str,
    acted_on: Collection[ContainerId] = (),
) -> None:
    """Drop the records of interrupted plans that are no longer needed.

    These are the plans that have left nothing over, and those for which a later plan
    has acted on all containers concerned. At another address than that of the record,
    at least one of its containers must be there: see `can_miss`.

    Args:
        audit_log: Has the records.
        report: The current report; only records of its engine are dropped.
        engine_id: The id of its engine; empty if it is not known.
        acted_on: The containers that a later plan has acted on.

    Raises:
        AuditFailed: a record cannot be written.

    """
    from nstui.analysis.plans.interruptions import (  # noqa: PLC0415
        concerned,
        find_interruptions,
    )
    from nstui.analysis.same_engine import can_miss  # noqa: PLC0415

    snapshot, graph = report.snapshot, report.graph
    left = {one.record.id: one for one in find_interruptions(snapshot, graph)}
    for record in snapshot.unfinished:
        one = left.get(record.id)
        age = snapshot.taken_at - (record.written_at or record.began_at)
        begun = {step.container for step in record.steps[: record.begun]}
        is_over = (
            age >= timedelta(seconds=GRACE_S) or not begun.isdisjoint(acted_on)
            if one is None
            else concerned(one) <= set(acted_on)
        )
        is_here = can_miss(
            record,
            snapshot.engine.endpoint,
            engine_id,
            has_part=not _acted_on(record).isdisjoint(graph.containers),
        )
        if is_over and is_here:
            journal = audit_log.resume(record.id)
            journal.end()
            journal.close()


def confirm_removals(audit_log: AuditLog, report: Report, engine_id: str) -> None:
    """Confirm unconfirmed removals of containers that are gone.

    Args:
        audit_log: Has the copies of removed containers.
        report: The current report; only removals on its engine are confirmed.
        engine_id: The id of its engine; empty if it is not known.

    Raises:
        AuditFailed: a copy cannot be read or written.

    """
    from nstui.analysis.same_engine import can_miss  # noqa: PLC0415

    for removed in audit_log.removed():
        is_here = can_miss(removed, report.snapshot.engine.endpoint, engine_id)
        is_gone = removed.id not in report.graph.containers
        if not removed.is_confirmed and is_here and is_gone:
            audit_log.save(replace(removed, is_confirmed=True))
