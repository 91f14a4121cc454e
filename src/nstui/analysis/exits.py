"""How containers ended."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from nstui.model.container import Container

BY_SIGNAL = 128
"""What is added to a signal's number where a signal ended the program."""

_ASKING = (
    *(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, signal.SIGTERM),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGPWR),
    signal.SIGRTMIN + 3,
)
"""The signals that stop a container: `docker stop` sends what its image wants, and
kills it in the end. The others come of a fault, such as ``SIGSEGV``."""

STOPPED = frozenset({0, *(BY_SIGNAL + number for number in _ASKING)})
"""The exit codes of those that ended well, or that somebody has ended."""


def ended_with_error(container: Container) -> bool:
    """Tell whether a container does not run any more because something went wrong.

    Whatever that was, it may well end the container again as soon as it is started.
    """
    inspection = container.inspection
    if inspection is None or container.state is not ContainerState.EXITED:
        return False
    code = inspection.exit_code
    return inspection.oom_killed or (code is not None and code not in STOPPED)


def exit_words(container: Container) -> str:
    """Return the exit code of a container, with the signal that ended it if one did."""
    code = container.inspection and container.inspection.exit_code
    try:
        return f"{code} ({signal.Signals((code or 0) - BY_SIGNAL).name})"
    except ValueError:
        return str(code)
