"""How a command is told which host it is for."""

from __future__ import annotations

from nstui.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class HostOptions:
    """The options of a command line that select the host that is shown."""

    words: tuple[str, ...] = ()
    """Those of nstui and docker, such as ``-c nas``; empty if their own host is meant.
    """

    podman: tuple[str, ...] = ()
    """Those of podman, which has other ones; empty if its own host is meant."""

    @classmethod
    def of(
        cls, words: tuple[str, ...], url: str, *, is_connection: bool = False
    ) -> HostOptions:
        """Return the options for a host that was named by those of nstui.

        Args:
            words: The options of nstui, ``-c NAME`` or ``-H ADDRESS``; empty if none
                was given.
            url: The address of the engine.
            is_connection: Whether the name is that of a connection of Podman, which
                docker has no context for, rather than the reverse.

        """
        if not words:
            return HERE
        if is_connection:
            return cls(words, ("--connection", words[-1]))
        return cls(words, ("--url", url))

    def at(self, url: str) -> HostOptions:
        """Return the options for an engine that was found at another address."""
        is_url = self.podman[:1] == ("--url",)
        return HostOptions(self.words, ("--url", url)) if is_url else self


HERE = HostOptions()
"""No options, where no host was named: commands have the one that is meant anyway."""
