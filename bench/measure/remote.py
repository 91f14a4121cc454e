"""Measures nstui through a real sshd on the loopback, also with a delay."""

from __future__ import annotations

import shlex
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure.delay import DELAY_S, delayed, has_netem
from bench.measure.keys import Keys, measure_keys
from bench.measure.spread import Spread, spread
from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.stage import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.extent import Extent
    from bench.measure.emulator import Emulator
    from bench.subjects import Subject

_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile {folder}/sshd.pid
AuthenticationMethods publickey
StrictModes no
UsePAM no
"""
_PRIVILEGES = Path("/run/sshd")
"""The empty folder that sshd requires."""

_PRESSES = ("down", "down", "enter", "down", "up", "G", "g", "down")
"""The keys that are pressed before the screens are compared."""

_START_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The results for one way to reach nstui."""

    way: str
    delay_ms: float
    """The added delay of a round trip."""

    first_ms: Spread
    """The time from the start of ssh until the screen shows a container."""

    down: Keys
    is_equal: bool
    """Whether, after some keys, the screen is the same as without ssh."""


class SshMissing(Exception):
    """There is no sshd here, or it does not start."""


def measure_remote(
    subject: Subject, environ: Mapping[str, str], extent: Extent, folder: Path
) -> list[Remote]:
    """Measure nstui without ssh, with it, and with a delayed connection.

    Raises:
        SshMissing: There is no sshd here, or it does not start.

    """
    with _serving(folder) as server:
        local = _use(subject.command, environ, extent)
        near = _use(server.command(subject, environ), environ, extent)
    found = [_remote("without ssh", 0, local, local), _remote("ssh", 0, near, local)]
    way = "netem" if has_netem() else "relay"
    with delayed() as place, _serving(folder, place.prefix) as server:
        port = place.forward(server.port)
        command = (*place.prefix, *server.command(subject, environ, port))
        far = _use(command, environ, extent)
    delay_ms = 2 * DELAY_S * 1000
    found.append(_remote(f"ssh, delayed by a {way}", delay_ms, far, local))
    return found


@dataclass(frozen=True, slots=True)
class _Use:
    first_ms: float | None
    down: Keys
    screen: str


def _remote(way: str, delay_ms: float, use: _Use, local: _Use) -> Remote:
    return Remote(
        way=way,
        delay_ms=delay_ms,
        first_ms=spread([use.first_ms]),
        down=use.down,
        is_equal=use.screen == local.screen,
    )


def _use(command: Sequence[str], environ: Mapping[str, str], extent: Extent) -> _Use:
    def shows(screen: Emulator) -> bool:
        return NAMES.search(screen.text()) is not None

    with Terminal(command, environ) as terminal:
        first = terminal.wait_until(shows, LIMIT_S)
        terminal.wait_for_silence(extent.quiet_s, LIMIT_S)
        for key in _PRESSES:
            terminal.press(key)
        terminal.wait_for_silence(extent.quiet_s, LIMIT_S)
        terminal.draw()
        screen = terminal.screen.steady_text()
        down = measure_keys(terminal, extent.keys)
    first_ms = None if first is None else (first - terminal.began) * 1000
    return _Use(first_ms, down, screen)


@dataclass(frozen=True, slots=True)
class _Server:
    folder: Path
    port: int

    def command(
        self, subject: Subject, environ: Mapping[str, str], port: int | None = None
    ) -> tuple[str, ...]:
        """Return the command that runs a program through this server."""
        given = [f"{name}={value}" for name, value in environ.items()]
        return (
            "ssh",
            "-tt",
            *("-F", "none", "-i", str(self.folder / "user")),
            *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
            *("-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes"),
            *("-p", str(port or self.port), "127.0.0.1"),
            shlex.join(["env", *given, *subject.command]),
        )


@contextmanager
def _serving(folder: Path, prefix: tuple[str, ...] = ()) -> Iterator[_Server]:
    """Run an sshd with its own keys and settings."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin")
    if program is None or shutil.which("ssh") is None:
        raise SshMissing("openssh-server is not here")
    made_folder = not _PRIVILEGES.exists()
    _PRIVILEGES.mkdir(mode=0o755, exist_ok=True)
    for name in ("host", "user"):
        if not (folder / name).exists():
            keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f")
            subprocess.run((*keygen, str(folder / name)), check=True)
    port = _free_port()
    config = folder / "sshd_config"
    config.write_text(_CONFIG.format(folder=folder, port=port))
    log = folder / "sshd.log"
    server = subprocess.Popen(
        [*prefix, program, "-D", "-f", str(config), "-E", str(log)],
        stdin=subprocess.DEVNULL,
    )
    try:
        _await_answer(server, log)
        yield _Server(folder, port)
    finally:
        server.terminate()
        server.wait()
        log.unlink(missing_ok=True)
        if made_folder:
            # Another program may have used the folder meanwhile.
            with suppress(OSError):
                _PRIVILEGES.rmdir()


def _await_answer(server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < end and server.poll() is None:
        if log.exists() and "listening on" in log.read_text():
            return
        time.sleep(0.02)
    said = log.read_text().splitlines()[-1:] if log.exists() else ()
    raise SshMissing(" ".join(["sshd does not start:", *said]))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        assert isinstance(port, int)  # noqa: S101 - what the kernel gives
        return port
