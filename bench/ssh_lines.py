"""The promises about an engine behind ssh."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measure.ssh import ROUND_TRIP_MS
from bench.measurements import NSTUI
from bench.promise import not_measured, promised, range_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.measure.ssh import FarAway
    from bench.measurements import Measurements
    from bench.promise import Line

FIRST_TRIPS = 2
"""How many round trips after the login the first container may take."""

LOOK_TRIPS = 1
LOOK_BYTES = 20 * 1024
KEY_NOISE_MS = 5.0
LIST_EVERY_S = 30.0

_NUMBER = "ssh"
_LIST = "GET /containers/json"


def judge_ssh(found: Measurements) -> Iterator[Line]:
    """Yield each promise about an engine behind ssh with its measurement."""
    far = found.far
    if far is None:
        return
    where = f"engine behind ssh, {ROUND_TRIP_MS:.0f} ms away"
    yield _first(far, where)
    yield promised(
        _NUMBER,
        f"namespaces of {far.containers} containers, {where}",
        f"≤ {LOOK_TRIPS} round trip",
        f"{far.look_trips:.1f} round trips: {range_of(far.look_ms)};"
        f" without the delay {range_of(far.near_look_ms)}",
        holds=round(far.look_trips) <= LOOK_TRIPS,
    )
    yield promised(
        _NUMBER,
        f"a look at {far.containers} containers that have not changed, {where}",
        f"≤ {LOOK_TRIPS} round trip",
        f"{far.whole_trips:.1f} round trips: {range_of(far.whole_ms)};"
        f" without the delay {range_of(far.near_whole_ms)}",
        holds=round(far.whole_trips) <= LOOK_TRIPS,
    )
    yield promised(
        _NUMBER,
        f"bytes through ssh for the namespaces of {far.containers} containers",
        f"≤ {LOOK_BYTES // 1024} KiB",
        f"{far.look_bytes:,.0f} bytes",
        holds=far.look_bytes <= LOOK_BYTES,
    )
    shown, near = far.down.shown_ms, far.near_down.shown_ms
    yield promised(
        _NUMBER,
        f"from a key to the screen, {where}",
        f"as without ssh, {range_of(near, digits=1)}, ± {KEY_NOISE_MS:.0f} ms",
        range_of(shown, digits=1),
        holds=not shown.failed and shown.median <= near.median + KEY_NOISE_MS,
    )
    yield _whole_look(far)
    yield _rest(far, where)


def _whole_look(far: FarAway) -> Line:
    what = f"bytes through ssh for a look at rest, {far.containers} containers"
    target = f"≤ {LOOK_BYTES // 1024} KiB"
    looks = far.rest_requests.get(_LIST, 0)
    if not looks:
        return not_measured(_NUMBER, what, target, "there was no look in that time")
    each = far.rest_bytes / looks
    return promised(
        _NUMBER, what, target, f"{each:,.0f} bytes", holds=each <= LOOK_BYTES
    )


def _first(far: FarAway, where: str) -> Line:
    login, local, first = far.handshake_ms, far.local_ms, far.first_ms[NSTUI]
    most = login.median + FIRST_TRIPS * ROUND_TRIP_MS + local.median
    return promised(
        _NUMBER,
        f"start to the first container on the screen, {where}",
        f"≤ login {range_of(login)} + {FIRST_TRIPS} round trips"
        f" + without ssh {range_of(local)} = {most:,.0f} ms",
        range_of(first),
        holds=not first.failed and first.median <= most,
    )


def _rest(far: FarAway, where: str) -> Line:
    others = {path: n for path, n in far.rest_requests.items() if path != _LIST}
    lists = far.rest_requests.get(_LIST, 0)
    asked = ", ".join(f"{n} of {path}" for path, n in sorted(far.rest_requests.items()))
    return promised(
        _NUMBER,
        f"requests at rest for {far.rest_s:.0f} s, beside the stream of events,"
        f" {where}",
        "one list each 30 s",
        f"{asked or 'none'}; {far.rest_bytes:,} bytes there and back",
        holds=not others and lists <= int(far.rest_s // LIST_EVERY_S) + 1,
    )
