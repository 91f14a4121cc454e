"""Takes something out of a screen: to the clipboard, or into a file.

The clipboard is that of the terminal that the user sits at.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from nstui.errors import NstuiError
from nstui.render.layout import fit
from nstui.render.text import printable
from nstui.service.saved_file import save_lines
from nstui.tui.poller import in_background
from nstui.tui.screens.closing import ClosingModal
from nstui.tui.screens.prompts import QuestionScreen
from nstui.tui.widgets.key_order import TypedInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App, ComposeResult
    from textual.binding import BindingType

    from nstui.render.entries import Copy


NOTIFIED_LENGTH = 60
"""How many characters of the copied text the notification shows."""

MAX_WIDTH = 100
FRAME = 10
"""The width of a question, and of the frame around its answers, in columns."""


async def copy_one_of(
    app: App[None], choices: Sequence[Copy], lines: Sequence[str] = ()
) -> None:
    """Ask what to copy, copy it, and notify the user.

    Must be awaited in a worker. The text is sent to the terminal as OSC 52, so it
    arrives where the user is, over SSH as well. No terminal confirms it.

    Args:
        app: Shows the question.
        choices: The texts to choose from, the likeliest first.
        lines: Further information, safe to show.

    """
    labels = [printable(choice.label) for choice in choices]
    width = max(len(label) for label in labels)
    room = max(1, min(MAX_WIDTH, app.size.width * 9 // 10) - FRAME - width)
    answers = [
        f"{label:<{width}}  {_shorten(_with_note(choice), room)}"
        for label, choice in zip(labels, choices, strict=True)
    ]
    question = QuestionScreen("Copy", lines, answers)
    chosen = await app.push_screen_wait(question)
    if chosen is None:
        return
    text = choices[chosen].text
    app.copy_to_clipboard(text)
    app.notify(
        f"copied the {labels[chosen]}: {_shorten(text, NOTIFIED_LENGTH)}", markup=False
    )


def _with_note(choice: Copy) -> str:
    return f"{choice.text}  {choice.note}" if choice.note else choice.text


def _shorten(text: str, room: int) -> str:
    """Return the beginning of a text, as one line that is safe to show."""
    first, _, more = text.strip().partition("\n")
    shown = printable(first) + ("…" if more else "")
    return fit(shown, room).rstrip()


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
            yield TypedInput(self._path, id="save-path", select_on_focus=False)
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
