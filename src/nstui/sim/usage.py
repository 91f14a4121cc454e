"""What simulated containers use: always the same at the same age."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.container import ContainerState
from nstui.model.usage import ProcessUsage, Usage
from nstui.sim.programs import programs_of

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.sim.record import Record

_MIB = 2**20
_PAGE = 4096
_SWING = 0.7
"""By how much of itself a rate goes up and down."""


@dataclass(frozen=True, slots=True)
class _Habit:
    """How a program of some image behaves."""

    share: float
    """Of one CPU, on average."""

    memory: int
    period_s: float
    """How long its share takes to go up and down."""


def usage_of(record: Record, now: datetime) -> Usage:
    """Return what a container that runs uses."""
    habit = _habit(record)
    age = age_s(record, now)
    return Usage(
        taken_s=now.timestamp(),
        cpu_s=grown(habit.share, age, habit.period_s),
        memory=_memory(habit, age),
    )


def processes_of(record: Record, now: datetime) -> tuple[ProcessUsage, ...]:
    """Return the processes of a container that runs."""
    total = usage_of(record, now)
    programs = programs_of(record.spec)
    weights = sum(program.weight for program in programs)
    is_paused = record.state is ContainerState.PAUSED
    return tuple(
        ProcessUsage(
            pid=(record.pid or 0) + number,
            command=program.command,
            user=program.user,
            state="disk-sleep" if is_paused else "sleeping",
            started_at=record.started_at or now,
            taken_s=total.taken_s,
            cpu_s=total.cpu_s * program.weight / weights,
            memory=_pages(total.memory * program.weight / weights),
        )
        for number, program in enumerate(programs)
    )


def age_s(record: Record, now: datetime) -> float:
    """Return for how long a container has been running, in seconds."""
    return max(0.0, (now - (record.started_at or now)).total_seconds())


def grown(rate: float, age_s: float, period_s: float) -> float:
    """Return a sum that never goes back, of a rate that goes up and down.

    Args:
        rate: What is added in each second, on average.
        age_s: For how many seconds.
        period_s: How long the rate takes to go up and down.

    """
    turn = 2 * math.pi / period_s
    return rate * (age_s + _SWING * math.sin(turn * age_s) / turn)


def _habit(record: Record) -> _Habit:
    number = zlib.crc32(record.spec.image.encode())
    return _Habit(
        # Most programs are idle most of the time.
        share=0.002 + (number % 1000 / 1000) ** 4 * 0.3,
        memory=(6 + number // 1000 % 250) * _MIB,
        period_s=20 + number // 7 % 40,
    )


def _memory(habit: _Habit, age: float) -> int:
    return _pages(habit.memory * (1 + 0.03 * math.sin(age / 60)))


def _pages(number: float) -> int:
    return int(number) // _PAGE * _PAGE
