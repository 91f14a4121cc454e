"""A container's network from within, in sections."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.analysis.tree.members import Traffic
from nstui.model.namespace import NamespacesRead
from nstui.model.network import (
    Address,
    Interface,
    Interfaces,
    Interior,
    Listener,
    NetworkProcess,
    Protocol,
    Route,
    Routes,
    Socket,
    SocketProcess,
)
from nstui.model.snapshot import HostReading, ReadProblem
from nstui.render.network_sections import network_heading, network_sections
from nstui.render.text import Tone, words_of
from tests.support.builders import cid, container, report, snapshot
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.render.layout import Section

OWN = container("own", ports=(80, 99))
DEP = container("dep", joins=cid("own"))
TOGETHER = report(OWN, DEP, net={"own": 7, "dep": 7})
APART = report(OWN, DEP, net={"own": 8, "dep": 7})
LO = Interface(
    name="lo", ipv4=(Address("127.0.0.1", 8),), ipv6=(), is_up=True, received=0, sent=0
)
ETH = Interface(
    name="eth0",
    ipv4=(Address("172.17.0.3", 16),),
    ipv6=(Address("fe80::1", 64),),
    is_up=False,
    received=1_200,
    sent=340,
)
DEFAULT = Route(
    destination="0.0.0.0/0",
    gateway="172.17.0.1",
    is_direct=False,
    interface="eth0",
    metric=0,
)
WEB = Listener(
    Socket(
        protocol=Protocol.TCP, address="0.0.0.0", port=80, inode=1, is_listening=True
    ),
    (SocketProcess(40, "httpd"),),
)
EVERYTHING = Interior(
    interfaces=Interfaces((LO, ETH), ()),
    routes=Routes((DEFAULT,), (), (51820,)),
    listeners=(WEB,),
    owners=MappingProxyType({40: cid("dep")}),
    processes=(),
)
NOTHING = replace(
    EVERYTHING,
    interfaces=Interfaces((LO,), ()),
    routes=Routes((), (), ()),
    listeners=(),
)


def shown(
    of: Report,
    interior: Interior,
    rates: Mapping[str, Traffic] | None = None,
    *,
    through: str = "own",
    width: int = 41,
) -> dict[str, list[str]]:
    """Return the sections as text, by their titles."""
    return written(network_sections(of, cid(through), interior, rates or {}, width))


def written(sections: tuple[Section, ...]) -> dict[str, list[str]]:
    return {
        section.title: [
            f"{entry.label}|{words_of(entry.value)}" for entry in section.rows
        ]
        for section in sections
    }


def test_all_there_is_to_see() -> None:
    assert shown(TOGETHER, EVERYTHING) == {
        "Interfaces": [
            "lo|up  127.0.0.1/8",
            "eth0|down  172.17.0.3/16",
            "|fe80::1/64",
            "|1.2 kB in",
            "|340 bytes out",
        ],
        "Routes": ["|0.0.0.0/0 via 172.17.0.1 on eth0", "|more in table 51820"],
        "Listening": ["0.0.0.0:80/tcp|dep: httpd (40)"],
        "Published ports": [
            "0.0.0.0:80->80/tcp|dep: httpd (40)",
            "0.0.0.0:99->99/tcp|no listener",
        ],
    }


def test_a_network_with_nothing_in_it() -> None:
    assert shown(TOGETHER, NOTHING) == {
        "Interfaces": ["lo|up  127.0.0.1/8"],
        "Routes": ["|none: no default route"],
        "Listening": ["|no listener"],
        "Published ports": [
            "0.0.0.0:80->80/tcp|no listener",
            "0.0.0.0:99->99/tcp|no listener",
        ],
    }


@pytest.mark.parametrize(
    ("rate", "width", "lines"),
    [
        (Traffic(1_000, 0), 63, ["|1.2 kB in  1.0 kB/s", "|340 bytes out  0 bytes/s"]),
        (Traffic(None, None), 63, ["|1.2 kB in", "|340 bytes out"]),
        (Traffic(10, 20), 64, ["|1.2 kB in  10 bytes/s    340 bytes out  20 bytes/s"]),
        (None, 64, ["|1.2 kB in    340 bytes out"]),
    ],
)
def test_what_goes_through_an_interface(
    rate: Traffic | None, width: int, lines: list[str]
) -> None:
    rates = {} if rate is None else {"eth0": rate}
    found = shown(TOGETHER, EVERYTHING, rates, width=width)["Interfaces"]
    assert [line.rstrip() for line in found[3:]] == lines


def test_ports_that_lead_elsewhere_are_not_looked_for_here() -> None:
    assert "Published ports" not in shown(APART, EVERYTHING, through="dep")
    assert "Published ports" in shown(APART, EVERYTHING, through="own")


@pytest.mark.parametrize(
    ("of", "through", "lines"),
    [
        (TOGETHER, "own", ["|own  net:[7]"]),
        (TOGETHER, "dep", ["|own  net:[7]"]),
        (
            APART,
            "dep",
            ["|dep  net:[7]", "|not the network of own, which is in net:[8]"],
        ),
        (report(OWN, DEP), "dep", ["|dep"]),
        (report(container("own", mode="host")), "own", ["|the host's own"]),
    ],
)
def test_the_heading_says_whose_network_it_is(
    of: Report, through: str, lines: list[str]
) -> None:
    assert written((network_heading(of, cid(through)),)) == {"": lines}


def test_who_has_entered_from_outside() -> None:
    found = (
        NetworkProcess(50, f"tcpdump {HOSTILE}", ()),
        NetworkProcess(60, "sh", (cid("alone"),)),
    )
    of = report(OWN, container("alone"), net={"own": 7, "alone": 9})
    interior = replace(NOTHING, processes=found, hides_processes=True)
    assert shown(of, interior)["Processes from outside"] == [
        f"50|tcpdump {HARMLESS}, no container's",
        "60|sh, of alone",
        "|there may be others: seeing them needs root: run nstui with sudo",
    ]


def test_behind_ssh_more_rights_are_got_in_another_way() -> None:
    host = HostReading(NamespacesRead.FINGERPRINT, remedy="connect as root")
    of = Report(replace(snapshot(OWN), host=host))
    interior = replace(NOTHING, routes=DENIED, hides_processes=True)
    found = shown(of, interior)
    assert found["Processes from outside"] == [
        "|there may be others: seeing them needs root: connect as root"
    ]
    assert found["Routes"] == ["|needs root: connect as root"]


def test_nobody_is_looked_for_in_the_network_of_the_host() -> None:
    of = report(container("own", mode="host"))
    entered = shown(of, replace(NOTHING, processes=None))["Processes from outside"]
    assert entered == ["|not looked for: every process of the host is in this network"]


@pytest.mark.parametrize("problem", list(ReadProblem))
def test_what_could_not_be_read_at_all_says_why_once(problem: ReadProblem) -> None:
    unread = replace(
        NOTHING,
        interfaces=problem,
        routes=problem,
        listeners=problem,
        processes=problem,
    )
    (section,) = network_sections(TOGETHER, cid("own"), unread, {}, 41)
    (entry,) = section.rows
    assert entry.value[0].tone is Tone.WARNING
    assert ("root" in entry.value[0].text) is (problem is ReadProblem.DENIED)


DENIED = ReadProblem.DENIED


@pytest.mark.parametrize(
    ("title", "interior"),
    [
        ("Interfaces", replace(EVERYTHING, interfaces=DENIED)),
        ("Routes", replace(EVERYTHING, routes=DENIED)),
        ("Listening", replace(EVERYTHING, listeners=DENIED)),
        ("Processes from outside", replace(EVERYTHING, processes=DENIED)),
    ],
)
def test_a_part_that_could_not_be_read_says_why(title: str, interior: Interior) -> None:
    found = shown(TOGETHER, interior)
    assert found[title] == ["|needs root: run nstui with sudo"]
    assert len(found) >= 4
    if title == "Listening":
        assert found["Published ports"][0].endswith("|who listens is not known")


def test_processes_of_another_machine_say_what_the_whole_look_says() -> None:
    why = "the engine's processes are not this machine's"
    seen = replace(
        snapshot(OWN), host=HostReading(level=NamespacesRead.DECLARED, note=why)
    )
    gone = ReadProblem.VANISHED
    unread = replace(NOTHING, interfaces=gone, routes=gone, listeners=gone)
    assert shown(Report(seen), unread) == {"": [f"|{why}"]}
