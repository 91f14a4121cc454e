"""The click command that is running, for modules that also work without click.

To import click takes the hook of docker as long as half of its look.
"""

from __future__ import annotations

import atexit
import sys
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import click


class AtEnd:
    """Functions that are called at the end of a command; for all threads."""

    def __init__(self, register: Callable[[Callable[[], None]], object]) -> None:
        """Take what calls a function at that end."""
        self._calls: list[Callable[[], None]] = []
        self._is_over = False
        self._lock = threading.Lock()
        register(self._end)

    def add(self, call: Callable[[], None]) -> None:
        """Call a function at the end, or now if the command has ended."""
        with self._lock:
            is_over = self._is_over
            if not is_over:
                self._calls.append(call)
        if is_over:
            call()

    def forget(self, call: Callable[[], None]) -> None:
        """Do not call a function that was added; it may have been called."""
        with self._lock, suppress(ValueError):
            self._calls.remove(call)

    def _end(self) -> None:
        with self._lock:
            self._is_over = True
            calls = tuple(self._calls)
        # The last comes first, and one that fails holds up no other.
        with ExitStack() as stack:
            for call in calls:
                stack.callback(call)


def running_command() -> click.Context | None:
    """Return the context of the command; None in a program without click."""
    module = sys.modules.get("click")
    return None if module is None else module.get_current_context(silent=True)


def at_end_of_command() -> AtEnd:
    """Return what calls functions at the end of the command that runs.

    Only the thread that runs the command knows it; what is returned is for all threads.
    """
    context = running_command()
    if context is None:
        return AtEnd(atexit.register)
    return AtEnd(context.find_root().call_on_close)
