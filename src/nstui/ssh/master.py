"""The one connection of nstui to a machine: a process of ssh and its own folder."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nstui.analysis.text import printable
from nstui.errors import EngineUnreachable
from nstui.ssh.command import (
    ASKING_TIMEOUT_S,
    CONNECT_TIMEOUT_S,
    SSH,
    master_command,
)
from nstui.ssh.sentences import lost, ssh_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.model.ssh import SshTarget

BATCH_S = CONNECT_TIMEOUT_S + 10.0
"""Limit in seconds for a login without questions."""

END_S = 0.3
"""Limit in seconds for the end of the connection."""

_LONGEST_FOLDER = 80
"""A Unix socket's path has 107 bytes, and ssh appends 17 to that of its own."""

_ODD = " \t\n:%$\\\"'"
"""What means something to ssh in the path of a socket."""

_MOST_SAID = 16_384
"""How many bytes of what ssh says are read: the last ones."""

_WAITED = "during banner exchange"
"""What ssh says if the other side was silent, as while a host on the way asks."""

_CHANNEL = re.compile(r"(?m)^channel \d+: open failed.*\n?")
"""What ssh says of a single request that nobody takes over there."""

_PRIVATE = 0o700
_STEP_S = 0.005
_ASKING_S = 0.5

LEASH = """
trap '' HUP INT QUIT
folder=$1 ssh=; shift
trap 'rm -rf -- "$folder"; kill $ssh; exit' TERM
exec 3<&0 </dev/null
"$@" 3<&- & ssh=$!
{
    read -r word <&3
    [ "$word" = keep ] || rm -rf -- "$folder"
    kill "$ssh"
} 2>/dev/null & leash=$!
exec 3<&-
{ wait "$ssh"; } 2>/dev/null
kill "$leash" 2>/dev/null
# One that went into the background, as ForkAfterAuthentication wants, has not ended.
[ ! -S "$folder/master" ] || ssh -F none -S "$folder/master" -O exit . 2>/dev/null
"""
"""Runs ssh until it ends, or until the pipe at stdin is closed: also the end of a
nstui that was killed leaves no connection and no folder behind, also if the whole group
of processes was told to end. What is written before, `_KEEP`, keeps the folder. A
ctrl+c is for nstui alone, which first finishes a step that is under way."""

_KEEP = b"keep\n"


def private_folder(environ: Mapping[str, str]) -> Path:
    """Make a folder for sockets that nobody else can enter.

    Args:
        environ: The environment.

    """
    chosen = environ.get("XDG_RUNTIME_DIR", "")
    if not _is_usable(chosen):
        chosen = tempfile.gettempdir()
    if not _is_usable(chosen):
        chosen = "/tmp"  # noqa: S108 - the folder within is private
    return Path(tempfile.mkdtemp(prefix="nstui-ssh-", dir=chosen))


def _is_usable(folder: str) -> bool:
    """Tell whether sockets within a folder have paths that ssh takes."""
    is_plain = not set(folder) & set(_ODD) and len(os.fsencode(folder)) < (
        _LONGEST_FOLDER - len("/nstui-ssh-12345678")
    )
    return folder.startswith("/") and is_plain and os.access(folder, os.W_OK | os.X_OK)


class Master:
    """A connection that others go through; it can be opened again after its end."""

    def __init__(self, target: SshTarget, folder: Path) -> None:
        """Take the machine and the folder for sockets; nothing is connected yet."""
        self.target = target
        self.folder = folder
        self.control = str(folder / "master")
        self._lock = threading.Lock()
        self.has_shell = False
        """Whether a shell has answered that was started through it."""

        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._said: BinaryIO | None = None
        self._said_before = 0
        """How much of that was said until the login had succeeded."""

    @property
    def is_up(self) -> bool:
        """Whether the connection stands, as far as is known."""
        process = self._process
        return process is not None and process.poll() is None and self._is_ready()

    def open(
        self, *, may_ask: bool, meanwhile: Callable[[], object] | None = None
    ) -> None:
        """Log in; return once others can go through the connection.

        Args:
            may_ask: Whether ssh may ask for passwords and unknown keys on the terminal.
            meanwhile: What is done while ssh logs in.

        Raises:
            EngineUnreachable: that was not possible.

        """
        if shutil.which(SSH) is None:
            raise EngineUnreachable("ssh is not installed here")
        self._make_folder()
        with suppress(FileNotFoundError):
            os.unlink(self.control)  # noqa: PTH108 - as all paths here, a string
        process = self._start(may_ask=may_ask)
        deadline = None if may_ask else time.monotonic() + BATCH_S
        passer, is_patient = _Passing(self._said) if may_ask else None, False
        if meanwhile is not None:
            meanwhile()
        while not self._is_ready():
            if process.poll() is not None:
                words = self._words()
                if may_ask and _WAITED in words and not is_patient:
                    is_patient = True
                    process = self._start(may_ask=True, timeout_s=ASKING_TIMEOUT_S)
                    passer = _Passing(self._said)
                    continue
                raise ssh_failure(words, self.target)
            if deadline is not None and time.monotonic() > deadline:
                self.drop()
                raise ssh_failure("Timeout, server not responding", self.target)
            if passer is not None:
                passer.look()
            time.sleep(_STEP_S)
        self._said_before = self._size_said()

    def await_end(self, limit_s: float | None = None) -> None:
        """Return once the connection has ended, or a limit in seconds is over."""
        process = self._process
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(limit_s)

    def failure(self) -> EngineUnreachable:
        """Return why the connection has ended."""
        words = _CHANNEL.sub("", self._words(self._said_before))
        return ssh_failure(words, self.target) if words else lost(self.target)

    def drop(self) -> None:
        """End the connection, to be opened again."""
        process = self._process
        if process is not None:
            assert process.stdin is not None  # noqa: S101 - a pipe was asked for
            with suppress(OSError, ValueError):
                process.stdin.write(_KEEP)
                process.stdin.flush()
            self._end(process)

    def close(self) -> None:
        """End the connection for good, and remove its folder; may be repeated."""
        with self._lock:
            self._closed = True
            process = self._process
        if process is not None:
            self._end(process)
        shutil.rmtree(self.folder, ignore_errors=True)
        with self._lock:
            if self._said is not None:
                self._said.close()

    def _start(
        self, *, may_ask: bool, timeout_s: int = CONNECT_TIMEOUT_S
    ) -> subprocess.Popen[bytes]:
        words = master_command(
            self.target, self.control, may_ask=may_ask, timeout_s=timeout_s
        )
        with self._lock:
            if self._closed:
                raise lost(self.target)
            if self._said is not None:
                self._said.close()
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
            self._said = tempfile.TemporaryFile()  # noqa: SIM115 - read later
            self._said_before = 0
            self._process = subprocess.Popen(  # noqa: S603 - its words are checked
                ["/bin/sh", "-c", LEASH, "sh", str(self.folder), *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
            )
            return self._process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            # The shell has told ssh to end, and waits for it; both are left to that.
            return

    def _is_ready(self) -> bool:
        try:
            return stat.S_ISSOCK(os.stat(self.control).st_mode)  # noqa: PTH116
        except OSError:
            return False

    def _make_folder(self) -> None:
        """Make the folder again if it is gone, as after the user's last session.

        Raises:
            EngineUnreachable: that was not possible, or another has made it, or the
                connection is closed for good.

        """
        with self._lock, suppress(FileExistsError):
            if self._closed:
                raise lost(self.target)
            try:
                os.mkdir(self.folder, _PRIVATE)  # noqa: PTH102 - as above
            except FileNotFoundError:
                raise EngineUnreachable(
                    f"the folder for the connection to {self.target.name} is gone:"
                    f" {self.folder}; start nstui again"
                ) from None
            return
        try:
            found = self.folder.lstat()
        except FileNotFoundError:
            # It was closed meanwhile.
            raise lost(self.target) from None
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != _PRIVATE:
            raise EngineUnreachable(f"{self.folder} is not nstui's own folder")

    def _size_said(self) -> int:
        with self._lock, suppress(ValueError):
            return os.fstat(self._said.fileno()).st_size if self._said else 0
        return 0

    def _words(self, start: int = 0) -> str:
        """Return what ssh has said since it was started, or since it had said so much.

        Args:
            start: How many bytes are left out.

        """
        start = max(start, self._size_said() - _MOST_SAID)
        # Nobody closes it while it is read.
        with self._lock, suppress(ValueError):
            if self._said is not None:
                found = os.pread(self._said.fileno(), _MOST_SAID, start)
                return found.decode(errors="replace")
        return ""


class _Passing:
    """Passes on what ssh says while it waits for the user.

    A question itself ssh writes to the terminal, and a banner before the login to
    stderr. That a security key waits for a touch it says on no other stderr than a
    terminal: that goes unsaid.
    """

    def __init__(self, said: BinaryIO | None) -> None:
        self._said = said
        self._passed = 0
        self._next = time.monotonic() + _ASKING_S

    def look(self) -> None:
        """Pass on what is new, if ssh has waited for some time."""
        if self._said is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _ASKING_S
        new = os.pread(self._said.fileno(), _MOST_SAID, self._passed)
        self._passed += len(new)
        if new:
            lines = new.decode(errors="replace").splitlines()
            sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))
            sys.stderr.flush()
