"""The screen with a list of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.message import Message
from textual.widgets import OptionList, Static

from nstui.render.host_rows import HostRow, host_rows, hosts_title
from nstui.render.text import Piece, Tone
from nstui.tui.keys import CONTEXT_KEY, help_binding
from nstui.tui.screens.closing import ClosingScreen
from nstui.tui.styles import content_of
from nstui.tui.widgets.key_footer import KeyFooter
from nstui.tui.widgets.row_list import CURSOR, RowList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Key, MouseDown

    from nstui.render.text import Line
    from nstui.service.hosts import ListedHosts
    from nstui.tui.screens.one_of_hosts import HostNavigator
    from nstui.tui.session import Session

TICK_S = 5.0
"""How many seconds pass between two looks at the ages of what is shown."""

GATHER_S = 0.1
"""For how many seconds changes of hosts are gathered, to be drawn together."""

READ_ONLY = Piece(" READ-ONLY ", Tone.WARNING)


class HostChanged(Message):
    """What is known of some host has changed."""

    def can_replace(self, message: Message) -> bool:
        """Let one message stand for all that were not handled yet."""
        return isinstance(message, HostChanged)


class HostList(RowList[HostRow]):
    """The hosts, the worst first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Open", tooltip="Open the host", id="hosts.open"),
        *(
            Binding(keys, action, name, show=False, tooltip=words, id=f"hosts.{id_}")
            for id_, keys, action, name, words in (
                ("down", "j,down", "cursor_down", "Down", "Go to the next host"),
                ("up", "k,up", "cursor_up", "Up", "Go to the host before"),
                ("first", "g,home", "first", "First", "Go to the first host"),
                ("last", "G,end", "last", "Last", "Go to the last host"),
            )
        ),
    ]

    def __init__(self) -> None:
        super().__init__(id_="hosts")
        self.was_used = False
        """Whether the user has pressed a key or a button of the mouse in it. Until then
        the cursor stays on the worst host instead of on the first that answered."""

    def on_key(self, event: Key) -> None:
        """Note that the list is used; the key does what it would anyway."""
        del event
        self.was_used = True

    def on_mouse_down(self, event: MouseDown) -> None:
        """Note that the list is used, as for a key."""
        del event
        self.was_used = True

    def _cursor_after(self, before: tuple[HostRow, ...]) -> int | None:
        return super()._cursor_after(before) if self.was_used else 0

    @property
    def held(self) -> str | None:
        """The host under the cursor, which must not move; None if any may."""
        row = self.row_at_cursor()
        return row.key if row is not None and self.was_used else None

    def go_to(self, name: str) -> None:
        """Move the cursor to a host."""
        self.was_used = True
        for index, row in enumerate(self.rows_shown):
            if row.key == name:
                self.highlighted = index


class HostsScreen(ClosingScreen[None]):
    """Lists hosts with the worst that is known of each; one of them can be opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r",
            "refresh",
            "Refresh",
            tooltip="Look at every host again now",
            id="hosts.refresh",
        ),
        CONTEXT_KEY,
        help_binding("hosts"),
        Binding("q", "app.quit", "Quit", tooltip="Quit", id="quit"),
    ]
    AUTO_FOCUS = "#hosts"

    def __init__(
        self,
        listed: ListedHosts,
        hosts: HostNavigator,
        session: Session,
        *,
        is_read_only: bool,
    ) -> None:
        """Create the screen.

        Args:
            listed: The hosts.
            hosts: Opens one of them, or another one.
            session: The user's preferences.
            is_read_only: Whether every action is refused.

        """
        super().__init__()
        self._list = listed
        self._hosts = hosts
        self._session = session
        self._badges = (READ_ONLY,) if is_read_only else ()
        self._title: Line = ()
        self._is_due = False
        self._wanted: str | None = None
        """The host to which the cursor goes; None for where it is."""

    def compose(self) -> ComposeResult:
        """Yield how the hosts are, and the list below it."""
        yield Static(id="hosts-title", markup=False)
        yield HostList()
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the hosts, and watch them from now on."""
        self._list.start()
        self.set_interval(TICK_S, self.draw)

    def on_unmount(self) -> None:
        """Stop watching."""
        self._list.stop()

    def on_resize(self) -> None:
        """Arrange the columns for another width."""
        self.draw()

    def on_screen_resume(self) -> None:
        """Show what was seen while a host was open."""
        self.draw()

    @on(HostChanged)
    def _gather(self) -> None:
        """Draw soon, with whatever else changes until then."""
        if not self._is_due:
            self._is_due = True
            self.set_timer(GATHER_S, self.draw)

    def draw(self) -> None:
        """Show what is known of the hosts by now, unless another screen is above."""
        self._is_due = False
        is_shown = self.is_open and self.app.screen is self
        if not is_shown or not self.query(HostList):
            return
        shown = self.query_one(HostList)
        summaries = self._list.arrange(shown.held)
        width = self.app.size.width
        rows = host_rows(summaries, self._list.clock(), width - len(CURSOR) - 2)
        if rows != shown.rows_shown:
            shown.show_rows(rows)
        if self._wanted is not None:
            shown.go_to(self._wanted)
            self._wanted = None
        title = hosts_title(summaries, self._badges, width - 2)
        if title != self._title:
            self._title = title
            self.query_one("#hosts-title", Static).update(content_of(title, "  "))

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        row = self.query_one(HostList).row_of(event)
        if row is not None:
            self._hosts.open(row.key)

    def go_to(self, name: str) -> None:
        """Move the cursor to a host, as soon as the list is shown."""
        self._wanted = name

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the key for contexts where none can be opened."""
        if action == "context":
            return self._hosts.has_contexts
        return super().check_action(action, parameters)

    def action_refresh(self) -> None:
        """Look at every host now."""
        self._list.refresh()

    def action_context(self) -> None:
        """Choose another context, and show it."""
        self._hosts.choose_context()

    def action_help(self) -> None:
        """Show the keys."""
        from nstui.tui.screens.help import (  # noqa: PLC0415
            HelpScreen,
            help_groups,
            host_signs,
        )

        groups = help_groups(self, self._session.keymap, tuple(host_signs()))
        self.app.push_screen(HelpScreen(groups))
