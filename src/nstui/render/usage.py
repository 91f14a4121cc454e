"""How much of the CPU and the memory is used, in words, and by which processes."""

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
"""From here on a number is rounded to 10 and needs no decimals."""

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
    """By what the rows are ordered: the greatest first, but for pids."""

    CPU = "CPU"
    MEMORY = "memory"
    TIME = "time"
    PID = "pid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    """One process, cell by cell; all of it is safe to show."""

    pid: str
    user: str
    state: str
    cpu: str
    """A share of one CPU since the reading before; an ellipsis: not known yet."""

    memory: str
    time: str
    """How long it has used a CPU, as ``ps`` writes it."""

    command: str


def process_rows(
    before: Iterable[ProcessUsage], now: Sequence[ProcessUsage], order: ProcessOrder
) -> tuple[ProcessRow, ...]:
    """Return a row for each process of a reading.

    Args:
        before: The reading before, which tells how busy each has been since.
        now: The reading.
        order: By what the rows are ordered; then by their pids.

    """
    percents = cpu_percents(before, now)

    def rank(each: ProcessUsage) -> tuple[float, int]:
        keys = {
            ProcessOrder.CPU: -(percents[each.pid] or 0.0),
            ProcessOrder.MEMORY: -each.memory,
            ProcessOrder.TIME: -each.cpu_s,
            ProcessOrder.PID: 0,
        }
        return keys[order], each.pid

    return tuple(
        ProcessRow(
            pid=str(each.pid),
            user=printable(each.user),
            state=each.state,
            cpu=_share(percents[each.pid]),
            memory=size_text(each.memory),
            time=cpu_time_text(each.cpu_s),
            command=printable(each.command),
        )
        for each in sorted(now, key=rank)
    )


def total_text(before: Iterable[ProcessUsage], now: Sequence[ProcessUsage]) -> str:
    """Return how many processes there are, and how busy they are together."""
    percents = tuple(cpu_percents(before, now).values())
    known = [percent for percent in percents if percent is not None]
    share = percent_text(sum(known)) if known else _UNKNOWN
    several = plural(len(now), "process", "processes")
    return f"{several} · {share} of one CPU"


def cpu_time_text(seconds: float) -> str:
    """Return a time such as ``0:07.31``, ``12:07`` or ``3:12:07``, as top does."""
    whole, rest = divmod(round(seconds * 100), 100)
    if whole < _HOUR:
        return f"{whole // _MINUTE}:{whole % _MINUTE:02}.{rest:02}"
    minutes = whole // _MINUTE
    return f"{minutes // _MINUTE}:{minutes % _MINUTE:02}:{whole % _MINUTE:02}"


def _share(percent: float | None) -> str:
    return _UNKNOWN if percent is None else percent_text(percent)
