"""What is read of the inside of a real container's network."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from nstui.model.network import Address, Interfaces, Routes, SocketProcess
from nstui.model.snapshot import ReadProblem
from nstui.procfs.host import PROC
from nstui.procfs.network import read_interfaces, read_routes
from nstui.procfs.sockets import listeners, read_held_sockets, read_namespace_sockets
from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from nstui.model.network import Listener
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PATIENCE = 60.0


def listeners_of(*pids: int) -> tuple[Listener, ...]:
    """Return the listeners of a network that some processes share."""
    held = []
    for pid in pids:
        with machine_at(PROC).process(pid) as process:
            sockets = read_namespace_sockets(process)
            held.append(read_held_sockets(process, pid))
    assert not isinstance(sockets, ReadProblem)
    return listeners(sockets, held)


def test_the_network_is_what_the_engine_says(engine_host: PrivateEngine) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    said = engine_host.inspect("own", "NetworkSettings", "Networks", "bridge")
    assert isinstance(said, dict)

    for name in ("own", "dep"):
        with machine_at(PROC).process(engine_host.pid_of(name)) as process:
            interfaces = read_interfaces(process)
            routes = read_routes(process)

        assert isinstance(interfaces, Interfaces)
        assert interfaces.unplaced == ()
        by_name = {each.name: each for each in interfaces.interfaces}
        assert set(by_name) == {"lo", "eth0"}
        assert all(each.is_up for each in interfaces.interfaces)
        assert by_name["lo"].ipv4 == (Address("127.0.0.1", 8),)
        own = Address(said["IPAddress"], said["IPPrefixLen"])
        assert by_name["eth0"].ipv4 == (own,)
        assert isinstance(routes, Routes)
        (route,) = routes.ipv4
        assert (route.gateway, route.interface) == (said["Gateway"], "eth0")


def test_a_listener_is_the_dependents_that_serves(engine_host: PrivateEngine) -> None:
    engine_host.run("own")
    serve = ("nc", "-l", "-p", "8080")
    engine_host.run("dep", "--network=container:own", command=serve)
    own, dep = (engine_host.pid_of(name) for name in ("own", "dep"))

    end = time.monotonic() + PATIENCE
    while not (found := listeners_of(own, dep)):
        assert time.monotonic() < end, "nobody listens"
        time.sleep(0.05)

    assert [(each.socket.port, each.processes) for each in found] == [
        (8080, (SocketProcess(dep, "nc"),))
    ]
    assert [each.processes for each in listeners_of(own)] == [()]
