"""The way to the engine's socket of another machine, through the connection to it."""

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
from nstui.ssh.multiplexing import forward
from nstui.ssh.sentences import as_unreachable, lost, ssh_failure
from nstui.ssh.sockets import DEFAULT_SOCKET, read_sockets, sockets_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.ssh.master import Master
    from nstui.ssh.shell import SshShell
    from nstui.ssh.sockets import RemoteSockets

_T = TypeVar("_T")

PING_S = 5.0
"""Limit in seconds for the first answer through the forwarded socket."""

LOOK_S = 5.0
"""Limit in seconds for a look at the sockets over there."""

_MOST_SAID = 80
_PING = b"GET /_ping HTTP/1.0\r\n\r\n"


class EngineWay:
    """A local socket that leads to the engine's: forwarded by ssh, or else dialed.

    Attributes:
        socket_path: The path of the local socket.

    """

    def __init__(self, master: Master, shell: SshShell) -> None:
        """Take what it goes through; nothing leads there yet.

        Args:
            master: The connection.
            shell: Looks at the sockets over there.

        """
        self._master = master
        self._shell = shell
        self._target = master.target
        self.socket_path = str(master.folder / "engine")
        self._remote = self._target.socket or DEFAULT_SOCKET
        self._listener: DialListener | None = None
        self._looking: _Meanwhile[RemoteSockets] | None = None
        self._probing: _Meanwhile[bool] | None = None

    @property
    def found_socket(self) -> str | None:
        """The path of the engine's socket there if it is not the one that was named."""
        wanted = self._target.socket or DEFAULT_SOCKET
        return None if self._remote == wanted else self._remote

    def begin(self) -> None:
        """Have the socket lead there; whether it does is not known before `settle`.

        Raises:
            EngineUnreachable: that was not possible.

        """
        # The shell is needed anyway, and takes as long to start as the engine to
        # answer: what it sees is only used if the engine does not answer.
        self._looking = _Meanwhile(self.look)
        self._forward_engine()
        self._probing = _Meanwhile(partial(_is_closed, self.socket_path))

    def settle(self) -> None:
        """Return once the engine can be asked, if need be by another way.

        Raises:
            EngineUnreachable: there is no way.

        """
        assert self._probing is not None  # noqa: S101 - after `begin`
        if self._probing.result():
            self._find_another(self._seen())

    def restore(self) -> None:
        """Have the socket lead there again, through a connection that was made again.

        Raises:
            EngineUnreachable: that was not possible.
            OSError: as above.

        """
        if self._listener is None:
            self._forward_engine()
        elif not self._listener.is_there:
            self._listener.close()
            self._dial()

    def look(self) -> RemoteSockets:
        """Return which sockets there are.

        Raises:
            EngineUnreachable: the connection was lost, or nobody answers in time.

        """
        script = sockets_script(self._target)
        return read_sockets(self._shell.run(script, timeout_s=LOOK_S))

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
        local = str(self._master.folder / Path(path).name)
        try:
            # A connection that has it already says yes.
            self._forward(local, path)
        except EngineUnreachable:
            return None
        return local

    def close(self) -> None:
        """Let nothing lead there any more; may be repeated."""
        if self._listener is not None:
            self._listener.close()

    def _seen(self) -> RemoteSockets:
        """Return which sockets there are.

        Raises:
            EngineUnreachable: they cannot be looked for.

        """
        assert self._looking is not None  # noqa: S101 - after `begin`
        try:
            return self._looking.result()
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

    def _find_another(self, found: RemoteSockets) -> None:
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
        raise self._no_way(found)

    def _no_way(self, found: RemoteSockets) -> EngineUnreachable:
        """Return the error for a socket that no way leads to."""
        where = f"{self._remote} on {self._target.name}"
        if found.has_program:
            return EngineUnreachable(
                f"no Docker engine is listening: {where} refused the connection; is it"
                " running?",
                Unreachable.REFUSED,
            )
        return EngineUnreachable(
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
        except (ConnectionError, FileNotFoundError):
            raise lost(self._target) from None
        except OSError as failure:
            raise as_unreachable(failure, self._target) from failure
        if refusal:
            raise ssh_failure(refusal, self._target)

    def _dial(self) -> None:
        """Let the local socket lead there by a program for each connection."""
        with suppress(FileNotFoundError):
            os.unlink(self.socket_path)  # noqa: PTH108 - a string
        command = dial_command(self._remote)
        words = run_command(self._target, self._master.control, command)
        self._listener = DialListener(self.socket_path, words)


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
