"""A container's network from within, in words."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.model.network import (
    Address,
    Interface,
    Interfaces,
    Interior,
    Listener,
    Protocol,
    Route,
    Routes,
    Socket,
    SocketProcess,
)
from nstui.model.snapshot import ReadProblem
from nstui.render.network_sections import (
    ENGINE_DNS,
    NEEDS_ROOT,
    NO_PROCESS,
    network_lines,
)
from tests.support.builders import ENGINE, cid, container, report, snapshot
from tests.unit.render.paper import HARMLESS, HOSTILE, lines_under

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import EngineInfo

OWN = container("own", ports=(80, 99))
DEP = container("dep", joins=cid("own"))
REPORT = report(OWN, DEP)
WEB = SocketProcess(40, "httpd")


def socket(
    port: int, address: str = "0.0.0.0", protocol: Protocol = Protocol.TCP
) -> Socket:
    """Return a socket that waits for anybody."""
    return Socket(
        protocol=protocol, address=address, port=port, inode=1, is_listening=True
    )


def interior(
    *waiting: Listener,
    owners: dict[int, ContainerId] | None = None,
    interfaces: tuple[Interface, ...] = (),
    unplaced: tuple[Address, ...] = (),
    routes: tuple[Route, ...] = (),
) -> Interior:
    """Return a network of which everything could be read."""
    return Interior(
        interfaces=Interfaces(interfaces, unplaced),
        routes=Routes(routes, (), (51820,) if routes else ()),
        listeners=waiting,
        owners=MappingProxyType(owners or {}),
    )


def told(title: str, of: Interior) -> list[str]:
    """Return what is printed of one part of the owner's network."""
    return lines_under(title, network_lines(REPORT, cid("own"), of))


def test_interfaces_and_the_way_out() -> None:
    eth0 = Interface(
        name="eth0",
        ipv4=(Address("172.17.0.3", 16),),
        ipv6=(Address("fe80::1", 64),),
        is_up=True,
        received=1_200,
        sent=0,
    )
    lo = Interface(name="lo", ipv4=(), ipv6=(), is_up=None, received=0, sent=0)
    way = Route(
        destination="0.0.0.0/0",
        gateway="172.17.0.1",
        is_direct=False,
        interface="eth0",
        metric=0,
    )
    of = interior(
        interfaces=(lo, eth0), unplaced=(Address("10.0.0.1", None),), routes=(way,)
    )
    assert told("interfaces", of) == [
        "lo    state unknown  no address  0 bytes in, 0 bytes out",
        "eth0  up  172.17.0.3/16, fe80::1/64  1.2 kB in, 0 bytes out",
        "on one of them: 10.0.0.1",
    ]
    assert told("routes", of) == [
        "0.0.0.0/0 via 172.17.0.1 on eth0",
        "more in table 51820",
    ]


def test_what_is_inferred_is_not_told_as_certain() -> None:
    address = Address("10.0.0.5", 24, is_inferred=True)
    eth0 = Interface(
        name="eth0", ipv4=(address,), ipv6=(), is_up=False, received=0, sent=0
    )
    (line,) = told("interfaces", interior(interfaces=(eth0,)))
    assert line == "eth0  down  10.0.0.5/24 (likely)  0 bytes in, 0 bytes out"


@pytest.mark.parametrize(
    ("gateway", "is_direct", "words"),
    [
        (None, True, "::/0 on tun0"),
        (None, False, "::/0 via a gateway that is not told on tun0"),
        ("fe80::1", False, "::/0 via fe80::1 on tun0"),
    ],
)
def test_how_a_route_leads_out(
    gateway: str | None, words: str, *, is_direct: bool
) -> None:
    route = Route(
        destination="::/0",
        gateway=gateway,
        is_direct=is_direct,
        interface="tun0",
        metric=1,
    )
    assert told("routes", interior(routes=(route,)))[0] == words


def test_no_way_out_is_said() -> None:
    assert told("routes", interior()) == ["none: no default route"]


def test_who_listens() -> None:
    of = interior(
        Listener(socket(80, "::", Protocol.TCP6), (WEB, SocketProcess(41, "httpd"))),
        Listener(socket(53, protocol=Protocol.UDP), (SocketProcess(50, "dns"),)),
        Listener(socket(22), ()),
        Listener(socket(23), None),
        owners={40: cid("dep")},
    )
    assert told("listening", of) == [
        "0.0.0.0:22/tcp  no process in it",
        "0.0.0.0:23/tcp  which process needs root",
        "0.0.0.0:53/udp  no container: dns (50)",
        "[::]:80/tcp  dep: httpd (40) and 1 more",
    ]
    assert told("listening", interior()) == ["no listener"]


def test_listeners_are_in_the_order_of_their_ports() -> None:
    of = interior(
        *(Listener(socket(port), (WEB,)) for port in (8080, 80)),
        Listener(socket(443, protocol=Protocol.UDP), (WEB,)),
        Listener(socket(443, "::", Protocol.TCP6), (WEB,)),
        Listener(socket(443), (WEB,)),
    )
    assert [line.partition("  ")[0] for line in told("listening", of)] == [
        "0.0.0.0:80/tcp",
        "0.0.0.0:443/tcp",
        "[::]:443/tcp",
        "0.0.0.0:443/udp",
        "0.0.0.0:8080/tcp",
    ]


DNS = socket(46669, "127.0.0.11")
PODMAN = replace(ENGINE, name="Podman")


@pytest.mark.parametrize(
    ("waiting", "engine", "mode", "who"),
    [
        pytest.param(Listener(DNS, ()), ENGINE, "media", ENGINE_DNS, id="docker"),
        pytest.param(Listener(DNS, ()), PODMAN, "media", NO_PROCESS, id="podman"),
        pytest.param(Listener(DNS, ()), ENGINE, "host", NO_PROCESS, id="the host's"),
        pytest.param(
            Listener(DNS, (WEB,)),
            ENGINE,
            "media",
            "no container: httpd (40)",
            id="a process has it",
        ),
        pytest.param(
            Listener(DNS, None), ENGINE, "media", NEEDS_ROOT, id="nobody may look"
        ),
        pytest.param(
            Listener(socket(53, "127.0.0.1"), ()),
            ENGINE,
            "media",
            NO_PROCESS,
            id="another address",
        ),
    ],
)
def test_the_engines_name_server_is_named(
    waiting: Listener, engine: EngineInfo, mode: str, who: str
) -> None:
    seen = replace(snapshot(container("own", mode=mode)), engine=engine)
    lines = network_lines(Report(seen), cid("own"), interior(waiting))
    (line,) = lines_under("listening", lines)
    assert line.partition("  ")[2] == who


@pytest.mark.parametrize(
    ("waiting", "who"),
    [
        (socket(80), "dep: httpd (40)"),
        (socket(80, "::", Protocol.TCP6), "dep: httpd (40)"),
        (socket(80, "127.0.0.1"), "no listener"),
        (socket(80, protocol=Protocol.UDP), "no listener"),
        (socket(81), "no listener"),
    ],
)
def test_published_ports_and_who_serves_them(waiting: Socket, who: str) -> None:
    of = interior(Listener(waiting, (WEB,)), owners={40: cid("dep")})
    lines = told("published", of)
    assert [line.partition("  ")[2] for line in lines] == [who, "no listener"]


@pytest.mark.parametrize("problem", list(ReadProblem))
def test_what_could_not_be_read_says_why(problem: ReadProblem) -> None:
    of = Interior(
        interfaces=problem,
        routes=problem,
        listeners=problem,
        owners=MappingProxyType({}),
    )
    (interfaces,), (waiting,) = told("interfaces", of), told("listening", of)
    (routes,) = told("routes", of)
    assert interfaces == waiting == routes
    assert ("root" in waiting) is (problem is ReadProblem.DENIED)
    assert told("published", of) == [
        "0.0.0.0:80->80/tcp  who listens is not known",
        "0.0.0.0:99->99/tcp  who listens is not known",
    ]


def test_a_hostile_command_does_nothing_to_the_terminal() -> None:
    of = interior(Listener(socket(80), (SocketProcess(40, HOSTILE),)))
    (line,) = told("listening", of)
    assert line.isprintable()
    assert HARMLESS in line
