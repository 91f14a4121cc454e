"""What a container has written, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LogSource(StrEnum):
    """Where a line was written to."""

    STDOUT = "stdout"
    """Also all that a container with a terminal writes, which has no other."""

    STDERR = "stderr"
    ENGINE = "engine"
    """It is the engine that says why it cannot tell more."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line as the engine kept it.

    What has no end is cut by the engine into lines of 16 KiB.
    """

    source: LogSource
    time_ns: int | None
    """When, in nanoseconds since the epoch, by the engine's clock; None: not told."""

    text: str
    """Without its end, and not safe to show: it can hold any character.

    Bytes that are no UTF-8 are written as Python would write them: ``\\xff``.
    """
