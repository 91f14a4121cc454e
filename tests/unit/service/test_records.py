"""When the record of a plan that was cut off may be dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nstui.analysis.report import Report
from nstui.demo.store import MemoryStore
from nstui.model.outcome import PlanRecord
from nstui.model.step import Action, Step, Verb
from nstui.service.former import GRACE_S, settle_records
from tests.support.builders import ENGINE, NOON, cid, container, snapshot

LONG_AGO = NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("written_s_ago", "endpoint", "is_dropped"),
    [
        pytest.param(GRACE_S + 1, ENGINE.endpoint, True, id="nothing is left"),
        pytest.param(5, ENGINE.endpoint, False, id="the engine may still be at it"),
        pytest.param(None, ENGINE.endpoint, True, id="nothing was asked"),
        pytest.param(GRACE_S + 1, "tcp://other:2375", False, id="another engine"),
    ],
)
def test_a_plan_that_left_nothing(
    written_s_ago: float | None, endpoint: str, *, is_dropped: bool
) -> None:
    """The last stop may take its time: who still runs may be about to end."""
    store = MemoryStore()
    record = PlanRecord(
        id="00000001",
        began_at=LONG_AGO,
        endpoint=endpoint,
        action=Action.STOP,
        steps=(Step(verb=Verb.STOP, container=cid("own"), name="own"),),
        running=frozenset({cid("own")}),
        begun=1,
    )
    store.begin(record).close()
    moment = None
    if written_s_ago is not None:
        moment = NOON - timedelta(seconds=written_s_ago)
    host = replace(
        snapshot(container("own", started=-90)),
        taken_at=NOON,
        unfinished=(replace(record, written_at=moment),),
    )
    settle_records(store, Report(host))
    assert (store.unfinished() == ()) == is_dropped
