"""Several hosts are asked at the same time."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineUnreachable, InternalFault, Unreachable, UsageProblem
from nstui.service.ask_hosts import ask_hosts
from nstui.service.host import Host, open_host
from nstui.service.host_choice import HostChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT_S = 60.0
"""Longer than anything here takes, unless it waits for ever."""


def host(name: str) -> Host:
    world = World()
    world.run(Spec(name))
    return open_host(SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint=name)


def choice(name: str) -> HostChoice:
    return HostChoice(name, partial(host, name))


def failing(name: str, error: Exception) -> HostChoice:
    def connect() -> Host:
        raise error

    return HostChoice(name, connect)


def containers(connected: Host) -> list[str]:
    return [one.name for one in connected.observer.look().snapshot.containers]


def test_the_answers_are_in_the_order_of_the_hosts() -> None:
    first_may_answer = threading.Event()

    def ask(connected: Host) -> str:
        if connected.endpoint == "a":
            # It answers last, whatever the threads do.
            assert first_may_answer.wait(LIMIT_S)
        else:
            first_may_answer.set()
        return connected.endpoint

    assert ask_hosts([choice("a"), choice("b")], ask, LIMIT_S) == ("a", "b")


def test_all_are_asked_at_the_same_time() -> None:
    all_there = threading.Barrier(4)

    def ask(connected: Host) -> str:
        all_there.wait(LIMIT_S)
        return connected.endpoint

    names = ("a", "b", "c", "d")
    assert ask_hosts([choice(name) for name in names], ask, LIMIT_S) == names


def test_one_that_hangs_holds_up_nobody() -> None:
    never = threading.Event()
    answered = threading.Semaphore(0)

    def ask(connected: Host) -> list[str]:
        if connected.endpoint == "hangs":
            never.wait()
        found = containers(connected)
        answered.release()
        return found

    hosts: Sequence[HostChoice] = [choice("a"), choice("hangs"), choice("b")]
    limit_s = 5
    try:
        # A busy machine may need more time for the others.
        while limit_s < LIMIT_S:
            first, hung, last = ask_hosts(hosts, ask, limit_s)
            if not {type(first), type(last)} & {EngineUnreachable}:
                break
            limit_s *= 2
    finally:
        never.set()
    assert (first, last) == (["a"], ["b"])
    assert isinstance(hung, EngineUnreachable)
    assert hung.reason is Unreachable.TIMED_OUT
    assert str(hung) == f"did not answer within {limit_s} s"


def test_what_fails_is_the_answer_of_that_host_alone() -> None:
    unreachable = EngineUnreachable("nobody is there")
    senseless = UsageProblem("no such thing")
    hosts = [
        failing("dead", unreachable),
        choice("a"),
        failing("wrong", senseless),
        failing("broken", ZeroDivisionError("by 0")),
    ]
    dead, well, wrong, broken = ask_hosts(hosts, containers, LIMIT_S)
    assert (dead, well, wrong) == (unreachable, ["a"], senseless)
    assert isinstance(broken, InternalFault)
    assert "ZeroDivisionError: by 0" in str(broken)


class NotingEngine(SimEngine):
    """Notes when it is closed."""

    def __init__(self, name: str, closed: list[str]) -> None:
        super().__init__(World())
        self._name = name
        self._closed = closed

    def close(self) -> None:
        """Note it."""
        super().close()
        self._closed.append(self._name)


def test_no_connection_stays_open() -> None:
    closed: list[str] = []

    def connect(name: str) -> Host:
        engine = NotingEngine(name, closed)
        return open_host(engine, SimHost(World()), MemoryAuditLog(), endpoint=name)

    def ask(connected: Host) -> None:
        if connected.endpoint == "fails":
            raise UsageProblem("no")

    ask_hosts([HostChoice(n, partial(connect, n)) for n in ("a", "fails")], ask)
    assert sorted(closed) == ["a", "fails"]
