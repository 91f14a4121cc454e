"""The command palette, and its way to a container."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Provider
from textual.content import Content
from textual.widgets import OptionList

from nstui.render.text import printable
from nstui.tui.widgets.group_tree import GroupTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.command import Hits
    from textual.worker import ResultType, Worker, WorkType


class ContainerProvider(Provider):
    """Offers to move the cursor to any container of the tree."""

    async def discover(self) -> Hits:
        """Yield every container, for a palette in which nothing was typed yet."""
        for key, name in self._containers():
            yield DiscoveryHit(Content(f"Go to {name}"), partial(self._go, key))

    async def search(self, query: str) -> Hits:
        """Yield the containers whose names match."""
        matcher = self.matcher(query)
        for key, name in self._containers():
            words = f"Go to {name}"
            score = matcher.match(words)
            if score > 0:
                yield Hit(score, Content(words), partial(self._go, key), text=words)

    def _containers(self) -> Iterator[tuple[str, str]]:
        for tree in self.screen.query(GroupTree):
            for row in tree.rows():
                if row.container is not None:
                    yield row.key, printable(row.label)

    def _go(self, key: str) -> None:
        for tree in self.screen.query(GroupTree):
            tree.move_to(key)
            tree.focus()


class Palette(CommandPalette):
    """Textual's palette, which no key and no size of a terminal can break.

    Its search may end after it was closed, and fails then because the list has gone:
    that must not end the app.
    """

    def run_worker(  # noqa: PLR0913, PLR0917 - they are Textual's
        self,
        work: WorkType[ResultType],
        name: str | None = "",
        group: str = "default",
        description: str = "",
        exit_on_error: bool = True,  # noqa: ARG002, FBT001, FBT002 - as above
        start: bool = True,  # noqa: FBT001, FBT002 - as above
        exclusive: bool = False,  # noqa: FBT001, FBT002 - as above
        thread: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> Worker[ResultType]:
        """Run its search so that a failure once it is closed ends nothing else."""
        return super().run_worker(
            work,
            name=name,
            group=group,
            description=description,
            exit_on_error=False,
            start=start,
            exclusive=exclusive,
            thread=thread,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the cursor where it is while there is no room to show any of the list.

        Textual's list looks for lines that have not been laid out, and fails.
        """
        if action == "command_list":
            lists = self.query(OptionList)
            return any(each.scrollable_content_region for each in lists)
        return super().check_action(action, parameters)

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it, unless it is not on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
