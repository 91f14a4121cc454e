"""The screen with what the standing watch of a host does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import OptionList, Static

from nstui.errors import NstuiError, ReadOnly
from nstui.model.host_options import HERE, HostOptions
from nstui.render.text import printable
from nstui.render.watch_status import (
    WatchRow,
    reset_question,
    watch_notes,
    watch_pieces,
    watch_problems,
    watch_rows,
)
from nstui.tui.keys import help_binding
from nstui.tui.notices import Banner
from nstui.tui.poller import in_background
from nstui.tui.screens.closing import ClosingScreen
from nstui.tui.screens.questions import DecisionScreen
from nstui.tui.styles import content_of
from nstui.tui.widgets.key_footer import KeyFooter
from nstui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.model.watch import Circuit
    from nstui.render.text import Line
    from nstui.tui.watch_follower import WatchFollower


class WatchList(RowList[WatchRow]):
    """The circuits that are open, and the incidents, each with what is done about it.

    The order is that of `nstui.render.watch_status.watch_rows`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "select",
            "Go to it",
            tooltip="Go to its container in the tree",
            id="watch.go",
        ),
        *(
            Binding(keys, action, name, show=False, tooltip=words, id=f"watch.{id_}")
            for id_, keys, action, name, words in (
                ("down", "j,down", "cursor_down", "Down", "Go to the next line"),
                ("up", "k,up", "cursor_up", "Up", "Go to the line before"),
                ("first", "g,home", "first", "First", "Go to the first line"),
                ("last", "G,end", "last", "Last", "Go to the last line"),
            )
        ),
    ]

    def __init__(self) -> None:
        super().__init__(id_="watched")


class WatchScreen(ClosingScreen[tuple[str, ...]]):
    """Shows a watch; returns the names of containers, to one of which the user goes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r",
            "reset",
            "Reset",
            tooltip="Close the circuit, so that the watch heals it again",
            id="watch.reset",
        ),
        Binding(
            "y", "copy", "Copy command", tooltip="Copy the command", id="watch.copy"
        ),
        Binding(
            "escape,q,w",
            "leave",
            "Close",
            key_display="esc",
            tooltip="Close the list",
            id="watch.close",
        ),
        help_binding("watch"),
    ]
    AUTO_FOCUS = "#watched"

    def __init__(
        self,
        follower: WatchFollower,
        *,
        is_read_only: bool,
        options: HostOptions = HERE,
    ) -> None:
        """Create the screen.

        Args:
            follower: Reads the watch.
            is_read_only: Whether a request to the watch is refused.
            options: The options that select the host, for the commands.

        """
        super().__init__()
        self._options = options
        self._follower = follower
        self._is_read_only = is_read_only
        self._drawn: dict[str, Line] = {}
        self._said = ""
        """The line about the engine."""

        self._is_asking = False
        self._asked: Circuit | None = None
        """The circuit that the watch was asked to close, and that is still open."""

    def compose(self) -> ComposeResult:
        """Yield whether a watch runs, and the list below it."""
        yield Static(id="watch-title", markup=False)
        yield Banner()
        yield Static(id="watch-notes", markup=False)
        yield WatchList()
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show what was read last."""
        self.follow_watch()

    def say(self, text: str) -> None:
        """Show a line about the engine, which must be safe to show; empty for none.

        What the watch itself says of the engine takes its place.
        """
        self._said = text
        if self.query(Banner):
            has_own = watch_problems(self._follower.sight)
            self.query_one(Banner).say("" if has_own else text)

    def follow_watch(self) -> None:
        """Show what was read of the watch by now, in place."""
        if not self.query(WatchList):
            return
        sight, now = self._follower.sight, self._follower.now()
        self.say(self._said)
        self._draw("#watch-title", watch_pieces(sight, now), "  ")
        self._draw("#watch-notes", watch_notes(sight, now), "\n")
        listed = self.query_one(WatchList)
        rows = watch_rows(sight, now, self._options)
        if rows != listed.rows_shown:
            listed.show_rows(rows)
            self.refresh_bindings()
        listed.display = bool(rows)
        if rows and self.focused is None:
            listed.focus()
        self._tell_closed()

    def _draw(self, selector: str, pieces: Line, separator: str) -> None:
        """Draw pieces if they differ from what is shown; hide the line without any."""
        if self._drawn.get(selector) != pieces:
            self._drawn[selector] = pieces
            line = self.query_one(selector, Static)
            line.update(content_of(pieces, separator))
            line.display = bool(pieces)

    def _tell_closed(self) -> None:
        asked, sight = self._asked, self._follower.sight
        still_open = {circuit.container for circuit in sight.circuits}
        if asked is None or sight.present is None or asked.container in still_open:
            return
        self._asked = None
        name = printable(asked.name)
        self.notify(f"the circuit of {name} is closed", markup=False)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        row = self.query_one(WatchList).row_of(event)
        if row is not None:
            self.dismiss(row.names)

    @property
    def _row(self) -> WatchRow | None:
        return self.query_one(WatchList).row_at_cursor() if self.is_mounted else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the line under the cursor."""
        row = self._row
        if action == "reset":
            return row is not None and row.circuit is not None
        if action == "copy":
            return row is not None and bool(row.copied)
        return super().check_action(action, parameters)

    @on(OptionList.OptionHighlighted)
    def _follow_cursor(self) -> None:
        self.refresh_bindings()

    def action_copy(self) -> None:
        """Copy the command of the line under the cursor."""
        row = self._row
        if row is not None and row.copied:
            self.app.copy_to_clipboard(row.copied)
            self.notify(f"copied: {printable(row.copied)}", markup=False)

    def action_reset(self) -> None:
        """Ask whether to close the circuit under the cursor."""
        row = self._row
        if row is None or row.circuit is None or self._is_asking:
            return
        if self._is_read_only:
            self.notify(str(ReadOnly()), severity="error", markup=False)
        else:
            self._is_asking = True
            # Of the app, since it is told what came of it when this screen is closed.
            self.app.run_worker(self._reset(row.circuit), group="reset")

    async def _reset(self, circuit: Circuit) -> None:
        question = reset_question(circuit, self._follower.now())
        try:
            answer = await self.app.push_screen_wait(DecisionScreen(*question))
        finally:
            self._is_asking = False
        view = self._follower.view
        if answer != 1 or view is None:
            return
        try:
            await in_background(lambda: view.request_reset(circuit.name))
        except NstuiError as error:
            self.notify(printable(str(error)), severity="error", markup=False)
            return
        self._asked = circuit
        name = printable(circuit.name)
        self.notify(f"the watch is asked to close the circuit of {name}", markup=False)

    def action_help(self) -> None:
        """Show the keys."""
        from nstui.tui.screens.help import (  # noqa: PLC0415
            HelpScreen,
            help_groups,
            severity_signs,
        )

        signs = tuple(severity_signs())
        self.app.push_screen(HelpScreen(help_groups(self, {}, signs)))

    def action_leave(self) -> None:
        """Close without choosing a line."""
        self.dismiss(())
