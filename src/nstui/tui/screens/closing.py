"""Screens that close only once, and the one that shows the steps of a plan.

Keys that are typed ahead reach the screen that was on top when they were typed. In
Textual, a screen that is already closed would then close the one below as well, and a
screen below another one would close that one.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.events import Click, Key, MouseDown, MouseUp, Paste
from textual.message import Message
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widgets import Static

from nstui.analysis.plans.commands import step_text
from nstui.render.text import Piece, Tone, printable
from nstui.tui.styles import content_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Event

    from nstui.model.image import PullProgress
    from nstui.model.plan import Plan
    from nstui.model.step import Step
    from nstui.service.results import Progress


REACTION_S = 0.15
"""Nobody reacts to what appears on a screen in fewer seconds than this."""

TYPED = (Key, Paste, MouseDown, MouseUp, Click)
"""The events that a guarded prompt ignores when they come too early."""


class ClosingScreen(Screen[ScreenResultType]):
    """A screen that can be closed only while it is on top."""

    @property
    def is_open(self) -> bool:
        """Whether it is laid out and not closed yet; results may arrive after that."""
        return self.is_mounted and self in self.app.screen_stack

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close the screen with a result, unless it is not on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class ClosingModal(ModalScreen[ScreenResultType]):
    """A prompt that can be closed only while it is on top."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close the prompt with a result, unless it is not on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class GuardedModal(ClosingModal[ScreenResultType]):
    """A prompt whose answer may change containers: it ignores what is typed ahead.

    A key or a click from before the prompt was visible was meant for something else,
    and so was one that came sooner afterwards than anybody can react. Only escape,
    which never changes anything, is always heard.
    """

    _visible_since: float | None = None

    def on_screen_suspend(self) -> None:
        """Ignore what is typed while another screen covers the prompt."""
        self._visible_since = None

    def on_screen_resume(self) -> None:
        """Note when the prompt is drawn, also again after another screen was on top."""
        self._visible_since = None
        self.call_after_refresh(self._note_drawn)

    def _note_drawn(self) -> None:
        self._visible_since = time.monotonic()

    @property
    def heeds_from(self) -> float:
        """The time from which on keys and clicks count, on the clock of the events."""
        if self._visible_since is None:
            return math.inf
        return self._visible_since + REACTION_S

    def heeds(self, event: Event) -> bool:
        """Tell whether an event is a reaction to the prompt."""
        if isinstance(event, Key) and event.key == "escape":
            return True
        return not isinstance(event, TYPED) or event.time >= self.heeds_from


@dataclass
class StepReported(Message):
    """A step is about to be taken, or has been taken."""

    progress: Progress


class ProgressScreen(ModalScreen[None]):
    """Shows the progress of a plan, until the plan has ended."""

    # The keys of the screen below do nothing here, though its footer still names them.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.quit", show=False, tooltip="Quit", id="quit")
    ]

    def __init__(self, plan: Plan) -> None:
        """Show the steps of this plan."""
        super().__init__()
        self._plan = plan
        self._number = 1
        self._is_done = False
        self._failed: set[int] = set()
        self._pull: PullProgress | None = None
        """How far the pull under way has got; None for any other step."""

    def compose(self) -> ComposeResult:
        """Yield the list of steps."""
        with VerticalScroll(id="progress"):
            yield Static(
                content_lines(self._lines()), markup=False, id="progress-steps"
            )

    def report(self, progress: Progress) -> None:
        """Update a step, from any thread, even before the screen is shown."""
        if progress.has_failed:
            self._failed.add(progress.number)
        else:
            self._number, self._is_done = progress.number, progress.is_done
            self._pull = progress.pull
        if self.is_running:
            self.post_message(StepReported(progress))

    @on(StepReported)
    def _show(self) -> None:
        self.query_one("#progress-steps", Static).update(content_lines(self._lines()))
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
            yield (sign, Piece(self._text_of(number, step)))

    def _text_of(self, number: int, step: Step) -> str:
        if number != self._number or self._pull is None:
            return printable(step_text(step))
        from nstui.render.pulling import pull_text  # noqa: PLC0415

        return pull_text(step, self._pull)
