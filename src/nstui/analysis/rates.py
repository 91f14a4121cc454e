"""What happened between two readings of counters, for each second of it.

None always means that it is not known: no time has passed, or the counter went back
because what it counts was started anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.inside import Interface, Interfaces
    from nstui.model.usage import ProcessUsage, Usage

_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Traffic:
    """What goes through an interface, in bytes for each second."""

    received: float | None
    sent: float | None


def cpu_percent(
    before: Usage | ProcessUsage | None, after: Usage | ProcessUsage
) -> float | None:
    """Return how much of one CPU was used; above 100 if it was more than one.

    Args:
        before: The earlier reading of the same thing; None if there is none.
        after: The later one.

    """
    if before is None:
        return None
    share = _per_second(before.cpu_s, after.cpu_s, after.taken_s - before.taken_s)
    return None if share is None else share * _PERCENT


def cpu_percents(
    before: Iterable[ProcessUsage], after: Iterable[ProcessUsage]
) -> Mapping[int, float | None]:
    """Return the same for each process of the later reading, by its pid.

    A process that has another one's pid by now has another start.
    """
    known = {(each.pid, each.started_at): each for each in before}
    return MappingProxyType(
        {
            each.pid: cpu_percent(known.get((each.pid, each.started_at)), each)
            for each in after
        }
    )


def traffic(
    before: Interfaces, after: Interfaces, seconds: float
) -> Mapping[str, Traffic]:
    """Return what went through each interface of the later reading, by its name.

    Args:
        before: The earlier reading of the same network.
        after: The later one.
        seconds: How much time passed between the two.

    """
    known = {each.name: each for each in before.interfaces}
    return MappingProxyType(
        {
            each.name: _traffic(known.get(each.name), each, seconds)
            for each in after.interfaces
        }
    )


def _traffic(before: Interface | None, after: Interface, seconds: float) -> Traffic:
    if before is None:
        return Traffic(None, None)
    return Traffic(
        received=_per_second(before.received, after.received, seconds),
        sent=_per_second(before.sent, after.sent, seconds),
    )


def _per_second(before: float, after: float, seconds: float) -> float | None:
    if seconds <= 0 or after < before:
        return None
    return (after - before) / seconds
