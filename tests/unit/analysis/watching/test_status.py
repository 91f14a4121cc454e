"""Whether a watch runs, and what it does about an incident."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nstui.analysis.watching.cases import key_of
from nstui.analysis.watching.status import (
    SILENT_AFTER_S,
    WatchAct,
    WatchLife,
    act_of,
    see_watch,
    watched_among,
    watched_for,
)
from nstui.model.watch import Hold, WatchReading
from tests.support.builders import NOON, cid, container, report
from tests.support.watching import circuit, reading, status, watched

OLD = NOON - timedelta(seconds=SILENT_AFTER_S + 1)


@pytest.mark.parametrize(
    ("read", "life"),
    [
        (reading(None, is_held=False), WatchLife.NONE),
        (reading(None), WatchLife.STARTING),
        (reading(status()), WatchLife.RUNNING),
        (reading(status(written_at=OLD)), WatchLife.SILENT),
        (reading(status(written_at=NOON + timedelta(days=1))), WatchLife.RUNNING),
        (reading(status(), is_held=False), WatchLife.ENDED),
        (reading(status(written_at=OLD), is_held=False), WatchLife.ENDED),
        (reading(status(), is_held=None), WatchLife.UNKNOWN),
        (
            WatchReading(status=None, is_held=True, problem="it cannot be read"),
            WatchLife.UNKNOWN,
        ),
    ],
    ids=[
        "none was ever here",
        "it has only just begun",
        "it runs",
        "it has not written for long",
        "its clock is ahead",
        "it has ended",
        "it ended long ago",
        "its lock cannot be read",
        "its file cannot be read",
    ],
)
def test_whether_a_watch_runs(read: WatchReading, life: WatchLife) -> None:
    assert see_watch(read, NOON).life is life


@pytest.mark.parametrize(
    ("read", "is_well"),
    [
        (reading(status()), True),
        (reading(status(watched(Hold.NO_PROOF, "web"))), True),
        (reading(status(circuits=(circuit("web"),))), False),
        (reading(status(problem="nobody answers")), False),
        (reading(status(written_at=OLD)), False),
        (reading(status(), is_held=False), False),
        (reading(None, is_held=False), False),
    ],
    ids=["runs", "left", "circuit", "no engine", "silent", "ended", "none"],
)
def test_whether_all_is_well(read: WatchReading, *, is_well: bool) -> None:
    assert see_watch(read, NOON).is_well is is_well


@pytest.mark.parametrize(
    ("hold", "until_s", "act"),
    [
        (None, None, WatchAct.HEALING),
        (Hold.SETTLING, 3, WatchAct.SOON),
        (Hold.BACK_OFF, 3, WatchAct.SOON),
        (Hold.SETTLING, None, WatchAct.WAITING),
        (Hold.HEALTH, 300, WatchAct.WAITING),
        (Hold.AT_WORK, 60, WatchAct.WAITING),
        (Hold.CIRCUIT, 3600, WatchAct.CIRCUIT),
        (Hold.STOPPED, None, WatchAct.LEFT),
        (Hold.PAUSED, None, WatchAct.LEFT),
        (Hold.NO_PROOF, None, WatchAct.LEFT),
        (Hold.MANAGED, None, WatchAct.LEFT),
        (Hold.READ_ONLY, None, WatchAct.LEFT),
        (Hold.NOTIFY_ONLY, None, WatchAct.LEFT),
        (Hold.OTHER_WATCH, None, WatchAct.LEFT),
        (Hold.OUT_OF_SCOPE, None, WatchAct.LEFT),
    ],
)
def test_what_it_does_about_an_incident(
    hold: Hold | None, until_s: float | None, act: WatchAct
) -> None:
    assert act_of(watched(hold, "web", until_s=until_s)) is act


def test_what_an_ended_watch_did_last_is_not_what_it_does() -> None:
    written = status(watched(None, "web"), circuits=(circuit("db"),))
    sight = see_watch(reading(written, is_held=False), NOON)
    assert (sight.present, sight.incidents, sight.circuits) == (None, (), ())
    assert sight.reading.status == written


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("web", "web"),
        (cid("web"), "web"),
        (cid("web")[:12], "web"),
        (cid("web")[:5], None),
        ("", None),
        ("we", None),
        ("vpn", None),
    ],
)
def test_a_circuit_is_found_by_name_or_id(name: str, found: str | None) -> None:
    written = status(circuits=(circuit("web"), circuit("db")))
    one = see_watch(reading(written), NOON).circuit_of(name)
    assert (one and one.name) == found


def test_two_circuits_with_one_name_are_told_apart_by_the_user() -> None:
    sight = see_watch(reading(status(circuits=(circuit("web"),) * 2)), NOON)
    assert sight.circuit_of("web") is None


def test_an_incident_is_recognized_by_its_key() -> None:
    seen = report(
        container("vpn", started=5),
        container("a", joins="vpn", started=1),
        net={"vpn": 1, "a": 2},
    )
    (incident,) = seen.incidents
    other, same = watched(None, "a"), watched(None, "a", owner=cid("vpn"))
    sight = see_watch(reading(status(other, same)), NOON)
    assert watched_for(sight, key_of(incident)) == same
    unknown = see_watch(reading(status(other)), NOON)
    assert watched_for(unknown, key_of(incident)) is None


def test_what_heals_now_comes_before_what_waits() -> None:
    now, soon = watched(None, "a"), watched(Hold.SETTLING, "a", "b", until_s=3)
    sight = see_watch(reading(status(soon, now)), NOON)
    acts = (WatchAct.HEALING, WatchAct.SOON)
    assert watched_among(sight, ("a",), *acts) == now
    assert watched_among(sight, ("b", "c"), *acts) == soon
    assert watched_among(sight, ("c",), *acts) is None
    assert watched_among(sight, (), *acts) is None
