"""What each tab of the details reads, and the sections that it shows."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, assert_never

from nstui.analysis.explain import make_explanation
from nstui.analysis.tree.arrangement import grouped_with, row_network
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


NO_PIDS: Pids = MappingProxyType({})

UNDER_WAY = "reading …"
OUT_OF_REACH = (
    "the engine's processes are out of reach: run nstui where the engine runs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TabContext:
    """What to show, and where."""

    row: TreeRow
    report: Report
    width: int
    """The width of the details in terminal columns."""

    unread: str
    """The text where a reading is missing or takes long; may be empty."""


class TabContent(Protocol):
    """The content of one tab."""

    def pids(self, row: TreeRow, report: Report) -> Pids:
        """Return the processes to read for a row, by container."""

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read the processes in a thread; return a function that keeps the result.

        The screen's thread calls that function.
        """

    def restrict(self, pids: Pids) -> None:
        """Forget the readings, unless they are of one of these processes."""

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return the sections of a row, from what was read so far."""


def make_tab(tab: Tab) -> TabContent:
    """Create the content of a tab."""
    match tab:
        case Tab.OVERVIEW:
            return OverviewTab()
        case Tab.NETWORK:
            return NetworkTab()
        case Tab.MEMBERS:
            return MembersTab()
        case Tab.EVIDENCE:
            return EvidenceTab()
        case _:
            assert_never(tab)


class OverviewTab:
    """What the last look has shown, without further reading."""

    def pids(self, row: TreeRow, report: Report) -> Pids:  # noqa: ARG002 - as all
        """Return no processes."""
        return NO_PIDS

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:  # noqa: ARG002 - as all
        """Read nothing."""
        return lambda: None

    def restrict(self, pids: Pids) -> None:
        """Forget nothing."""

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return what is known of the row."""
        return details_of(context.row, context.report)


class NetworkTab:
    """The network of a row, as seen from inside."""

    def __init__(self) -> None:
        self._history: History[Interior] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget the readings, unless they are of one of these processes."""
        self._history.restrict(pids)

    def pids(self, row: TreeRow, report: Report) -> Pids:
        """Return the process through which the network is read."""
        container = row_network(report, row)
        return NO_PIDS if container is None else member_pids(report, (container,))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read the network of the one process."""
        ((container, pid),) = pids.items()
        interior = host.interior(container, pid)
        reading = Reading(pids, interior)
        return partial(self._history.keep, reading)

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return the network's name, and its last reading."""
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
        earlier, later = before.answer.interfaces, latest.answer.interfaces
        if isinstance(earlier, ReadProblem) or isinstance(later, ReadProblem):
            return {}
        return traffic(earlier, later, latest.answer.taken_s - before.answer.taken_s)


class MembersTab:
    """The members of the group that a row is in."""

    def __init__(self) -> None:
        self._history: History[Usages] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget the readings, unless they are of one of these processes."""
        self._history.restrict(pids)

    def pids(self, row: TreeRow, report: Report) -> Pids:
        """Return the first process of each running member."""
        return member_pids(report, grouped_with(report, row))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read the CPU time and memory of each member."""
        reading = Reading(pids, host.usage(pids))
        return partial(self._history.keep, reading)

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return the table of members."""
        containers = grouped_with(context.report, context.row)
        if not containers:
            return (note(NO_MEMBERS),)
        pids = member_pids(context.report, containers)
        members = as_members(
            context.report,
            containers,
            _usage_of_same_processes(self._history.before, pids),
            _usage_of_same_processes(self._history.latest, pids),
        )
        table = member_sections(context.report, members, context.width)
        return (*table, note(context.unread, Tone.MUTED)) if context.unread else table


class EvidenceTab:
    """The evidence of each source about a container."""

    def __init__(self) -> None:
        self._history: History[Evidence] = History()

    def restrict(self, pids: Pids) -> None:
        """Forget the readings, unless they are of one of these processes."""
        self._history.restrict(pids)

    def pids(self, row: TreeRow, report: Report) -> Pids:
        """Return the container's first process."""
        if row.container is None:
            return NO_PIDS
        return member_pids(report, (row.container,))

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read the runtime's configuration and the mounted files of the engine."""
        ((container, pid),) = pids.items()
        evidence = host.evidence(container, pid)
        reading = Reading(pids, evidence)
        return partial(self._history.keep, reading)

    def sections(self, context: TabContext) -> tuple[Section, ...]:
        """Return the contradictions, then the evidence of each source."""
        container = context.row.container
        if container is None:
            return (note(NO_EVIDENCE),)
        latest = self._history.latest
        evidence = None if latest is None else latest.answer
        explanation = make_explanation(context.report, container, evidence)
        unread = no_process_text(context.report, container) or context.unread
        return evidence_sections(context.report, explanation, unread)


def _usage_of_same_processes(reading: Reading[Usages] | None, pids: Pids) -> Usages:
    """Return the usage of the containers that still have the same first process."""
    if reading is None:
        return {}
    same = reading.pids.items() & pids.items()
    return {c: usage for c, usage in reading.answer.items() if (c, pids.get(c)) in same}
