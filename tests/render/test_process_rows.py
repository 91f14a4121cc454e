"""Processes as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nstui.model.usage import ProcessUsage
from nstui.render.process_rows import Order, process_rows, time_words, total_words
from tests.builders import NOON


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
        (Order.CPU, ["2", "1", "4"]),
        (Order.MEMORY, ["4", "1", "2"]),
        (Order.TIME, ["2", "1", "4"]),
        (Order.PID, ["1", "2", "4"]),
    ],
)
def test_orders(order: Order, pids: list[str]) -> None:
    assert [row.pid for row in process_rows(BEFORE, NOW, order)] == pids


def test_cells() -> None:
    first, _, newcomer = process_rows(BEFORE, NOW, Order.PID)
    assert (first.cpu, first.memory, first.time) == ("10%", "2.0 MB", "0:10.20")
    assert first.command == "run\\x1b 1"
    assert newcomer.cpu == "…"


def test_totals() -> None:
    assert total_words(BEFORE, NOW) == "3 processes · 60% of one CPU"
    assert total_words((), NOW[:1]) == "1 process · … of one CPU"


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
    assert time_words(seconds) == words
