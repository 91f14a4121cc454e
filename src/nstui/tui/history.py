"""What was read last, and the time before: two readings make a rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId

    Pids = Mapping[ContainerId, int]

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Answer]):
    """What was read at one moment."""

    pids: Pids
    """The processes that it was read of, by their containers."""

    answer: Answer


class History(Generic[Answer]):
    """The last two readings, as long as they are of what is shown."""

    def __init__(self) -> None:
        self.latest: Reading[Answer] | None = None
        self.before: Reading[Answer] | None = None

    def keep(self, reading: Reading[Answer]) -> None:
        """Add a reading."""
        self.before, self.latest = self.latest, reading

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""
        if self.latest is not None and not self.latest.pids.items() & pids.items():
            self.latest = self.before = None
