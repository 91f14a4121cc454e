"""Decodes the times of engines."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime


def decode_time(stamp: str) -> datetime | None:
    """Return a time in UTC; None if malformed, or for ``0001-01-01…`` (never)."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    if not MINYEAR < moment.year < MAXYEAR:
        # The conversion to UTC could leave the range of `datetime`.
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
