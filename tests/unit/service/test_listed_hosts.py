"""The hosts of a list: which is next, which takes another's place, and their order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineUnreachable
from nstui.service.host import open_host
from nstui.service.host_choice import HostChoice
from nstui.service.hosts import ListedHosts, SeveralHosts
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.service.host import Host

PATIENCE_S = 60.0
DOWN = frozenset({"b", "e"})
"""The hosts that cannot be reached."""


class NotingEngine(SimEngine):
    """Notes whether it was closed."""

    is_closed = False

    def close(self) -> None:
        self.is_closed = True
        super().close()


def connect(name: str) -> Host:
    if name in DOWN:
        raise EngineUnreachable("it is down")
    world = World(lambda: NOON)
    world.run(Spec(f"on-{name}"))
    return open_host(
        NotingEngine(world), SimHost(world), MemoryAuditLog(), endpoint=f"sim://{name}"
    )


def choice(name: str) -> HostChoice:
    return HostChoice(name, lambda: connect(name))


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.005)


def is_known(hosts: ListedHosts, name: str) -> bool:
    summary = hosts.by_name[name].summary
    return bool(summary.problem) if name in DOWN else summary.taken_at is not None


@pytest.fixture
def hosts() -> Iterator[ListedHosts]:
    """Return three hosts, of which the second cannot be reached."""
    found = ListedHosts(SeveralHosts(tuple(map(choice, "abc"))), lambda: None)
    found.start()
    until(lambda: all(is_known(found, name) for name in "abc"))
    yield found
    found.stop()


@pytest.mark.parametrize(
    ("start", "by", "found"),
    [("a", 1, "c"), ("c", 1, "a"), ("a", -1, "c"), ("c", -1, "a"), ("b", -1, "a")],
)
def test_the_next_one_is_connected(
    hosts: ListedHosts, start: str, by: int, found: str
) -> None:
    one = hosts.next_connected(start, by)
    assert one is not None
    assert one.name == found


def test_none_is_next_where_no_other_is_connected() -> None:
    alone = ListedHosts(SeveralHosts((choice("b"), choice("e"))), lambda: None)
    assert alone.next_connected("b", 1) is None


def test_one_that_is_held_keeps_its_place(hosts: ListedHosts) -> None:
    assert [one.name for one in hosts.arrange(None)] == ["b", "a", "c"]
    hosts.add(hosts.prepare(choice("e")))
    until(lambda: is_known(hosts, "e"))
    assert [one.name for one in hosts.arrange("a")] == ["b", "a", "e", "c"]
    after = hosts.next_connected("a", 1)
    assert after is hosts.by_name["c"]


def test_one_that_is_added_is_the_last_one_and_watched(hosts: ListedHosts) -> None:
    hosts.add(hosts.prepare(choice("d"), connect("d")))
    until(lambda: is_known(hosts, "d"))
    one = hosts.next_connected("a", -1)
    assert one is hosts.by_name["d"]


def test_one_with_the_name_of_another_takes_its_place(hosts: ListedHosts) -> None:
    before = hosts.by_name["c"]
    assert before.host is not None
    hosts.add(hosts.prepare(choice("c"), connect("c")))
    assert hosts.by_name["c"] is not before
    assert [*hosts.by_name] == ["a", "b", "c"]
    engine = before.host.engine
    assert isinstance(engine, NotingEngine)
    until(lambda: engine.is_closed)
