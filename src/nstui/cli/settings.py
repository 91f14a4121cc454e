"""The global options of the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options that are given before the command's name."""

    host: str | None = None
    """The address of the engine; None if none, or more than one host, is named."""

    context: str | None = None
    """A docker context, or a set of hosts; None as above."""

    several: tuple[tuple[str, str], ...] = ()
    """The hosts, if more than one is named: ``-c`` or ``-H``, and its value."""

    all_contexts: bool = False
    """Whether all docker contexts are asked for, beside `several`."""

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

    @property
    def names_hosts(self) -> bool:
        """Whether any host is named; otherwise it is found as docker finds it."""
        is_one = self.host is not None or self.context is not None
        return is_one or bool(self.several) or self.all_contexts

    @classmethod
    def for_hosts(
        cls,
        addresses: Sequence[str],
        contexts: Sequence[str],
        *,
        all_contexts: bool = False,
    ) -> Settings:
        """Return the settings that select hosts; contexts come before addresses."""
        words = (*(("-c", name) for name in contexts), *(("-H", a) for a in addresses))
        if len(words) > 1 or all_contexts:
            return cls(several=words, all_contexts=all_contexts)
        return cls(host=next(iter(addresses), None), context=next(iter(contexts), None))

    def for_context(self, name: str) -> Settings:
        """Return the settings for another context, of which ssh asks nothing."""
        return replace(
            self,
            host=None,
            context=name,
            several=(),
            all_contexts=False,
            may_ask=False,
        )
