"""What healing everything would repair, and what is named to heal a group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.healing.outlook import find_outlook, heal_targets
from nstui.analysis.report import Report
from nstui.model.outcome import PlanRecord
from nstui.model.step import Action, Step, Verb
from nstui.render.incidents import outlook_text
from tests.support.builders import NOON, cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.snapshot import Snapshot

VPN = container("vpn", started=5)
OFF = container("vpn", state="exited")
DEP, SICK = container("dep", joins=cid("vpn")), container("sick", health="unhealthy")
RIDER = container("rider", joins_pid=cid("dep"))
STEP = Step(verb=Verb.RESTART, container=cid("own"), name="own")
RECORD = PlanRecord(
    id="0a1b2c3d",
    began_at=NOON,
    endpoint="unix:///var/run/docker.sock",
    action=Action.RESTART,
    steps=(STEP,),
    running=frozenset((cid("own"),)),
    begun=1,
    done=0,
)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        pytest.param(
            snapshot(VPN, DEP, SICK), "would repair 1 of 2 findings", id="stale"
        ),
        pytest.param(
            snapshot(OFF, DEP, container("off", joins=cid("vpn"), state="exited")),
            "would repair 2 of 2 findings",
            id="one that waits for its owner gets it back",
        ),
        pytest.param(
            snapshot(VPN, DEP, RIDER),
            "would repair none of 1 finding by itself",
            id="one that is well would be harmed",
        ),
        pytest.param(
            snapshot(DEP),
            "would repair none of 1 finding by itself",
            id="nothing proves the new owner",
        ),
        pytest.param(
            snapshot(DEP, container("new"), former_containers={"vpn": "new"}),
            "would repair none of 1 finding; 1 by recreating dep, if nothing would be"
            " lost",
            id="recreated",
        ),
        pytest.param(
            snapshot(
                *(DEP, container("new"), container("own", started=9)),
                container("a", joins=cid("own")),
                former_containers={"vpn": "new"},
            ),
            "would repair 1 of 2 findings; 1 more by recreating dep, if nothing would"
            " be lost",
            id="both",
        ),
        pytest.param(
            replace(
                snapshot(VPN, DEP, container("own", state="exited")),
                unfinished=(RECORD,),
            ),
            "would repair 2 of 2 findings",
            id="a cut-off action",
        ),
    ],
)
def test_what_would_be_repaired(one: Snapshot, words: str) -> None:
    of = Report(one)
    assert outlook_text(of, find_outlook(of)) == f"nstui heal {words}"


JOB = container("job", joins=cid("gone"), state="exited")


@pytest.mark.parametrize(
    ("group", "chosen", "expected"),
    [
        pytest.param(("vpn", "dep"), ("vpn",), ("dep",), id="the broken ones"),
        pytest.param(("own",), ("own",), ("own",), id="what was cut off"),
        pytest.param(("job", "dep"), ("job",), ("dep",), id="not a job beside them"),
        pytest.param(("job",), ("job",), ("job",), id="a job that is pointed at"),
        pytest.param(("well", "job"), ("well",), (), id="nothing is wrong with it"),
    ],
)
def test_who_is_named(
    group: tuple[str, ...], chosen: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    own, well = container("own", state="exited"), container("well")
    one = replace(snapshot(VPN, DEP, JOB, own, well), unfinished=(RECORD,))
    found = heal_targets(Report(one), [*map(cid, group)], [*map(cid, chosen)])
    assert found == tuple(map(cid, expected))
