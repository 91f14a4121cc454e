"""nstui on a terminal of its own, with somebody who types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

PATIENCE = 60.0
"""Seconds for anything to be shown, on a machine that is busy with other tests."""

_HESITATION = 0.2
CTRL_C, CTRL_D, ENTER = "\x03", "\x04", "\r"
STYLE = re.compile(r"\x1b\[[0-9;]*m")

_START = (
    "import fcntl, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "from nstui.cli.main import main; main()"
)
"""Takes the terminal for its own, as a shell's programs have it: for ctrl-C."""


class Keyboard:
    """A run of nstui that is watched and typed to.

    Attributes:
        shown: All that has appeared on the terminal, with line ends as programs write.

    """

    def __init__(
        self,
        *arguments: str,
        width: int = 80,
        piped: bool = False,
        **environment: str,
    ) -> None:
        """Start it.

        Args:
            arguments: What follows the program's name.
            width: The columns of the terminal.
            piped: Whether its stdout goes into a pipe.
            environment: What to set besides.

        """
        self.shown = ""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        self._process = subprocess.Popen(
            (sys.executable, "-c", _START, *arguments),
            stdin=slave,
            stdout=subprocess.PIPE if piped else slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", **environment},
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        """Begin to watch."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it if it still runs."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        os.close(self._master)

    def wait_for(self, text: str) -> None:
        """Wait until a text has appeared."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self._read(), self.shown

    def type(self, keys: str) -> None:
        """Press keys."""
        if CTRL_C in keys:
            # Python may miss a signal in the instant in which it begins to read, and
            # nobody types as fast as that.
            time.sleep(_HESITATION)
        os.write(self._master, keys.encode())

    def end(self) -> int:
        """Wait for the end, and return the exit code."""
        while self._read():
            pass
        return self._process.wait(PATIENCE)

    @property
    def piped(self) -> str:
        """What went into the pipe; to be asked for at the end."""
        assert self._process.stdout is not None
        return self._process.stdout.read().decode()

    def _read(self) -> bool:
        """Take what appears next; False at the end."""
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        assert ready, self.shown
        try:
            data = os.read(self._master, 65536)
        except OSError:
            # Linux says EIO when nobody has the other side open any more.
            return False
        self.shown += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)
