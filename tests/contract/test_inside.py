"""What is inside a network, and what those in it use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.model.container import ContainerId
from nstui.model.network import Interfaces, Routes, Usage
from nstui.model.snapshot import ReadProblem
from tests.contract.look import look_at, run

if TYPE_CHECKING:
    from nstui.model.network import Interface, Interior
    from tests.contract.host import ContractHost

NOBODYS = ContainerId("0" * 64)


def pid_of(host: ContractHost, name: str) -> int:
    """Return the first process of a container that runs."""
    pid = look_at(host).containers[name].pid
    assert pid is not None
    return pid


def interfaces(inside: Interior) -> dict[str, Interface]:
    """Return those of a network that can be read."""
    assert isinstance(inside.interfaces, Interfaces)
    return {each.name: each for each in inside.interfaces.interfaces}


def test_a_network_from_within(host: ContractHost) -> None:
    own = run(host, Spec("own"))
    dep = run(host, Spec("dep", network="container:own"))
    for container, name in ((own, "own"), (dep, "dep")):
        inside = host.evidence.interior(container, pid_of(host, name))
        found = interfaces(inside)
        assert set(found) == {"lo", "eth0"}
        assert all(each.is_up for each in found.values())
        (loopback,), (address,) = found["lo"].ipv4, found["eth0"].ipv4
        assert (loopback.text, loopback.prefix) == ("127.0.0.1", 8)
        assert address.text.startswith("172.17.0.")
        assert address.prefix == 16
        assert isinstance(inside.routes, Routes)
        (route,) = inside.routes.ipv4
        assert (route.destination, route.interface) == ("0.0.0.0/0", "eth0")
        assert route.gateway == "172.17.0.1"
        assert isinstance(inside.processes, tuple)
        assert {each.containers for each in inside.processes} == {(own,), (dep,)}
        assert not inside.hides_processes


def test_one_that_was_left_behind(host: ContractHost) -> None:
    own = run(host, Spec("own"))
    dep = run(host, Spec("dep", network="container:own"))
    host.engine.stop(own, timeout=0)
    inside = host.evidence.interior(dep, pid_of(host, "dep"))
    assert set(interfaces(inside)) == {"lo"}
    assert inside.routes == Routes((), (), ())
    assert isinstance(inside.processes, tuple)
    assert {each.container for each in inside.processes} == {dep}


def test_what_each_uses(host: ContractHost) -> None:
    own = run(host, Spec("own"))
    dep = run(host, Spec("dep", network="container:own"))
    pids = {own: pid_of(host, "own"), dep: pid_of(host, "dep")}
    before, after = host.evidence.usage(pids), host.evidence.usage(pids)
    assert list(before) == list(after) == [own, dep]
    for container, pid in pids.items():
        then, now = before[container], after[container]
        assert isinstance(then, Usage)
        assert isinstance(now, Usage)
        assert then.taken_s < now.taken_s
        assert 0 <= then.cpu_s <= now.cpu_s
        assert now.memory > 0
        assert not now.is_summed
        processes = host.evidence.processes(container, pid)
        assert isinstance(processes, tuple)
        assert [each.pid for each in processes] == [pid]
        assert processes[0].memory > 0
        assert processes[0].user == "root"


@pytest.mark.parametrize("how", ["ended", "another's", "nobody's"])
def test_a_pid_is_not_believed(host: ContractHost, how: str) -> None:
    own, other = run(host, Spec("own")), run(host, Spec("other"))
    pid, container, problem = pid_of(host, "own"), own, ReadProblem.NOT_THE_CONTAINER
    if how == "ended":
        host.engine.stop(own, timeout=0)
        problem = ReadProblem.VANISHED
    else:
        container = other if how == "another's" else NOBODYS
    told = host.evidence
    inside = told.interior(container, pid)
    assert told.usage({container: pid}) == {container: problem}
    assert told.processes(container, pid) is problem
    assert inside.interfaces is problem
    assert inside.processes is problem
