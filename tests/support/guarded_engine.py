"""An engine that asks an authorization plugin, and sees no plugin of the machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.engine_daemon import BEGIN
from tests.support.private_engine import PrivateEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_S = 5.0
"""How long a call to an engine may take, whatever becomes of the guard."""

RELOAD_LIMIT = 60.0
"""Seconds for a reload; an engine waits as long as 45 s for a plugin that is dead."""

_RELOADED = "Reloaded configuration"
_PLUGINS = "authorization-plugins"
_LOOKED_TOO_LONG = "it took longer than"


class TooLate(Exception):
    """An answer came later than it may, which may be due to a busy machine alone.

    Where a test of a real engine raises it, the whole test is repeated, twice at most.
    """


class ReloadFailed(Exception):
    """The engine did not take its new configuration; says what it wrote."""


@contextmanager
def in_time() -> Iterator[None]:
    """See that a call to an engine takes no longer than it may.

    Raises:
        TooLate: It did.

    """
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    if took > LONGEST_S:
        raise TooLate(f"it took {took:.1f} s")


class GuardedEngine(PrivateEngine):
    """A private engine whose plugins are looked for in a folder of its own.

    The engine looks for them in ``/run/docker/plugins``, which cannot be configured. In
    its mount namespace that is the folder `plugins`, which this process sees, too.

    Attributes:
        plugins: The folder where plugins have their sockets.

    """

    def __init__(self) -> None:
        super().__init__()
        self.plugins: Path = self.folder / "plugins"
        self.plugins.mkdir(mode=0o700)

    @property
    def pid(self) -> int:
        """The process of the daemon."""
        return self._pid()

    def use_plugins(self, *names: str) -> None:
        """Make the engine ask these authorization plugins, in order, from now on.

        Raises:
            ReloadFailed: It has ended: a plugin that it did not know yet is not there.

        """
        self.settings.pop(_PLUGINS, None)
        if names:
            self.settings[_PLUGINS] = list(names)
        self.config_file.write_text(json.dumps(self.settings))
        if self.is_running:
            self.reload()

    def clear(self) -> None:
        """Leave it running, without plugins and without containers."""
        self.resume_daemon()
        self.use_plugins()
        # It tries for 15 s to reach what listens no longer, when it lists volumes.
        for socket in self.plugins.iterdir():
            socket.unlink()
        self.ensure_runs()
        self.remove_all()

    def docker_in_time(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the docker command, which has to end in time; it may fail.

        Raises:
            TooLate: It was not in time, or was denied since a look was not.

        """
        with in_time():
            done = self._run_docker(words, check=False)
        out, errors = done.stdout.decode(), done.stderr.decode()
        if _LOOKED_TOO_LONG in errors:
            raise TooLate(errors)
        return subprocess.CompletedProcess(done.args, done.returncode, out, errors)

    def reload(self) -> None:
        """Have the configuration file read again; return when that is done.

        Raises:
            ReloadFailed: It was not, and the engine has ended.

        """
        seen = len(self.log())
        os.kill(self.pid, signal.SIGHUP)
        deadline = time.monotonic() + RELOAD_LIMIT
        while _RELOADED not in (words := self.log()[seen:]):
            if not self.is_running:
                self.await_end()
                raise ReloadFailed(words.strip())
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def log(self) -> str:
        """Return what the daemon has written."""
        return self._log.read_text(errors="replace")

    def _isolated(self) -> list[str]:
        begin = (
            "mount -t tmpfs tmpfs /run/docker && mkdir /run/docker/plugins"
            f" && mount --bind {self.plugins} /run/docker/plugins && {BEGIN}"
        )
        # The mount point is the machine's, and stays empty there.
        return [
            "unshare",
            "--net",
            "--mount",
            "sh",
            "-c",
            f"mkdir -p /run/docker && {begin}",
        ]
