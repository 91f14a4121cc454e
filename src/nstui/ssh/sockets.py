"""Finds the engine's socket on another machine."""

from __future__ import annotations

import shlex
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from nstui.model.ssh import SshTarget

DEFAULT_SOCKET = "/var/run/docker.sock"

_ROOTLESS = '"${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock"'

_SCRIPT = """\
for socket in {sockets}; do
    state=missing
    [ -S "$socket" ] && state=denied
    [ $state = denied ] && [ -r "$socket" ] && [ -w "$socket" ] && state=usable
    echo "$state $socket"
done
command -v docker && echo program
"""


class SocketState(StrEnum):
    """What a path of a socket is on the other side."""

    MISSING = "missing"
    DENIED = "denied"
    USABLE = "usable"
    """The user may connect to it; whether anything listens is not known."""


@dataclass(frozen=True, slots=True)
class RemoteSockets:
    """The sockets of engines that were looked for, the preferred one first."""

    states: tuple[tuple[str, SocketState], ...]
    has_program: bool
    """Whether the docker command is there."""

    @property
    def usable(self) -> str | None:
        """The path of the first one that the user may connect to."""
        usable = SocketState.USABLE
        return next((path for path, state in self.states if state is usable), None)

    def problem(self, target: SshTarget) -> EngineUnreachable | None:
        """Return why none can be used; None if one can."""
        if self.usable is not None:
            return None
        for path, state in self.states:
            if state is SocketState.DENIED:
                who = target.user or "$USER"
                return EngineUnreachable(
                    f"no permission to use {path} on {target.name}: there, run sudo"
                    f" usermod -aG docker {who}, then log in again",
                    Unreachable.PERMISSION,
                )
        paths = " nor ".join(path for path, _ in self.states) or DEFAULT_SOCKET
        return EngineUnreachable(
            f"no Docker engine is listening on {target.name}: there is no {paths}; is"
            " it running?",
            Unreachable.MISSING_SOCKET,
        )


def sockets_script(target: SshTarget) -> str:
    """Return the script that looks for sockets; a user's own one is the second."""
    if target.socket is not None:
        return _SCRIPT.format(sockets=shlex.quote(target.socket))
    return _SCRIPT.format(sockets=f"{DEFAULT_SOCKET} {_ROOTLESS}")


def read_sockets(output: bytes) -> RemoteSockets:
    """Return what the script has printed; what cannot be read is left out."""
    states = []
    lines = output.decode(errors="replace").splitlines()
    for line in lines:
        word, _, path = line.partition(" ")
        if path.startswith("/") and path.isprintable() and word in {*SocketState}:
            states.append((path, SocketState(word)))
    return RemoteSockets(tuple(states), has_program="program" in lines)
