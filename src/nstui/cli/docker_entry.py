"""``docker nstui``: what docker runs as its plugin.

docker passes on its own command line: its global options, the plugin's name, and what
is for the plugin. For completion it is the words of cobra's protocol instead.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from click.shell_completion import ShellComplete

from nstui.analysis.docker_cli.words import read_globals
from nstui.cli import main as nstui
from nstui.cli.commands import cli
from nstui.cli.docker_options import settings_of
from nstui.cli.exits import ExitCode, complain
from nstui.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "nstui"
PROGRAM = "docker nstui"

SOCKET = "DOCKER_CLI_PLUGIN_SOCKET"
"""The variable with the socket that docker closes when the plugin has to end."""

_F_SETSIG = 10
"""Linux's ``F_SETSIG``, which Python's ``fcntl`` does not name."""

_COMPLETIONS = frozenset({"__complete", "__completeNoDesc"})

_NO_FILES = 4
"""Cobra's ``ShellCompDirectiveNoFileComp``."""


def main() -> None:
    """Run nstui with the engine that docker was told, and end with its exit code."""
    end_with_docker()
    words = sys.argv[1:]
    if words[:1] and words[0] in _COMPLETIONS:
        complete(words[0], words[2:])
        return

    options = read_globals(words)
    if options is None:
        complain(f"these options of docker are not known: {' '.join(words)}")
        sys.exit(ExitCode.USAGE)
    try:
        settings = settings_of(options, os.environ)
    except UsageProblem as problem:
        complain(str(problem))
        sys.exit(ExitCode.USAGE)
    chosen: list[str] = []
    if settings.host is not None:
        chosen += ["--host", settings.host]
    if settings.context is not None:
        chosen += ["--context", settings.context]
    rest = list(options.rest)
    if rest[:1] == ["help"]:
        # docker help nstui COMMAND
        rest = [*rest[1:], "--help"]
    nstui.main([*chosen, *rest[1:]], PROGRAM)


def end_with_docker() -> None:
    """End as by SIGTERM when docker is told to end.

    Without a terminal docker does not pass a signal on. It closes a socket instead, of
    which the kernel tells this process.
    """
    address = os.environ.pop(SOCKET, "")
    if not address:
        return

    if address.startswith("@"):
        address = f"\0{address[1:]}"
    with suppress(OSError), socket.socket(socket.AF_UNIX) as link:
        link.connect(address)
        descriptor = link.detach()
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(descriptor, _F_SETSIG, signal.SIGTERM)
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)


def complete(how: str, words: Sequence[str]) -> None:
    """Print what the last word can become, as docker's completion reads it.

    Args:
        how: The name of cobra's command, which says whether help is wanted.
        words: What follows ``nstui``; the last word is the one to complete.

    """
    *before, incomplete = words or [""]
    found = ShellComplete(cli, {}, NAME, "").get_completions(before, incomplete)
    for one in found:
        has_help = one.help and how == "__complete"
        sys.stdout.write(f"{one.value}\t{one.help}\n" if has_help else f"{one.value}\n")
    sys.stdout.write(f":{_NO_FILES}\n")
