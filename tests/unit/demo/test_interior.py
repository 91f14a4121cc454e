"""What a simulated host tells of a network from within."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.tree.members import traffic
from nstui.demo.containers import Spec
from nstui.demo.faults import add_foreign_process
from nstui.model.container import PublishedPort
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.network import Interfaces, NetworkProcess, Routes
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from nstui.demo.host import SimHost
    from nstui.demo.kernel import SimClock
    from nstui.demo.world import World
    from nstui.model.network import Interior, Listener

NET = NamespaceKind.NET
WEB = Spec("own", "web:1", ports=(PublishedPort(80, "tcp", "0.0.0.0", 8080),))
DEP = Spec("dep", "redis:8", network="container:own")


def inside(world: World, host: SimHost, name: str) -> Interior:
    """Return the network of a container that runs."""
    record = world.records.get(name)
    assert record.pid is not None
    return host.interior(record.id, record.pid)


def interfaces(world: World, host: SimHost, name: str) -> Interfaces:
    """Return its interfaces, which can be read."""
    found = inside(world, host, name).interfaces
    assert isinstance(found, Interfaces)
    return found


def listeners(world: World, host: SimHost, name: str) -> dict[int, Listener]:
    """Return who listens there, by the port."""
    found = inside(world, host, name).listeners
    assert isinstance(found, tuple)
    return {each.socket.port: each for each in found}


def test_all_in_a_network_see_the_same(world: World, host: SimHost) -> None:
    world.run(WEB)
    world.run(DEP)
    assert inside(world, host, "own") == inside(world, host, "dep")


def test_who_is_not_known_serves_what_is_published(world: World, host: SimHost) -> None:
    world.run(WEB)
    world.run(DEP)
    found = listeners(world, host, "own")
    names = {
        port: [h.command for h in one.processes or ()] for port, one in found.items()
    }
    assert names == {80: ["web"], 6379: ["redis-server"]}


def test_a_way_out_is_the_owners(world: World, host: SimHost) -> None:
    world.run(Spec("own", network="some_net"))
    (lo, eth0) = interfaces(world, host, "own").interfaces
    (address,) = eth0.ipv4
    routes = inside(world, host, "own").routes
    assert isinstance(routes, Routes)
    (route,) = routes.ipv4
    assert str(lo.ipv4[0].text) == "127.0.0.1"
    assert route.gateway is not None
    assert address.text.startswith(route.gateway.rpartition(".")[0])
    assert (route.destination, route.interface) == ("0.0.0.0/0", "eth0")


def test_who_was_left_behind_has_no_way_out(world: World, host: SimHost) -> None:
    world.run(WEB)
    world.run(DEP)
    world.restart("own")
    assert [one.name for one in interfaces(world, host, "dep").interfaces] == ["lo"]
    assert inside(world, host, "dep").routes == Routes((), (), ())
    assert 80 not in listeners(world, host, "dep")


def test_traffic_goes_on_with_the_clock(
    world: World, host: SimHost, clock: SimClock
) -> None:
    world.run(Spec("own", devices=("tun0",)))
    before = inside(world, host, "own")
    clock.advance(timedelta(seconds=2))
    after = inside(world, host, "own")
    assert isinstance(before.interfaces, Interfaces)
    assert isinstance(after.interfaces, Interfaces)
    seconds = after.taken_s - before.taken_s
    assert seconds == pytest.approx(2)
    rates = traffic(before.interfaces, after.interfaces, seconds)
    assert set(rates) == {"lo", "eth0", "tun0"}
    for each in rates.values():
        assert each.received is not None
        assert each.received > 0
        assert each.sent is not None
        assert each.sent > 0


def test_who_holds_a_socket_needs_root(world: World, host: SimHost) -> None:
    world.run(WEB)
    host.level = NamespacesRead.FINGERPRINT
    assert listeners(world, host, "own")[80].processes is None
    assert inside(world, host, "own").owners == {}


def test_a_visitor_is_in_it_and_no_containers(world: World, host: SimHost) -> None:
    own = world.run(WEB)
    add_foreign_process(world, "own", "tcpdump -i eth0")
    found = inside(world, host, "own").processes
    assert isinstance(found, tuple)
    first = world.records.get("own").pid
    assert found[0] == NetworkProcess(first or 0, "web", (own,))
    assert (found[1].command, found[1].container) == ("tcpdump -i eth0", None)


def test_a_visitor_keeps_the_network_of_one_that_has_gone(
    world: World, host: SimHost
) -> None:
    world.run(WEB)
    network = world.records.get("own").namespaces[NET].value
    add_foreign_process(world, "own", "/usr/bin/tcpdump -i eth0")
    world.remove("own", force=True)
    holders = host.holders([NET]).processes.holders
    assert holders is not None
    (kept,) = (each for each in holders if each.namespace == network)
    assert (kept.count, kept.command) == (1, "tcpdump")
    world.run(Spec("other"))
    assert world.records.get("other").namespaces[NET].value != network


def test_the_hosts_network_is_not_searched(world: World, host: SimHost) -> None:
    world.run(Spec("own", network="host"))
    found = inside(world, host, "own")
    assert found.processes is None
    assert [one.name for one in interfaces(world, host, "own").interfaces] == [
        "lo",
        "eth0",
        "docker0",
    ]


def test_what_cannot_be_read_is_not_empty(world: World, host: SimHost) -> None:
    world.run(WEB)
    host.level = NamespacesRead.DECLARED
    found = inside(world, host, "own")
    assert found.processes is ReadProblem.NOT_THE_CONTAINER
    assert found.interfaces is ReadProblem.NOT_THE_CONTAINER
