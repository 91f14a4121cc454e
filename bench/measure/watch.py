"""Measures what a standing watch costs, and how soon and how it heals."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure.events import EventTimes
from bench.measure.idle import Idle, let_settle, rest
from bench.measure.processes import memory_mib
from bench.measure.restarts import Restarts
from bench.measure.spread import Spread, spread
from bench.measure.startup import LIMIT_S
from bench.stage import OWNER_OF_PROBE
from tests.support.servers import Relay, UnixServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.extent import Extent
    from bench.stage import Stage
    from bench.subjects import Subject

REJOIN_LIMIT_S = 180.0
_AT_ONCE = 4
_PAUSE_S = 0.05
_PATIENCE_S = 60.0
_ENDING_LIMIT_S = 10.0

_POLLING = """\
while :; do
    curl --silent --globoff --no-buffer --max-time 30 --unix-socket "$1" \
        'http://localhost/containers/json?filters={"health":["unhealthy"],"label":["autoheal=true"]}'
    sleep 5
done
"""
"""How docker-autoheal asks: the same request, as often, by the same means."""


class WatchSilent(Exception):
    """The watch does not start, or does not heal."""


@dataclass(frozen=True, slots=True)
class Rejoining:
    """The healing of many dependents of one owner."""

    dependents: int
    rejoined: int
    """How many were in their owner's network again at the end."""

    seconds: float
    """The time from the start of the owner to that of the last of them."""

    most_at_once: int
    """How many restarts were requested and not answered at any moment, at most."""

    memory_mib: float
    """The memory of the watch afterwards."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The cost of a watch at rest, and what it does when owners are restarted."""

    settle_s: float
    """How long the watch was told to let an owner run first."""

    idle: Idle
    asked_ms: Spread
    """The time from the start of an owner, by the engine's event, to the first request
    to restart one of its dependents."""

    rejoining: Rejoining


@dataclass(frozen=True, slots=True)
class _Running:
    """A watch that has begun."""

    pid: int
    log: Path
    relay: Relay
    restarts: Restarts


def measure_watch(
    stage: Stage,
    subject: Subject,
    environ: Mapping[str, str],
    extent: Extent,
    folder: Path,
) -> Watch:
    """Leave a watch alone, then restart owners: some of few, one of many dependents.

    Raises:
        WatchSilent: The watch does not start, or does not heal.

    """
    settle = f"--settle={extent.watch_settle_s:g}s"
    command = (*subject.command, "watch", "--json", settle)
    with _watching(stage, command, environ, folder / "few") as watch:
        let_settle(watch.relay, extent)
        idle = _rest(stage, watch, extent)
        asked_ms = _measure_asked(stage, watch, extent)
    # The first owner has not been restarted, so that no attempt at it counts.
    names = [f"many-{n:03}" for n in range(extent.rejoined - extent.dependents)]
    with stage.crowd(names) as ids:
        with ThreadPoolExecutor(_AT_ONCE) as several:
            list(several.map(stage.engine.client.start, ids))
        own = [f"g00-d{n}" for n in range(extent.dependents)]
        ids += [str(stage.engine.inspect(name, "Id")) for name in own]
        with _watching(stage, command, environ, folder / "many") as watch:
            rejoining = _measure_rejoining(stage, watch, ids)
    return Watch(extent.watch_settle_s, idle, asked_ms, rejoining)


def measure_polling(
    stage: Stage, environ: Mapping[str, str], extent: Extent, folder: Path
) -> Idle:
    """Measure the loop of requests that docker-autoheal consists of.

    The list that it gets is empty, and nothing reads it.
    """
    relay = Relay(stage.engine.socket)
    out = folder / "polling.out"
    socket = folder / "polling.sock"
    command = ("sh", "-c", _POLLING, "sh", str(socket))
    with UnixServer(socket, relay), _started(command, environ, out) as process:
        time.sleep(extent.settle_s)
        return _rest(stage, _Running(process.pid, out, relay, Restarts()), extent)


def _rest(stage: Stage, program: _Running, extent: Extent) -> Idle:
    before = program.log.stat().st_size
    return rest(
        stage,
        program.relay,
        program.pid,
        extent.idle_s,
        lambda: program.log.stat().st_size - before,
    )


def _measure_asked(stage: Stage, watch: _Running, extent: Extent) -> Spread:
    """Restart one owner after the other."""
    client = stage.engine.client
    asked: list[float | None] = []
    with EventTimes(client) as events:
        for number in range(1, extent.watched + 1):
            owner = str(stage.engine.inspect(f"g{number:02}-own", "Id"))
            before = watch.restarts.count
            client.restart(owner, timeout=0)
            began = events.wait_for(owner, "start")
            first = watch.restarts.wait_for(before, extent.watch_settle_s + LIMIT_S)
            asked.append(None if first is None else (first - began) * 1000)
            _wait_for_event(watch, "healed", number)
    return spread(asked)


def _measure_rejoining(
    stage: Stage, watch: _Running, dependents: Sequence[str]
) -> Rejoining:
    client = stage.engine.client
    owner = str(stage.engine.inspect(OWNER_OF_PROBE, "Id"))
    with EventTimes(client) as events:
        client.restart(owner, timeout=0)
        began = last = events.wait_for(owner, "start")
        deadline = time.monotonic() + REJOIN_LIMIT_S
        for dependent in dependents:
            left_s = max(0.0, deadline - time.monotonic())
            with suppress(TimeoutError):
                last = max(last, events.wait_for(dependent, "start", left_s))
    rejoined = sum(_has_rejoined(stage, owner, one) for one in dependents)
    return Rejoining(
        dependents=len(dependents),
        rejoined=rejoined,
        seconds=last - began,
        most_at_once=watch.restarts.most_at_once,
        memory_mib=memory_mib(watch.pid),
    )


def _has_rejoined(stage: Stage, owner: str, dependent: str) -> bool:
    """Tell whether two containers are in one network, by the kernel."""
    places = [
        Path(f"/proc/{stage.engine.pid_of(one)}/ns/net") for one in (owner, dependent)
    ]
    with suppress(OSError):
        return places[0].readlink() == places[1].readlink()
    return False


@contextmanager
def _watching(
    stage: Stage, command: Sequence[str], environ: Mapping[str, str], folder: Path
) -> Iterator[_Running]:
    """Run a watch; its requests pass through a relay.

    Raises:
        WatchSilent: It does not start.

    """
    folder.mkdir()
    restarts = Restarts()
    relay = Relay(stage.engine.socket, before=restarts.begin, after=restarts.end)
    log = folder / "watch.log"
    with UnixServer(folder / "watch.sock", relay) as server:
        its_environ = {**environ, "DOCKER_HOST": server.url}
        with _started(command, its_environ, log) as process:
            watch = _Running(process.pid, log, relay, restarts)
            _wait_for_event(watch, "started", 1)
            yield watch


@contextmanager
def _started(
    command: Sequence[str], environ: Mapping[str, str], out: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that writes into a file; end it and its children."""
    with out.open("wb") as stream:
        process = subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and its children."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDING_LIMIT_S)
            return


def _wait_for_event(watch: _Running, kind: str, times: int) -> None:
    """Wait until a watch has told of as many events of a kind.

    Raises:
        WatchSilent: It has not in time.

    """
    wanted = f'"event": "{kind}"'
    deadline = time.monotonic() + _PATIENCE_S
    while (told := watch.log.read_text()).count(wanted) < times:
        if time.monotonic() > deadline:
            last = told.splitlines()[-1:]
            raise WatchSilent(f"no event {kind!r} from it; its last line: {last}")
        time.sleep(_PAUSE_S)
