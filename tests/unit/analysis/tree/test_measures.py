"""What containers can be ordered by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.tree.arrangement import ages, cpu, memory
from nstui.analysis.tree.tree import SortOrder, UnknownValue
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem
from tests.support.builders import NOON, cid, container, report

if TYPE_CHECKING:
    from nstui.model.container import Container

C = cid("c")
AWAITED, UNREAD = UnknownValue.AWAITED, UnknownValue.UNREAD


def used(
    taken_s: float, cpu_s: float, memory: int = 5, *, is_summed: bool = False
) -> Usage:
    return Usage(taken_s=taken_s, cpu_s=cpu_s, memory=memory, is_summed=is_summed)


def ended(one: Container, minutes: int) -> Container:
    assert one.inspection is not None
    at = NOON + timedelta(minutes=minutes)
    return replace(one, inspection=replace(one.inspection, finished_at=at))


@pytest.mark.parametrize(
    ("one", "age"),
    [
        pytest.param(container("c", started=-3, created=-9), 3 * 60, id="runs"),
        pytest.param(
            ended(container("c", started=-3, created=-9), -5), 3 * 60, id="runs again"
        ),
        pytest.param(
            ended(container("c", started=-5, created=-9, state="exited"), -2),
            2 * 60,
            id="has ended",
        ),
        pytest.param(
            container("c", started=None, created=-9, state="created"),
            9 * 60,
            id="was never started",
        ),
        pytest.param(container("c", started=5), 0, id="the clocks differ"),
        pytest.param(container("c", is_inspected=False), UNREAD, id="unknown"),
    ],
)
def test_the_age(one: Container, age: float | UnknownValue) -> None:
    assert ages(report(one)) == {C: age}


def test_memory() -> None:
    assert memory({C: used(0, 0, 7)}) == {C: 7.0}
    assert memory({C: ReadProblem.DENIED}) == {C: UNREAD}


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        pytest.param(used(1, 10), used(3, 11), 50.0, id="half of the time"),
        pytest.param(None, used(3, 11), AWAITED, id="the first reading"),
        pytest.param(used(3, 11), used(3, 11), AWAITED, id="no time has passed"),
        pytest.param(used(1, 10), used(3, 2), AWAITED, id="started anew"),
        pytest.param(
            used(1, 10), used(3, 11, is_summed=True), AWAITED, id="counted otherwise"
        ),
        pytest.param(ReadProblem.DENIED, used(3, 11), AWAITED, id="now it can be read"),
        pytest.param(used(1, 10), ReadProblem.VANISHED, UNREAD, id="has gone"),
    ],
)
def test_cpu(
    before: Usage | ReadProblem | None,
    after: Usage | ReadProblem,
    percent: float | UnknownValue,
) -> None:
    earlier = {} if before is None else {C: before}
    assert cpu(earlier, {C: after}) == {C: percent}


def test_which_orders_have_to_be_read_for() -> None:
    assert [order for order in SortOrder if order.is_usage] == [
        SortOrder.CPU,
        SortOrder.MEMORY,
    ]
