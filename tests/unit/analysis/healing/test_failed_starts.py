"""Those that could not be started: whom healing starts, and whom it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from tests.support.builders import cid, container, snapshot
from tests.unit.analysis.healing.hosts import GONE, heal, reasons, steps

if TYPE_CHECKING:
    from nstui.model.container import Container

NOT_RUNNING = "cannot join network of a non running container: 44575a206d3e"
TAKEN = "Bind for 0.0.0.0:80 failed: port is already allocated"
UNKNOWN = "exec: no such file or directory"

OWN = container("own")
DEP = container("dep", joins=cid("own"), state="exited", start_error=NOT_RUNNING)
FAR = container("far", joins=cid("dep"), state="created", start_error=NOT_RUNNING)
STOPPED = container("own", state="exited")


def test_one_whose_owner_runs_now_is_started() -> None:
    plan = heal(OWN, DEP)
    assert steps(plan) == ["start dep"]
    assert [target.name for target in plan.targets] == ["dep"]
    assert plan.objections == ()


def test_a_chain_is_started_from_its_owner_outwards() -> None:
    assert steps(heal(OWN, DEP, FAR)) == ["start dep", "start far"]


def test_naming_the_end_of_a_chain_starts_the_way_to_it() -> None:
    other = container("other", joins=cid("own"), state="exited", start_error="x")
    assert steps(heal(OWN, DEP, FAR, other, targets="far")) == [
        "start dep",
        "start far",
    ]


def test_what_a_running_one_needs_too_is_there_for_both() -> None:
    runs = container("other", joins=cid("own"))
    plan = heal(STOPPED, DEP, runs)
    assert steps(plan) == ["start own", "start dep", "restart other"]


def test_an_owner_that_somebody_stopped_is_started_for_one_that_is_named() -> None:
    plan = heal(STOPPED, DEP, FAR)
    assert plan.steps == ()
    assert {one.name for one in plan.unhealed if one.needs_decision} == {"dep", "far"}
    assert reasons(plan)["dep"] == (
        "it needs own, which is not running, and nothing says that it should: start"
        " it, or heal dep by its name, which starts both"
    )
    named = heal(STOPPED, DEP, targets="dep")
    assert steps(named) == ["start own", "start dep"]
    assert named.unhealed == ()


def test_an_owner_that_fails_for_another_reason_has_to_be_mended() -> None:
    own = container("own", state="exited", start_error=UNKNOWN)
    expected = {"dep": "it needs own, whose last start failed: fix that first"}
    assert reasons(heal(own, DEP)) == expected
    assert reasons(heal(own, DEP, targets="dep")) == expected


def test_both_are_started_if_the_causes_of_both_are_gone() -> None:
    own = container("own", state="exited", start_error=TAKEN)
    assert steps(heal(own, DEP)) == ["start own", "start dep"]


def test_a_port_that_somebody_has_is_waited_for() -> None:
    web = container("web", state="created", start_error=TAKEN)
    assert steps(heal(web)) == ["start web"]
    assert heal(web, container("other", ports=(80,))).steps == ()


def test_what_nothing_is_known_of_is_tried_for_who_names_it() -> None:
    sick = container("sick", state="exited", start_error=UNKNOWN)
    plan = heal(sick)
    assert (plan.steps, plan.unhealed) == ((), ())
    assert steps(heal(sick, targets="sick")) == ["start sick"]


def test_a_finished_job_is_made_anew_for_who_names_it() -> None:
    job = container("dep", joins=GONE, state="exited")
    new = container("vpn")
    plan = heal(job, new, names={GONE: "vpn"})
    assert (plan.steps, plan.unhealed, plan.choices) == ((), (), ())
    named = heal(job, new, names={GONE: "vpn"}, targets="dep")
    assert steps(named) == ["recreate dep on net:vpn stopped"]


FAILED: dict[str, object] = {"state": "exited", "exit_code": 3}


@pytest.mark.parametrize(
    ("more", "is_kept"),
    [
        ({}, True),
        ({"restart": "on-failure", "restart_limit": 2, "restart_count": 2}, True),
        # The engine would start these again if it could.
        ({"restart": "always"}, False),
        ({"restart": "on-failure", "restart_limit": 2, "restart_count": 1}, False),
        # Somebody ended it, or its owner's end.
        ({"exit_code": 137}, False),
        ({"exit_code": 143}, False),
        ({"start_error": "No such container"}, False),
    ],
)
def test_a_failed_job_is_made_anew_for_who_names_it(
    more: dict[str, object], *, is_kept: bool
) -> None:
    job = container("dep", joins=GONE, **{**FAILED, **more})  # type: ignore[arg-type]
    new = container("vpn")
    plan = heal(job, new, names={GONE: "vpn"})
    assert (plan.steps == ()) is is_kept
    assert plan.unhealed == ()
    named = heal(job, new, names={GONE: "vpn"}, targets="dep")
    assert steps(named)[0].startswith("recreate dep on net:vpn")


def test_what_is_said_of_a_failed_job_whose_owner_is_gone() -> None:
    job = container("dep", joins="vpn", **FAILED)  # type: ignore[arg-type]
    (finding,) = Report(snapshot(job)).findings
    assert (finding.code, finding.severity) == ("owner-gone", "warning")
    assert finding.message == (
        "ended with exit code 3; it joined vpn, which no longer exists"
    )
    assert finding.remedy == (
        "if its log and exit code are not needed, then: nstui heal dep"
    )
    # Others need it: it was not there for itself alone.
    far = container("far", joins=cid("dep"))
    found = {f.container: f for f in Report(snapshot(job, far)).findings}
    assert "it cannot start" in found[job.id].message


def test_what_ended_with_an_error_stays_as_it_is() -> None:
    ended = container("dep", joins=cid("own"), state="exited", exit_code=3)
    plan = heal(OWN, ended, targets="dep")
    assert (plan.steps, plan.unhealed) == ((), ())


def test_who_needs_one_in_a_restart_loop_is_left_running() -> None:
    own = container("own", restart="always", restart_count=9)
    dep, far = container("dep", joins=own.id), container("far", joins=cid("dep"))
    plan = heal(own, dep, far, net={"own": 2, "dep": 1, "far": 1})
    assert plan.steps == ()
    mend = "own keeps exiting and being restarted: fix that first"
    assert reasons(plan) == {"dep": mend, "far": mend}


def test_one_that_keeps_exiting_for_what_is_broken_itself_is_healed() -> None:
    dep = container("dep", joins=OWN.id, restart="always", restart_count=9)
    plan = heal(OWN, dep, net={"own": 2, "dep": 1})
    assert (steps(plan), plan.unhealed) == (["restart dep"], ())


def test_of_two_that_want_one_port_only_the_first_can_have_it() -> None:
    one = container("bb", state="created", start_error=TAKEN)
    two = container("cc", state="created", start_error=TAKEN)
    plan = heal(one, two)
    assert (steps(plan), plan.unhealed) == (["start bb"], ())
    assert steps(heal(one, two, targets="cc")) == ["start cc"]
    other = container("cc", state="created", start_error=TAKEN.replace(":80", ":81"))
    assert steps(heal(one, other)) == ["start bb", "start cc"]
    address = TAKEN.replace("0.0.0.0", "10.0.0.2")
    other = container("cc", state="created", start_error=address)
    assert steps(heal(one, other)) == ["start bb", "start cc"]


def test_of_two_that_want_one_port_it_is_who_should_run_and_can() -> None:
    tried = container("bb", state="created", start_error=TAKEN)
    kept = container("cc", state="created", start_error=TAKEN, restart="always")
    assert steps(heal(tried, kept)) == ["start cc"]
    lost = container("bb", state="created", start_error=TAKEN, joins=GONE)
    once = container("cc", state="created", start_error=TAKEN)
    assert "start cc" in steps(heal(lost, once))


def test_what_an_owner_needs_that_runs_is_no_matter_for_its_dependents() -> None:
    own = container("own", links=("x",))
    refused = container("x", state="exited", start_error=UNKNOWN)
    dep = container("dep", joins=own.id)
    plan = heal(own, refused, dep, net={"own": 2, "dep": 1})
    assert steps(plan) == ["restart dep"]


@pytest.mark.parametrize(
    "dep",
    [
        container("dep", joins=cid("own")),
        container("dep", joins=GONE),
    ],
    ids=["runs", "has to be made anew"],
)
@pytest.mark.parametrize("error", [TAKEN, UNKNOWN])
def test_an_owner_that_would_be_refused_again_is_not_tried_for_who_needs_it(
    dep: Container, error: str
) -> None:
    own = container("own", state="exited", start_error=error)
    thief = container("thief", ports=(80,))
    far = container("far", joins=dep.id)
    plan = heal(own, thief, dep, far, names={GONE: "own"})
    assert plan.steps == ()
    reason = "it needs own, whose last start failed: fix that first"
    assert reasons(plan)["dep"] == reason
    assert not any(one.needs_decision for one in plan.unhealed)


def test_an_owner_that_was_refused_is_tried_for_who_names_it() -> None:
    own = container("own", state="exited", start_error=TAKEN)
    thief, dep = container("thief", ports=(80,)), container("dep", joins=own.id)
    assert steps(heal(own, thief, dep, targets="own")) == ["start own", "restart dep"]
    assert steps(heal(own, dep)) == ["start own", "restart dep"]
