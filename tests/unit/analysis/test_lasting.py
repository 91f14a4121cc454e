"""Whether what was done is still the case a while later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.checks import finished_text, why_undone, why_unjoined
from nstui.analysis.report import Report
from nstui.model.container import Join
from nstui.model.namespace import NamespaceKind
from nstui.model.step import Step, Verb
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot

OWN = container("own")
DEP = container("dep", joins=cid("own"))
STOPPED = container("dep", joins=cid("own"), state="exited")


def ended(code: int) -> Container:
    """Return the container when it has ended with an exit code."""
    assert STOPPED.inspection is not None
    return replace(STOPPED, inspection=replace(STOPPED.inspection, exit_code=code))


def looping() -> Container:
    """Return the container when it was restarted by its policy."""
    assert DEP.inspection is not None
    return replace(DEP, inspection=replace(DEP.inspection, restart_count=2))


def step(verb: Verb) -> Step:
    """Return a step for the container."""
    return Step(verb=verb, container=cid("dep"), name="dep")


@pytest.mark.parametrize(
    ("verb", "seen", "now", "undone"),
    [
        pytest.param(Verb.STOP, STOPPED, STOPPED, "", id="stays stopped"),
        pytest.param(Verb.STOP, STOPPED, None, "", id="stopped and gone"),
        pytest.param(
            Verb.STOP,
            STOPPED,
            DEP,
            "dep was stopped, but something has started it again: it is running",
            id="something starts it",
        ),
        pytest.param(
            Verb.KILL,
            STOPPED,
            container("dep", joins=cid("own"), state="restarting"),
            "dep was killed, but something has started it again: it is restarting",
            id="killed, and restarting",
        ),
        pytest.param(Verb.KILL, DEP, DEP, "", id="a signal that it survives"),
        pytest.param(Verb.RESTART, DEP, DEP, "", id="runs still"),
        pytest.param(
            Verb.RESTART,
            DEP,
            ended(3),
            "dep was restarted, but it ended with exit code 3",
            id="ended",
        ),
        pytest.param(
            Verb.START,
            ended(0),
            ended(0),
            "dep was started, but it ended with exit code 0",
            id="ended at once",
        ),
        pytest.param(
            Verb.RECREATE,
            DEP,
            None,
            "dep was recreated, but it is no longer there",
            id="gone",
        ),
        pytest.param(
            Verb.COMPOSE,
            DEP,
            looping(),
            "dep was recreated with compose, but it keeps exiting and being restarted",
            id="loops",
        ),
    ],
)
def test_what_lasts(
    verb: Verb, seen: Container, now: Container | None, undone: str
) -> None:
    host = (OWN,) if now is None else (OWN, now)
    report = Report(snapshot(*host, net={"own": 1, "dep": 1}))
    assert why_undone(step(verb), seen, report, ran=True) == undone


def test_a_job_that_did_not_run_before_may_end() -> None:
    report = Report(snapshot(OWN, ended(0)))
    assert why_undone(step(Verb.RESTART), DEP, report, ran=False) == ""
    report = Report(snapshot(OWN, ended(1)))
    assert why_undone(step(Verb.RESTART), DEP, report, ran=False) != ""


@pytest.mark.parametrize(
    ("verb", "now", "undone"),
    [
        (Verb.PAUSE, "paused", ""),
        (Verb.PAUSE, "running", "dep was paused, but it is running"),
        (Verb.PAUSE, "exited", "dep was paused, but it ended with exit code 0"),
        (Verb.UNPAUSE, "running", ""),
        (Verb.UNPAUSE, "paused", "dep was unpaused, but it is paused"),
    ],
)
def test_a_pause_lasts_wherever_the_container_is(
    verb: Verb, now: str, undone: str
) -> None:
    seen = container("dep", state="paused" if verb is Verb.PAUSE else "running")
    stale = container("dep", joins=cid("own"), state=now)
    report = Report(snapshot(OWN, stale, net={"own": 1, "dep": 2}))
    assert why_undone(step(verb), seen, report, ran=True) == undone


@pytest.mark.parametrize(
    ("verb", "now", "text"),
    [
        (Verb.START, DEP, ""),
        (Verb.START, ended(0), "dep was started and has ended with exit code 0"),
        (Verb.STOP, STOPPED, ""),
        (Verb.START, None, ""),
    ],
)
def test_a_job_that_was_started_and_has_ended_is_told(
    verb: Verb, now: Container | None, text: str
) -> None:
    host = (OWN,) if now is None else (OWN, now)
    assert finished_text(step(verb), Report(snapshot(*host))) == text


IPC_DEP = container("dep", joins_ipc=cid("own"))
TORN = {"own": 1, "dep": 2}


@pytest.mark.parametrize(
    ("kind", "joined", "seen"),
    [
        ("net", DEP, snapshot(OWN, DEP, net=TORN)),
        ("ipc", IPC_DEP, snapshot(OWN, IPC_DEP, ipc=TORN)),
    ],
)
def test_it_has_to_stay_in_the_namespace_of_its_owner(
    kind: str, joined: Container, seen: Snapshot
) -> None:
    assert why_undone(step(Verb.RESTART), joined, Report(seen), ran=True) == (
        f"dep was restarted, but it is in {kind}:[2], not in that of own, {kind}:[1]"
    )


@pytest.mark.parametrize(
    ("made", "wrong"),
    [
        pytest.param(DEP, "", id="as it should"),
        pytest.param(
            container("dep", joins=cid("oth")),
            "joined oth, not in the net namespace of own",
            id="another",
        ),
        pytest.param(
            container("dep"),
            "is on bridge, not in the net namespace of own",
            id="nobody",
        ),
        pytest.param(
            container("dep", joins=cid("gone")),
            f"joined {cid('gone')[:12]}, which no longer exists,"
            " not in the net namespace of own",
            id="gone",
        ),
    ],
)
def test_whom_a_new_one_has_to_join(made: Container, wrong: str) -> None:
    wanted = replace(step(Verb.COMPOSE), joins=(Join(NamespaceKind.NET, cid("own")),))
    report = Report(snapshot(OWN, container("oth"), made))
    assert why_unjoined(report, cid("dep"), wanted) == wrong
