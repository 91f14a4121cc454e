"""The screen with the processes of a container, and their CPU time and memory."""

from __future__ import annotations

from dataclasses import astuple
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.coordinate import Coordinate
from textual.widgets import DataTable, Static

from nstui.analysis.unread import unread_text
from nstui.errors import NstuiError
from nstui.model.snapshot import ReadProblem
from nstui.render.text import Piece, Tone, printable
from nstui.render.usage import ProcessOrder, ProcessRow, process_rows, total_text
from nstui.tui.keys import help_binding
from nstui.tui.notices import Banner
from nstui.tui.poller import in_background
from nstui.tui.screens.container_screen import ContainerScreen
from nstui.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.model.container import Container
    from nstui.model.network import ProcessUsage
    from nstui.ports import HostEvidence

PERIOD_S = 2.0
FIRST_PERIOD_S = 0.5
"""The second reading comes sooner, since CPU shares need two readings."""

_COLUMNS = ("pid", "user", "state", "CPU", "memory", "time", "command")
_NUMBERS = {"pid": 7, "CPU": 5, "memory": 8, "time": 9}
"""The columns with numbers, which are aligned to the right, and their widths."""


class ProcessTable(DataTable[Text]):
    """A row for each process; the cursor stays on its process."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "j,down",
            "cursor_down",
            "Down",
            show=False,
            tooltip="Go to the next process",
            id="processes.down",
        ),
        Binding(
            "k,up",
            "cursor_up",
            "Up",
            show=False,
            tooltip="Go to the process before",
            id="processes.up",
        ),
        Binding(
            "g,home",
            "scroll_top",
            "First",
            show=False,
            tooltip="Go to the first process",
            id="processes.first",
        ),
        Binding(
            "G,end",
            "scroll_bottom",
            "Last",
            show=False,
            tooltip="Go to the last process",
            id="processes.last",
        ),
    ]

    def __init__(self) -> None:
        super().__init__(id="processes", cursor_type="row", zebra_stripes=False)
        self.rows_shown: tuple[ProcessRow, ...] = ()

    def on_mount(self) -> None:
        """Create the columns."""
        for name in _COLUMNS:
            self.add_column(_cell(name, name), key=name)

    def row_at_cursor(self) -> ProcessRow | None:
        """Return the row under the cursor, if there is one."""
        if not 0 <= self.cursor_row < len(self.rows_shown):
            return None
        return self.rows_shown[self.cursor_row]

    def show(self, rows: tuple[ProcessRow, ...]) -> None:
        """Show other rows; if the processes are the same, redraw only differences."""
        before, self.rows_shown = self.rows_shown, rows
        if [row.pid for row in rows] == [row.pid for row in before]:
            self._update(before)
            return
        # If the cursor was not moved, it stays on the first row, whichever that is.
        has_moved = 0 < self.cursor_row < len(before)
        pid = before[self.cursor_row].pid if has_moved else ""
        row_on_top = self.scroll_y
        self.clear()
        for row in rows:
            cells = (_cell(n, c) for n, c in zip(_COLUMNS, astuple(row), strict=True))
            self.add_row(*cells)
        positions = [position for position, row in enumerate(rows) if row.pid == pid]
        self.move_cursor(row=positions[0] if positions else 0, animate=False)
        self.scroll_to(y=row_on_top, animate=False)

    def _update(self, before: tuple[ProcessRow, ...]) -> None:
        """Redraw the cells that differ from earlier rows of the same processes."""
        for index, (old, row) in enumerate(zip(before, self.rows_shown, strict=True)):
            for column, name in enumerate(_COLUMNS):
                cell = astuple(row)[column]
                if cell != astuple(old)[column]:
                    coordinate = Coordinate(index, column)
                    self.update_cell_at(coordinate, _cell(name, cell))


class ProcessesScreen(ContainerScreen):
    """Reads the processes of a container from this machine while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "dismiss",
            "Close",
            key_display="esc",
            tooltip="Close the list",
            id="processes.close",
        ),
        Binding(
            "q,p",
            "dismiss",
            "Close",
            show=False,
            tooltip="Close the list",
            id="processes.leave",
        ),
        *(
            Binding(
                key,
                f"order('{order.name}')",
                f"By {order}",
                tooltip=words,
                id=f"processes.by_{order.lower()}",
            )
            for key, order, words in (
                ("c", ProcessOrder.CPU, "Sort by CPU"),
                ("m", ProcessOrder.MEMORY, "Sort by memory"),
                ("t", ProcessOrder.TIME, "Sort by CPU time"),
                ("i", ProcessOrder.PID, "Sort by pid"),
            )
        ),
        help_binding("processes"),
    ]
    CONTENT = ProcessTable
    AUTO_FOCUS = "#processes"

    def __init__(
        self, container: Container, evidence: HostEvidence, remedy: str
    ) -> None:
        """Show the processes of this container, read from this host.

        Args:
            container: The container.
            evidence: Reads the host.
            remedy: What gives the rights of root there; see `HostReading.remedy`.

        """
        super().__init__(container)
        self._remedy = remedy
        self._evidence = evidence
        self._order = ProcessOrder.CPU
        self._before: tuple[ProcessUsage, ...] = ()
        self._now: tuple[ProcessUsage, ...] = ()
        self._problem = "reading…"
        self._is_reading = False

    def compose(self) -> ComposeResult:
        """Yield the table, and the complete command under the cursor below it."""
        yield Static(id="container-title", markup=False)
        yield Banner()
        yield Static(id="processes-problem", markup=False)
        yield ProcessTable()
        with VerticalScroll(id="process-command", can_focus=False):
            yield Static(id="process-words", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Read now, again soon, and then periodically."""
        self._read()
        self.set_timer(FIRST_PERIOD_S, self._read)
        self.set_interval(PERIOD_S, self._read)
        self._show()

    def follow_report(self) -> None:
        """Show the container's state, and why nothing runs in it."""
        self._show()

    @work
    async def _read(self) -> None:
        pid = self.container.pid
        if self._is_reading or not self.is_current:
            return
        if self.is_gone or pid is None:
            self._show_answer(ReadProblem.VANISHED)
            return
        self._is_reading = True
        try:
            read = partial(self._evidence.processes, self.container.id, pid)
            answer = await in_background(read)
        except NstuiError as error:
            if self.is_open:
                self._problem = printable(str(error))
                self._show()
        else:
            if self.is_open:
                self._show_answer(answer)
        finally:
            self._is_reading = False

    def _show_answer(self, answer: tuple[ProcessUsage, ...] | ReadProblem) -> None:
        if isinstance(answer, ReadProblem):
            self._before, self._now = (), ()
            self._problem = self._problem_text(answer)
        else:
            self._before, self._now = self._now, answer
            self._problem = ""
        self._show()

    def _problem_text(self, problem: ReadProblem) -> str:
        if self.is_gone:
            return "it no longer exists"
        if not self.container.state.has_process:
            return f"it is {self.container.state}: nothing runs in it"
        return unread_text(problem, self._remedy)

    def _show(self) -> None:
        total = total_text(self._before, self._now) if self._now else ""
        summary = f"{total} · users and pids of this machine" if total else " "
        self.set_title(self.heading("processes"), (Piece(summary, Tone.MUTED),))
        problem = self.query_one("#processes-problem", Static)
        if str(problem.content) != self._problem:
            problem.update(self._problem)
        problem.display = bool(self._problem)
        rows = process_rows(self._before, self._now, self._order)
        self.query_one(ProcessTable).show(rows)
        self._show_command()

    @on(DataTable.RowHighlighted)
    def _show_command(self) -> None:
        row = self.query_one(ProcessTable).row_at_cursor()
        text = "" if row is None else row.command
        static = self.query_one("#process-words", Static)
        if str(static.content) != text:
            static.update(text)

    def action_order(self, name: str) -> None:
        """Order the rows by another column.

        Args:
            name: The name of a `ProcessOrder`.

        """
        self._order = ProcessOrder[name]
        self._show()


def _cell(column: str, text: str) -> Text:
    return Text(text.rjust(_NUMBERS.get(column, 0)), no_wrap=True)
