"""What each tab shows, and what has to be read for it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from nstui.render.details import details_of
from nstui.tui.tab_strip import Tab

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report
    from nstui.ports import HostEvidence
    from nstui.render.details import Section
    from nstui.tui.history import Pids

NOBODY: Pids = MappingProxyType({})

UNDER_WAY = "reading …"
OUT_OF_REACH = (
    "the engine's processes are out of reach: run nstui where the engine runs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is to be shown, and where."""

    branch: Branch
    report: Report
    width: int
    """In terminal columns."""

    unread: str
    """What to say where something was not read yet, or takes long; may be empty."""


class Page(Protocol):
    """What one tab shows."""

    def pids(self, branch: Branch, report: Report) -> Pids:
        """Return which processes must be read to show a line."""

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read them, in a thread; return what keeps the result, for the screen's."""

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""

    def sections(self, view: View) -> tuple[Section, ...]:
        """Return what to show of a line, with what was read so far."""


def make_page(tab: Tab) -> Page:
    """Return what a tab shows; what is read for it is loaded with the first one."""
    if tab is Tab.OVERVIEW:
        return OverviewPage()
    from nstui.tui import reading_pages as pages  # noqa: PLC0415 - not for the first frame

    if tab is Tab.NETWORK:
        return pages.NetworkPage()
    return pages.MembersPage() if tab is Tab.MEMBERS else pages.EvidencePage()


class OverviewPage:
    """What the last look told, which needs no reading."""

    def pids(self, branch: Branch, report: Report) -> Pids:  # noqa: ARG002 - as all
        """Return none."""
        return NOBODY

    def read(self, host: HostEvidence, pids: Pids) -> Callable[[], None]:  # noqa: ARG002 - as all
        """Read nothing."""
        return lambda: None

    def restrict(self, pids: Pids) -> None:
        """Forget nothing."""

    def sections(self, view: View) -> tuple[Section, ...]:
        """Return what is known of the line."""
        return details_of(view.branch, view.report)
