"""What the adapter asks of a real engine, and what it knows already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from nstui.engine.client import MAX_PARALLEL_INSPECTS
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.container import Container, ContainerId, ContainerState
from tests.support.servers import Relay, UnixServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


@dataclass
class Watched:
    """An adapter whose requests are counted."""

    host: PrivateEngine
    server: UnixServer
    relay: Relay
    engine: DockerEngine

    def look(self) -> dict[str, Container]:
        """List what there is, and begin to count anew."""
        self.relay.requests.clear()
        return {container.name: container for container in self.engine.containers()}

    @property
    def inspects(self) -> int:
        """How many inspects the last look took."""
        return sum(request.endswith("/json") for request in self.relay.requests)


@pytest.fixture
def watched(engine_host: PrivateEngine, tmp_path: Path) -> Iterator[Watched]:
    """Yield an adapter that reaches a real engine through a relay."""
    relay = Relay(engine_host.socket)
    with UnixServer(tmp_path / "d.sock", relay) as server:
        engine = DockerEngine(Endpoint(server.url, None))
        yield Watched(engine_host, server, relay, engine)
        engine.close()


def test_a_quiet_host_costs_one_request(watched: Watched) -> None:
    for number in range(3):
        watched.host.create(f"web-{number}")

    first = watched.look()
    assert watched.relay.count("GET /version") == 1
    assert watched.inspects == 3
    second = watched.look()

    assert len(watched.relay.requests) == 1
    assert "/containers/json?" in watched.relay.requests[0]
    assert list(first) == list(second)
    assert [one.inspection for one in first.values()] == [
        one.inspection for one in second.values()
    ]


def test_only_what_changed_is_inspected(watched: Watched) -> None:
    watched.host.run("still")
    watched.host.run("moving")
    watched.look()

    for change in (
        ("pause", "moving"),
        ("unpause", "moving"),
        ("stop", "moving"),
        ("start", "moving"),
        ("rename", "moving", "moved"),
    ):
        watched.host.docker(*change)
        found = watched.look()
        assert watched.inspects == 1, change
    assert set(found) == {"still", "moved"}


def test_a_restart_that_nobody_told_of(watched: Watched) -> None:
    watched.host.run("owner")
    before = watched.look()["owner"].pid
    watched.host.docker("restart", "owner")

    assert watched.look()["owner"].pid == watched.host.pid_of("owner") != before


def test_forgetting(watched: Watched) -> None:
    web = ContainerId(watched.host.run("web"))
    watched.host.run("dependent", "--net=container:web")
    watched.look()

    watched.engine.forget([web])
    watched.look()
    assert watched.inspects == 1
    watched.engine.forget()
    watched.look()
    assert watched.inspects == 2


def test_the_restart_of_a_dependent_shows_after_forgetting_it(
    watched: Watched,
) -> None:
    watched.host.run("owner")
    dependent = ContainerId(watched.host.run("dependent", "--net=container:owner"))
    before = watched.look()["dependent"].pid
    watched.host.docker("restart", "dependent")

    watched.engine.forget([dependent])

    after = watched.look()["dependent"].pid
    assert after == watched.host.pid_of("dependent") != before


def test_who_vanishes_between_list_and_inspect_is_left_out(watched: Watched) -> None:
    watched.host.create("stays")
    goes = watched.host.create("goes")

    def before(request: str) -> None:
        if f"/containers/{goes}/json" in request:
            watched.host.docker("rm", "--force", "goes")

    watched.relay.before = before

    assert set(watched.look()) == {"stays"}


def test_who_stops_between_list_and_inspect_has_stopped(watched: Watched) -> None:
    watched.host.run("owner")
    dependent = watched.host.run("dependent", "--net=container:owner")

    def before(request: str) -> None:
        if f"/containers/{dependent}/json" in request and not stopped:
            stopped.append(request)
            watched.host.docker("stop", "dependent")

    stopped: list[str] = []
    watched.relay.before = before

    found = watched.look()["dependent"]
    assert (found.state, found.pid) == (ContainerState.EXITED, None)
    # The list said that it ran, so this must not be remembered for when it runs.
    watched.host.docker("start", "dependent")
    again = watched.look()["dependent"]
    assert (again.state, again.pid) == (
        ContainerState.RUNNING,
        watched.host.pid_of("dependent"),
    )


def test_no_more_connections_than_at_once_serve_all_requests(watched: Watched) -> None:
    for number in range(2 * MAX_PARALLEL_INSPECTS):
        watched.host.create(f"web-{number}")

    watched.look()

    assert watched.server.connections == MAX_PARALLEL_INSPECTS


def test_two_connections_are_kept_for_the_next_look(watched: Watched) -> None:
    for number in range(2):
        watched.host.create(f"web-{number}")

    for _ in range(3):
        watched.look()
        watched.engine.forget()

    assert watched.server.connections == 2
