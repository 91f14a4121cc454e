"""What is given on the command line for every command."""

from __future__ import annotations

from nstui.model.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was given before the command's name."""

    host: str | None = None
    context: str | None = None
    interval: float | None = None
    """Seconds between looks when no event asks for one; None: see `Watcher`."""

    read_only: bool = False
    demo: bool = False
    slow_link: bool = False
    """Whether little shall be sent to the terminal."""
