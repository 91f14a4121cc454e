"""The click command that is running, for modules that also work without click.

To import click takes the hook of docker as long as half of its look.
"""

from __future__ import annotations

import atexit
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

    AtEnd = Callable[[Callable[[], None]], object]
    """Takes a function to call at the end of the command."""


def running_command() -> click.Context | None:
    """Return the context of the command; None in a program without click."""
    module = sys.modules.get("click")
    return None if module is None else module.get_current_context(silent=True)


def at_end_of_command() -> AtEnd:
    """Return what takes functions to call at the end of the command that runs.

    Only the thread that runs the command knows it; what is returned is for all threads.
    """
    context = running_command()
    return atexit.register if context is None else context.find_root().call_on_close
