"""The promises of the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measure.guard import percentile
from bench.promise import promised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.measure.guard import Guard, Paired
    from bench.measure.spread import Spread
    from bench.measurements import Measurements
    from bench.promise import Line

ADDED_MS = 2.0
"""What the guard may add to a call that harms nobody."""

BUSY_MS = 50.0
"""How long the answer may take while looks keep every core busy."""

LONGEST_MS = 5000.0
"""How long a call may take, whatever becomes of the guard."""

GUARD_MIB = 30
_NUMBER = "guard"
_MEDIAN, _NEARLY_ALL = 0.5, 0.99


def judge_guard(found: Measurements) -> Iterator[Line]:
    """Yield each promise of the guard with its measurement."""
    if found.guard is not None:
        yield _added(found.guard)
        yield from _answers(found.guard)
        yield from _back(found.guard)
        yield promised(
            _NUMBER,
            "memory of the process that answers",
            f"≤ {GUARD_MIB} MiB",
            f"{found.guard.memory_mib:.0f} MiB",
            holds=found.guard.memory_mib <= GUARD_MIB,
        )


def percentiles(values: Spread) -> str:
    """Return the median and the 99th percentile."""
    if not values.values:
        return "never"
    p50, p99 = percentile(values, _MEDIAN), percentile(values, _NEARLY_ALL)
    return f"{p50:,.2f} ms, p99 {p99:,.2f} ms"


def added_ms(paired: Paired, share: float) -> float:
    """Return how much more a percentile is with the guard."""
    with_ms = percentile(paired.with_ms, share)
    return with_ms - percentile(paired.without_ms, share)


def _added(guard: Guard) -> Line:
    taken = guard.list_ms
    p50, p99 = added_ms(taken, _MEDIAN), added_ms(taken, _NEARLY_ALL)
    return promised(
        _NUMBER,
        "added to the engine's list of containers, two questions",
        f"p99 ≤ {ADDED_MS:g} ms",
        f"{p50:.2f} ms, p99 {p99:.2f} ms",
        holds=p99 <= ADDED_MS,
    )


def _answers(guard: Guard) -> Iterator[Line]:
    for what, taken, most_ms in (
        ("the front's answer to what is harmless", guard.answer_ms, ADDED_MS),
        (f"the same while {guard.removals} removals wait", guard.busy_ms, BUSY_MS),
    ):
        yield promised(
            _NUMBER,
            what,
            f"p99 ≤ {most_ms:g} ms",
            percentiles(taken),
            holds=percentile(taken, _NEARLY_ALL) <= most_ms,
        )


def _back(guard: Guard) -> Iterator[Line]:
    for what, taken in (
        ("killed", guard.killed_ms),
        ("stopped", guard.stopped_ms),
    ):
        failed = f", {taken.failed} failed" if taken.failed else ""
        yield promised(
            _NUMBER,
            f"docker ps while the front is {what} by a signal",
            f"all answered within {LONGEST_MS / 1000:g} s",
            f"{taken.median:,.0f} ms, at most {taken.most:,.0f} ms{failed}",
            holds=not taken.failed and taken.most <= LONGEST_MS,
        )
