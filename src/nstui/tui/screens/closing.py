"""Screens that close once, however fast the keys come.

Keys that are typed ahead reach the screen that was on top when they came. Textual would
have a screen that is closed already close the one beneath it too, and one that shows
through beneath another close that one.
"""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType


class ClosingScreen(Screen[ScreenResultType]):
    """A screen that is closed only while it is on top."""

    @property
    def is_open(self) -> bool:
        """Whether it is laid out and not closed yet: what it waited for may be late."""
        return self.is_mounted and self in self.app.screen_stack

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it with a result, unless it is not on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class ClosingModal(ModalScreen[ScreenResultType]):
    """A prompt that is closed only while it is on top."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it with a result, unless it is not on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
