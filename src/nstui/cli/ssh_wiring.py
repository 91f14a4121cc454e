"""Connects to a host that is reached through ssh."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from nstui.errors import EngineUnreachable, Unreachable
from nstui.ssh.link import SshLink

if TYPE_CHECKING:
    from nstui.cli.running import AtEnd
    from nstui.cli.settings import Settings
    from nstui.model.ssh import SshTarget

_SUDO_S = 10.0
"""Limit in seconds for the shell that sudo starts."""


def connect(settings: Settings, target: SshTarget, at_end: AtEnd) -> SshLink:
    """Return the connection to a host; it is closed when the command ends.

    What the engine is asked first can be sent then; see `settle`.

    Args:
        settings: The global options.
        target: The machine.
        at_end: What closes it then.

    Raises:
        EngineUnreachable: the host cannot be logged in to.

    """
    link = SshLink(target, os.environ, with_sudo=settings.sudo)
    # The command may end while this logs in. A host that is tried again for days keeps
    # none of the connections that failed.
    link.when_closed(partial(at_end.forget, link.close))
    at_end.add(link.close)
    may_ask = settings.may_ask and has_terminal()
    link.log_in(may_ask=may_ask, meanwhile=_import_ahead)
    return link


def _import_ahead() -> None:
    """Import what is needed once the engine answers; the login takes longer."""
    import nstui.engine.docker_engine  # noqa: PLC0415
    import nstui.engine.shells  # noqa: PLC0415
    import nstui.procfs.remote  # noqa: PLC0415
    import nstui.render.first_screen  # noqa: PLC0415
    import nstui.service.host  # noqa: PLC0415
    import nstui.tui.early  # noqa: PLC0415
    import nstui.tui.session  # noqa: F401, PLC0415


def settle(link: SshLink, settings: Settings, target: SshTarget) -> None:
    """Return once the connection leads to the engine.

    Args:
        link: The connection.
        settings: The global options.
        target: The machine.

    Raises:
        EngineUnreachable: there is no way to the engine.

    """
    link.settle()
    if settings.sudo:
        try:
            link.shell.run(":", timeout_s=_SUDO_S)
        except EngineUnreachable as failure:
            if failure.reason is Unreachable.NO_SHELL:
                from nstui.cli.exits import complain  # noqa: PLC0415

                complain(f"--sudo has no effect: {failure}")
                return
            # If only sudo is silent, the next look reads without it.
            if link.shell.refusal is None:
                raise
        if link.shell.refusal is not None:
            from nstui.cli.exits import complain  # noqa: PLC0415

            complain(
                f"sudo was refused on {target.name}: {link.shell.refusal}; /proc is"
                " read without it"
            )


def has_terminal() -> bool:
    """Tell whether ssh could ask the user something."""
    return sys.stdin.isatty()
