"""The steps of a plan while they are taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from nstui.render.plan_text import step_words
from nstui.render.text import Piece, Tone, printable
from nstui.tui.tones import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from nstui.model.plan import Plan
    from nstui.service.executor import Progress


@dataclass
class StepReported(Message):
    """A step is about to be taken, or has been."""

    progress: Progress


class ProgressScreen(ModalScreen[None]):
    """Shows how far a plan has come; it closes when the plan has ended."""

    def __init__(self, plan: Plan) -> None:
        """Take the plan whose steps to show."""
        super().__init__()
        self._plan = plan
        self._number = 1
        self._is_done = False
        self._failed: set[int] = set()

    def compose(self) -> ComposeResult:
        """Make the list."""
        with VerticalScroll(id="progress"):
            yield Static(lines_of(self._lines()), markup=False, id="progress-steps")

    def report(self, progress: Progress) -> None:
        """Take note of a step; from any thread, and also before it is shown."""
        if progress.has_failed:
            self._failed.add(progress.number)
        else:
            self._number, self._is_done = progress.number, progress.is_done
        if self.is_running:
            self.post_message(StepReported(progress))

    @on(StepReported)
    def _show(self) -> None:
        self.query_one("#progress-steps", Static).update(lines_of(self._lines()))
        self.query_one("#progress").scroll_to(y=self._number - 2, animate=False)

    def _lines(self) -> Iterator[tuple[Piece, ...]]:
        for number, step in enumerate(self._plan.steps, start=1):
            if number in self._failed:
                sign = Piece("✗ ", Tone.ERROR)
            elif number < self._number or (number == self._number and self._is_done):
                sign = Piece("✓ ", Tone.GOOD)
            elif number == self._number:
                sign = Piece("… ", Tone.NOTICE)
            else:
                sign = Piece("  ")
            yield (sign, Piece(printable(step_words(step))))
