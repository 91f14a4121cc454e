"""What is wrong, and what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.model.finding import FindingCode, Severity
from tests.support.builders import NOON, cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.snapshot import Snapshot

LO = ("lo",)
ETH = ("lo", "eth0")


def found(one: Snapshot) -> list[tuple[str, str, str]]:
    of = Report(one)
    return [
        (of.graph.name(f.container), f.code.value, f.severity.value)
        for f in of.findings
    ]


VPN = container("vpn")
DEP = container("dep", joins=cid("vpn"))
DEP2 = container("dep2", joins=cid("dep"))

CASES = [
    pytest.param(snapshot(VPN, DEP, net={"vpn": 7, "dep": 7}), [], id="together"),
    pytest.param(
        snapshot(VPN, DEP, net={"vpn": 8, "dep": 7}),
        [("dep", "stale-join", "error")],
        id="stale by inode",
    ),
    pytest.param(
        snapshot(container("vpn", started=5), DEP),
        [("dep", "stale-join", "error")],
        id="stale by the order of starts, where the kernel could not be asked",
    ),
    pytest.param(
        snapshot(container("vpn", started=5), DEP, net={"vpn": 7, "dep": 7}),
        [],
        id="the kernel's word counts for more than the order of starts",
    ),
    pytest.param(
        snapshot(VPN, DEP, DEP2, net={"vpn": 8, "dep": 7, "dep2": 7}),
        [("dep", "stale-join", "error"), ("dep2", "stale-join", "error")],
        id="a stale chain",
    ),
    pytest.param(
        snapshot(VPN, DEP, DEP2, net={"vpn": 8, "dep": 8, "dep2": 7}),
        [("dep2", "stale-join", "error")],
        id="only the end of the chain is stale",
    ),
    pytest.param(
        snapshot(
            container("shm"), container("w", joins_ipc="shm"), ipc={"shm": 2, "w": 1}
        ),
        [("w", "stale-join", "error")],
        id="stale ipc",
    ),
    pytest.param(snapshot(DEP), [("dep", "owner-gone", "error")], id="orphan"),
    pytest.param(
        snapshot(container("dep", joins=cid("vpn"), state="exited", exit_code=137)),
        [("dep", "owner-gone", "warning")],
        id="stopped orphan",
    ),
    pytest.param(
        snapshot(container("dep", joins=cid("vpn"), state="exited", restart="always")),
        [("dep", "owner-gone", "warning")],
        id="stopped orphan that was to run for ever",
    ),
    pytest.param(
        snapshot(container("job", joins=cid("vpn"), state="exited")),
        [("job", "owner-gone", "notice")],
        id="finished job whose owner is gone",
    ),
    pytest.param(
        snapshot(
            container("job", joins=cid("vpn"), state="exited", restart="on-failure")
        ),
        [("job", "owner-gone", "notice")],
        id="job that was to be tried again until it ended well",
    ),
    pytest.param(
        snapshot(
            container("dep", joins=cid("vpn"), state="exited"),
            container("far", joins=cid("dep"), state="exited"),
        ),
        [("dep", "owner-gone", "warning"), ("far", "owner-stopped", "notice")],
        id="one that others joined is no job",
    ),
    pytest.param(
        snapshot(
            container("dep", joins=cid("vpn"), state="exited"),
            container("far", links=("dep",), state="exited"),
        ),
        [("dep", "owner-gone", "warning")],
        id="one that others link to is no job",
    ),
    pytest.param(
        snapshot(DEP, DEP2),
        [("dep", "owner-gone", "error"), ("dep2", "owner-gone", "error")],
        id="an orphan and who joined it",
    ),
    pytest.param(
        snapshot(container("dep", joins="vpn", state="created")),
        [("dep", "owner-gone", "warning")],
        id="a name given before the owner existed",
    ),
    pytest.param(
        snapshot(container("vpn", state="exited"), DEP),
        [("dep", "owner-stopped", "error")],
        id="owner stopped",
    ),
    pytest.param(
        snapshot(
            container("vpn", state="exited"),
            container("dep", joins=cid("vpn"), state="exited"),
        ),
        [("dep", "owner-stopped", "notice")],
        id="both stopped",
    ),
    pytest.param(
        snapshot(container("vpn", state="paused"), DEP, net={"vpn": 7, "dep": 7}),
        [],
        id="a paused owner keeps its namespace",
    ),
    pytest.param(
        snapshot(container("web"), interfaces={"web": LO}),
        [("web", "no-uplink", "error")],
        id="only lo",
    ),
    pytest.param(
        snapshot(container("web"), interfaces={"web": ETH}), [], id="has a network"
    ),
    pytest.param(
        snapshot(container("web", mode="none"), interfaces={"web": LO}),
        [],
        id="wants no network",
    ),
    pytest.param(
        snapshot(
            container("web", mode="none"),
            container("dep", joins=cid("web")),
            interfaces={"web": LO, "dep": LO},
        ),
        [],
        id="joined one that wants no network",
    ),
    pytest.param(
        snapshot(
            container("web", networks=()),
            container("dep", joins=cid("web")),
            interfaces={"web": LO, "dep": LO},
        ),
        [("dep", "no-uplink", "error"), ("web", "no-uplink", "error")],
        id="detached from every network",
    ),
    pytest.param(
        snapshot(container("web", networks=()), interfaces={"web": ETH}),
        [],
        id="attached to no network, and has one of somebody else",
    ),
    pytest.param(
        snapshot(container("web", networks=(), state="exited", exit_code=137)),
        [],
        id="detached and stopped",
    ),
    pytest.param(snapshot(container("web")), [], id="interfaces could not be read"),
    pytest.param(
        snapshot(
            VPN, DEP, net={"vpn": 8, "dep": 7}, interfaces={"vpn": ETH, "dep": LO}
        ),
        [("dep", "stale-join", "error")],
        id="a stale join explains the missing network",
    ),
    pytest.param(
        snapshot(container("web", health="unhealthy")),
        [("web", "unhealthy", "error")],
        id="unhealthy",
    ),
    pytest.param(
        snapshot(container("web", health="unhealthy", state="exited")),
        [],
        id="health of what does not run",
    ),
    pytest.param(
        snapshot(container("web", oom_killed=True, state="exited")),
        [("web", "oom-killed", "error")],
        id="out of memory",
    ),
    pytest.param(
        snapshot(container("web", state="restarting")),
        [("web", "restarting", "warning")],
        id="restart loop",
    ),
    pytest.param(
        snapshot(container("me", joins="me", state="created")), [], id="a loop"
    ),
]


@pytest.mark.parametrize(("one", "expected"), CASES)
def test_findings(one: Snapshot, expected: list[tuple[str, str, str]]) -> None:
    assert found(one) == expected


def test_the_worst_come_first_then_by_name() -> None:
    one = snapshot(
        container("zoe", health="unhealthy"),
        container("amy", state="restarting"),
        container("bob", health="unhealthy"),
    )
    assert [(name, code) for name, code, _ in found(one)] == [
        ("bob", "unhealthy"),
        ("zoe", "unhealthy"),
        ("amy", "restarting"),
    ]


def test_a_stale_join_names_both_namespaces_and_the_order_of_restarts() -> None:
    vpn = container("vpn", started=3)
    one = snapshot(vpn, DEP, DEP2, net={"vpn": 8, "dep": 7, "dep2": 7})
    finding = Report(one).findings[1]
    assert finding.message == (
        "runs in net:[7]; vpn has been in net:[8] since its restart"
    )
    assert finding.since == NOON + timedelta(minutes=3)
    assert finding.remedy == "docker restart dep dep2"


def test_a_network_comes_back_with_its_owner_and_all_who_joined_it_rejoin() -> None:
    one = snapshot(VPN, DEP, DEP2, interfaces=dict.fromkeys(("vpn", "dep", "dep2"), LO))
    assert [finding.remedy for finding in Report(one).findings] == [
        "docker restart vpn dep dep2",
        "docker restart vpn dep dep2",
        "docker restart vpn dep dep2",
    ]


def test_of_an_orphan_that_compose_made_compose_may_know_the_owner() -> None:
    one = snapshot(container("dep", joins=cid("vpn"), compose="media/qbit"))
    (finding,) = Report(one).findings
    assert not finding.is_command
    assert finding.remedy == (
        "ask compose with nstui heal dep, or choose its new owner, then:"
        " nstui heal --onto NEW_OWNER dep"
    )


def test_one_who_joined_an_orphan_is_told_through_whom() -> None:
    finding = Report(snapshot(DEP, DEP2)).findings[1]
    gone = cid("vpn")[:12]
    assert finding.message == f"joined dep, which joined {gone}, which no longer exists"


def test_severity_and_code_order_is_that_of_the_design() -> None:
    assert list(Severity) == ["error", "warning", "notice"]
    assert FindingCode("stale-join") is FindingCode.STALE_JOIN
