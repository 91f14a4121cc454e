"""The way from the host that is shown to a simulated one, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import SystemCommand

from nstui.render.text import printable
from nstui.tui.screens.main import MainScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import App

    from nstui.service.host import Host

DEMO_S = 8.0
"""How many seconds it is shown how to leave the demo."""


class DemoVisit:
    """Shows a simulated host above the host that was shown, which waits meanwhile."""

    def __init__(
        self,
        app: App[None],
        connect: Callable[[], Host],
        screen_for: Callable[[Host], MainScreen],
    ) -> None:
        """Begin at the host.

        Args:
            app: Shows the hosts.
            connect: Creates the simulated host.
            screen_for: Returns the screen of a host.

        """
        self._app = app
        self._connect = connect
        self._screen_for = screen_for
        self._left: Host | None = None
        """The host to go back to from the demo; None if there is none."""

    def commands(self, screen: MainScreen) -> Iterator[SystemCommand]:
        """Yield the command that enters the demo or leaves it.

        A demo that nstui was started with has no host to go back to.

        Args:
            screen: The screen below the palette.

        """
        if not screen.host.is_demo:
            words = "Nothing is done to this host; come back from the palette"
            yield SystemCommand("Demo: show a simulated host", words, self.enter)
        elif self._left is not None:
            words = "Go back to the host that was shown before"
            yield SystemCommand("Leave the demo", words, self.leave)

    def enter(self) -> None:
        """Show a simulated host; the host goes on when it is left again."""
        live = self._idle_screen()
        if live is None or live.host.is_demo:
            return
        live.pause_watching()
        self._left = live.host
        self._app.push_screen(self._screen_for(self._connect()))
        endpoint = printable(self._left.endpoint)
        self._app.notify(
            f"this is a simulated host; back to {endpoint}: ctrl+p, Leave the demo",
            timeout=DEMO_S,
            markup=False,
        )

    def leave(self) -> None:
        """Go back to the host that was shown before the demo."""
        if self._left is None or self._idle_screen() is None:
            return
        self._left = None
        self._app.pop_screen()
        for screen in self._app.screen_stack:
            if isinstance(screen, MainScreen):
                screen.resume_watching()

    def _idle_screen(self) -> MainScreen | None:
        """Return the screen of a host if it is on top and no action is under way.

        A prompt of an action must not open above the screen of another host.
        """
        if not isinstance(self._app.screen, MainScreen):
            return None
        if self._app.screen.is_busy:
            self._app.notify("an action is under way: try again when it has ended")
            return None
        return self._app.screen
