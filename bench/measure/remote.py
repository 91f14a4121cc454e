"""Measures nstui through a real sshd on the loopback, also with a delay."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.delay import DELAY_S, delayed, has_netem
from bench.measure.keys import Keys, measure_keys
from bench.measure.spread import Spread, spread
from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.stage import NAMES
from tests.support.ssh_server import SshServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.extent import Extent
    from bench.measure.emulator import Emulator
    from bench.subjects import Subject

_PRESSES = ("down", "down", "enter", "down", "up", "G", "g", "down")
"""The keys that are pressed before the screens are compared."""


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


def measure_remote(
    subject: Subject, environ: Mapping[str, str], extent: Extent, folder: Path
) -> list[Remote]:
    """Measure nstui without ssh, with it, and with a delayed connection.

    Raises:
        SshMissing: There is no sshd here, or it does not start.

    """
    server = SshServer(folder)
    with server.serving():
        local = _use(subject.command, environ, extent)
        near = _use(_command(server, subject, environ), environ, extent)
    found = [_remote("without ssh", 0, local, local), _remote("ssh", 0, near, local)]
    way = "netem" if has_netem() else "relay"
    with delayed() as place, server.serving(prefix=place.prefix):
        port = place.forward(server.port)
        command = (*place.prefix, *_command(server, subject, environ, port))
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


def _command(
    server: SshServer,
    subject: Subject,
    environ: Mapping[str, str],
    port: int | None = None,
) -> tuple[str, ...]:
    """Return the command that runs a program through a server."""
    given = [f"{name}={value}" for name, value in environ.items()]
    return (
        "ssh",
        "-tt",
        *("-F", "none", "-i", str(server.key)),
        *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
        *("-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes"),
        *("-p", str(port or server.port), "127.0.0.1"),
        shlex.join(["env", *given, *subject.command]),
    )
