"""The command palette's way to a container."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider
from textual.content import Content

from nstui.render.text import printable
from nstui.tui.group_tree import GroupTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.command import Hits


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
            for branch in tree.branches():
                if branch.container is not None:
                    yield branch.key, printable(branch.label)

    def _go(self, key: str) -> None:
        for tree in self.screen.query(GroupTree):
            tree.move_to(key)
            tree.focus()
