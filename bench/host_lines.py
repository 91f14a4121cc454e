"""The promises about a list of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.promise import promised, range_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.measurements import Measurements
    from bench.promise import Line

KEY_MS = 30
QUIT_MS = 500
HOST_MIB = 1.5


def judge_hosts(found: Measurements) -> Iterator[Line]:
    """Yield each promise about a list of hosts with its measurement."""
    many = found.hosts
    if many is None:
        return
    where = f"{many.hosts} hosts of {many.containers} containers"
    where += f", {many.failing} of them dead or silent"
    shown = many.down.shown_ms
    yield promised(
        "hosts",
        f"from a key to the screen in a list of {where}",
        f"≤ {KEY_MS} ms",
        range_of(shown, digits=1),
        holds=not shown.failed and shown.median <= KEY_MS,
    )
    ended = many.quit_ms
    yield promised(
        "hosts",
        f"from the key to quit to the end, {where}",
        f"≤ {QUIT_MS} ms",
        "never" if ended is None else f"{ended:.0f} ms",
        holds=ended is not None and ended <= QUIT_MS,
    )
    yield promised(
        "hosts",
        f"memory for each host, {where}",
        f"≤ {HOST_MIB} MiB",
        f"{many.host_mib:.2f} MiB",
        holds=many.host_mib <= HOST_MIB,
    )
