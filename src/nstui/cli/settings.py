"""The global options of the command line."""

from __future__ import annotations

from nstui.model.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options that are given before the command's name."""

    host: str | None = None
    context: str | None = None
    interval: float | None = None
    """Seconds between looks without an event; None for the default of `Watcher`."""

    read_only: bool = False
    demo: bool = False
    slow_link: bool = False
    """Whether to send as little as possible to the terminal."""

    sudo: bool = False
    """Whether ``/proc`` of a host behind ssh is read through ``sudo -n``."""

    may_ask: bool = True
    """Whether ssh may ask for passwords and unknown keys, if there is a terminal."""
