"""The prompt that saves a log in a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from nstui.errors import NstuiError
from nstui.render.text import printable
from nstui.service.saved_file import save_lines
from nstui.tui.poller import in_background
from nstui.tui.screens.closing import ClosingModal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType


class SaveScreen(ClosingModal[Path | None]):
    """Asks for a file name, and saves lines; returns the path, or None if cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="save.cancel"),
    ]
    AUTO_FOCUS = "#save-path"

    def __init__(self, title: str, path: str, lines: Sequence[str]) -> None:
        """Create the prompt.

        Args:
            title: What is saved; must be safe to show.
            path: The path that is proposed.
            lines: The lines to save.

        """
        super().__init__()
        self._title = title
        self._path = path
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Yield the title, the input, and a line for keys and problems."""
        with Vertical(id="prompt"):
            yield Static(self._title, id="prompt-title", markup=False)
            yield Input(self._path, id="save-path", select_on_focus=False)
            yield Static("enter saves · esc cancels", id="save-note", markup=False)

    @work
    @on(Input.Submitted)
    async def _save(self, event: Input.Submitted) -> None:
        try:
            save = partial(save_lines, event.value, self._lines)
            self.dismiss(await in_background(save))
        except NstuiError as error:
            note = self.query_one("#save-note", Static)
            note.update(f"✗ {printable(str(error))}")
            note.add_class("-problem")

    def action_cancel(self) -> None:
        """Save nothing."""
        self.dismiss(None)
