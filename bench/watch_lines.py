"""The promises of the standing watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measure.idle import EVENTS
from bench.promise import promised, range_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.measure.watch import Rejoining, Watch
    from bench.measurements import Measurements
    from bench.promise import Line

WATCH_CPU_S = 0.10
LISTS_A_MINUTE = 2
WATCH_MIB = 40
ASKED_MS = 150
"""The limit for the first restart, besides the settling time."""

AT_ONCE = 4
"""How many restarts may be under way."""

_NUMBER = "watch"
_LISTS = "GET /containers/json"
_MINUTE_S = 60


def judge_watch(found: Measurements) -> Iterator[Line]:
    """Yield each promise of the watch with its measurement."""
    if found.watch is not None:
        yield from _rest(found.watch, found.containers)
        yield _asked(found.watch)
        yield _rejoining(found.watch.rejoining)


def _rest(watch: Watch, containers: int) -> Iterator[Line]:
    idle = watch.idle
    minutes = max(1.0, idle.seconds / _MINUTE_S)
    where = f"at rest for {idle.seconds:.0f} s, {containers} containers"
    allowed_s = WATCH_CPU_S * minutes
    yield promised(
        _NUMBER,
        f"CPU of nstui watch, {where}",
        f"≤ {allowed_s:.2f} s",
        f"{idle.cpu_s:.2f} s",
        holds=idle.cpu_s <= allowed_s,
    )
    asked = ", ".join(f"{n} of {path}" for path, n in sorted(idle.requests.items()))
    yield promised(
        _NUMBER,
        f"its requests to the engine, {where}, beside the stream of events",
        f"≤ {LISTS_A_MINUTE} lists a minute",
        asked or "none",
        holds=set(idle.requests) <= {_LISTS}
        and idle.requests.get(_LISTS, 0) <= round(LISTS_A_MINUTE * minutes)
        and idle.streams.get(EVENTS, 0) == 1,
    )
    healed = watch.rejoining
    yield promised(
        _NUMBER,
        f"its memory at rest, {containers} containers",
        f"≤ {WATCH_MIB} MiB",
        f"{idle.memory_mib:.0f} MiB; {healed.memory_mib:.0f} MiB once it has healed"
        f" {healed.dependents} containers",
        holds=idle.memory_mib <= WATCH_MIB,
    )


def _asked(watch: Watch) -> Line:
    limit_ms = watch.settle_s * 1000 + ASKED_MS
    asked_ms = watch.asked_ms
    return promised(
        _NUMBER,
        "from an owner's start, by the engine's event, to the request to restart its"
        " first dependent",
        f"≤ {limit_ms:,.0f} ms: the settling time and {ASKED_MS} ms",
        range_of(asked_ms),
        holds=not asked_ms.failed and asked_ms.most <= limit_ms,
    )


def _rejoining(taken: Rejoining) -> Line:
    return promised(
        _NUMBER,
        f"{taken.dependents} dependents of one owner restarted, from its start to the"
        " last of theirs",
        f"all, at most {AT_ONCE} at once",
        f"{taken.rejoined} rejoined in {taken.seconds:.1f} s, at most"
        f" {taken.most_at_once} at once",
        holds=taken.rejoined == taken.dependents and 1 < taken.most_at_once <= AT_ONCE,
    )
