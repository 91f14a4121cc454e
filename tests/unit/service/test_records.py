"""When the record of a plan that was cut off may be dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nstui.analysis.report import Report
from nstui.demo.audit_log import MemoryAuditLog
from nstui.model.outcome import PlanRecord
from nstui.model.step import Action, Step, Verb
from nstui.service.former import (
    GRACE_S,
    confirm_removals,
    may_settle,
    settle_records,
)
from tests.support.builders import ENGINE, NOON, cid, container, snapshot
from tests.unit.audit.traces import removed

HERE, ELSEWHERE = ENGINE.endpoint, "tcp://other:2375"
LONG_AGO = NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("written_s_ago", "endpoint", "engine_id", "is_dropped"),
    [
        pytest.param(GRACE_S + 1, HERE, "A", True, id="nothing is left"),
        pytest.param(5, HERE, "A", False, id="the engine may still be at it"),
        pytest.param(None, HERE, "A", True, id="nothing was asked"),
        pytest.param(GRACE_S + 1, HERE, "", True, id="an old record"),
        pytest.param(GRACE_S + 1, ELSEWHERE, "", False, id="an old one elsewhere"),
        pytest.param(GRACE_S + 1, ELSEWHERE, "A", True, id="another address"),
        pytest.param(GRACE_S + 1, ELSEWHERE, "B", False, id="another engine"),
        pytest.param(GRACE_S + 1, HERE, "B", False, id="an engine that was reset"),
    ],
)
def test_a_plan_that_left_nothing(
    written_s_ago: float | None, endpoint: str, engine_id: str, *, is_dropped: bool
) -> None:
    """The last stop may take its time: who still runs may be about to end."""
    audit_log = MemoryAuditLog()
    record = PlanRecord(
        id="00000001",
        began_at=LONG_AGO,
        endpoint=endpoint,
        engine_id=engine_id,
        action=Action.STOP,
        steps=(Step(verb=Verb.STOP, container=cid("own"), name="own"),),
        running=frozenset({cid("own")}),
        begun=1,
    )
    audit_log.begin(record).close()
    moment = None
    if written_s_ago is not None:
        moment = NOON - timedelta(seconds=written_s_ago)
    host = replace(
        snapshot(container("own", started=-90)),
        taken_at=NOON,
        unfinished=(replace(record, written_at=moment),),
    )
    settle_records(audit_log, Report(host), "A")
    assert (audit_log.unfinished() == ()) == is_dropped


@pytest.mark.parametrize(
    ("endpoint", "engine_id", "is_confirmed"),
    [(HERE, "A", True), (HERE, "", True), (HERE, "B", False), (ELSEWHERE, "A", False)],
)
def test_a_removal_is_confirmed_at_its_own_address(
    endpoint: str, engine_id: str, *, is_confirmed: bool
) -> None:
    """Several engines may have one id: what is not at one may be at another."""
    audit_log = MemoryAuditLog()
    cut_off = replace(removed("gone"), endpoint=endpoint, is_confirmed=False)
    audit_log.save(replace(cut_off, engine_id=engine_id))
    confirm_removals(audit_log, Report(snapshot(container("own"))), "A")
    assert [one.is_confirmed for one in audit_log.removed()] == [is_confirmed]


@pytest.mark.parametrize(
    ("endpoint", "there", "is_dropped"),
    [
        pytest.param(HERE, "other", True, id="all are gone"),
        pytest.param(ELSEWHERE, "other", False, id="they may be of a clone"),
        pytest.param(ELSEWHERE, "dep", True, id="one of them is here"),
        pytest.param(ELSEWHERE, "new", True, id="what it made is here"),
    ],
)
def test_a_plan_is_not_forgotten_because_another_engine_has_the_same_id(
    endpoint: str, there: str, *, is_dropped: bool
) -> None:
    steps = [Step(verb=Verb.STOP, container=cid(n), name=n) for n in ("own", "dep")]
    record = PlanRecord(
        id="00000001",
        began_at=LONG_AGO,
        endpoint=endpoint,
        engine_id="A",
        action=Action.STOP,
        steps=tuple(steps),
        running=frozenset(),
        made=frozenset({cid("new")}),
    )
    audit_log = MemoryAuditLog()
    audit_log.begin(record).close()
    host = replace(snapshot(container(there)), taken_at=NOON, unfinished=(record,))
    report = Report(host)
    settle_records(audit_log, report, "A")
    assert (audit_log.unfinished() == ()) == is_dropped
    # An engine is asked for its id wherever that could matter.
    assert may_settle(record, report) == is_dropped
