"""The tabs whose contents are read of processes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.explanation import explain
from nstui.analysis.members import as_members, pids_of
from nstui.analysis.rates import traffic
from nstui.analysis.subjects import group_of, network_of
from nstui.model.snapshot import ReadProblem
from nstui.render.evidence_sections import evidence_sections
from nstui.render.member_sections import member_sections
from nstui.render.network_sections import network_heading, network_sections
from nstui.render.tab_notes import (
    NO_EVIDENCE,
    NO_MEMBERS,
    no_network_words,
    no_process_words,
    note,
)
from nstui.render.text import Tone
from nstui.tui.history import History, Reading
from nstui.tui.pages import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.analysis.forest import Branch
    from nstui.analysis.members import Usages
    from nstui.analysis.rates import Traffic
    from nstui.analysis.report import Report
    from nstui.model.evidence import Evidence
    from nstui.model.interior import Interior
    from nstui.ports import HostEvidence
    from nstui.render.details import Section
    from nstui.tui.history import Pids
    from nstui.tui.pages import View


class NetworkPage:
    """The network of a line from within."""

    def __init__(self) -> None:
        self._history: History[Interior] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""
        self._history.restrict(pids)

    def pids(self, branch: Branch, report: Report) -> Pids:
        """Return the process through which the network is read."""
        container = network_of(report, branch)
        return NOBODY if container is None else pids_of(report, (container,))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read the network of the one process."""
        ((container, pid),) = pids.items()
        interior = host.interior(container, pid)
        reading = Reading(pids, interior)
        return partial(self._history.keep, reading)

    def sections(self, view: View) -> tuple[Section, ...]:
        """Return the network's name, and what was read of it."""
        why_not = no_network_words(view.report, view.branch)
        container = network_of(view.report, view.branch)
        heading: tuple[Section, ...] = ()
        if container is not None:
            heading = (network_heading(view.report, container),)
        if why_not is not None or container is None:
            return (*heading, note(why_not or ""))
        remark = (note(view.unread, Tone.MUTED),) if view.unread else ()
        latest = self._history.latest
        if latest is None:
            return (*heading, *remark)
        found = network_sections(
            view.report, container, latest.answer, self._rates(), view.width
        )
        return (*heading, *remark, *found)

    def _rates(self) -> Mapping[str, Traffic]:
        latest, before = self._history.latest, self._history.before
        if latest is None or before is None:
            return {}
        then, now = before.answer.interfaces, latest.answer.interfaces
        if isinstance(then, ReadProblem) or isinstance(now, ReadProblem):
            return {}
        return traffic(then, now, latest.answer.taken_s - before.answer.taken_s)


class MembersPage:
    """The members of the group that a line is in."""

    def __init__(self) -> None:
        self._history: History[Usages] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""
        self._history.restrict(pids)

    def pids(self, branch: Branch, report: Report) -> Pids:
        """Return the first process of each member that runs."""
        return pids_of(report, group_of(report, branch))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read what each of them uses."""
        reading = Reading(pids, host.usage(pids))
        return partial(self._history.keep, reading)

    def sections(self, view: View) -> tuple[Section, ...]:
        """Return the table."""
        containers = group_of(view.report, view.branch)
        if not containers:
            return (note(NO_MEMBERS),)
        pids = pids_of(view.report, containers)
        members = as_members(
            view.report,
            containers,
            _of_the_same(self._history.before, pids),
            _of_the_same(self._history.latest, pids),
        )
        table = member_sections(view.report, members, view.width)
        return (*table, note(view.unread, Tone.MUTED)) if view.unread else table


class EvidencePage:
    """What each source says of a container."""

    def __init__(self) -> None:
        self._history: History[Evidence] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""
        self._history.restrict(pids)

    def pids(self, branch: Branch, report: Report) -> Pids:
        """Return the container's first process."""
        if branch.container is None:
            return NOBODY
        return pids_of(report, (branch.container,))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read what its runtime was told, and what is mounted into it."""
        ((container, pid),) = pids.items()
        evidence = host.evidence(container, pid)
        reading = Reading(pids, evidence)
        return partial(self._history.keep, reading)

    def sections(self, view: View) -> tuple[Section, ...]:
        """Return what contradicts another, then each source's word."""
        container = view.branch.container
        if container is None:
            return (note(NO_EVIDENCE),)
        latest = self._history.latest
        evidence = None if latest is None else latest.answer
        told = explain(view.report, container, evidence)
        unread = no_process_words(view.report, container) or view.unread
        return evidence_sections(view.report, told, unread)


def _of_the_same(reading: Reading[Usages] | None, pids: Pids) -> Usages:
    """Return what was read of those that have the same process still."""
    if reading is None:
        return {}
    same = reading.pids.items() & pids.items()
    return {c: usage for c, usage in reading.answer.items() if (c, pids.get(c)) in same}
