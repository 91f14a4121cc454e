"""What is counted of what a watch tells."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.watching.tally import BUCKETS_S, Tally, count_event
from nstui.model.watch import WatchEventKind
from tests.support.told import FOUND, HEALED, told

if TYPE_CHECKING:
    from nstui.model.watch import WatchEvent

K = WatchEventKind


def tally_of(*events: WatchEvent) -> Tally:
    return reduce(count_event, events, Tally())


def test_incidents_are_counted_by_cause() -> None:
    tally = tally_of(FOUND, FOUND, told(K.FOUND, cause=""), told(K.FOUND, cause="new"))
    assert {name: count for name, count in tally.incidents.items() if count} == {
        "owner-restarted": 2,
        "own": 1,
        "new": 1,
    }
    assert tally.incidents["owner-gone"] == 0


def test_plans_are_counted_by_outcome() -> None:
    dry = told(K.HEALED, is_dry_run=True, waited_s=9)
    tally = tally_of(HEALED, told(K.FAILED), told(K.FAILED), dry)
    assert tally.heals == {"healed": 1, "failed": 2, "dry-run": 1}
    assert sum(tally.times) == 1


@pytest.mark.parametrize(
    ("seconds", "place"),
    [(0.0, 0), (1.0, 0), (1.1, 1), (2.5, 1), (3600.0, 11), (3600.1, 12)],
)
def test_times_are_counted_up_to_their_bound(seconds: float, place: int) -> None:
    tally = tally_of(told(K.HEALED, waited_s=seconds))
    assert tally.times.index(1) == place
    assert (tally.time_s, sum(tally.times), len(tally.times)) == (
        seconds,
        1,
        len(BUCKETS_S) + 1,
    )


def test_a_time_that_is_not_known_is_not_counted() -> None:
    tally = tally_of(told(K.HEALED, waited_s=None))
    assert (tally.heals["healed"], sum(tally.times), tally.time_s) == (1, 0, 0)


def test_problems_are_counted_and_all_else_is_not() -> None:
    assert tally_of(told(K.PROBLEM)).problems == 1
    assert tally_of(told(K.STARTED), told(K.WAITING), told(K.OVER)) == Tally()
