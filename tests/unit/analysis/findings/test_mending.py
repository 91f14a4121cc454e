"""Remedies that bring back what is broken, and none that makes it worse."""

from __future__ import annotations

import pytest

from nstui.analysis.findings.remedies import bring_back
from nstui.analysis.graph.graph import Graph
from nstui.analysis.report import Report
from tests.support.builders import cid, container, report, snapshot

OWN, DEP = container("own"), container("dep", joins=cid("own"))
FAR = container("far", joins=cid("dep"))
MEND = ", then: docker restart dep"


def remedies(of: Report) -> dict[str, tuple[str, bool]]:
    """Return the remedy of each broken join by name, and if it is a command."""
    codes = {"stale-join", "owner-stopped", "owner-gone", "no-uplink"}
    return {
        of.graph.name(f.container): (f.remedy, f.is_command)
        for f in of.findings
        if f.code in codes
    }


def test_who_joined_a_restarted_one_is_restarted_after_it() -> None:
    shm = container("shm")
    dep = container("dep", joins=cid("own"), joins_ipc=shm.id)
    of = report(
        *(OWN, shm, dep, FAR),
        net={"own": 1, "dep": 1, "far": 1},
        ipc={"shm": 2, "dep": 3},
    )
    assert remedies(of) == {"dep": ("docker restart dep far", True)}


def test_who_does_not_run_stays_so() -> None:
    idle = container("idle", joins=cid("dep"), state="exited", exit_code=137)
    of = report(OWN, DEP, idle, net={"own": 2, "dep": 1})
    assert remedies(of)["dep"] == ("docker restart dep", True)


def test_the_way_to_a_stopped_owner_is_started_from_its_end() -> None:
    own = container("own", state="exited")
    dep = container("dep", joins=own.id, state="exited", exit_code=137)
    assert remedies(report(own, dep, FAR))["far"] == (
        "docker start own dep && docker restart far",
        True,
    )


def test_what_it_needs_besides_is_started_as_well() -> None:
    other = container("other", state="exited")
    dep = container("dep", joins=cid("own"), links=("other",))
    of = report(OWN, other, dep, net={"own": 2, "dep": 1})
    assert remedies(of) == {"dep": ("docker start other && docker restart dep", True)}


@pytest.mark.parametrize(
    ("own", "deed"),
    [
        ({"state": "restarting"}, "fix own, which keeps exiting"),
        (
            {"restart_count": 9, "restart": "always"},
            "fix own, which keeps exiting",
        ),
        ({"state": "dead"}, "create own again, which is dead"),
        ({"state": "removing"}, "create own again, which is removing"),
        (
            {"state": "exited", "start_error": "exec: no such file"},
            "fix what keeps own from starting",
        ),
        ({"state": "unknown"}, "fix what keeps own from starting"),
        ({"state": "exited", "exit_code": 3}, "fix what ended own"),
        (
            {"state": "exited", "exit_code": 3, "restart": "always"},
            "fix what ended own",
        ),
        (
            {"state": "exited", "exit_code": 137, "oom_killed": True},
            "fix what ended own",
        ),
    ],
)
def test_nothing_is_to_be_pasted_that_would_stop_a_dependent(
    own: dict[str, str], deed: str
) -> None:
    of = report(container("own", **own), DEP, net={"own": 2, "dep": 1})  # type: ignore[arg-type]
    remedy, is_command = remedies(of)["dep"]
    assert remedy.startswith(f"{deed}, then: docker ")
    assert remedy.endswith("docker restart dep")
    assert not is_command


def test_one_that_keeps_exiting_and_is_wanted_itself_is_no_hindrance() -> None:
    own = container("own", restart_count=9, restart="always")
    seen = snapshot(own, DEP)
    graph = Graph(seen.containers)
    assert bring_back(seen, graph, (own.id, DEP.id)).text == "docker restart own dep"
    assert bring_back(seen, graph, (DEP.id,)).text == (
        "fix own, which keeps exiting, then: docker restart dep"
    )


def test_a_middle_that_can_never_start_is_healed_not_started() -> None:
    dep = container("dep", joins=cid("gone"), state="exited", exit_code=137)
    remedy, is_command = remedies(report(dep, FAR))["far"]
    assert remedy == "choose its new owner, then: nstui heal --onto NEW_OWNER far"
    assert not is_command


def test_one_that_ends_with_its_owner_and_removes_itself_is_not_restarted() -> None:
    fleeting = container(
        "dep", joins=cid("own"), joins_pid=cid("own"), removes_itself=True
    )
    of = report(OWN, fleeting, net={"own": 1, "dep": 1})
    assert remedies(of) == {}
    lost = report(
        container("own", joins=cid("root")),
        container("root"),
        fleeting,
        net={"root": 2, "own": 1, "dep": 1},
    )
    # It is gone by then, as whoever runs such a one knows.
    assert remedies(lost)["own"] == ("docker restart own", True)


def test_who_joined_what_is_thrown_away_keeps_its_owner_from_being_restarted() -> None:
    rid = container("rid", joins_pid=cid("dep"), removes_itself=True)
    dep = container("dep", joins=cid("own"))
    net = {"own": 2, "dep": 1}
    assert remedies(report(OWN, dep, rid, net=net))["dep"] == (
        "docker restart dep",
        True,
    )
    far = container("far", joins=cid("rid"))
    remedy, is_command = remedies(report(OWN, dep, rid, far, net=net))["dep"]
    assert remedy == (
        "fix what it needs and what depends on it, then: docker restart dep far"
    )
    assert not is_command


@pytest.mark.parametrize(
    ("rider", "option"),
    [
        ({"joins_pid": cid("mid")}, "--with-dependents "),
        ({"joins_pid": cid("mid"), "state": "exited"}, "--with-dependents "),
        ({"joins_pid": cid("mid"), "removes_itself": True}, ""),
        # It has lost its owner as well, and is healed along.
        ({"joins": cid("mid")}, ""),
    ],
)
def test_healing_takes_along_who_is_well_and_would_be_harmed(
    rider: dict[str, str], option: str
) -> None:
    mid = container("mid", joins=cid("gone"))
    rid = container("rid", **rider)  # type: ignore[arg-type] # as said above
    of = Report(snapshot(mid, rid, container("new"), former_containers={"gone": "new"}))
    assert remedies(of)["mid"] == (f"nstui heal {option}mid", True)
