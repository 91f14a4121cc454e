"""What each tab of the details reads, and the sections it shows."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from nstui.analysis.explain import make_explanation
from nstui.analysis.tree.arrangement import group_of, row_network
from nstui.analysis.tree.members import as_members, member_pids, traffic
from nstui.model.frozen import dataclass
from nstui.model.snapshot import ReadProblem
from nstui.render.evidence_sections import NO_EVIDENCE, evidence_sections
from nstui.render.layout import note
from nstui.render.member_sections import NO_MEMBERS, member_sections
from nstui.render.network_sections import (
    network_heading,
    network_sections,
    no_network_text,
    no_process_text,
)
from nstui.render.overview_sections import details_of
from nstui.render.text import Tone
from nstui.tui.keys import Tab
from nstui.tui.poller import History, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.analysis.report import Report
    from nstui.analysis.tree.members import Traffic, Usages
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.holders import Evidence
    from nstui.model.network import Interior
    from nstui.ports import HostEvidence
    from nstui.render.layout import Section
    from nstui.tui.poller import Pids


NOBODY: Pids = MappingProxyType({})

UNDER_WAY = "reading …"
OUT_OF_REACH = (
    "the engine's processes are out of reach: run nstui where the engine runs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TabContext:
    """What is to be shown, and where."""

    row: TreeRow
    report: Report
    width: int
    """In terminal columns."""

    unread: str
    """What to say where something was not read yet, or takes long; may be empty."""


class TabContent(Protocol):
    """What one tab shows."""

    def pids(self, row: TreeRow, report: Report) -> Pids:
        """Return which processes must be read to show a line."""

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read them, in a thread; return what keeps the result, for the screen's."""

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return what to show of a line, with what was read so far."""


def make_tab(tab: Tab) -> TabContent:
    """Return what a tab shows; what is read for it is loaded with the first one."""
    if tab is Tab.OVERVIEW:
        return OverviewTab()

    if tab is Tab.NETWORK:
        return NetworkTab()
    return MembersTab() if tab is Tab.MEMBERS else EvidenceTab()


class OverviewTab:
    """What the last look told, which needs no reading."""

    def pids(self, row: TreeRow, report: Report) -> Pids:  # noqa: ARG002 - as all
        """Return none."""
        return NOBODY

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:  # noqa: ARG002 - as all
        """Read nothing."""
        return lambda: None

    def restrict(self, pids: Pids) -> None:
        """Forget nothing."""

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return what is known of the line."""
        return details_of(context.row, context.report)


class NetworkTab:
    """The network of a line from within."""

    def __init__(self) -> None:
        self._history: History[Interior] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""
        self._history.restrict(pids)

    def pids(self, row: TreeRow, report: Report) -> Pids:
        """Return the process through which the network is read."""
        container = row_network(report, row)
        return NOBODY if container is None else member_pids(report, (container,))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read the network of the one process."""
        ((container, pid),) = pids.items()
        interior = host.interior(container, pid)
        reading = Reading(pids, interior)
        return partial(self._history.keep, reading)

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return the network's name, and what was read of it."""
        why_not = no_network_text(context.report, context.row)
        container = row_network(context.report, context.row)
        heading: tuple[Section, ...] = ()
        if container is not None:
            heading = (network_heading(context.report, container),)
        if why_not is not None or container is None:
            return (*heading, note(why_not or ""))
        remark = (note(context.unread, Tone.MUTED),) if context.unread else ()
        latest = self._history.latest
        if latest is None:
            return (*heading, *remark)
        found = network_sections(
            context.report, container, latest.answer, self._rates(), context.width
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


class MembersTab:
    """The members of the group that a line is in."""

    def __init__(self) -> None:
        self._history: History[Usages] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""
        self._history.restrict(pids)

    def pids(self, row: TreeRow, report: Report) -> Pids:
        """Return the first process of each member that runs."""
        return member_pids(report, group_of(report, row))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read what each of them uses."""
        reading = Reading(pids, host.usage(pids))
        return partial(self._history.keep, reading)

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return the table."""
        containers = group_of(context.report, context.row)
        if not containers:
            return (note(NO_MEMBERS),)
        pids = member_pids(context.report, containers)
        members = as_members(
            context.report,
            containers,
            _of_the_same(self._history.before, pids),
            _of_the_same(self._history.latest, pids),
        )
        table = member_sections(context.report, members, context.width)
        return (*table, note(context.unread, Tone.MUTED)) if context.unread else table


class EvidenceTab:
    """What each source says of a container."""

    def __init__(self) -> None:
        self._history: History[Evidence] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""
        self._history.restrict(pids)

    def pids(self, row: TreeRow, report: Report) -> Pids:
        """Return the container's first process."""
        if row.container is None:
            return NOBODY
        return member_pids(report, (row.container,))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read what its runtime was told, and what is mounted into it."""
        ((container, pid),) = pids.items()
        evidence = host.evidence(container, pid)
        reading = Reading(pids, evidence)
        return partial(self._history.keep, reading)

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return what contradicts another, then each source's word."""
        container = context.row.container
        if container is None:
            return (note(NO_EVIDENCE),)
        latest = self._history.latest
        evidence = None if latest is None else latest.answer
        told = make_explanation(context.report, container, evidence)
        unread = no_process_text(context.report, container) or context.unread
        return evidence_sections(context.report, told, unread)


def _of_the_same(reading: Reading[Usages] | None, pids: Pids) -> Usages:
    """Return what was read of those that have the same process still."""
    if reading is None:
        return {}
    same = reading.pids.items() & pids.items()
    return {c: usage for c, usage in reading.answer.items() if (c, pids.get(c)) in same}
