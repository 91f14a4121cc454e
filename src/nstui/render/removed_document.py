"""The containers that were removed, as a document of the schema ``nstui/1``."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from nstui.render.document import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.trace import DamagedRecord, RemovedContainer


def removed_document(
    records: Iterable[RemovedContainer], damaged: Iterable[DamagedRecord]
) -> dict[str, object]:
    """Return which containers are kept, without their inspects."""
    return {
        "schema": SCHEMA,
        "removed": [
            {
                "removed_at": record.removed_at.astimezone(UTC).strftime(
                    "%Y-%m-%dT%H:%M:%SZ"
                ),
                "endpoint": record.endpoint,
                "id": record.id,
                "name": record.name,
                "image": record.image,
                "confirmed": record.is_confirmed,
            }
            for record in records
        ],
        "damaged": [{"place": one.place, "problem": one.problem} for one in damaged],
    }
