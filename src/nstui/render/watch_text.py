"""Findings that appear and go, a line each."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from nstui.analysis.ages import age_words
from nstui.render.summary import count_words, namespaces_words
from nstui.render.text import printable

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.analysis.finding_changes import FindingChange
    from nstui.analysis.report import Report


def first_line(report: Report) -> str:
    """Return that nothing is wrong yet, and how that is known."""
    known = f"{count_words(report).text} · {namespaces_words(report).text}"
    return f"{_moment(report.snapshot.taken_at)} = nothing wrong: {known}"


def change_line(change: FindingChange, at: datetime) -> str:
    """Return a change with its moment in UTC, such as ``… + error stale-join dep: …``.

    What appears has its sentence and its remedy; what goes has its age, unless it was
    there before anybody looked.
    """
    finding, since = change.sighting.finding, change.sighting.since
    what = f"{finding.severity.value} {finding.code.value} {change.sighting.name}"
    if change.has_appeared:
        return printable(
            f"{_moment(at)} + {what}: {finding.message} → {finding.remedy}"
        )
    age = "" if since is None else f" after {age_words(since, at)}"
    return printable(f"{_moment(at)} - {what}: gone{age}")


def deaf_words(because: str, every_s: float) -> str:
    """Return that events are not heard, what is done instead, and why."""
    return printable(
        f"events are not heard: looking every {every_s:g} s instead ({because})"
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
