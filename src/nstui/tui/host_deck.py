"""What screens need of the hosts that the app shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.analysis.host_summary import HostSummary


class HostDeck(Protocol):
    """The hosts of an app; `nstui.tui.hosts.Hosts` implements it."""

    @property
    def has_contexts(self) -> bool:
        """Whether another context can be opened."""

    def now(self) -> datetime:
        """Return the time from which ages are counted."""

    def start(self) -> None:
        """Connect and watch every host."""

    def stop(self) -> None:
        """Stop watching, without waiting for any host."""

    def refresh(self) -> None:
        """Look at every host now."""

    def arrange(self, held: str | None) -> tuple[HostSummary, ...]:
        """Return what is known of each host, in the order to show it."""

    def open(self, name: str) -> None:
        """Show a host above the list."""

    def back(self) -> None:
        """Show the list again."""

    def step(self, name: str, by: int) -> None:
        """Show another host of the list in place of the one that is open."""

    def choose_context(self) -> None:
        """Let the user choose a context, and open it."""
