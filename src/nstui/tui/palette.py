"""The palette: the commands of a screen first, and the containers when typing."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.actions import parse
from textual.app import SystemCommand
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Provider
from textual.content import Content
from textual.css.query import NoMatches
from textual.markup import escape
from textual.widgets import OptionList

from nstui.errors import NstuiError
from nstui.render.text import printable
from nstui.service.saved_file import default_path, save_lines
from nstui.tui.key_groups import KeyGroup, grouped, key_text, own_keys
from nstui.tui.poller import in_background
from nstui.tui.widgets.group_tree import GroupTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual.app import App
    from textual.binding import Binding
    from textual.command import Hits
    from textual.dom import DOMNode
    from textual.worker import ResultType, Worker, WorkType

HIDDEN_COMMANDS = frozenset({"quit", "clear"})
"""Keys that the palette does not offer: it has its own, or they do nothing there."""

READING_S = 10.0
"""For how many seconds it is shown where a picture was saved."""

BY_HELP = 0.01
"""The share of a score if only the help of a command matches."""


def key_commands(
    app: App[None], screen: DOMNode, keymap: Mapping[str, str]
) -> Iterator[SystemCommand]:
    """Yield the keys of a screen that do something now, as commands.

    Those that only move are left out: the palette would be longer than useful.

    Args:
        app: The app.
        screen: The screen below the palette.
        keymap: The user's own keys by the id of their binding.

    """
    for group, keys in grouped(own_keys(screen, keymap)).items():
        if group is KeyGroup.MOVE:
            continue
        for node, binding in keys:
            is_hidden = binding.id in HIDDEN_COMMANDS or not binding.tooltip
            if not is_hidden and _is_enabled(node, binding):
                run = partial(app.run_action, binding.action, node)
                title = f"{group}: {binding.description}"
                words = f"{binding.tooltip} · {key_text(binding.key)}"
                yield SystemCommand(title, words, run)


def _is_enabled(node: DOMNode, binding: Binding) -> bool:
    _, name, parameters = parse(binding.action)
    return bool(node.check_action(name, parameters))


async def save_picture(app: App[None]) -> None:
    """Save a picture of the screen as SVG in a new file, and say where that is.

    Textual's own command saves it in a folder for downloads, which a server has not.
    """
    lines = app.export_screenshot().splitlines()
    name = default_path(f"nstui-{datetime.now().astimezone():%Y%m%d-%H%M%S}.svg")
    try:
        path = await in_background(partial(save_lines, name, lines))
    except NstuiError as error:
        app.notify(printable(str(error)), severity="error", markup=False)
    else:
        said = f"the picture of the screen is in {path}"
        app.notify(printable(said), timeout=READING_S, markup=False)


class CommandProvider(Provider):
    """Offers the app's commands in the order in which it lists them."""

    async def discover(self) -> Hits:
        """Yield every command, for a palette with an empty query."""
        for title, words, callback, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(title, callback, help=escape(words))

    async def search(self, query: str) -> Hits:
        """Yield the commands with a matching title, then those with a matching help."""
        matcher = self.matcher(query)
        for title, words, callback, _ in self.app.get_system_commands(self.screen):
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), callback, help=escape(words))
            elif query.casefold() in words.casefold():
                yield Hit(BY_HELP, title, callback, help=escape(words))


class ContainerProvider(Provider):
    """Offers to move the cursor to any container of the tree, if something is typed."""

    async def search(self, query: str) -> Hits:
        """Yield the containers with matching names."""
        matcher = self.matcher(query)
        for key, name in self._containers():
            text = f"Go to {name}"
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, Content(text), partial(self._go_to, key), text=text)

    def _containers(self) -> Iterator[tuple[str, str]]:
        for tree in self.screen.query(GroupTree):
            for row in tree.rows():
                if row.container is not None:
                    yield row.key, printable(row.label)

    def _go_to(self, key: str) -> None:
        for tree in self.screen.query(GroupTree):
            tree.move_to(key)
            tree.focus()


class Palette(CommandPalette):
    """Textual's command palette, without three of its crashes.

    A search may end after the palette was closed, and fails then because the list is
    gone; that must not end the app. So may the timers of the palette, which show that
    there are no matches, or that it is busy. The third is described at `check_action`.
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
        """Run the search; an error after closing is not passed on to the app."""
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
        """Disable moving the cursor while there is no room to show any of the list.

        Otherwise Textual's list looks for lines that have not been laid out, and fails.
        """
        if action == "command_list":
            lists = self.query(OptionList)
            return any(options.scrollable_content_region for options in lists)
        return super().check_action(action, parameters)

    def _watch__list_visible(self) -> None:
        with suppress(NoMatches):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        with suppress(NoMatches):
            await super()._watch__show_busy()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close the palette, unless it is not on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
