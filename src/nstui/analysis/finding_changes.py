"""Which findings have appeared between two reports, and which have gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding, FindingCode, Severity

Key = tuple["ContainerId", "FindingCode", "Severity"]
"""What makes a finding the same: its sentence may change, its container's name too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """A finding that has come or gone."""

    finding: Finding
    name: str
    """The name of its container, the last one if that is gone."""

    has_appeared: bool


def finding_changes(then: Report | None, now: Report) -> tuple[FindingChange, ...]:
    """Return what has gone, then what has appeared, each the worst first.

    Args:
        then: The report before; None if this is the first.
        now: The report now.

    """
    before = {} if then is None else {_key(f): f for f in then.findings}
    after = {_key(f): f for f in now.findings}
    gone = [_change(then, f) for key, f in before.items() if key not in after if then]
    new = [_change(now, f, new=True) for key, f in after.items() if key not in before]
    return (*gone, *new)


def _key(finding: Finding) -> Key:
    return (finding.container, finding.code, finding.severity)


def _change(report: Report, finding: Finding, *, new: bool = False) -> FindingChange:
    name = report.graph.name(finding.container)
    return FindingChange(finding=finding, name=name, has_appeared=new)
