"""The frame of every prompt: it fits itself to the screen and cuts nothing off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from nstui.render.prompt_text import BORDER, arrange, below_text, hint_pieces
from nstui.tui.styles import content_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.widget import Widget

    from nstui.render.prompt_text import Label

MAX_WIDTH = 100
FRAME = 4
"""The columns of the border, and of the space beside the text."""

ANSWER_FRAME = 3
"""The columns of a list that its answers do not use."""

LEAST_ANSWERS = 3
"""So many lines of answers are visible even if the text then scrolls."""

MIN_INNER = 20
"""Text is not wrapped to fewer columns, even where the screen has fewer."""


class ScrolledText(VerticalScroll, can_focus=False):
    """The text of a prompt, which scrolls if there is no room for all of it."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell the frame how much is below."""
        super().watch_scroll_y(old_value, new_value)
        for box in self.ancestors:
            if isinstance(box, PromptBox):
                box.show_below(round(new_value))


class PromptBox(Vertical):
    """A title, a text that scrolls, an optional widget, buttons and hints."""

    def __init__(  # noqa: PLR0913 - the parts of a prompt
        self,
        title: str,
        *,
        texts: Sequence[tuple[str, Content]],
        notice: str = "",
        asks: Widget | None = None,
        buttons: Sequence[tuple[Button, Label]] = (),
        classes: str = "",
    ) -> None:
        """Create the frame.

        Args:
            title: The question, safe to show.
            texts: The ids and the contents of the parts of the text.
            notice: A further line below the title, safe to show; empty for none.
            asks: The widget between the text and the buttons.
            buttons: The buttons with their labels.
            classes: Its CSS classes.

        """
        super().__init__(id="prompt", classes=classes)
        self._title = title
        self._notice = notice
        self._texts = texts
        self._asks = asks
        self._buttons = buttons
        self._hints: Content = Content("")
        self._content_height = 0
        self._visible_height = 0
        self.is_stacked = False
        """Whether the buttons stand one above the other."""

        self.is_scrolled = False
        """Whether there is more text than is visible."""

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield Static(self._title, id="prompt-title", markup=False)
        if self._notice:
            yield Static(self._notice, id="notice", markup=False)
        with ScrolledText(id="effects"):
            for name, content in self._texts:
                yield Static(content, id=name, markup=False)
        yield Static(id="below", markup=False)
        if self._asks is not None:
            yield self._asks
        if self._buttons:
            with Container(id="choices"):
                yield from (button for button, _ in self._buttons)
        yield Static(id="hints", markup=False)

    def fit(
        self, size: Size, hints: Sequence[tuple[str, str]], *, asks_height: int = 0
    ) -> None:
        """Fit the parts to the screen.

        Args:
            size: The size of the screen.
            hints: The keys, and what they do.
            asks_height: The lines of the widget between the text and the buttons.

        """
        inner = _inner(size)
        shown_hints = content_of(hint_pieces(hints))
        texts = [content for _, content in self._texts if content.plain]
        self._content_height = sum(_lines(content, inner) for content in texts)
        found = arrange(
            [label for _, label in self._buttons],
            width=inner,
            height=size.height,
            content=self._content_height,
            gaps=max(0, len(texts) - 1),
            above=_lines(Content(self._title), inner)
            + (_lines(Content(self._notice), inner) if self._notice else 0),
            below=asks_height,
            hints=_lines(shown_hints, inner),
        )
        for (button, _), label in zip(self._buttons, found.labels, strict=True):
            button.label = Content(label)
        self.is_stacked, self.is_scrolled = found.is_stacked, found.is_scrolled
        self._visible_height = found.content_height
        if found.is_airy:
            self._content_height = found.content_height
        self.set_class(found.is_stacked, "-stacked")
        self.set_class(found.is_airy, "-airy")
        self.set_class(not texts, "-no-text")
        text = self.query_one("#effects")
        text.styles.height = found.content_height
        text.display = bool(texts)
        hint = self.query_one("#hints", Static)
        hint.update(shown_hints)
        hint.display = found.has_hints
        self.query_one("#below").display = found.is_scrolled
        self.show_below(round(text.scroll_y))

    def room_for_list(self, size: Size, hints: Sequence[tuple[str, str]]) -> int:
        """Return how many lines a list of answers may take, with room for the text."""
        inner = _inner(size)
        taken = _lines(Content(self._title), inner) + BORDER
        taken += _lines(content_of(hint_pieces(hints)), inner)
        room = size.height - taken
        text = sum(_lines(content, inner) for _, content in self._texts if content)
        return max(LEAST_ANSWERS, room - min(text + 1, room // 2) if text else room)

    def list_height(self, answers: Sequence[Content], size: Size, room: int) -> int:
        """Return how many lines of a list of answers are visible."""
        inner = max(1, _inner(size) - ANSWER_FRAME)
        return max(1, min(room, sum(_lines(answer, inner) for answer in answers)))

    def show_below(self, above: int) -> None:
        """Show how many lines are below, when this many are above."""
        below = self._content_height - self._visible_height - above
        for line in self.query("#below").results(Static):
            line.update(below_text(above, below))

    def scroll_text(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one("#effects").scroll_relative(y=lines, animate=False)


def _inner(size: Size) -> int:
    """Return the columns inside a prompt."""
    return max(MIN_INNER, min(size.width, MAX_WIDTH) - FRAME)


def _lines(content: Content, width: int) -> int:
    """Return how many lines a text takes."""
    return content.get_height({}, width)
