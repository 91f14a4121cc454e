"""Removed containers as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.document import SCHEMA, iso_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.audit import DamagedRecord, RemovedContainer, Restored


def _restored(restored: Restored | None) -> dict[str, object] | None:
    if restored is None:
        return None
    return {
        "id": restored.container,
        "name": restored.name,
        "at": iso_time(restored.at),
    }


def removed_document(
    records: Iterable[RemovedContainer], damaged: Iterable[DamagedRecord]
) -> dict[str, object]:
    """Return the recorded removed containers, without their inspects."""
    return {
        "schema": SCHEMA,
        "removed": [
            {
                "removed_at": iso_time(record.removed_at),
                "endpoint": record.endpoint,
                "engine_id": record.engine_id or None,
                "id": record.id,
                "name": record.name,
                "image": record.image,
                "confirmed": record.is_confirmed,
                "restored": _restored(record.restored),
            }
            for record in records
        ],
        "damaged": [
            {"place": record.place, "problem": record.problem} for record in damaged
        ],
    }
