"""A question with a few answers, asked before a plan can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from nstui.tui.options import Options
from nstui.tui.screens.closing import ClosingModal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType


class QuestionScreen(ClosingModal[int | None]):
    """Shows a question; returns the number of the answer, or None for no answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="question.leave"),
    ]
    AUTO_FOCUS = "#answers"

    def __init__(
        self, title: str, lines: Sequence[str], answers: Sequence[str]
    ) -> None:
        """Take what to ask; all of it must be safe to show.

        Args:
            title: The question.
            lines: What there is to know.
            answers: What can be answered; the first is under the cursor.

        """
        super().__init__()
        self._title = title
        self._lines = lines
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Lay the question out above its answers."""
        with Vertical(id="prompt"):
            yield Static(self._title, id="prompt-title", markup=False)
            if self._lines:
                lines = "\n".join(self._lines)
                yield Static(lines, id="question-lines", markup=False)
            yield Options(
                *(Option(Content(answer)) for answer in self._answers), id="answers"
            )

    @on(OptionList.OptionSelected)
    def _answer(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_leave(self) -> None:
        """Answer nothing."""
        self.dismiss(None)
