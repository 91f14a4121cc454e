"""A POSIX shell on another machine, kept open; implements `nstui.ports.RemoteShell`."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from nstui.analysis.text import printable
from nstui.errors import EngineUnreachable, Unreachable
from nstui.ssh.command import run_command
from nstui.ssh.sentences import lost

if TYPE_CHECKING:
    from nstui.ssh.master import Master

PLAIN = "exec /bin/sh"
PRIVILEGED = "exec sudo -n /bin/sh"
"""What the login shell is told; every shell understands it."""

MAX_OUTPUT_BYTES = 64 * 1024 * 1024
"""Maximum size of what a script prints; more is not kept in memory."""

_CHUNK = 65_536
_END_S = 0.2
_LOSS_S = 1.0
"""A connection that is lost ends a moment after what went through it."""

_MOST_SAID = 2000
_LONGEST_SAID = 120
"""How many bytes of what is said are read, and characters of its line are shown."""

_OF_SSH = 255
"""The exit status of ssh itself, and of what was ended by a signal over there; any
other one is that of what ran there."""

_REFUSED = re.compile(r"session request failed: (.*)")
"""What ssh says where sshd opens no sessions, as with ``MaxSessions 0``."""


class SshShell:
    """Runs scripts, one at a time, in one shell that is kept.

    A login shell may print a banner before, so that each output is framed by a mark
    that nobody can know. A script runs in a subshell: it leaves nothing behind.
    """

    def __init__(self, master: Master, *, with_sudo: bool = False) -> None:
        """Take the connection; nothing is started yet.

        Args:
            master: The connection to the machine.
            with_sudo: Whether to run as root by ``sudo -n``, if that is allowed.

        """
        self._master = master
        self._wants_sudo = self._with_sudo = with_sudo
        self._lock = threading.Lock()
        self._session: _Session | None = None
        self._closed = False
        self.refusal: str | None = None
        """Why sudo was not used; None if it was, or was not asked for."""

    def run(self, script: str, *, timeout_s: float) -> bytes:
        """Run a script, and return what it printed to stdout."""
        deadline = time.monotonic() + timeout_s
        if not self._lock.acquire(timeout=timeout_s):
            raise self._silence(timeout_s)
        try:
            return self._run(script, deadline, timeout_s)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the shell for good, with a script that runs; may be repeated."""
        self._closed = True
        session = self._session
        if session is not None:
            session.kill()
        # Who runs a script notices that it has ended.
        if self._lock.acquire(timeout=_END_S):
            self._drop()
            self._lock.release()

    def _run(self, script: str, deadline: float, timeout_s: float) -> bytes:
        if self._is_over:
            self._drop()
            raise lost(self._master.target)
        reused = self._session is not None
        while True:
            session = self._session or self._open()
            try:
                output = session.run(script, deadline)
            except TimeoutError:
                self._drop()
                if self._with_sudo and not session.has_answered:
                    self._refuse_sudo("sudo did not answer")
                raise self._silence(timeout_s) from None
            except OSError as problem:
                status, said = session.ended()
                has_begun = session.has_answered
                self._drop()
                if self._is_over:
                    raise lost(self._master.target) from problem
                if self._with_sudo and not session.has_answered:
                    self._refuse_sudo(_in_one_line(said) or "sudo ended")
                elif reused:
                    # Somebody may have ended the shell over there since.
                    reused = False
                else:
                    raise self._ended(status, said, has_begun=has_begun) from problem
            else:
                self._master.has_shell = True
                return output

    def _refuse_sudo(self, words: str) -> None:
        """Go on without sudo."""
        self._with_sudo = False
        self.refusal = words

    @property
    def _is_over(self) -> bool:
        return self._closed or not self._master.is_up

    def _open(self) -> _Session:
        master = self._master
        command = PRIVILEGED if self._with_sudo else PLAIN
        self._session = _Session(run_command(master.target, master.control, command))
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.end()

    def _silence(self, timeout_s: float) -> EngineUnreachable:
        name = self._master.target.name
        return EngineUnreachable(
            f"the shell on {name} did not answer within {timeout_s:g} s",
            Unreachable.TIMED_OUT,
        )

    def _ended(
        self, status: int | None, said: str, *, has_begun: bool
    ) -> EngineUnreachable:
        """Return the error for what has ended, or is of no use, before it answered."""
        name, master = self._master.target.name, self._master
        refused = _REFUSED.search(said)
        lines = [one for one in said.splitlines() if one.strip()]
        last = refused[1] if refused else "".join(lines[-1:])
        words = _in_one_line(last)[:_LONGEST_SAID].rstrip(".")
        why = f" ({words})" if words else ""
        if has_begun:
            return EngineUnreachable(f"the shell on {name} has ended{why}")
        if status is None:
            told = f"what runs on {name} in place of a shell does not answer"
            return EngineUnreachable(f"{told}{why}")
        if status == _OF_SSH:
            if not refused:
                master.await_end(_LOSS_S)
            if self._is_over:
                return lost(master.target)
        if master.has_shell:
            # Perhaps nothing more could be started; a second time it is not that.
            master.has_shell = status == _OF_SSH
            return EngineUnreachable(f"no other shell starts on {name}{why}")
        # What was said before was not said by sudo.
        self._with_sudo, self.refusal = self._wants_sudo, None
        return EngineUnreachable(f"no shell runs on {name}{why}", Unreachable.NO_SHELL)


def _in_one_line(said: str) -> str:
    return printable(" ".join(said.split()))


class _Session:
    """One process of ssh with a shell at its other end."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self.has_answered = False
        """Whether a script has begun: there is a shell."""

        self._errors: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - read later
        # In a session of its own, no key of the terminal reaches it.
        self._process = subprocess.Popen(  # noqa: S603 - its words are checked
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        assert self._process.stdout is not None  # noqa: S101 - as above
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        self._received = bytearray()

    def run(self, script: str, deadline: float) -> bytes:
        """Run a script; return what it printed.

        Raises:
            TimeoutError: it did not end before the deadline, in monotonic seconds.
            OSError: the shell has ended.

        """
        mark = os.urandom(16).hex()
        # What only echoes the script has no line that begins with the mark.
        begin, end = f"\n{mark}-begin\n".encode(), f"\n{mark}-end\n".encode()
        framed = (
            f"printf '\\n%s\\n' {mark}-begin\n"
            f"(\n{script}\n) </dev/null 2>/dev/null\n"
            f"printf '\\n%s\\n' {mark}-end\n"
        )
        try:
            received = self._exchange(framed.encode(), end, deadline)
        finally:
            self.has_answered = self.has_answered or begin in self._received
        return received.partition(begin)[2].removesuffix(end)

    def ended(self) -> tuple[int | None, str]:
        """Return its exit status, and what it has said: on stderr, or else on stdout.

        There is no status while it runs, though it has closed its output.
        """
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LOSS_S)
        raw = os.pread(self._errors.fileno(), _MOST_SAID, 0)
        if not raw.strip() and not self.has_answered:
            os.set_blocking(self._out, False)
            # It may have ended before all was sent: what it printed is still there.
            with suppress(BlockingIOError):
                self._received += os.read(self._out, _MOST_SAID)
            raw = bytes(self._received[:_MOST_SAID])
        return self._process.returncode, raw.decode(errors="replace")

    def kill(self) -> None:
        """Kill the process; what runs over there loses its input and output."""
        self._process.kill()

    def end(self) -> None:
        """Kill the process, and release what it used."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _exchange(self, sent: bytes, end: bytes, deadline: float) -> bytes:
        """Send a text, and return all that arrives up to the given end."""
        received = self._received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            selector.register(self._in, selectors.EVENT_WRITE)
            while not received.endswith(end):
                left = deadline - time.monotonic()
                ready = selector.select(left) if left > 0 else ()
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    if key.fd == self._out:
                        received += self._receive(len(received))
                        continue
                    sent = sent[os.write(self._in, sent[:_CHUNK]) :]
                    if not sent:
                        selector.unregister(self._in)
        return bytes(received)

    def _receive(self, already: int) -> bytes:
        chunk = os.read(self._out, _CHUNK)
        if not chunk:
            raise ConnectionResetError
        if already + len(chunk) > MAX_OUTPUT_BYTES:
            raise ConnectionAbortedError
        return chunk
