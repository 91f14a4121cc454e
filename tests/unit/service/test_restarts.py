"""How soon containers are started again, from look to look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.service.observer import RestartMemory
from tests.support.builders import NOON, cid, container

if TYPE_CHECKING:
    from nstui.model.container import Container


def run(count: int, started: float) -> Container:
    """Return a container in one of its runs, which began some seconds after noon."""
    sick = container("sick", restart_count=count)
    assert sick.inspection is not None
    started_at = NOON + timedelta(seconds=started)
    return replace(sick, inspection=replace(sick.inspection, started_at=started_at))


def periods(*looks: Container) -> list[float | None]:
    """Return what is known after each look, in seconds."""
    memory = RestartMemory()
    found = (memory.learn((look,)).get(cid("sick")) for look in looks)
    return [None if one is None else one.total_seconds() for one in found]


def test_a_count_that_rises_tells_how_long_a_run_was() -> None:
    assert periods(run(3, 0), run(4, 30)) == [None, 30]


def test_several_runs_between_two_looks_are_told_on_the_average() -> None:
    assert periods(run(3, 0), run(7, 40)) == [None, 10]


def test_it_is_known_until_the_next_run() -> None:
    assert periods(run(3, 0), run(4, 30), run(4, 30), run(5, 90)) == [
        *(None, 30),
        *(30, 60),
    ]


def test_a_start_by_hand_begins_anew() -> None:
    assert periods(run(3, 0), run(4, 30), run(0, 50), run(0, 50)) == [
        *(None, 30),
        *(None, None),
    ]


def test_one_that_has_gone_is_forgotten() -> None:
    memory = RestartMemory()
    memory.learn((run(3, 0),))
    assert memory.learn((run(4, 30),))
    assert memory.learn(()) == {}
    assert memory.learn((run(9, 99),)) == {}
