"""The command lines of ssh: one master connection, and what runs through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.ssh import SshTarget

SSH = "ssh"

CONNECT_TIMEOUT_S = 10
"""Limit in seconds until the other side has begun to talk."""

ASKING_TIMEOUT_S = 120
"""The same where a host on the way, such as a jump host, asks the user meanwhile."""

_ALIVE_INTERVAL_S = 10
_ALIVE_COUNT = 2
"""A connection on which nothing arrives for this many intervals has died: the machine
slept, or changed its network."""


def _options(**values: object) -> tuple[str, ...]:
    return tuple(word for name, value in values.items() for word in _one(name, value))


def _one(name: str, value: object) -> tuple[str, str]:
    return "-o", f"{name}={value}"


def master_command(
    target: SshTarget,
    control: str,
    *,
    may_ask: bool,
    timeout_s: int = CONNECT_TIMEOUT_S,
) -> tuple[str, ...]:
    """Return what keeps the connection that all else goes through.

    The user's configuration applies, except to what only the user's own sessions need:
    forwarded ports, a command, a terminal, and the user's own master connection.

    Args:
        target: The machine.
        control: The path of the master's socket.
        may_ask: Whether ssh may ask for passwords and unknown keys on the terminal.
        timeout_s: Limit in seconds until the other side has begun to talk.

    """
    words = [SSH, "-N", "-T", "-x", "-a"]
    words += _options(
        ControlMaster="yes",
        ControlPath=control.replace("%", "%%"),
        ControlPersist="no",
        BatchMode="no" if may_ask else "yes",
        ConnectTimeout=timeout_s,
        ServerAliveInterval=_ALIVE_INTERVAL_S,
        ServerAliveCountMax=_ALIVE_COUNT,
        # The engine's lists are long, and shrink to a tenth.
        Compression="yes",
        ClearAllForwardings="yes",
        StreamLocalBindMask="0177",
        StreamLocalBindUnlink="yes",
        PermitLocalCommand="no",
        RemoteCommand="none",
        LogLevel="INFO",
    )
    if target.identity is not None:
        words += ["-i", target.identity]
    if target.port is not None:
        words += ["-p", str(target.port)]
    if target.user is not None:
        words += ["-l", target.user]
    return (*words, "--", target.host)


def run_command(target: SshTarget, control: str, command: str) -> tuple[str, ...]:
    """Return what runs a command over there.

    It goes through the master, and never makes a connection of its own.

    Args:
        target: The machine.
        control: The path of the master's socket.
        command: It is read by the login shell there, whichever that is.

    """
    through = (
        *(SSH, "-F", "none", "-S", control.replace("%", "%%")),
        *_options(ControlMaster="no", BatchMode="yes", ProxyCommand="false"),
    )
    return (*through, "-T", "-x", "-a", "--", target.host, command)
