"""The order of the lines of several logs, and where a container was started again."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.logs import (
    LogKey,
    PlacedLine,
    StartMarks,
    merge_lines,
    place_lines,
    started_ns,
)
from nstui.model.audit import LogLine, LogSource
from nstui.model.container import ContainerId
from tests.support.builders import NOON, cid, container

if TYPE_CHECKING:
    from nstui.model.container import Container

A, B, C = (ContainerId(letter * 64) for letter in "abc")
MINUTE = 60 * 10**9
START = int(NOON.timestamp()) * 10**9


def line(time_ns: int | None, text: str = "") -> LogLine:
    return LogLine(LogSource.STDOUT, time_ns, text)


def placed(owner: ContainerId, *times: int) -> tuple[PlacedLine, ...]:
    return place_lines(owner, [line(time, f"{owner[0]}{time}") for time in times])


def said(lines: list[PlacedLine]) -> list[str]:
    return [each.line.text for each in lines]


@pytest.mark.parametrize(
    ("times", "last", "placed_at"),
    [
        ((1, 2, 3), None, [1, 2, 3]),
        ((1, 1), None, [1, 1]),
        # The engine's clock was set back: its order is kept.
        ((5, 3, 6), None, [5, 5, 6]),
        ((5, None, 6), None, [5, 5, 6]),
        ((None,), None, [0]),
        ((4, 9), (7, A, 3), [7, 9]),
        ((None,), (7, A, 3), [7]),
    ],
)
def test_the_places_of_one_log(
    times: tuple[int | None, ...], last: LogKey | None, placed_at: list[int]
) -> None:
    lines = place_lines(A, map(line, times), last)
    keys = [each.key for each in lines]
    assert [key[0] for key in keys] == placed_at
    assert keys == sorted(keys)
    assert last is None or keys[0] > last
    assert {each.container for each in lines} == {A}


@pytest.mark.parametrize(
    ("kept", "new", "stay", "tail"),
    [
        ((), (), 0, []),
        (placed(A, 1), (), 1, []),
        ((), placed(A, 1), 0, ["a1"]),
        (placed(A, 1, 2), placed(B, 3), 2, ["b3"]),
        (placed(A, 1, 3), placed(B, 2), 1, ["b2", "a3"]),
        (placed(A, 2, 3), placed(B, 1), 0, ["b1", "a2", "a3"]),
        # At equal times the ids decide, whichever came first.
        (placed(B, 2), placed(A, 2), 0, ["a2", "b2"]),
        (placed(A, 2), placed(B, 2), 1, ["b2"]),
        # The new ones may come in any order.
        (
            placed(A, 1),
            (*placed(C, 2, 5), *placed(B, 3, 4)),
            1,
            ["c2", "b3", "b4", "c5"],
        ),
        (placed(A, 1, 2), placed(A, 0, 3), 0, ["a0", "a1", "a2", "a3"]),
    ],
)
def test_merging(
    kept: tuple[PlacedLine, ...],
    new: tuple[PlacedLine, ...],
    stay: int,
    tail: list[str],
) -> None:
    start, lines = merge_lines(kept, new)
    assert (start, said(lines)) == (stay, tail)


def test_it_does_not_matter_when_lines_arrive() -> None:
    chance = random.Random(1)  # noqa: S311 - the same each time
    for _ in range(50):
        logs = [
            list(placed(owner, *sorted(chance.choices(range(30), k=12))))
            for owner in (A, B, C)
        ]
        everything = sorted((x for log in logs for x in log), key=lambda x: x.key)
        kept: list[PlacedLine] = []
        while any(logs):
            log = chance.choice([log for log in logs if log])
            count = chance.randint(1, len(log))
            new, log[:] = log[:count], log[count:]
            start, tail = merge_lines(kept, new)
            kept[start:] = tail
        assert kept == everything


def test_when_a_container_was_started() -> None:
    assert started_ns(container("own", started=2)) == START + 2 * MINUTE
    assert started_ns(container("own", state="created", started=None)) is None
    assert started_ns(container("own", is_inspected=False)) is None


def ended_before(subject: Container) -> Container:
    """Return a container that has ended before it was started."""
    assert subject.inspection is not None
    return replace(subject, inspection=replace(subject.inspection, finished_at=NOON))


def test_the_very_first_start_is_not_marked() -> None:
    own, marks = container("own", started=1), StartMarks()
    assert marks.see(own) == ()
    # The engine noted the start after the first line.
    assert marks.find(place_lines(own.id, [line(START + MINUTE - 1)])) == ()


def test_an_earlier_start_is_marked_only_after_older_lines() -> None:
    own, marks = ended_before(container("own", started=1)), StartMarks()
    assert marks.see(own) == ()
    later = place_lines(own.id, [line(START + MINUTE), line(START + 2 * MINUTE)])
    assert marks.find(later) == ()
    other = place_lines(cid("other"), [line(1)])
    assert marks.find(other) == ()
    older = place_lines(own.id, [line(START)])
    (key,) = marks.find(older)
    assert key[:2] == (START + MINUTE, own.id)
    # It is between the two runs, even if a line has the same time.
    assert older[-1].key < key < later[0].key
    assert marks.find(older) == ()


def test_every_start_while_the_log_is_open_is_marked() -> None:
    marks = StartMarks()
    assert marks.see(ended_before(container("own", started=1))) == ()
    assert marks.see(ended_before(container("own", started=1))) == ()
    assert marks.see(container("own", is_inspected=False)) == ()
    (key,) = marks.see(container("own", started=3))
    assert key[:2] == (START + 3 * MINUTE, cid("own"))
    assert marks.see(container("own", started=3)) == ()
    # The start before was not marked, and is no longer the last one.
    assert marks.find(place_lines(cid("own"), [line(1)])) == ()
