"""The questions with a list of answers, some of which decide what an action does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from nstui.render.text import printable
from nstui.tui.screens.closing import ClosingModal, GuardedModal
from nstui.tui.widgets.key_order import TypedInput
from nstui.tui.widgets.prompt_box import PromptBox
from nstui.tui.widgets.row_list import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.geometry import Size
    from textual.widget import Widget


SCROLLS = ("pgdn", "scroll")

MOVES = {
    "up": "cursor_up",
    "down": "cursor_down",
    "page_up": "page_up",
    "page_down": "page_down",
}


class QuestionScreen(ClosingModal[int | None]):
    """Shows a question; returns the index of the answer, or None for no answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", id="question.leave"),
        Binding("pageup", "scroll_text(-8)", "Up", show=False, priority=True),
        Binding("pagedown", "scroll_text(8)", "Down", show=False, priority=True),
    ]
    AUTO_FOCUS = "#answers"
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("↑↓", "choose"),
        ("enter", "take it"),
        ("esc", "leave"),
    )

    def __init__(
        self, title: str, lines: Sequence[str], answers: Sequence[str]
    ) -> None:
        """Create the screen; all texts must be safe to show.

        Args:
            title: The question.
            lines: Further information.
            answers: The possible answers; the first is under the cursor.

        """
        super().__init__()
        self._title = title
        self._lines = lines
        self._answers = answers

    def compose(self) -> ComposeResult:
        """Yield the question, and the answers below it."""
        lines = Content("\n".join(self._lines))
        yield PromptBox(
            self._title, texts=[("question-lines", lines)], asks=self._asks()
        )

    def _asks(self) -> Widget:
        """Return the widget with the answers."""
        return Options(*self._options(range(len(self._answers))), id="answers")

    def _options(self, indexes: Iterable[int]) -> Iterator[Option]:
        for index in indexes:
            yield Option(Content(self._answers[index]), id=str(index))

    def on_mount(self) -> None:
        """Fit the question to the screen."""
        self._fit(self.app.size)

    def on_resize(self, event: Resize) -> None:
        """Fit the question to another size."""
        self._fit(event.size)

    def on_screen_resume(self) -> None:
        """Fit the question to the size that the screen has by now."""
        self._fit(self.app.size)

    def _fit(self, size: Size) -> None:
        for box in self.query(PromptBox):
            answers = self.query_one("#answers", Options)
            shown = [Content(str(option.prompt)) for option in answers.options]
            # Whether the text scrolls, which is a further hint, is known afterwards.
            for _ in range(2):
                hints = self.HINTS + ((SCROLLS,) if box.is_scrolled else ())
                further = self._further_lines
                room = box.room_for_list(size, hints) - further
                height = box.list_height(shown, size, room)
                answers.styles.height = height
                box.fit(size, hints, asks_height=height + further)

    @property
    def _further_lines(self) -> int:
        """How many lines there are beside the answers."""
        return 0

    @on(OptionList.OptionSelected)
    def _answer(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(int(event.option_id or 0))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys that scroll to the answers if the text does not scroll."""
        if action == "scroll_text":
            return any(box.is_scrolled for box in self.query(PromptBox))
        return super().check_action(action, parameters)

    def action_scroll_text(self, lines: int) -> None:
        """Scroll the text above the answers."""
        self.query_one(PromptBox).scroll_text(lines)

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class DecisionScreen(GuardedModal[int | None], QuestionScreen):
    """A question on which it depends what happens to containers.

    The first answer, which is under the cursor, must be the harmless one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "take", "Take it", id="decision.take"),
        Binding("n", "leave", "Back", id="decision.back"),
    ]
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("↑↓", "choose"),
        ("y/enter", "take it"),
        ("n/esc", "back"),
    )

    def action_take(self) -> None:
        """Choose the answer under the cursor."""
        self.query_one("#answers", Options).action_select()


class OwnerScreen(DecisionScreen):
    """Asks for the new owner of containers; what is typed narrows the candidates."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move('up')", "Up", show=False),
        Binding("down", "move('down')", "Down", show=False),
        Binding("pageup", "move('page_up')", "Page up", show=False),
        Binding("pagedown", "move('page_down')", "Page down", show=False),
    ]
    AUTO_FOCUS = "#narrow"
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (
        ("type", "to narrow"),
        ("↑↓", "choose"),
        ("enter", "take it"),
        ("esc", "back"),
    )

    def _asks(self) -> Widget:
        return Vertical(
            TypedInput(
                placeholder="type to narrow", id="narrow", select_on_focus=False
            ),
            super()._asks(),
            id="asks",
        )

    @property
    def _further_lines(self) -> int:
        return 1

    def action_move(self, where: str) -> None:
        """Move the cursor of the answers."""
        answers = self.query_one("#answers", Options)
        getattr(answers, "action_" + MOVES[where])()

    @on(Input.Changed, "#narrow")
    def _narrow(self, event: Input.Changed) -> None:
        """Show the answers with all words; the first one, which is harmless, stays."""
        words = event.value.casefold().split()
        found = [
            index
            for index, answer in enumerate(self._answers)
            if index == 0 or all(word in answer.casefold() for word in words)
        ]
        answers = self.query_one("#answers", Options)
        answers.clear_options()
        answers.add_options(self._options(found))
        if words and len(found) == 1:
            nothing = Content(printable(f"nothing matches '{event.value}'"))
            answers.add_option(Option(nothing, disabled=True))
        answers.highlighted = 1 if words and len(found) > 1 else 0

    @on(Input.Submitted, "#narrow")
    def _take(self) -> None:
        self.action_take()
