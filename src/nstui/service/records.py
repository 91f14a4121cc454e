"""Settles what was written down of plans once the host shows what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.analysis.interruptions import concerned, find_interruptions

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.ports import TraceStore

GRACE_S = 30.0
"""How long an engine may still be at the last request of a program that was killed."""


def settle_records(
    store: TraceStore, report: Report, acted_on: Collection[ContainerId] = ()
) -> None:
    """Drop what no longer says anything, and confirm the removals that are seen.

    Of plans that were cut off those are dropped that left nothing, and those all of
    whose containers a later plan has acted on.

    Args:
        store: Where the records are.
        report: What was seen; only records of its engine are touched.
        acted_on: The containers that a later plan has acted on.

    Raises:
        TraceFailed: something cannot be written.

    """
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


def confirm_removals(store: TraceStore, report: Report) -> None:
    """Confirm those removals that were cut off and whose containers are gone.

    Raises:
        TraceFailed: something cannot be read or written.

    """
    for removed in store.removed():
        is_here = removed.endpoint == report.snapshot.engine.endpoint
        is_gone = removed.id not in report.graph.containers
        if not removed.is_confirmed and is_here and is_gone:
            store.save(replace(removed, is_confirmed=True))
