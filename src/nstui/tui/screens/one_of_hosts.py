"""The main screen when several hosts are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from nstui.tui.keys import HOST_KEYS
from nstui.tui.screens.main import MainScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.service.host import Host
    from nstui.service.hosts import ListedHost
    from nstui.tui.session import Session


class HostNavigator(Protocol):
    """Shows the hosts of an app; `nstui.tui.hosts.Hosts` implements it."""

    @property
    def has_contexts(self) -> bool:
        """Whether another context can be opened."""

    def open(self, name: str) -> None:
        """Show a host above the list."""

    def back(self) -> None:
        """Show the list again."""

    def step(self, name: str, by: int) -> None:
        """Show another host of the list in place of the one that is open."""

    def choose_context(self) -> None:
        """Let the user choose a context, and open it."""


class OneOfHosts(MainScreen):
    """Shows one of several hosts, or the only one as long as no other was opened."""

    BINDINGS: ClassVar[list[BindingType]] = [*HOST_KEYS]

    def __init__(  # noqa: PLR0913 - as of the main screen
        self,
        host: Host,
        hosts: HostNavigator,
        *,
        interval: float | None,
        is_read_only: bool,
        first: Callable[[], Report] | None = None,
        is_slow: bool = False,
        session: Session | None = None,
        listed: ListedHost | None = None,
    ) -> None:
        """Create the screen; `hosts` shows others, the rest is as of `MainScreen`."""
        super().__init__(
            host,
            interval=interval,
            is_read_only=is_read_only,
            first=first,
            is_slow=is_slow,
            session=session,
            listed=listed,
        )
        self._hosts = hosts

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the keys that need a list of hosts, or contexts, where there is none."""
        if action in {"hosts", "next_host"}:
            return self._listed is not None
        if action == "context":
            return self._hosts.has_contexts
        return super().check_action(action, parameters)

    def action_hosts(self) -> None:
        """Go back to the list of hosts."""
        if self._may_leave():
            self._hosts.back()

    def action_next_host(self, by: int) -> None:
        """Show the host that is `by` places further in the list, around its end."""
        if self._listed is not None and self._may_leave():
            self._hosts.step(self._listed.name, by)

    def action_context(self) -> None:
        """Choose another context, and show it."""
        if self._may_leave():
            self._hosts.choose_context()

    def _may_leave(self) -> bool:
        """Tell whether no action is under way, which would be left without a screen."""
        if self.is_busy:
            self.notify("an action is under way: try again when it has ended")
        return not self.is_busy
