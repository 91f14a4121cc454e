"""What is said when something new goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.finding_changes import FindingLog, follow_findings
from nstui.model.finding import Severity
from nstui.render.text import plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId

NAMED = 3
"""More containers than these are counted, not named."""


class Alerts:
    """Follows the findings from look to look; what was there at first is no news."""

    def __init__(self) -> None:
        self._log: FindingLog | None = None
        self._expected: frozenset[ContainerId] = frozenset()

    def expect(self, containers: Iterable[ContainerId]) -> None:
        """Take for no news, once, what the user has just accepted of some containers.

        The next look may have begun before that came to pass.
        """
        self._expected = frozenset(containers)

    def follow(self, report: Report) -> str | None:
        """Take in a look; return what to say of the errors that are new."""
        is_first = self._log is None
        self._log = follow_findings(self._log, report)
        appeared = [
            change.sighting
            for change in self._log.changes
            if change.has_appeared
            and change.sighting.finding.severity is Severity.ERROR
        ]
        # An owner that is restarted is first stopped and then elsewhere: one trouble.
        known = self._expected | {
            change.sighting.finding.container
            for change in self._log.changes
            if not change.has_appeared
            and change.sighting.finding.severity is Severity.ERROR
        }
        new = [s for s in appeared if s.finding.container not in known]
        self._expected -= {sighting.finding.container for sighting in appeared}
        if is_first or not new:
            return None
        if len(new) == 1:
            said = f"new error: {new[0].name}: {new[0].finding.message}"
            return printable(said)
        names = list(dict.fromkeys(one.name for one in new))
        more = ", …" if len(names) > NAMED else ""
        said = f"{plural(len(new), 'new error')}: {', '.join(names[:NAMED])}{more}"
        return printable(f"{said}; f shows them")
