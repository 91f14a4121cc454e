"""Measures nstui on an engine behind a real sshd, near and far away."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bench.measure.delay import DELAY_S, SlowPort
from bench.measure.idle import by_path
from bench.measure.keys import Keys, measure_keys
from bench.measure.spread import Spread, spread
from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.measurements import NSTUI
from bench.stage import NAMES
from bench.subjects import LAZYDOCKER, LIST
from nstui.cli.running import AtEnd
from nstui.cli.settings import Settings
from nstui.cli.wiring import wire
from nstui.model.container import ContainerId
from nstui.model.namespace import NamespacesRead
from nstui.model.ssh import SshTarget
from nstui.procfs.remote import remote_host
from nstui.ssh.link import SshLink
from nstui.ssh.master import Master, private_folder
from tests.support.servers import Relay, UnixServer
from tests.support.ssh_server import SshServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bench.extent import Extent
    from bench.measure.emulator import Emulator
    from bench.stage import Stage
    from bench.subjects import Subject

ROUND_TRIP_MS = 2 * DELAY_S * 1000

_LOGIN, _LOCAL, _NEAR = "ssh alone", "without ssh", "without the delay"

_MOUNTED = (
    "mount -t tmpfs none /run && mkdir -m 755 /run/sshd"
    ' && ln -s "$0" /run/docker.sock && exec "$@"'
)
"""Gives sshd, and what it starts, a ``/run`` of their own with the engine's socket:
some programs know no other place for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FarAway:
    """The results for an engine behind ssh, mostly with a delay."""

    containers: int
    handshake_ms: Spread
    """From the start of ssh until others can go through the connection, delayed."""

    local_ms: Spread
    """nstui's first container on the screen without ssh."""

    near_ms: Spread
    """The same through ssh, without a delay."""

    first_ms: dict[str, Spread]
    """The same of each program, delayed; of a command, its end."""

    near_look_ms: Spread
    """A reading of the namespaces of all containers, without a delay."""

    look_ms: Spread
    look_bytes: float
    """The bytes of one such reading, there and back, as ssh sends them."""

    near_whole_ms: Spread
    """A look at all containers that have not changed, without a delay."""

    whole_ms: Spread
    near_down: Keys
    """The keys without ssh."""

    down: Keys
    rest_s: float
    rest_bytes: int
    """What was sent there and back while nothing happened."""

    rest_requests: dict[str, int]
    """The requests to the engine in that time, by method and path."""

    @property
    def look_trips(self) -> float:
        """How many round trips a reading of the namespaces takes."""
        return (self.look_ms.median - self.near_look_ms.median) / ROUND_TRIP_MS

    @property
    def whole_trips(self) -> float:
        """How many round trips a look takes."""
        return (self.whole_ms.median - self.near_whole_ms.median) / ROUND_TRIP_MS


@dataclass(frozen=True, slots=True)
class _Way:
    """How programs get to the engine."""

    server: SshServer
    environ: Mapping[str, str]
    near: SshTarget
    far: SshTarget
    port: SlowPort


def measure_ssh(
    stage: Stage,
    subjects: Sequence[Subject],
    environ: Mapping[str, str],
    extent: Extent,
    folder: Path,
) -> FarAway:
    """Measure nstui, and the others that know ssh, on the stage's engine.

    Raises:
        SshMissing: There is no sshd here, or it does not start.

    """
    nstui = subjects[0]
    with _served(stage.engine.socket, environ, folder) as way:
        repeats = max(extent.starts, extent.repeats)
        pids = _pids(stage)
        with _path_of(way.environ):
            near_looks, _ = _looks(way.near, pids, repeats, way.port)
            looks, sent = _looks(way.far, pids, repeats, way.port)
            near_whole = _whole_looks(way.near, repeats)
            whole = _whole_looks(way.far, repeats)
            taken = _in_turn(_starts(subjects, way, environ), extent.starts)
        down = _keys(_nstui(nstui, way.far), way.environ, extent)
        rest_bytes, requests = _rest(stage, nstui, way, extent, folder)
        return FarAway(
            containers=len(pids),
            handshake_ms=taken.pop(_LOGIN),
            local_ms=taken.pop(_LOCAL),
            near_ms=taken.pop(_NEAR),
            first_ms=taken,
            near_look_ms=spread(near_looks),
            look_ms=spread(looks),
            look_bytes=sent,
            near_whole_ms=spread(near_whole),
            whole_ms=spread(whole),
            near_down=_keys(nstui.command, environ, extent),
            down=down,
            rest_s=extent.idle_s,
            rest_bytes=rest_bytes,
            rest_requests=requests,
        )


@contextmanager
def _served(socket: Path, environ: Mapping[str, str], folder: Path) -> Iterator[_Way]:
    """Run an sshd whose machine has the engine's socket in the usual place."""
    server = SshServer(folder)
    prefix = ("unshare", "--mount", "sh", "-c", _MOUNTED, str(socket))
    with ExitStack() as stack:
        stack.enter_context(server.serving(prefix=prefix))
        port = SlowPort(server.port)
        stack.callback(port.close)
        client = server.client("StrictHostKeyChecking no", "LogLevel ERROR")
        target = partial(SshTarget, host="127.0.0.1", user="root")
        yield _Way(
            server,
            {**environ, **client},
            near=target(port=server.port),
            far=target(port=port.port),
            port=port,
        )


def url_of(target: SshTarget, path: str = "") -> str:
    """Return the address that leads to a machine."""
    return f"ssh://{target.name}:{target.port}{path}"


def _nstui(subject: Subject, target: SshTarget, path: str = "") -> tuple[str, ...]:
    return (*subject.command, "-H", url_of(target, path))


def _starts(
    subjects: Sequence[Subject], way: _Way, environ: Mapping[str, str]
) -> dict[str, Callable[[], float | None]]:
    """Return what is started, nstui in several ways."""
    nstui = subjects[0]
    return {
        _LOGIN: partial(_handshake_ms, way.far),
        _LOCAL: partial(_first_ms, nstui.command, environ),
        _NEAR: partial(_first_ms, _nstui(nstui, way.near), way.environ),
        NSTUI: partial(_first_ms, _nstui(nstui, way.far), way.environ),
        **_others(subjects, way),
    }


def _others(
    subjects: Sequence[Subject], way: _Way
) -> dict[str, Callable[[], float | None]]:
    """Return what starts each of the others that know ssh."""
    given = {**way.environ, "DOCKER_HOST": url_of(way.far)}
    found: dict[str, Callable[[], float | None]] = {}
    for subject in subjects:
        if subject.name == LAZYDOCKER:
            own = {**given, **subject.environ}
            path = f"{way.environ['PATH'].partition(':')[0]}:{own['PATH']}"
            own["PATH"] = path
            found[LAZYDOCKER] = partial(_first_ms, subject.command, own)
    found[LIST] = partial(_end_ms, ("docker", "ps", "-a"), given)
    return found


def _in_turn(
    starts: Mapping[str, Callable[[], float | None]], times: int
) -> dict[str, Spread]:
    """Start things in turn, several times after one that is not counted."""
    turns = [
        {name: start() for name, start in starts.items()} for _ in range(times + 1)
    ]
    return {name: spread(turn[name] for turn in turns[1:]) for name in starts}


def _shows(screen: Emulator) -> bool:
    return NAMES.search(screen.text()) is not None


def _first_ms(command: Sequence[str], environ: Mapping[str, str]) -> float | None:
    with Terminal(command, environ) as terminal:
        first = terminal.wait_until(_shows, LIMIT_S)
        return None if first is None else (first - terminal.began) * 1000


def _end_ms(command: Sequence[str], environ: Mapping[str, str]) -> float | None:
    began = time.monotonic()
    done = subprocess.run(
        command,
        env=dict(environ),
        capture_output=True,
        check=False,
        timeout=LIMIT_S,
    )
    taken = (time.monotonic() - began) * 1000
    return None if done.returncode else taken


def _keys(command: Sequence[str], environ: Mapping[str, str], extent: Extent) -> Keys:
    with _settled(command, environ, extent) as terminal:
        return measure_keys(terminal, extent.keys)


def _settled(
    command: Sequence[str], environ: Mapping[str, str], extent: Extent
) -> Terminal:
    terminal = Terminal(command, environ)
    terminal.wait_until(_shows, LIMIT_S)
    terminal.wait_for_silence(extent.quiet_s, LIMIT_S)
    return terminal


def _rest(
    stage: Stage, subject: Subject, way: _Way, extent: Extent, folder: Path
) -> tuple[int, dict[str, int]]:
    """Leave nstui alone; return the bytes through ssh, and the requests."""
    relay = Relay(stage.engine.socket)
    path = folder / "counted.sock"
    with (
        UnixServer(path, relay),
        _settled(_nstui(subject, way.far, str(path)), way.environ, extent),
    ):
        time.sleep(extent.settle_s)
        passed, requests = way.port.passed, len(relay.requests)
        time.sleep(extent.idle_s)
        return way.port.passed - passed, by_path(relay.requests[requests:])


def _pids(stage: Stage) -> dict[ContainerId, int]:
    client = stage.engine.client
    listed = [str(row["Id"]) for row in client.containers()]
    return {
        ContainerId(one): int(client.inspect_container(one)["State"]["Pid"])
        for one in listed
    }


def _handshake_ms(target: SshTarget) -> float:
    master = Master(target, private_folder(os.environ))
    began = time.monotonic()
    try:
        master.open(may_ask=False)
        return (time.monotonic() - began) * 1000
    finally:
        master.close()


def _looks(
    target: SshTarget, pids: Mapping[ContainerId, int], times: int, port: SlowPort
) -> tuple[list[float], float]:
    """Return how long the readings took, and the bytes of one of them."""
    taken = []
    with SshLink(target, os.environ) as link:
        link.open(may_ask=False)
        host = remote_host(link.shell)
        host.read(pids)
        before = port.passed
        for _ in range(times):
            began = time.monotonic()
            reading = host.read(pids)
            taken.append((time.monotonic() - began) * 1000)
            assert reading.level is NamespacesRead.INODE  # noqa: S101 - a measurement of something else
        return taken, (port.passed - before) / times


def _whole_looks(target: SshTarget, times: int) -> list[float]:
    """Return how long looks took at what has not changed since the one before."""
    taken = []
    with ExitStack() as stack:
        settings = Settings(host=url_of(target), may_ask=False)
        look = wire(settings, at_end=AtEnd(stack.callback)).observer.look
        look()
        for _ in range(times):
            began = time.monotonic()
            report = look()
            taken.append((time.monotonic() - began) * 1000)
            assert report.snapshot.host.level is NamespacesRead.INODE  # noqa: S101 - as above
        return taken


@contextmanager
def _path_of(environ: Mapping[str, str]) -> Iterator[None]:
    """Let this process find the programs of an environment."""
    before = os.environ["PATH"]
    os.environ["PATH"] = environ["PATH"]
    try:
        yield
    finally:
        os.environ["PATH"] = before
