"""Measures what a program costs while nothing happens."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.processes import cpu_s, memory_mib
from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.stage import NAMES
from tests.support.servers import Relay, UnixServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from bench.extent import Extent
    from bench.stage import Stage
    from bench.subjects import Subject

EVENTS = "GET /events"
_EVENTS_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """The cost of one program that is left alone for a while."""

    seconds: float
    cpu_s: float
    engine_cpu_s: float
    """The CPU time of the engine in that time, for any reason."""

    sent_bytes: int
    """The bytes sent to the terminal."""

    requests: dict[str, int]
    """The requests begun in that time, by method and path."""

    streams: dict[str, int]
    """The requests begun before."""

    memory_mib: float
    """The memory at the end."""


def measure_idle(
    stage: Stage,
    subject: Subject,
    environ: Mapping[str, str],
    extent: Extent,
    folder: Path,
) -> Idle:
    """Leave a program alone; its requests pass through a relay that counts them."""
    relay = Relay(stage.engine.socket)
    with UnixServer(folder / f"{subject.name}.sock", relay) as server:
        program_environ = {**environ, **subject.environ, "DOCKER_HOST": server.url}
        with Terminal(subject.command, program_environ) as terminal:
            terminal.wait_until(
                lambda screen: NAMES.search(screen.text()) is not None, LIMIT_S
            )
            let_settle(relay, extent)
            moment = terminal.moment
            return rest(
                stage,
                relay,
                terminal.pid,
                extent.idle_s,
                lambda: sum(len(r.data) for r in terminal.since(moment)),
            )


def let_settle(relay: Relay, extent: Extent) -> None:
    """Wait until a program waits for events, and for as long as it needs to settle.

    A program that polls instead is waited for as long as a busy machine might need.
    """
    end = time.monotonic() + _EVENTS_LIMIT_S
    while EVENTS not in by_path(relay.requests) and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(extent.settle_s)


def rest(
    stage: Stage, relay: Relay, pid: int, seconds: float, sent: Callable[[], int]
) -> Idle:
    """Leave a program that has settled alone.

    Args:
        stage: The engine.
        relay: What passes the program's requests on.
        pid: The program.
        seconds: For how long.
        sent: Returns the bytes that it has written since this was called.

    """
    before, used = len(relay.requests), cpu_s(pid)
    engine_used, began = stage.daemon_cpu_s(), time.monotonic()
    time.sleep(seconds)
    return Idle(
        seconds=time.monotonic() - began,
        cpu_s=cpu_s(pid) - used,
        engine_cpu_s=stage.daemon_cpu_s() - engine_used,
        sent_bytes=sent(),
        requests=by_path(relay.requests[before:]),
        streams=by_path(relay.requests[:before]),
        memory_mib=memory_mib(pid),
    )


def measure_nobody(stage: Stage, extent: Extent) -> Idle:
    """Return what the engine costs without any client."""
    used, began = stage.daemon_cpu_s(), time.monotonic()
    time.sleep(extent.idle_s)
    return Idle(
        seconds=time.monotonic() - began,
        cpu_s=0,
        engine_cpu_s=stage.daemon_cpu_s() - used,
        sent_bytes=0,
        requests={},
        streams={},
        memory_mib=0,
    )


def by_path(requests: Iterable[str]) -> dict[str, int]:
    """Count requests by method and path, without ids and versions."""
    return dict(Counter(_simple(request) for request in requests))


def _simple(request: str) -> str:
    method, _, url = request.partition(" ")
    parts = url.partition("?")[0].split("/")
    kept = ["ID" if len(part) == 64 else part for part in parts if part]  # noqa: PLR2004 - digits of an id
    if kept and kept[0].startswith("v1."):
        kept = kept[1:]
    return f"{method} /{'/'.join(kept)}"
