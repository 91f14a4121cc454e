"""What is said when something new goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.finding_changes import FindingLog, follow_findings
from nstui.analysis.settling import SETTLING, ripen, settle
from nstui.model.finding import Severity
from nstui.render.text import plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from nstui.analysis.report import Report
    from nstui.analysis.settling import Settled
    from nstui.model.container import ContainerId

NAMED = 3
"""More containers than these are counted, not named."""


class Alerts:
    """Follows the findings from look to look; what was there at first is no news.

    Nor is what goes again at once, such as what an owner causes that is restarted.
    """

    def __init__(self, settling: timedelta | None = None) -> None:
        self._settling = SETTLING if settling is None else settling
        self._log: FindingLog | None = None
        self._settled: Settled | None = None
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
        at = report.snapshot.taken_at
        said = self._news(settle(self._settled, self._log, at, self._settling))
        return None if is_first else said

    def ripen(self, now: datetime) -> str | None:
        """Return what to say of the errors that have lasted since the last look."""
        if self._settled is None or not self._settled.pending:
            return None
        return self._news(ripen(self._settled, now, self._settling))

    def _news(self, settled: Settled) -> str | None:
        self._settled = settled
        errors = [
            lasting.change
            for lasting in settled.changes
            if lasting.change.sighting.finding.severity is Severity.ERROR
        ]
        appeared = [one.sighting for one in errors if one.has_appeared]
        # An owner that ends and then is elsewhere has caused one trouble.
        known = self._expected | {
            one.sighting.finding.container for one in errors if not one.has_appeared
        }
        new = [s for s in appeared if s.finding.container not in known]
        self._expected -= {sighting.finding.container for sighting in appeared}
        if not new:
            return None
        if len(new) == 1:
            said = f"new error: {new[0].name}: {new[0].finding.message}"
            return printable(said)
        names = list(dict.fromkeys(one.name for one in new))
        more = ", …" if len(names) > NAMED else ""
        said = f"{plural(len(new), 'new error')}: {', '.join(names[:NAMED])}{more}"
        return printable(f"{said}; f shows them")
