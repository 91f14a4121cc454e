"""How old containers are and what they use, for the tree to be ordered by it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.members import percent_between
from nstui.analysis.orders import Amounts, Unknown
from nstui.model.usage import Usage

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.analysis.members import Usages
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import ReadProblem


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
