"""The usage of CPU and memory as text, and the list of processes."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from rich.filesize import decimal, pick_unit_and_suffix

from nstui.analysis.tree.members import cpu_percents
from nstui.model.frozen import dataclass
from nstui.render.text import plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nstui.model.network import ProcessUsage


_DECIMALS_BELOW = 9.95
"""A number from here on is rounded to 10 and needs no decimals."""

_UNITS = ["bytes", "kB", "MB", "GB", "TB"]
_KILO = 1000

_UNKNOWN = "…"
_MINUTE = 60
_HOUR = 3600


def percent_text(percent: float) -> str:
    """Return a share of one CPU, such as ``0.4%`` or ``180%``."""
    return f"{percent:.{int(percent < _DECIMALS_BELOW)}f}%"


def size_text(size: float) -> str:
    """Return a number of bytes, such as ``1.2 GB``."""
    return decimal(round(size))


def short_size_text(size: int) -> str:
    """Return a number of bytes in at most three digits, such as ``161 MB``."""
    unit, suffix = pick_unit_and_suffix(size, _UNITS, _KILO)
    number = size / unit
    return f"{number:.{int(unit > 1 and number < _DECIMALS_BELOW)}f} {suffix}"


class ProcessOrder(StrEnum):
    """The sort order of the rows: the greatest first, except for pids."""

    CPU = "CPU"
    MEMORY = "memory"
    TIME = "time"
    PID = "pid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """The cells of one process; all are safe to show."""

    pid: str
    user: str
    state: str
    cpu: str
    """The share of one CPU since the last reading; an ellipsis while it is unknown."""

    memory: str
    time: str
    """The CPU time, as ``ps`` writes it."""

    command: str


def process_rows(
    before: Iterable[ProcessUsage], now: Sequence[ProcessUsage], order: ProcessOrder
) -> tuple[ProcessRow, ...]:
    """Return a row for each process of a reading.

    Args:
        before: The last reading, for the CPU shares.
        now: The reading.
        order: The order of the rows; equal ones are sorted by pid.

    """
    percents = cpu_percents(before, now)

    def rank(process: ProcessUsage) -> tuple[float, int]:
        keys = {
            ProcessOrder.CPU: -(percents[process.pid] or 0.0),
            ProcessOrder.MEMORY: -process.memory,
            ProcessOrder.TIME: -process.cpu_s,
            ProcessOrder.PID: 0,
        }
        return keys[order], process.pid

    return tuple(
        ProcessRow(
            pid=str(process.pid),
            user=printable(process.user),
            state=process.state,
            cpu=_share(percents[process.pid]),
            memory=size_text(process.memory),
            time=cpu_time_text(process.cpu_s),
            command=printable(process.command),
        )
        for process in sorted(now, key=rank)
    )


def total_text(before: Iterable[ProcessUsage], now: Sequence[ProcessUsage]) -> str:
    """Return the number of processes, and their CPU share in total."""
    percents = tuple(cpu_percents(before, now).values())
    known = [percent for percent in percents if percent is not None]
    share = percent_text(sum(known)) if known else _UNKNOWN
    count = plural(len(now), "process", "processes")
    return f"{count} · {share} of one CPU"


def cpu_time_text(seconds: float) -> str:
    """Return a CPU time such as ``0:07.31``, ``12:07`` or ``3:12:07``, as top does."""
    whole, rest = divmod(round(seconds * 100), 100)
    if whole < _HOUR:
        return f"{whole // _MINUTE}:{whole % _MINUTE:02}.{rest:02}"
    minutes = whole // _MINUTE
    return f"{minutes // _MINUTE}:{minutes % _MINUTE:02}:{whole % _MINUTE:02}"


def _share(percent: float | None) -> str:
    return _UNKNOWN if percent is None else percent_text(percent)
