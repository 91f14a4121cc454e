"""The screen with the logs of a group, merged by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.tree.log_group import LogGroup, follow_group
from nstui.render.logs import group_title, unread_lines
from nstui.render.text import Piece, Tone, printable
from nstui.service.log_feed import MAX_STREAMS, MIN_KEPT
from nstui.tui.screens.logs import LogsScreen
from nstui.tui.widgets.log_buffer import KEPT_LINES
from nstui.tui.widgets.log_view import LogView

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.ports import ContainerEngine
    from nstui.service.log_feed import FeedNews


class GroupLogsScreen(LogsScreen):
    """Follows the logs of a group, also of those that join it later."""

    def __init__(
        self, group: LogGroup, report: Report, engine: ContainerEngine
    ) -> None:
        """Show the logs of this group, read from this engine."""
        containers = report.graph.containers
        super().__init__(containers[group.members[0]], engine)
        self._group = group
        self._members: dict[ContainerId, Container] = {}
        self._existing: tuple[Container, ...] = ()
        self._take_members(report)

    def on_mount(self) -> None:
        """Show the names, and start reading."""
        self._show_names()
        super().on_mount()

    def show(self, report: Report) -> None:
        """Update the group from a newer look."""
        self._group = follow_group(report, self._group)
        self._take_members(report)
        if self.is_open:
            self._show_names()
            self.follow_report()

    def followed(self) -> tuple[Container, ...]:
        """Return the members of the group that exist."""
        return self._existing

    def _take_members(self, report: Report) -> None:
        found = report.graph.containers
        self._existing = tuple(found[m] for m in self._group.members if m in found)
        # Those that have gone keep their names: their lines are still there.
        self._members |= {container.id: container for container in self._existing}

    def _names(self) -> dict[ContainerId, str]:
        return {each.id: printable(each.name) for each in self._members.values()}

    def _show_names(self) -> None:
        self.query_one(LogView).set_names(self._names())

    def range_text(self) -> str:
        """Return how much of the past is read, in words."""
        most = max(MIN_KEPT, KEPT_LINES // max(1, len(self._members)))
        return self._range.text(most, is_group=True)

    def title_pieces(self, following: Piece) -> tuple[Piece, ...]:
        """Return the first line of the title, with whether it follows."""
        group = self._group
        title = group_title(
            printable(group.name),
            len(group.members),
            has_owner=group.owner is not None,
        )
        runs = sum(each.state.has_process for each in self._existing)
        count = len(self._existing)
        tone = Tone.MUTED if runs == count else Tone.WARNING
        return (
            Piece(f"log of {title}", Tone.STRONG),
            Piece("  "),
            following,
            Piece("  "),
            Piece(f"{runs} of {count} running", tone),
        )

    def log_name(self) -> str:
        """Return the name of the log, for a file."""
        return f"{self._group.name}-group"

    def unread(self, news: FeedNews) -> tuple[str, ...]:
        """Return the sentences about what cannot be read, which are safe to show."""
        return unread_lines(news.problems, news.waiting, self._names(), MAX_STREAMS)
