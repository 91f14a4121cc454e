"""The guard of an engine; ``nstui guard serve`` runs it without the rest of nstui."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.guard.loop import say
from nstui.guard.notify import Notifier
from nstui.guard.setup import BadArguments, read_arguments
from nstui.guard.sockets import Listeners, SocketTaken, inherited, listen_at
from nstui.guard.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nstui.guard.setup import Setup

EXIT_FAILED = 1
EXIT_USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal ends it; return the exit code."""
    os.umask(0o077)
    try:
        setup = read_arguments(arguments)
        setup, listeners = _listen(setup)
    except BadArguments as problem:
        say(str(problem))
        return EXIT_USAGE
    except SocketTaken as problem:
        say(str(problem))
        return EXIT_FAILED
    return Supervisor(setup, listeners, Notifier(os.environ)).run()


def _listen(setup: Setup) -> tuple[Setup, Listeners]:
    """Return the listening sockets, and the setup with the paths that they have.

    Raises:
        BadArguments: There is none, and none is to be made.
        SocketTaken: The plugin's cannot be made.

    """
    if setup.descriptors:
        plugin, *rest = map(_adopted, setup.descriptors)
        control = rest[0] if rest else _listen_if_possible(setup.control_socket)
        return setup._replace(listens=True), Listeners(plugin, control, are_held=False)
    if setup.listens:
        plugin = listen_at(setup.plugin_socket)
        control = _listen_if_possible(setup.control_socket)
        return setup, Listeners(plugin, control, are_held=False)
    held = inherited(os.environ)
    if not held:
        raise BadArguments("systemd has handed over no socket; see --listen")
    path = Path(str(held[0].getsockname()))
    control = _listen_if_possible(setup.control_socket)
    return setup._replace(plugin_socket=path), Listeners(
        held[0], control, are_held=True
    )


def _listen_if_possible(path: Path) -> socket.socket | None:
    """Listen for nstui's own requests, without which the engine can be answered."""
    try:
        return listen_at(path)
    except SocketTaken as problem:
        say(str(problem))
        return None


def _adopted(descriptor: int) -> socket.socket:
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - the only argument it has
    return socket.socket(fileno=descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
