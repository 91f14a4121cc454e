"""The way to the engine and the files of another machine."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from nstui.analysis.text import printable
from nstui.errors import EngineUnreachable, Unreachable
from nstui.ssh.command import run_command
from nstui.ssh.dialing import DialListener, dial_command
from nstui.ssh.master import Master, private_folder
from nstui.ssh.multiplexing import forward
from nstui.ssh.sentences import lost, ssh_failure
from nstui.ssh.shell import SshShell
from nstui.ssh.sockets import DEFAULT_SOCKET, read_sockets, sockets_script

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from nstui.model.ssh import SshTarget
    from nstui.ssh.sockets import RemoteSockets

_T = TypeVar("_T")

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
"""Pauses before the attempts to connect again: each is twice as long as the last."""

PING_S = 5.0
"""Limit in seconds for the first answer through the forwarded socket."""

LOOK_S = 5.0
"""Limit in seconds for a look at the sockets over there."""

CHECK_S = 5.0
"""How often is looked whether anything can go through the connection."""

AGAIN_S = 5.0
"""Limit in seconds for which a failure is held back until the connection that was lost
is there again."""

_MOST_SAID = 80
_JOIN_S = 0.2
_ENDING_S = 1.0
_PING = b"GET /_ping HTTP/1.0\r\n\r\n"


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
        self._folder = private_folder(environ)
        self._master = Master(target, self._folder)
        self._plain = SshShell(self._master)
        self.shell = self._plain
        if with_sudo:
            self.shell = SshShell(self._master, with_sudo=True)
        self._remote = target.socket or DEFAULT_SOCKET
        self._listener: DialListener | None = None
        self._failure: EngineUnreachable | None = None
        self._looking: _Meanwhile[RemoteSockets] | None = None
        self._probing: _Meanwhile[bool] | None = None
        self._closed = threading.Event()
        self._when_closed: Callable[[], object] | None = None
        self._is_refused = False
        self._attempts = 0
        self._attempted = threading.Condition()
        self._keeper = threading.Thread(target=self._keep, name="ssh", daemon=True)

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    @property
    def socket_path(self) -> str:
        """The path of the local socket that leads to the engine."""
        return str(self._folder / "engine")

    @property
    def found_socket(self) -> str | None:
        """The path of the engine's socket there if it is not the one that was named."""
        wanted = self._target.socket or DEFAULT_SOCKET
        return None if self._remote == wanted else self._remote

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
            self._forward_engine()
            # The shell is needed anyway, and takes as long to start as the engine to
            # answer: what it sees is only used if the engine does not answer.
            self._looking = _Meanwhile(self.look)
            self._probing = _Meanwhile(partial(_is_closed, self.socket_path))
        except BaseException:
            self.close()
            raise

    def settle(self) -> None:
        """Return once the engine can be asked, if need be by another way.

        Requests that were sent to a way that leads nowhere are closed by then.

        Raises:
            EngineUnreachable: there is no way; nothing is left of the connection.

        """
        assert self._looking is not None  # noqa: S101 - after `log_in`
        assert self._probing is not None  # noqa: S101 - as above
        try:
            if self._probing.result():
                self._find_way(self._seen(self._looking))
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
        attempts = self._attempts
        failure = self._find_problem()
        if failure is not None and failure.reason is not Unreachable.TIMED_OUT:
            self._await_attempt(attempts)
        return failure

    def _find_problem(self) -> EngineUnreachable | None:
        if self._failure is not None:
            return self._failure
        if not self._master.is_up:
            return self._master.failure()
        try:
            return self.look().problem(self._target)
        except EngineUnreachable as failure:
            if failure.reason is Unreachable.NO_SHELL:
                return None
            if failure.reason is not Unreachable.TIMED_OUT:
                # A connection that is lost ends a moment after what went through it.
                self._master.await_end(_ENDING_S)
            return failure

    def forwarded(self, path: str) -> str | None:
        """Return the path of a local socket that leads to another one over there.

        Whether anybody listens there is not known.

        Args:
            path: The path over there.

        Returns:
            None if the server forbids to forward sockets, or the connection was lost.

        """
        if self._listener is not None:
            return None
        local = str(self._folder / Path(path).name)
        try:
            # A connection that has it already says yes.
            self._forward(local, path)
        except EngineUnreachable:
            return None
        return local

    def look(self) -> RemoteSockets:
        """Return which sockets there are.

        Raises:
            EngineUnreachable: the connection was lost, or nobody answers in time.

        """
        script = sockets_script(self._target)
        return read_sockets(self._plain.run(script, timeout_s=LOOK_S))

    def when_closed(self, call: Callable[[], object]) -> None:
        """Set what is called, without an argument, once nothing is left of it."""
        self._when_closed = call

    def close(self) -> None:
        """Close the connection, and remove its folder; may be repeated."""
        self._closed.set()
        self._note_attempt(is_refused=True)
        if self._listener is not None:
            self._listener.close()
        for shell in (self._plain, self.shell):
            shell.close()
        self._master.close()
        if self._keeper.is_alive():
            self._keeper.join(_JOIN_S)
        if self._when_closed is not None:
            self._when_closed()

    def _seen(self, looking: _Meanwhile[RemoteSockets]) -> RemoteSockets:
        """Return which sockets there are.

        Raises:
            EngineUnreachable: they cannot be looked for.

        """
        try:
            return looking.result()
        except EngineUnreachable as failure:
            if failure.reason is not Unreachable.NO_SHELL:
                raise
            raise EngineUnreachable(
                f"no engine answers at {self._remote} on {self._target.name}: it does"
                " not run, it listens elsewhere, this account may not use it, or the"
                " ssh server forbids to forward sockets (AllowStreamLocalForwarding);"
                f" which of these cannot be told, since {failure}",
                Unreachable.REFUSED,
            ) from failure

    def _find_way(self, found: RemoteSockets) -> None:
        """Find another way than the one that was tried first.

        Raises:
            EngineUnreachable: there is none.

        """
        problem = found.problem(self._target)
        if problem is not None:
            raise problem
        path = found.usable
        if path is not None and path != self._remote:
            self._remote = path
            self._forward_engine()
            if not _is_closed(self.socket_path):
                return
        if found.has_program:
            self._dial()
            answer = _first_answer(self.socket_path)
            if answer is None or answer[:4] == b"HTTP":
                return
            if answer:
                raise self._noise(answer)
        where = f"{self._remote} on {self._target.name}"
        if found.has_program:
            raise EngineUnreachable(
                f"no Docker engine is listening: {where} refused the connection; is it"
                " running?",
                Unreachable.REFUSED,
            )
        raise EngineUnreachable(
            f"{where} cannot be reached: its engine does not run, or the ssh server"
            " forbids to forward sockets (AllowStreamLocalForwarding) and the docker"
            " command, the other way, is not there",
            Unreachable.REFUSED,
        )

    def _noise(self, said: bytes) -> EngineUnreachable:
        """Return the error for a login shell that says something before the engine."""
        words = printable(" ".join(said.decode(errors="replace").split()))
        return EngineUnreachable(
            f"the login shell on {self._target.name} says {words!r} before the engine"
            " answers: it must print nothing, since the ssh server forbids to forward"
            " sockets (AllowStreamLocalForwarding)"
        )

    def _forward_engine(self) -> None:
        """Let the local socket lead to the engine's."""
        with suppress(FileNotFoundError):
            os.unlink(self.socket_path)  # noqa: PTH108 - a string
        self._forward(self.socket_path, self._remote)

    def _forward(self, local: str, remote: str) -> None:
        """Let a local socket lead to one over there."""
        try:
            refusal = forward(self._master.control, local, remote)
        except TimeoutError:
            raise ssh_failure("Timeout, server not responding", self._target) from None
        except OSError:
            raise lost(self._target) from None
        if refusal:
            raise ssh_failure(refusal, self._target)

    def _dial(self) -> None:
        """Let the local socket lead there by a program for each connection."""
        with suppress(FileNotFoundError):
            os.unlink(self.socket_path)  # noqa: PTH108 - a string
        command = dial_command(self._remote)
        words = run_command(self._target, self._master.control, command)
        self._listener = DialListener(self.socket_path, words)

    def _keep(self) -> None:
        """Connect again each time that the connection was lost."""
        while not self._closed.is_set():
            self._await_loss()
            self._failure = self._master.failure()
            pause = FIRST_PAUSE_S
            while not self._closed.wait(pause):
                try:
                    self._connect_again()
                except (EngineUnreachable, OSError) as failure:
                    self._failure = _as_unreachable(failure, self._target)
                    self._note_attempt(is_refused=True)
                    pause = min(2 * pause, LONGEST_PAUSE_S)
                    continue
                self._failure = None
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

    def _await_attempt(self, attempts: int) -> None:
        """Return after the next attempt, unless one has failed since the loss.

        Args:
            attempts: How many there were when the request failed.

        """
        with self._attempted:
            self._attempted.wait_for(
                lambda: self._is_refused or self._attempts != attempts or self._is_well,
                AGAIN_S,
            )

    @property
    def _is_well(self) -> bool:
        return self._failure is None and self._master.is_up

    def _note_attempt(self, *, is_refused: bool) -> None:
        with self._attempted:
            self._attempts += 1
            self._is_refused = is_refused
            self._attempted.notify_all()

    def _connect_again(self) -> None:
        self._master.open(may_ask=False)
        if self._listener is not None and self._listener.is_there:
            return
        try:
            if self._listener is None:
                self._forward_engine()
            else:
                self._listener.close()
                self._dial()
        except EngineUnreachable:
            self._master.drop()
            raise


def _as_unreachable(
    failure: EngineUnreachable | OSError, target: SshTarget
) -> EngineUnreachable:
    if isinstance(failure, EngineUnreachable):
        return failure
    return EngineUnreachable(
        f"no ssh connection to {target.name}: {failure.strerror or failure}"
    )


class _Meanwhile(Generic[_T]):
    """A question that is asked while something else is waited for."""

    def __init__(self, ask: Callable[[], _T]) -> None:
        self._ask = ask
        self._found: _T | None = None
        self._failure: EngineUnreachable | None = None
        self._thread = threading.Thread(target=self._run, name="ask", daemon=True)
        self._thread.start()

    def result(self) -> _T:
        """Return the answer, once it is known; raise what was raised."""
        self._thread.join()
        if self._found is None:
            assert self._failure is not None  # noqa: S101 - the thread sets one of both
            raise self._failure
        return self._found

    def _run(self) -> None:
        try:
            self._found = self._ask()
        except EngineUnreachable as failure:
            self._failure = failure


def _is_closed(path: str) -> bool:
    """Tell whether a connection to a socket is closed without an answer.

    An engine that is only slow is none of that.
    """
    return _first_answer(path) == b""


def _first_answer(path: str) -> bytes | None:
    """Return what begins to answer at a socket; None if nothing does in time."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PING_S)
        try:
            probe.connect(path)
            probe.sendall(_PING)
            return probe.recv(_MOST_SAID)
        except TimeoutError:
            return None
        except OSError:
            return b""
