"""The command ``nstui guard serve``: becomes the guard, without the rest of nstui."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from nstui.cli.guard_wiring import ROOT_VARIABLE, guard_places
from nstui.errors import UsageProblem
from nstui.guard.setup import setup_at

MOST_BYTES = 90
"""Less than the 107 bytes of a socket's path: its draft has a longer name."""


def serve(socket: str | None) -> NoReturn:
    """Replace this process by the guard.

    Args:
        socket: Where to listen; None for what systemd has handed over.

    Raises:
        UsageProblem: The path cannot be one of a socket.

    """
    setup = setup_at(guard_places(), os.environ.get(ROOT_VARIABLE, ""))
    if socket is not None:
        setup = setup._replace(plugin_socket=_path(socket), listens=True)
    elif "LISTEN_FDS" not in os.environ:
        raise UsageProblem("systemd starts this; by itself it needs --socket PATH")
    command = (sys.executable, "-P", "-m", "nstui.guard", *setup.to_arguments())
    os.execv(sys.executable, command)  # noqa: S606 - no shell is wanted


def _path(socket: str) -> Path:
    path = Path(socket).absolute()
    if "\0" in socket or len(os.fsencode(path)) > MOST_BYTES:
        raise UsageProblem(f"--socket: a path of at most {MOST_BYTES} bytes is needed")
    return path
