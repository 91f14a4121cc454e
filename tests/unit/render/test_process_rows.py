"""Processes as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nstui.model.network import ProcessUsage
from nstui.render.usage import (
    ProcessOrder,
    cpu_time_text,
    process_rows,
    total_text,
)
from tests.support.builders import NOON


def process(pid: int, cpu_s: float, memory: int = 0, *, at: float = 0) -> ProcessUsage:
    return ProcessUsage(
        pid=pid,
        command=f"run\x1b {pid}",
        user="me",
        state="sleeping",
        started_at=NOON + timedelta(seconds=pid),
        taken_s=at,
        cpu_s=cpu_s,
        memory=memory,
    )


BEFORE = (process(1, 10), process(2, 3000), process(3, 0))
NOW = (
    process(1, 10.2, 2_000_000, at=2),
    process(2, 3001, 1_000_000, at=2),
    process(4, 5, 3_000_000, at=2),
)


@pytest.mark.parametrize(
    ("order", "pids"),
    [
        (ProcessOrder.CPU, ["2", "1", "4"]),
        (ProcessOrder.MEMORY, ["4", "1", "2"]),
        (ProcessOrder.TIME, ["2", "1", "4"]),
        (ProcessOrder.PID, ["1", "2", "4"]),
    ],
)
def test_orders(order: ProcessOrder, pids: list[str]) -> None:
    assert [row.pid for row in process_rows(BEFORE, NOW, order)] == pids


def test_cells() -> None:
    first, _, newcomer = process_rows(BEFORE, NOW, ProcessOrder.PID)
    assert (first.cpu, first.memory, first.time) == ("10%", "2.0 MB", "0:10.20")
    assert first.command == "run\\x1b 1"
    assert newcomer.cpu == "…"


def test_totals() -> None:
    assert total_text(BEFORE, NOW) == "3 processes · 60% of one CPU"
    assert total_text((), NOW[:1]) == "1 process · … of one CPU"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0:00.00"),
        (7.314, "0:07.31"),
        (3599.99, "59:59.99"),
        (3600, "1:00:00"),
        (400_000, "111:06:40"),
    ],
)
def test_times(seconds: float, words: str) -> None:
    assert cpu_time_text(seconds) == words
