"""The promises about a list of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.promise import promised, range_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.measure.hosts import ManyHosts
    from bench.measure.keys import Keys
    from bench.measure.real_hosts import RealHosts
    from bench.measurements import Measurements
    from bench.promise import Line

KEY_MS = 30
QUIT_MS = 500
HOST_MIB = 1.5


def judge_hosts(found: Measurements) -> Iterator[Line]:
    """Yield each promise about a list of hosts with its measurement."""
    yield from _simulated(found.hosts)
    yield from _real(found.real_hosts)


def _simulated(many: ManyHosts | None) -> Iterator[Line]:
    if many is None:
        return
    where = f"{many.hosts} hosts of {many.containers} containers"
    where += f", {many.failing} of them dead or silent"
    yield _key(many.down, where)
    ended = many.quit_ms
    yield promised(
        "hosts",
        f"from the key to quit to the end, {where}",
        f"≤ {QUIT_MS} ms",
        "never" if ended is None else f"{ended:.0f} ms",
        holds=ended is not None and ended <= QUIT_MS,
    )
    yield _memory(many.host_mib, where)


def _real(real: RealHosts | None) -> Iterator[Line]:
    if real is None:
        return
    where = f"{real.hosts} real engines behind ssh"
    yield _key(real.down, where)
    yield _memory(real.host_mib, where, f"; {real.ssh_mib:.1f} MiB of ssh itself")


def _key(down: Keys, where: str) -> Line:
    shown = down.shown_ms
    return promised(
        "hosts",
        f"from a key to the screen in a list of {where}",
        f"≤ {KEY_MS} ms",
        range_of(shown, digits=1),
        holds=not shown.failed and shown.median <= KEY_MS,
    )


def _memory(host_mib: float, where: str, besides: str = "") -> Line:
    return promised(
        "hosts",
        f"memory for each host, {where}",
        f"≤ {HOST_MIB} MiB",
        f"{host_mib:.2f} MiB{besides}",
        holds=host_mib <= HOST_MIB,
    )
