"""Connects to a host that is reached through ssh."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from nstui.cli.exits import complain
from nstui.ssh.link import SshLink

if TYPE_CHECKING:
    from nstui.cli.exits import AtEnd
    from nstui.cli.settings import Settings
    from nstui.model.ssh import SshTarget

_SUDO_S = 10.0
"""Limit in seconds for the shell that sudo starts."""


def connect(settings: Settings, target: SshTarget, at_end: AtEnd) -> SshLink:
    """Return the connection to a host; it is closed when the command ends.

    Args:
        settings: The global options.
        target: The machine.
        at_end: Takes what is to be called then; see `at_end_of_command`.

    Raises:
        EngineUnreachable: there is no way to the engine.

    """
    link = SshLink(target, os.environ, with_sudo=settings.sudo)
    at_end(link.close)
    link.open(may_ask=settings.may_ask and _has_terminal())
    if settings.sudo:
        link.shell.run(":", timeout_s=_SUDO_S)
        if link.shell.refusal is not None:
            complain(
                f"sudo was refused on {target.name}: {link.shell.refusal}; /proc is"
                " read without it"
            )
    return link


def _has_terminal() -> bool:
    return sys.stdin.isatty()
