"""Which processes have entered a network from outside."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from nstui.analysis.checks import find_outsiders
from nstui.model.network import Interior, NetworkProcess
from nstui.model.snapshot import ReadProblem
from tests.support.builders import cid, container, report

OWN = container("own")
DEP = container("dep", joins=cid("own"))
OTHER = container("other")
HOST = container("host", mode="host")
TOGETHER = {"own": 1, "dep": 1, "other": 2, "host": 9}


def interior(
    *processes: NetworkProcess,
    problem: ReadProblem | None = None,
    is_host: bool = False,
) -> Interior:
    """Return a network with these processes in it, or why they are not known."""
    return Interior(
        interfaces=ReadProblem.DENIED,
        routes=ReadProblem.DENIED,
        listeners=ReadProblem.DENIED,
        owners=MappingProxyType({}),
        processes=None if is_host else problem or processes,
    )


MEMBER = NetworkProcess(10, "nginx", (cid("own"),))
DEPENDENT = NetworkProcess(11, "app", (cid("dep"),))
DEBUGGER = NetworkProcess(12, "tcpdump", ())
VISITING = NetworkProcess(13, "nsenter", (cid("other"),))
UNKNOWN = NetworkProcess(14, "sh", (cid("unknown"),))


@pytest.mark.parametrize("of", ["own", "dep"])
def test_members_are_not_among_them(of: str) -> None:
    told = report(OWN, DEP, OTHER, net=TOGETHER)
    inside = interior(MEMBER, DEPENDENT, DEBUGGER, VISITING, UNKNOWN)
    assert find_outsiders(told, cid(of), inside) == (DEBUGGER, VISITING, UNKNOWN)


def test_whoever_the_kernel_shows_there_is_a_member() -> None:
    told = report(OWN, OTHER, net={"own": 1, "other": 1})
    assert find_outsiders(told, cid("own"), interior(MEMBER, VISITING)) == ()


def test_a_dependent_that_was_left_behind_is_none_of_its_owners() -> None:
    told = report(OWN, DEP, net={"own": 2, "dep": 1})
    inside = interior(DEPENDENT, MEMBER)
    assert find_outsiders(told, cid("dep"), inside) == (MEMBER,)


def test_where_no_namespace_could_be_read_those_that_should_be_are_members() -> None:
    told = report(OWN, DEP, OTHER)
    inside = interior(MEMBER, DEPENDENT, DEBUGGER, VISITING)
    assert find_outsiders(told, cid("own"), inside) == (DEBUGGER, VISITING)
    assert find_outsiders(told, cid("other"), interior(VISITING, MEMBER)) == (MEMBER,)


def test_nobody_is_an_outsider_in_the_network_of_the_host() -> None:
    # The engine's host need not be the machine: the shims of all containers are in it.
    guest = container("guest", joins=cid("host"))
    shim = NetworkProcess(17, "containerd-shim-runc-v2", ())
    for net in (None, {"host": 9, "guest": 9}):
        told = report(HOST, guest, net=net)
        for name in ("host", "guest"):
            assert find_outsiders(told, cid(name), interior(shim)) is None


def test_a_container_within_one_of_them_is_none() -> None:
    told = report(OWN, net=TOGETHER)
    nested = NetworkProcess(15, "dockerd", (cid("own"), cid("inner")))
    seen_by_the_inner_engine = NetworkProcess(16, "sh", (cid("outer"), cid("own")))
    inside = interior(nested, seen_by_the_inner_engine)
    assert find_outsiders(told, cid("own"), inside) == ()
    assert nested.container == cid("inner")


@pytest.mark.parametrize("problem", list(ReadProblem))
def test_what_could_not_be_read_is_not_nobody(problem: ReadProblem) -> None:
    told = report(OWN, net=TOGETHER)
    assert find_outsiders(told, cid("own"), interior(problem=problem)) is problem


def test_in_the_hosts_network_nobody_is_one() -> None:
    told = report(OWN, HOST, net=TOGETHER)
    assert find_outsiders(told, cid("host"), interior(DEBUGGER)) is None
    assert find_outsiders(told, cid("own"), interior(is_host=True)) is None
