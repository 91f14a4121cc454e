"""A container's network from within, as JSON."""

from __future__ import annotations

from types import MappingProxyType

from nstui.analysis.explain import make_explanation
from nstui.analysis.tree.members import members_of
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
    Usage,
)
from nstui.model.snapshot import ReadProblem
from nstui.render.explain_document import inside_document, member_document
from tests.support.builders import cid, container, report

OWN = container("own", ports=(80, 99))
DEP = container("dep", joins=cid("own"), health="healthy")
REPORT = report(OWN, DEP, net={"own": 1, "dep": 1})


def socket(port: int) -> Socket:
    """Return a socket that waits for anybody."""
    return Socket(
        protocol=Protocol.TCP, address="0.0.0.0", port=port, inode=1, is_listening=True
    )


FULL = Interior(
    interfaces=Interfaces(
        (
            Interface(
                name="eth0",
                ipv4=(Address("172.17.0.2", 16, is_inferred=True),),
                ipv6=(),
                is_up=True,
                received=5,
                sent=6,
            ),
        ),
        (Address("10.0.0.1", None),),
    ),
    routes=Routes(
        (
            Route(
                destination="0.0.0.0/0",
                gateway="172.17.0.1",
                is_direct=False,
                interface="eth0",
                metric=0,
            ),
        ),
        (),
        (51820,),
    ),
    listeners=(
        Listener(socket(80), (SocketProcess(40, "httpd"), SocketProcess(41, "httpd"))),
        Listener(socket(22), None),
    ),
    owners=MappingProxyType({40: cid("dep")}),
    processes=(NetworkProcess(40, "httpd", (cid("dep"),)), NetworkProcess(7, "x", ())),
)
HTTPD = [
    {"pid": 40, "command": "httpd", "container": cid("dep")},
    {"pid": 41, "command": "httpd", "container": None},
]


def test_everything_that_was_read() -> None:
    assert inside_document(
        REPORT, make_explanation(REPORT, cid("dep"), None, FULL)
    ) == {
        "interfaces": [
            {
                "name": "eth0",
                "is_up": True,
                "addresses": [
                    {"address": "172.17.0.2", "prefix": 16, "is_inferred": True}
                ],
                "received": 5,
                "sent": 6,
            }
        ],
        "unplaced_addresses": [
            {"address": "10.0.0.1", "prefix": None, "is_inferred": False}
        ],
        "routes": {
            "ipv4": [
                {
                    "destination": "0.0.0.0/0",
                    "gateway": "172.17.0.1",
                    "is_direct": False,
                    "interface": "eth0",
                    "metric": 0,
                }
            ],
            "ipv6": [],
            "other_tables": [51820],
        },
        "listeners": [
            {"protocol": "tcp", "address": "0.0.0.0", "port": 80, "holders": HTTPD},
            {"protocol": "tcp", "address": "0.0.0.0", "port": 22, "holders": None},
        ],
        "published": [
            {
                "host_port": port,
                "host_addresses": ["0.0.0.0"],
                "container_port": port,
                "protocol": "tcp",
                "is_served": bool(holders),
                "holders": holders,
            }
            for port, holders in ((80, HTTPD), (99, []))
        ],
        "outsiders": [{"pid": 7, "command": "x", "container": None}],
        "hides_processes": False,
        "problems": {},
    }


def test_what_could_not_be_read_is_null_and_says_why() -> None:
    nothing = Interior(
        interfaces=ReadProblem.VANISHED,
        routes=ReadProblem.VANISHED,
        listeners=ReadProblem.DENIED,
        owners=MappingProxyType({}),
        processes=ReadProblem.DENIED,
        hides_processes=True,
    )
    found = inside_document(REPORT, make_explanation(REPORT, cid("own"), None, nothing))
    assert found is not None
    assert found["problems"] == {
        "interfaces": "vanished",
        "routes": "vanished",
        "listeners": "denied",
        "outsiders": "denied",
    }
    for name in ("interfaces", "routes", "listeners", "outsiders"):
        assert found[name] is None
    assert found["hides_processes"] is True
    published = found["published"]
    assert isinstance(published, list)
    assert [(each["is_served"], each["holders"]) for each in published] == [
        (None, None),
        (None, None),
    ]


def test_of_one_that_does_not_run_there_is_nothing() -> None:
    assert inside_document(REPORT, make_explanation(REPORT, cid("own"), None)) is None


def test_ports_do_not_lead_into_a_network_that_their_owner_has_left() -> None:
    told = report(OWN, DEP, net={"own": 2, "dep": 1})
    found = inside_document(told, make_explanation(told, cid("dep"), None, FULL))
    assert found is not None
    assert found["published"] == []


def test_members() -> None:
    before = Usage(taken_s=1, cpu_s=1, memory=1)
    after = Usage(taken_s=2, cpu_s=1.25, memory=7, is_summed=False)
    own, dep = members_of(
        REPORT,
        cid("own"),
        {cid("dep"): before},
        {cid("own"): ReadProblem.DENIED, cid("dep"): after},
    )
    assert member_document(dep) == {
        "container": cid("dep"),
        "name": "dep",
        "state": "running",
        "health": "healthy",
        "started_at": "2026-11-23T12:00:00Z",
        "restarts": 0,
        "cpu_percent": 25,
        "cpu_seconds": 1.25,
        "memory": 7,
        "is_summed": False,
        "problem": None,
    }
    told = member_document(own)
    assert told["problem"] == "denied"
    names = ("cpu_percent", "cpu_seconds", "memory", "is_summed")
    assert [told[name] for name in names] == [None] * 4
