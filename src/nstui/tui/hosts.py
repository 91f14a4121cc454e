"""Which hosts the app shows: a list of several, and the one that is open."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider
from textual.content import Content

from nstui.errors import NstuiError
from nstui.render.text import printable
from nstui.service.hosts import ListedHosts
from nstui.tui.palette import Palette
from nstui.tui.poller import in_background
from nstui.tui.screens.hosts import HostChanged, HostsScreen
from nstui.tui.screens.one_of_hosts import OneOfHosts

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App
    from textual.command import Hits

    from nstui.analysis.report import Report
    from nstui.service.host import Host
    from nstui.service.host_choice import HostChoice
    from nstui.service.hosts import ListedHost, SeveralHosts
    from nstui.tui.session import Session


MODE = "hosts"
"""Textual's name of the stack of screens with the list at its bottom."""


class Hosts:
    """The hosts of an app; implements `nstui.tui.screens.one_of_hosts.HostNavigator`.

    Each is watched from when the list is shown first. A host that the app was started
    with alone has no list until another is opened.
    """

    def __init__(  # noqa: PLR0913 - one for each option
        self,
        app: App[None],
        several: SeveralHosts,
        session: Session,
        *,
        interval: float | None,
        is_read_only: bool,
        is_slow: bool,
    ) -> None:
        """Connect nothing yet.

        Args:
            app: Shows the hosts.
            several: The hosts, and those that can be opened besides.
            session: The user's preferences.
            interval: Seconds between looks without an event at a host that is open;
                None for the default.
            is_read_only: Whether every action is refused.
            is_slow: Whether the connection to the terminal is slow.

        """
        self._app = app
        self._several = several
        self._session = session
        self._interval = interval
        self._is_read_only = is_read_only
        self._is_slow = is_slow
        self._list = ListedHosts(several, self._note_change, interval=interval)
        self._screen: HostsScreen | None = None
        self._open_name = ""
        """The host that was opened last."""

        self._is_choosing = False

    @property
    def has_contexts(self) -> bool:
        """Whether another context can be opened."""
        return self._several.contexts is not None

    def list_screen(self) -> HostsScreen:
        """Return the screen with the list."""
        if self._screen is None:
            self._screen = HostsScreen(
                self._list, self, self._session, is_read_only=self._is_read_only
            )
        return self._screen

    def screen_for(
        self,
        host: Host,
        *,
        first: Callable[[], Report] | None = None,
        listed: ListedHost | None = None,
    ) -> OneOfHosts:
        """Return the screen of a host.

        Args:
            host: The host.
            first: Takes the glimpse, a quick first look; None to skip it.
            listed: What watches the host already; None if there is no list.

        """
        return OneOfHosts(
            host,
            self,
            interval=self._interval,
            is_read_only=self._is_read_only,
            first=first,
            is_slow=self._is_slow,
            session=self._session,
            listed=listed,
        )

    def open(self, name: str) -> None:
        """Show a host above the list, unless it is not connected yet."""
        listed = self._list.by_name[name]
        if listed.host is None:
            problem = listed.summary.problem or "it is still being connected"
            self._tell(f"{name} cannot be opened: {problem}", is_error=True)
        elif self._may_show():
            self._show(listed)

    def back(self) -> None:
        """Show the list again."""
        if isinstance(self._app.screen, OneOfHosts) and self._screen is not None:
            self._app.pop_screen()

    def step(self, name: str, by: int) -> None:
        """Show the next connected host of the list in place of the one that is open.

        Args:
            name: The host that is open.
            by: 1 for the next, -1 for the one before.

        """
        listed = self._list.next_connected(name, by)
        if listed is None:
            self._tell("no other host is connected")
        else:
            self._show(listed)

    def choose_context(self) -> None:
        """Let the user choose a context, and open it."""
        if not self._is_choosing:
            self._is_choosing = True
            self._app.run_worker(self._choose_context(), group="contexts")

    async def _choose_context(self) -> None:
        try:
            if self._several.contexts is not None:
                choices = await in_background(self._several.contexts)
                self._app.push_screen(
                    Palette(
                        providers=[_context_provider(choices, self._open_context)],
                        placeholder="Open a context…",
                    )
                )
        except NstuiError as error:
            self._tell(str(error), is_error=True)
        finally:
            self._is_choosing = False

    def _open_context(self, choice: HostChoice) -> None:
        self._app.run_worker(self._add(choice), group="contexts")

    async def _add(self, choice: HostChoice) -> None:
        """Open a context; if it cannot be connected, say so and change nothing."""
        name, listed = choice.name, self._list.by_name.get(choice.name)
        if name == self._shown_name():
            self._tell(f"{name} is shown already")
            return
        if listed is None or listed.host is None:
            self._tell(f"connecting {name} …")
            try:
                host = await in_background(choice.connect)
            except NstuiError as error:
                self._tell(str(error), is_error=True)
                return
            listed = self._list.prepare(choice, host)
        if not self._may_show():
            if listed is not self._list.by_name.get(name):
                host.engine.close()
            self._tell(f"{name} is not opened: close this screen first", is_error=True)
            return
        self._list.add(listed)
        self._show(listed)

    def _shown_name(self) -> str:
        """Return the host whose screen is on top; empty if none is."""
        if self._screen is None:
            return self._several.choices[0].name
        return self._open_name if isinstance(self._app.screen, OneOfHosts) else ""

    def _may_show(self) -> bool:
        """Tell whether another host may take the place of the screen on top."""
        screen = self._app.screen
        if isinstance(screen, OneOfHosts):
            return not screen.is_busy
        return isinstance(screen, HostsScreen)

    def _show(self, listed: ListedHost) -> None:
        """Show a connected host above the list, which may not be there yet."""
        if listed.host is None:
            return
        screen = self.screen_for(listed.host, listed=listed)
        self._open_name = listed.name
        if self._screen is None:
            # The only host until now becomes one of the list. Its screen cannot be
            # replaced, since it is the app's first; it stays in a mode of its own.
            alone = self._app.screen
            self._app.add_mode(MODE, self.list_screen)
            self._app.switch_mode(MODE)
            self._app.push_screen(screen)
            if isinstance(alone, OneOfHosts):
                alone.retire()
        elif isinstance(self._app.screen, HostsScreen):
            self._app.push_screen(screen)
        else:
            self._app.switch_screen(screen)
        self.list_screen().go_to(listed.name)

    def _note_change(self) -> None:
        """Let the list show what has changed; called from any thread."""
        screen = self._screen
        if screen is not None and screen.is_running:
            screen.post_message(HostChanged())

    def _tell(self, text: str, *, is_error: bool = False) -> None:
        self._app.notify(
            printable(text),
            severity="error" if is_error else "information",
            markup=False,
        )


def _context_provider(
    choices: tuple[HostChoice, ...], choose: Callable[[HostChoice], None]
) -> type[Provider]:
    """Return what offers contexts in a palette.

    Args:
        choices: The contexts.
        choose: Called with the one that is chosen.

    """

    class ContextProvider(Provider):
        """Offers every context, or those that match what is typed."""

        async def discover(self) -> Hits:
            for choice in choices:
                title = Content(printable(choice.name))
                yield DiscoveryHit(title, partial(choose, choice))

        async def search(self, query: str) -> Hits:
            matcher = self.matcher(query)
            for choice in choices:
                name = printable(choice.name)
                score = matcher.match(name)
                if score > 0:
                    run = partial(choose, choice)
                    yield Hit(score, Content(name), run, text=name)

    return ContextProvider
