"""Events of a real engine."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from tests.support.busy import PATIENT_S, answered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from nstui.model.container import ContainerEvent
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

NETWORK_WORDS = {"connect", "disconnect"}


class Listener:
    """Collects events in a thread of its own until they end."""

    def __init__(self, events: Iterator[ContainerEvent]) -> None:
        self.seen: list[ContainerEvent] = []
        self._thread = threading.Thread(target=self._listen, args=(events,))

    def start(self) -> Self:
        self._thread.start()
        return self

    def ended_within(self, seconds: float) -> bool:
        """Wait until the events end; tell whether they did."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def actions(self) -> list[str]:
        """The words seen so far, those of networks left out."""
        return [e.action for e in self.seen if e.action not in NETWORK_WORDS]

    @property
    def network_actions(self) -> list[tuple[str, str]]:
        """What networks did to which containers; engines may say it twice."""
        said = [(e.action, e.container) for e in self.seen if e.action in NETWORK_WORDS]
        return list(dict.fromkeys(said))

    def _listen(self, events: Iterator[ContainerEvent]) -> None:
        for event in events:
            self.seen.append(event)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait a while for something that happens in another thread."""
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    engine = DockerEngine(Endpoint(engine_host.url, None), timeout=PATIENT_S)
    yield engine
    engine.close()


@pytest.fixture
def hasty(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield what waits half a second for an answer."""
    engine = DockerEngine(Endpoint(engine_host.url, None), timeout=0.5)
    yield engine
    engine.close()


def test_a_life(engine_host: PrivateEngine, engine: DockerEngine) -> None:
    listener = Listener(engine.events()).start()
    container = engine_host.run("web")
    engine_host.docker("exec", "web", "true")
    engine_host.docker("pause", "web")
    engine_host.docker("unpause", "web")
    engine_host.docker("rename", "web", "page")
    engine_host.docker("update", "--restart=always", "page")
    engine_host.docker("restart", "page")
    engine_host.docker("rm", "--force", "page")
    wait_until(lambda: "destroy" in listener.actions)

    before, after = listener.actions[:6], listener.actions[6:]
    assert before == ["create", "start", "pause", "unpause", "rename", "update"]
    # Engines differ in whether they say first that it died or that it stopped.
    restart = ["kill", "die", "stop", "start", "restart"]
    assert sorted(after) == sorted([*restart, "kill", "die", "destroy"])
    assert after[-1] == "destroy"
    assert {event.container for event in listener.seen} == {container}
    times = [event.time_ns for event in listener.seen]
    assert times == sorted(times)


def test_health_is_a_word_without_its_value(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    listener = Listener(engine.events()).start()
    engine_host.run("sick", "--health-cmd=false", "--health-interval=0.1s")

    wait_until(lambda: "health_status" in listener.actions)


def test_interfaces_come_and_go(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    web = engine_host.run("web")
    engine_host.docker("network", "create", "backend")
    listener = Listener(engine.events()).start()

    engine_host.docker("network", "connect", "backend", "web")
    engine_host.docker("network", "disconnect", "backend", "web")
    engine_host.docker("network", "rm", "backend")
    engine_host.create("last")

    wait_until(lambda: "create" in listener.actions)
    assert listener.network_actions == [("connect", web), ("disconnect", web)]
    assert listener.actions == ["create"]


def test_a_silent_host_stays_silent(
    engine_host: PrivateEngine, hasty: DockerEngine
) -> None:
    """The time limit of calls is not one of events."""
    listener = Listener(answered(hasty.events)).start()

    assert not listener.ended_within(1.2)
    engine_host.create("web")
    wait_until(lambda: listener.actions == ["create"])


def test_from_a_past_moment_on(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    first = Listener(engine.events()).start()
    engine_host.create("one")
    engine_host.create("two")
    wait_until(lambda: len(first.seen) == 2)
    engine_host.create("three")

    again = Listener(engine.events(first.seen[1].time_ns)).start()

    wait_until(lambda: len(again.seen) == 2)
    assert again.seen[0] == first.seen[1]


def test_what_follows_the_call_is_not_missed(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    events = engine.events()
    engine_host.create("web")

    assert next(iter(events)).action == "create"


def test_close_ends_what_waits(engine: DockerEngine) -> None:
    listeners = [Listener(engine.events()).start() for _ in range(2)]
    assert not listeners[0].ended_within(0.2)

    engine.close()

    assert all(listener.ended_within(60) for listener in listeners)


def test_close_ends_what_nobody_reads(engine: DockerEngine) -> None:
    events = engine.events()

    engine.close()

    assert list(events) == []


@pytest.mark.parametrize("accident", ["killed", "frozen"])
def test_the_engine_goes(
    engine_host: PrivateEngine,
    engine: DockerEngine,
    hasty: DockerEngine,
    accident: str,
) -> None:
    listener = Listener(engine.events()).start()
    assert not listener.ended_within(0.2)

    if accident == "killed":
        engine_host.kill_daemon()
        assert listener.ended_within(60)
    else:
        besides = Listener(answered(hasty.events)).start()
        engine_host.pause_daemon()
        assert not besides.ended_within(1.2)
        assert not listener.ended_within(0)
        for each in (engine, hasty):
            each.close()
        assert listener.ended_within(60)
        assert besides.ended_within(60)
