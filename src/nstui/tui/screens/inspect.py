"""The screen with everything that the engine knows of a container."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static, Tree

from nstui.errors import NstuiError
from nstui.render.entries import (
    Copy,
    compact_text,
    entries_of,
    inspect_command,
    path_text,
    value_text,
)
from nstui.render.text import Piece, Tone, printable
from nstui.tui.keys import help_binding
from nstui.tui.notices import Banner
from nstui.tui.poller import in_background
from nstui.tui.screens.container_screen import (
    SearchScreen,
    search_bindings,
)
from nstui.tui.screens.export import copy_one_of
from nstui.tui.widgets.document_tree import DocumentTree
from nstui.tui.widgets.key_footer import KeyFooter
from nstui.tui.widgets.search import SearchBar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.model.container import Container
    from nstui.service.host import Host


NO_COMMAND = "no command: its name or a key cannot be written for a shell"


class InspectScreen(SearchScreen):
    """Shows an inspect as a tree, and the entry under the cursor in full."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *search_bindings(
            "inspect",
            of="inspect",
            close="q,i",
            search="Search keys and values",
            found="entry",
        ),
        Binding(
            "y",
            "copy",
            "Copy",
            tooltip="Copy the value, its path, or the command that prints it",
            id="inspect.copy",
        ),
        Binding(
            "r",
            "read",
            "Refresh",
            tooltip="Ask the engine again",
            id="inspect.refresh",
        ),
        help_binding("inspect"),
    ]
    CONTENT = DocumentTree
    AUTO_FOCUS = "#document"

    def __init__(self, container: Container, host: Host, program: str) -> None:
        """Create the screen.

        Args:
            container: The container to inspect.
            host: The host whose engine is asked.
            program: The engine's command line program.

        """
        super().__init__(container)
        self._engine = host.engine
        self._options = host.options
        self._program = program
        self._document: Mapping[str, object] | None = None
        self._is_reading = False
        self._seen = _inspected_fields(container)

    def compose(self) -> ComposeResult:
        """Yield the tree, and the complete entry below it."""
        yield Static(id="container-title", markup=False)
        yield Banner()
        yield Static("asking the engine…", id="inspect-problem", markup=False)
        yield (tree := DocumentTree())
        with VerticalScroll(id="inspect-entry", can_focus=False):
            yield Static(id="inspect-value", markup=False)
        yield SearchBar(tree)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Ask the engine."""
        self._show_title()
        self.action_read()

    def follow_report(self) -> None:
        """Ask again if the container has changed."""
        self._show_title()
        seen = _inspected_fields(self.container)
        if seen != self._seen and not self.is_gone:
            self._seen = seen
            self.action_read()

    def action_read(self) -> None:
        """Ask the engine, unless an answer is still awaited."""
        if not self._is_reading:
            self._read()

    @work
    async def _read(self) -> None:
        self._is_reading = True
        try:
            work = partial(self._engine.inspect, self.container.id)
            document = await in_background(work)
        except NstuiError as error:
            self._show_answer(self._document, printable(str(error)))
        else:
            self._show_answer(document, "")
        finally:
            self._is_reading = False

    def _show_answer(self, document: Mapping[str, object] | None, problem: str) -> None:
        """Show an answer, unless the screen has been closed meanwhile."""
        if not self.is_open:
            return
        self._show_problem(problem)
        if document != self._document:
            self._document = document
            self.query_one(DocumentTree).show(entries_of(document))

    def _show_problem(self, text: str) -> None:
        """Show why there is no newer answer; an empty text hides the line."""
        line = self.query_one("#inspect-problem", Static)
        line.update(text)
        line.display = bool(text)

    @on(Tree.NodeHighlighted)
    @on(DocumentTree.Searched)
    def _show_title(self) -> None:
        tree = self.query_one(DocumentTree)
        self.query_one(SearchBar).show_position()
        entry = tree.entry_at_cursor()
        path = "" if entry is None else printable(path_text(entry.steps))
        self.set_title(self.heading("inspect"), (Piece(path or " ", Tone.MUTED),))
        value = "" if entry is None else compact_text(entry.value)
        shown = "\n".join(printable(line) for line in value.split("\n"))
        static = self.query_one("#inspect-value", Static)
        if str(static.content) != shown:
            static.update(shown)

    @work
    async def action_copy(self) -> None:
        """Copy a part of the entry under the cursor."""
        if not self.is_open:
            return
        entry = self.query_one(DocumentTree).entry_at_cursor()
        if entry is None:
            return
        command = inspect_command(
            self._program, self.container, entry.steps, self._options
        )
        choices = [
            Copy("value", value_text(entry.value)),
            Copy("path", path_text(entry.steps)),
        ]
        if command is None:
            await copy_one_of(self.app, choices, (NO_COMMAND,))
        else:
            choices.append(Copy("command", command))
            await copy_one_of(self.app, choices)


def _inspected_fields(container: Container) -> tuple[object, ...]:
    """Return what an inspect depends on, leaving out ages in words."""
    return container.name, container.state, container.inspection
