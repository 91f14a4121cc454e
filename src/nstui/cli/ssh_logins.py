"""Logs in to several hosts at the same time, and lets ssh ask before they are shown."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.cli.ssh_wiring import connect, has_terminal
from nstui.errors import EngineUnreachable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.cli.running import AtEnd
    from nstui.cli.settings import Settings
    from nstui.model.ssh import SshTarget
    from nstui.ssh.link import SshLink

ASKED_WITHIN_S = 3.0
"""How many seconds hosts have to refuse a login for which ssh then asks: one that is
dead or slow must not hold up the others."""


class Logins:
    """The first login to each of several hosts.

    A host that is connected again later is logged in to anew, without questions.
    """

    def __init__(self, settings: Settings, at_end: AtEnd) -> None:
        """Take the global options, and what closes connections at the end."""
        self._settings = replace(settings, may_ask=False)
        self._asking = settings
        self._at_end = at_end
        self._begun: dict[SshTarget, _Login] = {}
        self._lock = threading.Lock()

    def begin(self, targets: Iterable[SshTarget]) -> None:
        """Log in to machines, and let ssh ask on the terminal where it has to.

        All are tried at the same time without questions. Then the user is asked for one
        after the other. Without a terminal nothing is done.

        Args:
            targets: The machines.

        """
        if not (self._asking.may_ask and has_terminal()):
            return
        for target in targets:
            if target not in self._begun:
                self._begun[target] = _Login(self._settings, target, self._at_end)
        until = time.monotonic() + ASKED_WITHIN_S
        for login in self._begun.values():
            login.wait(until - time.monotonic())
        for login in self._begun.values():
            if login.needs_answer:
                login.ask(self._asking)

    def take(self, target: SshTarget) -> SshLink:
        """Return the connection to a machine.

        Args:
            target: The machine.

        Raises:
            EngineUnreachable: it cannot be logged in to.

        """
        with self._lock:
            begun = self._begun.pop(target, None)
        if begun is None:
            return connect(self._settings, target, self._at_end)
        return begun.result()


class _Login:
    """A login that was begun in a thread of its own."""

    def __init__(self, settings: Settings, target: SshTarget, at_end: AtEnd) -> None:
        self._target = target
        self._at_end = at_end
        self._found: SshLink | EngineUnreachable | None = None
        self._thread = threading.Thread(
            target=self._log_in, args=(settings,), name="login", daemon=True
        )
        self._thread.start()

    @property
    def needs_answer(self) -> bool:
        """Whether it was refused for something that the user can be asked."""
        found = self._found
        if not isinstance(found, EngineUnreachable):
            return False
        return found.reason is Unreachable.LOGIN

    def wait(self, limit_s: float) -> None:
        """Wait until it has ended, or some seconds are over."""
        self._thread.join(max(0.0, limit_s))

    def ask(self, settings: Settings) -> None:
        """Log in again, with questions."""
        self._log_in(settings)

    def result(self) -> SshLink:
        """Return the connection, once it is there; raise why there is none."""
        self._thread.join()
        assert self._found is not None  # noqa: S101 - the thread sets it
        if isinstance(self._found, EngineUnreachable):
            raise self._found
        return self._found

    def _log_in(self, settings: Settings) -> None:
        try:
            self._found = connect(settings, self._target, self._at_end)
        except EngineUnreachable as failure:
            self._found = failure
        except OSError as failure:
            said = failure.strerror or str(failure)
            self._found = EngineUnreachable(f"ssh cannot be run: {said}")
