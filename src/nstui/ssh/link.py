"""The connection to another machine, for its engine and its files."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nstui.errors import EngineUnreachable, Unreachable
from nstui.ssh.master import Master, private_folder
from nstui.ssh.sentences import as_unreachable
from nstui.ssh.shell import SshShell
from nstui.ssh.way import EngineWay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from nstui.model.ssh import SshTarget

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
"""Pauses before the attempts to connect again: each is twice as long as the last."""

CHECK_S = 5.0
"""How often is looked whether anything can go through the connection."""

AGAIN_S = 5.0
"""Limit in seconds for which a failure is held back until the connection that was lost
is there again."""

_JOIN_S = 0.2
_ENDING_S = 1.0


class SshLink:
    """One connection of ssh, for the engine's socket and for a shell.

    It implements `nstui.engine.endpoint.Via`. After it has been lost it is made again,
    without questions, until it is closed.

    Attributes:
        shell: Runs scripts over there.

    """

    def __init__(
        self, target: SshTarget, environ: Mapping[str, str], *, with_sudo: bool = False
    ) -> None:
        """Take the machine; nothing is connected yet.

        Args:
            target: The machine.
            environ: The environment.
            with_sudo: Whether the shell is to run as root by ``sudo -n``.

        """
        self._target = target
        self._master = Master(target, private_folder(environ))
        self._plain = SshShell(self._master)
        self.shell = self._plain
        if with_sudo:
            self.shell = SshShell(self._master, with_sudo=True)
        self._way = EngineWay(self._master, self._plain)
        self._keeper = _Keeper(self._master, self._way)
        self._when_closed: Callable[[], object] | None = None

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    @property
    def socket_path(self) -> str:
        """The path of the local socket that leads to the engine."""
        return self._way.socket_path

    @property
    def found_socket(self) -> str | None:
        """The path of the engine's socket there if it is not the one that was named."""
        return self._way.found_socket

    def open(self, *, may_ask: bool) -> None:
        """Connect; return once the engine can be asked.

        Args:
            may_ask: Whether ssh may ask for passwords and unknown keys on the terminal.

        Raises:
            EngineUnreachable: that was not possible; nothing is left of it.

        """
        self.log_in(may_ask=may_ask)
        self.settle()

    def log_in(
        self, *, may_ask: bool, meanwhile: Callable[[], object] | None = None
    ) -> None:
        """Connect; return once requests may be sent to the local socket.

        Whether that leads to the engine is not known before `settle`, which is to be
        called then: two round trips pass until the answers to both are there.

        Args:
            may_ask: Whether ssh may ask for passwords and unknown keys on the terminal.
            meanwhile: What is done while ssh logs in.

        Raises:
            EngineUnreachable: that was not possible; nothing is left of it.

        """
        try:
            self._master.open(may_ask=may_ask, meanwhile=meanwhile)
            self._way.begin()
        except BaseException:
            self.close()
            raise

    def settle(self) -> None:
        """Return once the engine can be asked, if need be by another way.

        Requests that were sent to a way that leads nowhere are closed by then.

        Raises:
            EngineUnreachable: there is no way; nothing is left of the connection.

        """
        try:
            self._way.settle()
        except BaseException:
            self.close()
            raise
        self._keeper.start()

    def problem(self) -> EngineUnreachable | None:
        """Return why a request has failed just now, if that is due to the way.

        After the connection was lost that takes until it is there again, but no longer
        than one attempt: what is asked for next, to see how far a plan has got or to go
        back, then gets an answer.
        """
        attempts = self._keeper.attempts
        failure = self._find_problem()
        if failure is not None and failure.reason is not Unreachable.TIMED_OUT:
            self._keeper.await_attempt(attempts)
        return failure

    def _find_problem(self) -> EngineUnreachable | None:
        failure = self._keeper.failure
        if failure is not None:
            return failure
        if not self._master.is_up:
            return self._master.failure()
        try:
            return self._way.look().problem(self._target)
        except EngineUnreachable as refusal:
            if refusal.reason is Unreachable.NO_SHELL:
                return None
            if refusal.reason is not Unreachable.TIMED_OUT:
                # A connection that is lost ends a moment after what went through it.
                self._master.await_end(_ENDING_S)
            return refusal

    def forwarded(self, path: str) -> str | None:
        """Return the path of a local socket that leads to another one over there.

        Whether anybody listens there is not known.

        Args:
            path: The path over there.

        Returns:
            None if the server forbids to forward sockets, or the connection was lost.

        """
        return self._way.forwarded(path)

    def when_closed(self, call: Callable[[], object]) -> None:
        """Set what is called, without an argument, once nothing is left of it."""
        self._when_closed = call

    def close(self) -> None:
        """Close the connection, and remove its folder; may be repeated."""
        self._keeper.stop()
        self._way.close()
        for shell in (self._plain, self.shell):
            shell.close()
        self._master.close()
        self._keeper.await_end()
        if self._when_closed is not None:
            self._when_closed()


class _Keeper:
    """Connects again, in a thread, each time that the connection was lost.

    Attributes:
        failure: Why it was lost, or why the last attempt failed; None while it stands.
        attempts: How many attempts there were.

    """

    def __init__(self, master: Master, way: EngineWay) -> None:
        self._master = master
        self._way = way
        self.failure: EngineUnreachable | None = None
        self.attempts = 0
        self._is_refused = False
        self._attempted = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="ssh", daemon=True)

    def start(self) -> None:
        """Begin to do so."""
        self._thread.start()

    def stop(self) -> None:
        """Connect no more, and let nobody wait for it."""
        self._closed.set()
        self._note_attempt(is_refused=True)

    def await_end(self) -> None:
        """Return once the thread has ended, or after a moment."""
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def await_attempt(self, attempts: int) -> None:
        """Return after the next attempt, unless one has failed since the loss.

        Args:
            attempts: How many there were when the request failed.

        """
        with self._attempted:
            self._attempted.wait_for(
                lambda: self._is_refused or self.attempts != attempts or self._is_well,
                AGAIN_S,
            )

    @property
    def _is_well(self) -> bool:
        return self.failure is None and self._master.is_up

    def _note_attempt(self, *, is_refused: bool) -> None:
        with self._attempted:
            self.attempts += 1
            self._is_refused = is_refused
            self._attempted.notify_all()

    def _keep(self) -> None:
        while not self._closed.is_set():
            self._await_loss()
            self.failure = self._master.failure()
            pause = FIRST_PAUSE_S
            while not self._closed.wait(pause):
                try:
                    self._connect_again()
                except (EngineUnreachable, OSError) as failure:
                    self.failure = as_unreachable(failure, self._master.target)
                    self._note_attempt(is_refused=True)
                    pause = min(2 * pause, LONGEST_PAUSE_S)
                    continue
                self.failure = None
                self._note_attempt(is_refused=False)
                break

    def _await_loss(self) -> None:
        """Return once the connection has ended, or nothing can go through it any more.

        That is so if its folder was removed, as with the user's last session.
        """
        while self._master.is_up and not self._closed.is_set():
            self._master.await_end(CHECK_S)
        if not self._closed.is_set():
            self._master.drop()

    def _connect_again(self) -> None:
        self._master.open(may_ask=False)
        try:
            self._way.restore()
        except EngineUnreachable:
            self._master.drop()
            raise
