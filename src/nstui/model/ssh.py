"""Where a machine is that is reached through ssh."""

from __future__ import annotations

from nstui.model.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SshTarget:
    """What ssh is told, and the engine's socket on the other side.

    Every field has been checked: none can be taken for an option, or be interpreted by
    a shell.
    """

    host: str
    """A name of the user's ssh configuration, a host name or an address."""

    user: str | None = None
    port: int | None = None
    socket: str | None = None
    """The path of the engine's socket there; None where it has to be found."""

    identity: str | None = None
    """The file with the key to log in with; None for those that ssh knows."""

    @property
    def name(self) -> str:
        """The machine, as a user says it to ssh: ``[user@]host``."""
        return self.host if self.user is None else f"{self.user}@{self.host}"

    @property
    def words(self) -> str:
        """What follows ``ssh`` on a command line that logs in there."""
        port = "" if self.port is None else f"-p {self.port} "
        return f"{port}{self.name}"
