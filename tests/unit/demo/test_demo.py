"""Tests of the world that the demo shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.demo.engine import SimEngine
from nstui.demo.home import demo_world
from nstui.demo.host import SimHost
from nstui.model.container import ContainerState, Health
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.demo.world import World
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import HostReading, ProcessReading

NOW = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def world() -> World:
    return demo_world(lambda: NOW)


@pytest.fixture
def containers(world: World) -> Mapping[str, Container]:
    return {container.name: container for container in SimEngine(world).containers()}


def read(world: World) -> HostReading:
    pids: dict[ContainerId, int] = {
        each.id: each.pid
        for each in SimEngine(world).containers()
        if each.pid is not None
    }
    return SimHost(world).read(pids)


@pytest.fixture
def processes(
    world: World, containers: Mapping[str, Container]
) -> Mapping[str, ProcessReading]:
    found = read(world).processes
    return {
        name: found[container.id]
        for name, container in containers.items()
        if container.id in found
    }


def test_it_is_the_same_each_time() -> None:
    first, second = (demo_world(lambda: NOW) for _ in range(2))
    assert SimEngine(first).containers() == SimEngine(second).containers()
    assert dict(read(first).processes) == dict(read(second).processes)


def test_only_its_times_depend_on_now() -> None:
    first, second = demo_world(lambda: NOW), demo_world(lambda: TOMORROW)
    then, later = SimEngine(first).containers(), SimEngine(second).containers()
    assert [(each.id, each.pid, each.status) for each in then] == [
        (each.id, each.pid, each.status) for each in later
    ]
    assert [each.created_at for each in then] != [each.created_at for each in later]


def test_nothing_happens_in_the_future(containers: Mapping[str, Container]) -> None:
    for container in containers.values():
        assert container.created_at is not None
        assert container.created_at < NOW
        assert container.inspection is not None


@pytest.mark.parametrize(
    ("owner", "members"),
    [
        ("vpn", {"qbittorrent", "prowlarr", "sonarr", "qbit-exporter"}),
        ("ts-paperless", {"paperless"}),
        ("pod-infra", {"app", "log-shipper"}),
        ("wg-home", set()),
    ],
)
def test_groups(
    processes: Mapping[str, ProcessReading], owner: str, members: set[str]
) -> None:
    network = processes[owner].namespaces[NamespaceKind.NET]
    inside = {
        name
        for name, process in processes.items()
        if process.namespaces[NamespaceKind.NET] == network
    }
    assert inside == {owner, *members}
    assert "eth0" in (processes[owner].interfaces or ())


@pytest.mark.parametrize("kind", [NamespaceKind.PID, NamespaceKind.IPC])
def test_a_pod_shares_more(
    processes: Mapping[str, ProcessReading], kind: NamespaceKind
) -> None:
    pod = {processes[name].namespaces[kind] for name in ("pod-infra", "app")}
    assert len(pod) == 1


def test_a_stale_join(
    containers: Mapping[str, Container], processes: Mapping[str, ProcessReading]
) -> None:
    assert containers["pihole"].joins[0].reference == containers["wg-home"].id
    assert processes["pihole"].interfaces == ("lo",)
    assert containers["pihole"].status == "Up 9 days"
    assert containers["wg-home"].status == "Up 7 hours"


def test_an_orphan(
    containers: Mapping[str, Container], processes: Mapping[str, ProcessReading]
) -> None:
    assert "nordvpn-old" not in containers
    reference = containers["soulseek"].joins[0].reference
    assert reference not in {container.id for container in containers.values()}
    assert processes["soulseek"].interfaces == ("lo",)


def test_a_dependent_of_a_dependent(containers: Mapping[str, Container]) -> None:
    joined = containers["qbit-exporter"].joins[0].reference
    assert joined == containers["qbittorrent"].id


@pytest.mark.parametrize(
    ("name", "state", "health"),
    [
        ("postgres", ContainerState.RUNNING, Health.HEALTHY),
        ("vaultwarden", ContainerState.RUNNING, Health.UNHEALTHY),
        ("backup-nightly", ContainerState.EXITED, None),
        ("alloy", ContainerState.RESTARTING, None),
    ],
)
def test_states(
    containers: Mapping[str, Container],
    name: str,
    state: ContainerState,
    health: Health | None,
) -> None:
    container = containers[name]
    assert (container.state, container.health) == (state, health)


def test_what_is_done_to_it_has_its_effect(world: World) -> None:
    world.restart("vpn")
    vpn, sonarr = (world.records.get(name) for name in ("vpn", "sonarr"))
    assert sonarr.namespaces[NamespaceKind.NET].interfaces == ("lo",)
    world.restart("sonarr")
    kind = NamespaceKind.NET
    assert sonarr.namespaces[kind] is vpn.namespaces[kind]
