"""What an engine says while something happens."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.model.container import ContainerId
from tests.contract.look import PATIENCE, await_look, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import ContainerEvent
    from nstui.ports import ContainerEngine
    from tests.contract.host import ContractHost

AT_ONCE_S = 5.0
"""Within what even a busy engine tells that there is nothing to tell."""

KEPT = 256
"""How many events of all containers together an engine keeps."""


class Listener:
    """Somebody who listens to an engine from a moment on."""

    def __init__(self, engine: ContainerEngine) -> None:
        self._engine = engine
        self._heard: SimpleQueue[ContainerEvent | None] = SimpleQueue()
        # An event's time may be cut to microseconds.
        self._since = time.time_ns() - 1_000
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        for event in self._engine.events(self._since):
            self._heard.put(event)
        self._heard.put(None)

    def until(self, container: ContainerId, last: str) -> list[str]:
        """Return what happened to a container up to an event."""
        actions: list[str] = []
        while last not in actions:
            try:
                event = self._heard.get(timeout=PATIENCE)
            except Empty:
                pytest.fail(f"no {last} after {actions}")
            assert event is not None, f"the stream ended after {actions}"
            if event.container == container:
                actions.append(event.action)
        return actions

    def ended(self) -> bool:
        """Tell whether the stream comes to its end."""
        self._thread.join(PATIENCE)
        return not self._thread.is_alive()


def essence(actions: list[str]) -> list[str]:
    """Leave out what differs between engines that mean the same.

    Only real ones have networks that tell who comes and goes. A stop sends a signal
    once or twice; 20.10 says ``die`` before ``stop``, 28.5 after.
    """
    kept: list[str] = []
    for action in actions:
        if action in {"stop", "connect", "disconnect"} or kept[-1:] == [action]:
            continue
        kept.append(action)
    return kept


@pytest.fixture
def listener(host: ContractHost) -> Listener:
    return Listener(host.engine)


def test_a_restart(host: ContractHost, listener: Listener) -> None:
    owner = run(host, Spec("own"))
    host.engine.restart(owner, timeout=0)
    heard = listener.until(owner, "restart")
    assert essence(heard) == ["create", "start", "kill", "die", "start", "restart"]
    assert heard.count("stop") == 1


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (
            lambda host, own: host.engine.remove(own, force=True),
            ["kill", "die", "destroy"],
        ),
        (lambda host, own: host.engine.kill(own), ["kill", "die"]),
        (lambda host, own: host.engine.kill(own, signal="WINCH"), ["kill"]),
        (lambda host, _: host.pause("own"), ["pause"]),
        (lambda host, _: host.rename("own", "own-renamed"), ["rename"]),
    ],
    ids=["rm -f", "kill", "signal", "pause", "rename"],
)
def test_an_action(
    host: ContractHost,
    listener: Listener,
    act: Callable[[ContractHost, ContainerId], None],
    expected: list[str],
) -> None:
    owner = run(host, Spec("own"))
    act(host, owner)
    heard = listener.until(owner, expected[-1])
    assert essence(heard) == ["create", "start", *expected]


def test_nothing_is_said_of_dependents_that_live_on(
    host: ContractHost, listener: Listener
) -> None:
    owner = run(host, Spec("own"))
    dependent = run(host, Spec("dep", network="container:own"))
    host.engine.stop(owner, timeout=0)
    host.pause("dep")
    assert listener.until(dependent, "pause") == ["create", "start", "pause"]


def test_the_death_of_a_dependent_is_told(
    host: ContractHost, listener: Listener
) -> None:
    owner = run(host, Spec("own"))
    dependent = run(host, Spec("dep", pid="container:own"))
    host.engine.stop(owner, timeout=0)
    assert essence(listener.until(dependent, "die")) == ["create", "start", "die"]


def test_the_past_can_be_asked_for(host: ContractHost) -> None:
    since = time.time_ns() - 1_000
    owner = run(host, Spec("own"))
    host.engine.kill(owner)
    await_look(host, lambda look: look.state("own") == "exited/137")
    events = host.engine.events(since)
    heard: list[ContainerEvent] = []
    while not heard or heard[-1].action != "die":
        event = next(events)
        if event.container == owner:
            heard.append(event)
    actions = [event.action for event in heard]
    assert essence(actions) == ["create", "start", "kill", "die"]
    times = [event.time_ns for event in heard]
    assert times == sorted(times)
    assert times[0] >= since


def test_a_blocked_stream_ends_when_the_engine_is_closed(
    host: ContractHost, listener: Listener
) -> None:
    owner = run(host, Spec("own"))
    listener.until(owner, "start")
    host.engine.close()
    assert listener.ended()


def past_events(host: ContractHost, *containers: ContainerId) -> list[tuple[str, str]]:
    """Return what happened to containers, and what they were called then."""
    told = ("create", "rename", "destroy")
    return [
        (event.action, event.name)
        for event in host.engine.past_events(containers)
        if event.action in told
    ]


def test_what_a_container_was_called_is_told_after_it_is_gone(
    host: ContractHost,
) -> None:
    owner = run(host, Spec("own", labels=(("name", "label"), ("oldName", "label"))))
    other = run(host, Spec("other"))
    host.rename("own", "own-renamed")
    host.engine.remove(owner, force=True)
    expected = [
        ("create", "own"),
        ("rename", "own-renamed"),
        ("destroy", "own-renamed"),
    ]
    assert past_events(host, owner) == expected
    assert past_events(host, other) == [("create", "other")]
    assert {e.container for e in host.engine.past_events((owner, other))} == {
        owner,
        other,
    }
    assert {e.container for e in host.engine.past_events((owner,))} == {owner}


def test_of_a_container_that_never_was_nothing_is_told(host: ContractHost) -> None:
    run(host, Spec("own"))
    began = time.monotonic()
    assert host.engine.past_events((ContainerId("0" * 64),)) == ()
    assert time.monotonic() - began < AT_ONCE_S


def test_what_has_happened_since_pushes_the_past_out(host: ContractHost) -> None:
    owner = run(host, Spec("own"))
    host.engine.remove(owner, force=True)
    host.create(Spec("one"))
    for number in range(KEPT):
        host.rename(f"one{number}" if number else "one", f"one{number + 1}")
    assert host.engine.past_events((owner,)) == ()
