"""What the lines of the tree can be ordered by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.members import percent_between
from nstui.model.usage import Usage

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.analysis.members import Usages
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import ReadProblem


class Order(StrEnum):
    """In which order groups, and the containers in them, are listed."""

    FINDINGS = "findings"
    """The worst first, then by name."""

    NAME = "name"
    STATE = "state"
    """Those that are down first."""

    AGE = "age"
    """What was started, or has ended, last comes first."""

    CPU = "CPU"
    """What uses most comes first."""

    MEMORY = "memory"

    @property
    def is_usage(self) -> bool:
        """Whether it is by what containers use, which has to be read for it."""
        return self in {Order.CPU, Order.MEMORY}


class Unknown(StrEnum):
    """Why there is no number where there could be one."""

    UNREAD = "unread"
    AWAITED = "awaited"
    """Not yet: a share of the CPU takes two readings."""


Amounts = MappingProxyType["ContainerId", float | Unknown]
"""Seconds, percent of one CPU, or bytes, of those containers that have any."""

NO_AMOUNTS: Amounts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Measure:
    """What a line is ordered by, for it to be shown."""

    order: Order
    amount: float | Unknown | None
    """Seconds, percent of one CPU, or bytes; None where there is none of it, as of
    what does not run or is no container."""

    total: float | None = None
    """Of what containers use, that of the line and all beneath it; None if nothing is
    beneath it, or nothing of that is known."""

    is_partial: bool = False
    """Whether something is missing in the total."""


def ages(report: Report) -> Amounts:
    """Return how many seconds ago each container was started, or has ended since."""
    now = report.snapshot.taken_at
    found: dict[ContainerId, float | Unknown] = {}
    for container in report.snapshot.containers:
        since = _changed_at(container)
        seconds = None if since is None else (now - since).total_seconds()
        found[container.id] = Unknown.UNREAD if seconds is None else max(0.0, seconds)
    return MappingProxyType(found)


def _changed_at(container: Container) -> datetime | None:
    """Return when a container was last started or ended, or else made."""
    if container.inspection is None:
        return None
    inspection = container.inspection
    known = (inspection.started_at, inspection.finished_at, container.created_at)
    return max((each for each in known if each is not None), default=None)


def memory(after: Usages) -> Amounts:
    """Return how many bytes containers use."""
    unread = Unknown.UNREAD
    return MappingProxyType(
        {
            container: float(usage.memory) if isinstance(usage, Usage) else unread
            for container, usage in after.items()
        }
    )


def cpu(before: Usages, after: Usages) -> Amounts:
    """Return how much of one CPU containers used between two readings, in percent."""
    return MappingProxyType(
        {
            container: _percent(before.get(container), usage)
            for container, usage in after.items()
        }
    )


def _percent(
    before: Usage | ReadProblem | None, after: Usage | ReadProblem
) -> float | Unknown:
    if not isinstance(after, Usage):
        return Unknown.UNREAD
    percent = percent_between(before, after)
    return Unknown.AWAITED if percent is None else percent
