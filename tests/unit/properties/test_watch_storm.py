"""A standing watch through a week of restarts, stops, crashes and compose runs."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from nstui.model.audit import StepPhase
from nstui.model.step import Verb
from nstui.model.watch import WatchEventKind
from tests.support.watch_storm import Storm

SEEDS_VARIABLE = "NSTUI_STORM_SEEDS"
"""The seeds of the storms, as ``FIRST-LAST``; one storm by default."""


def _seeds() -> range:
    first, _, last = os.environ.get(SEEDS_VARIABLE, "1-1").partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the steps of a plan take no time of the machine's clock."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0.0)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0.0)
    for module in ("verified", "step_runner", "recreate", "recompose", "start_again"):
        monkeypatch.setattr(f"nstui.service.{module}.PAUSE_S", 0.001)
    monkeypatch.setattr("nstui.service.verified.SETTLING_S", 0.01)


@pytest.mark.parametrize("seed", _seeds())
def test_a_week_ends_with_everything_where_it_should_be(seed: int) -> None:
    storm = Storm(seed)
    storm.rage()
    watch, limits = storm.watch, storm.watch.options.limits
    # That nothing runs which a person has stopped is asserted at every look.
    assert storm.unwell() == {}, storm.happened[-5:]
    for at_s, name in watch.acted_at:
        recent = [
            other
            for other, who in watch.acted_at
            if who == name and at_s <= other < at_s + limits.budget_s
        ]
        assert len(recent) <= limits.budget, (name, recent)
    asked = Counter(watch.engine.asked)
    written = [
        entry for entry in watch.audit_log.entries if entry.verb is not Verb.WAIT
    ]
    begun = Counter(e.verb for e in written if e.phase is StepPhase.BEGUN)
    assert begun[Verb.RESTART] == asked["restart"]
    assert begun.total() == sum(watch.acts.values())
    assert len(written) == 2 * begun.total()
    told = Counter(event.kind for event in watch.events)
    assert told[WatchEventKind.FOUND] >= told[WatchEventKind.OVER]
    assert told[WatchEventKind.HEALED] > 20
