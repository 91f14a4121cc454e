"""Measures what the guard of an engine adds to a call, and how soon it is back."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bench.measure.processes import memory_mib
from bench.measure.spread import Spread, spread
from tests.support.guard_client import PluginConnection, question
from tests.support.guard_program import GuardProgram, guard_of, wait_until
from tests.support.guarded_engine import GuardedEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bench.extent import Extent

LIMIT_S = 60.0
ASK = "/AuthZPlugin.AuthZReq"
_OWNER, _DEPENDENT, _APART = "vpn", "web", "free"
_MS = 1000
_LIST = question("GET", "/v1.41/containers/json")


@dataclass(frozen=True, slots=True)
class Paired:
    """The same call without and with the guard, in turn."""

    without_ms: Spread
    with_ms: Spread


@dataclass(frozen=True, slots=True)
class Guard:
    """What a guard costs, and how long an engine waits for one."""

    list_ms: Paired
    """The list of containers, over a connection that stays."""

    docker_ps_ms: Paired
    answer_ms: Spread
    """What the front takes for one harmless question, with nothing else to do."""

    busy_ms: Spread
    """The same while removals wait for looks."""

    removals: int
    """How many those are."""

    denied_ms: Spread
    """A removal that is denied after a look."""

    ticket_ms: Spread
    """A stop that a ticket lets through, as the front answers it."""

    killed_ms: Spread
    stopped_ms: Spread
    """``docker ps`` that is under way when the front is killed, or stopped."""

    memory_mib: float
    """Of the front."""


def percentile(values: Spread, share: float) -> float:
    """Return the value below which a share of the values is; not a number for none."""
    ordered = sorted(values.values)
    return ordered[round((len(ordered) - 1) * share)] if ordered else math.nan


def measure_guard(extent: Extent) -> Guard:
    """Start an engine with a guard, and ask it."""
    engine = GuardedEngine()
    try:
        engine.start()
        engine.run(_OWNER)
        engine.run(_DEPENDENT, f"--network=container:{_OWNER}")
        engine.run(_APART)
        with guard_of(engine) as guard:
            return _measure(engine, guard, extent)
    finally:
        engine.stop()


def _measure(engine: GuardedEngine, guard: GuardProgram, extent: Extent) -> Guard:
    times = extent.guarded
    ps = ("docker", "--host", engine.url, "ps")
    lists = _Lists(engine.socket)
    list_ms = _in_turn(engine, lists.ask, times, each=10)
    docker_ps_ms = _in_turn(engine, lambda: _run(ps), times)
    engine.use_plugins("nstui")
    asked = _Asked(guard.setup.plugin_socket)
    answer_ms = spread(_timed(asked.harmless) for _ in range(times * 10))
    with ThreadPoolExecutor(extent.removals) as many:
        busy_ms = _while_busy(guard, asked, many, extent)
    denied = ("docker", "--host", engine.url, "rm", "--force", _OWNER)
    return Guard(
        list_ms=list_ms,
        docker_ps_ms=docker_ps_ms,
        answer_ms=answer_ms,
        busy_ms=busy_ms,
        removals=extent.removals,
        denied_ms=spread(_timed(lambda: _run(denied)) for _ in range(extent.starts)),
        ticket_ms=spread(_with_tickets(engine, guard, asked, times)),
        killed_ms=spread(_hit(guard, ps, signal.SIGKILL, extent.starts)),
        stopped_ms=spread(_hit(guard, ps, signal.SIGSTOP, extent.starts)),
        memory_mib=memory_mib(guard.front_pid()),
    )


class _Lists:
    """Asks an engine for its containers."""

    def __init__(self, socket: Path) -> None:
        self._connection = PluginConnection(socket)

    def ask(self) -> None:
        self._connection.request("GET", "/v1.41/containers/json")
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 200  # noqa: PLR2004, S101 - OK


class _Asked:
    """Asks a guard as an engine does."""

    def __init__(self, socket: Path) -> None:
        self._connection = PluginConnection(socket)

    def harmless(self) -> None:
        answer = self._connection.post(ASK, _LIST)
        assert answer["Allow"] is True  # noqa: S101 - a measurement of something else

    def stop(self) -> None:
        body = question("POST", f"/v1.41/containers/{_OWNER}/stop")
        answer = self._connection.post(ASK, body)
        assert answer["Allow"] is True  # noqa: S101 - a measurement of something else


def _in_turn(
    engine: GuardedEngine, call: Callable[[], object], times: int, each: int = 1
) -> Paired:
    """Time a call without and with the guard, in turn."""
    taken: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(times):
        for has_guard in (turn % 2 == 0, turn % 2 != 0):
            engine.use_plugins(*(("nstui",) if has_guard else ()))
            # The first one may find connections closed.
            call()
            taken[has_guard] += [_timed(call) for _ in range(each)]
    return Paired(spread(taken[False]), spread(taken[True]))


def _while_busy(
    guard: GuardProgram, asked: _Asked, many: ThreadPoolExecutor, extent: Extent
) -> Spread:
    """Time harmless questions while removals wait."""
    waiting = [
        many.submit(guard.ask, "DELETE", f"/v1.41/containers/nobody{number}")
        for number in range(extent.removals)
    ]
    taken = []
    while not all(one.done() for one in waiting):
        taken.append(_timed(asked.harmless))
    return spread(taken)


def _with_tickets(
    engine: GuardedEngine, guard: GuardProgram, asked: _Asked, times: int
) -> Iterator[float]:
    ticket = {
        "container": str(engine.inspect(_OWNER, "Id")),
        "name": _OWNER,
        "changes": ["stop"],
        "expires": time.time() + LIMIT_S,
    }
    for _ in range(times):
        guard.control({"do": "ticket", "ticket": ticket})
        yield _timed(asked.stop)


def _hit(
    guard: GuardProgram, command: Sequence[str], number: int, times: int
) -> Iterator[float | None]:
    """Time a command that runs when the front gets a signal; None if it fails."""
    for _ in range(times):
        front = guard.front_pid()
        began = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            os.kill(front, number)
            code = process.wait(LIMIT_S)
        yield None if code else (time.monotonic() - began) * _MS
        wait_until(partial(_is_replaced, guard, front))


def _is_replaced(guard: GuardProgram, front: int) -> bool:
    return guard.front_pid() not in {0, front}


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, capture_output=True, check=False, timeout=LIMIT_S)


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * _MS
