"""The promises of nstui, and whether they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.guard_lines import judge_guard
from bench.host_lines import judge_hosts
from bench.measure.idle import EVENTS
from bench.measurements import NSTUI
from bench.promise import not_measured, promised, range_of
from bench.ssh_lines import judge_ssh
from bench.subjects import BARE, CHECK, HELP, LAZYDOCKER, LIST
from bench.watch_lines import judge_watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.measure.storm import Storm
    from bench.measurements import Measurements
    from bench.promise import Line

RIVAL = "docksurf"
"""The program that startup is compared with: it uses Textual and events, too."""

START_RATIO, START_GOAL = 0.6, 0.5
FAST_RATIO = 1.3
"""How many times as late as in lazydocker a container may be shown at the start."""

COMMAND_RATIOS = ((HELP, BARE, 6.0), (CHECK, LIST, 5.0))
"""How many times as long as another command a command of nstui may take."""

IDLE_CPU_S = 0.2
ENGINE_NOISE_S = 0.1
LIST_EVERY_S = 30.0
CHANGE_MS, CHANGE_WORST_MS = 150, 400
STORM_LISTS = 5
KEY_MS, KEY_MANY_MS = 30, 60
QUIT_MS = 500
LOOK_MS = 100
SCAN_RATIO = 0.3
LINEAR = 1.15
MEMORY_MIB, MEMORY_MANY_MIB = 60, 90
FLAT_RATIO = 1.05
ROW_BYTES, SCREEN_BYTES, PROMPT_BYTES = 1024, 16 * 1024, 24 * 1024
DELAYED_KEY_MS = 60
"""The limit for a key through ssh, besides the delay of the connection."""

_LIST = "GET /containers/json"
_MINUTE_S = 60


def judge(found: Measurements) -> tuple[Line, ...]:
    """Return each promise with its measurement."""
    return tuple(
        line
        for part in (
            _start,
            _first_sight,
            _commands,
            _idle,
            _changes,
            _storms,
            _keys,
            _scale,
            _scans,
            _memory,
            _bytes,
            _prompts,
            _slow_link,
            _remote,
            judge_watch,
            judge_guard,
            judge_hosts,
            judge_ssh,
        )
        for line in part(found)
    )


def _start(found: Measurements) -> Iterator[Line]:
    what = f"start to a tree that shows the containers, {found.containers} of them"
    target = f"≤ {START_RATIO} of {RIVAL}, goal {START_GOAL}"
    own = found.startups[NSTUI].first_ms
    if RIVAL not in found.startups:
        remark = f"{range_of(own)}; no {RIVAL} to compare with"
        yield not_measured("1", what, target, remark)
        return
    other = found.startups[RIVAL].first_ms
    ratio = own.median / other.median
    measured = f"{range_of(own)}; {RIVAL} {range_of(other)}: {ratio:.2f}"
    yield promised("1", what, target, measured, holds=ratio <= START_RATIO)


def _first_sight(found: Measurements) -> Iterator[Line]:
    """Compare with the fastest of the others, which is not written in Python."""
    for number, what, limit, taken in (
        (
            "1",
            "start to the first container on the screen",
            FAST_RATIO,
            {name: one.first_ms for name, one in found.startups.items()},
        ),
        (
            "3",
            "a container started, from the engine's event to the screen",
            1.0,
            {name: one.started_ms for name, one in found.changes.items()},
        ),
    ):
        target = f"≤ {limit} of {LAZYDOCKER}"
        if LAZYDOCKER not in taken:
            remark = f"{range_of(taken[NSTUI])}; no {LAZYDOCKER} to compare with"
            yield not_measured(number, what, target, remark)
            continue
        own, other = taken[NSTUI], taken[LAZYDOCKER]
        ratio = own.median / other.median
        yield promised(
            number,
            what,
            target,
            f"{range_of(own)}; {LAZYDOCKER} {range_of(other)}: {ratio:.2f}",
            holds=ratio <= limit,
        )


def _commands(found: Measurements) -> Iterator[Line]:
    for command, other, limit in COMMAND_RATIOS:
        taken, other_ms = found.commands_ms[command], found.commands_ms[other]
        ratio = taken.median / other_ms.median
        where = f", {found.containers} containers" if command == CHECK else ""
        yield promised(
            "1",
            f"{command}{where}",
            f"at most {limit:.0f} times {other}",
            f"{range_of(taken)}; {other} {range_of(other_ms)}: {ratio:.1f}",
            holds=ratio <= limit,
        )


def _idle(found: Measurements) -> Iterator[Line]:
    idle = found.idle[NSTUI]
    allowed = IDLE_CPU_S * max(1.0, idle.seconds / _MINUTE_S)
    where = f"at rest for {idle.seconds:.0f} s"
    yield promised(
        "2",
        f"CPU of nstui, {where}",
        f"≤ {allowed:.1f} s",
        f"{idle.cpu_s:.2f} s",
        holds=idle.cpu_s <= allowed,
    )
    yield promised(
        "2",
        f"sent to the terminal, {where}",
        "0 bytes",
        f"{idle.sent_bytes:,} bytes",
        holds=idle.sent_bytes == 0,
    )
    lists = idle.requests.get(_LIST, 0)
    others = {path: n for path, n in idle.requests.items() if path != _LIST}
    allowed_lists = int(idle.seconds // LIST_EVERY_S) + 1
    asked = ", ".join(f"{n} of {path}" for path, n in sorted(idle.requests.items()))
    yield promised(
        "2",
        f"requests to the engine, {where}, beside the stream of events",
        "one list each 30 s",
        asked or "none",
        holds=not others
        and lists <= allowed_lists
        and idle.streams.get(EVENTS, 0) == 1,
    )
    if found.nobody is not None:
        more = idle.engine_cpu_s - found.nobody.engine_cpu_s
        yield promised(
            "2",
            f"CPU of the engine, {where}",
            f"as without nstui, ± {ENGINE_NOISE_S} s",
            f"{idle.engine_cpu_s:.2f} s; without {found.nobody.engine_cpu_s:.2f} s",
            holds=more <= ENGINE_NOISE_S,
        )


def _changes(found: Measurements) -> Iterator[Line]:
    changes = found.changes[NSTUI]
    target = f"≤ {CHANGE_MS} ms, worst {CHANGE_WORST_MS} ms"
    for word, taken in (
        ("started", changes.started_ms),
        ("stopped", changes.stopped_ms),
    ):
        yield promised(
            "3",
            f"a container {word}, from the engine's event to the screen",
            target,
            range_of(taken),
            holds=not taken.failed
            and taken.median <= CHANGE_MS
            and taken.most <= CHANGE_WORST_MS,
        )


def _storms(found: Measurements) -> Iterator[Line]:
    for where, storm in (
        ("as fast as the engine can", found.storm),
        ("simulated", found.simulated_storm),
    ):
        if storm is not None:
            yield _storm(where, storm)


def _storm(where: str, storm: Storm) -> Line:
    ends = "ends right" if storm.ends_right else "ends wrong"
    return promised(
        "3",
        f"a storm of {storm.containers} starts in {storm.seconds:.1f} s, {where}",
        f"≤ {STORM_LISTS} list calls, ends right",
        f"{storm.lists} list calls, {ends}",
        holds=storm.lists <= STORM_LISTS and storm.ends_right,
    )


def _keys(found: Measurements) -> Iterator[Line]:
    shown = found.keys[NSTUI].shown_ms
    yield promised(
        "4",
        f"from a key to the screen, {found.containers} containers",
        f"≤ {KEY_MS} ms",
        range_of(shown, digits=1),
        holds=not shown.failed and shown.median <= KEY_MS,
    )
    if found.quits_ms is not None:
        quits = found.quits_ms
        yield promised(
            "4",
            "from the key to quit to the end",
            f"≤ {QUIT_MS} ms",
            range_of(quits),
            holds=not quits.failed and quits.median <= QUIT_MS,
        )
    if found.simulated is not None:
        many = found.simulated.down.shown_ms
        yield promised(
            "4",
            f"the same, {found.simulated.containers:,} simulated containers",
            f"≤ {KEY_MANY_MS} ms",
            range_of(many, digits=1),
            holds=not many.failed and many.median <= KEY_MANY_MS,
        )


def _scale(found: Measurements) -> Iterator[Line]:
    scale = found.scale
    if scale is None:
        return
    size, simulated = list(scale.looks_ms.items())[-1]
    where = f"{size:,} containers, {scale.processes:,} processes"
    for how, taken in (
        ("simulated", simulated),
        ("from a real engine's answers", scale.served_ms),
    ):
        if taken is not None:
            yield promised(
                "5",
                f"one look: {where}, {how}",
                f"≤ {LOOK_MS} ms",
                range_of(taken),
                holds=taken.median <= LOOK_MS,
            )
    for what, power in (
        ("a look with the containers", scale.container_exponent),
        ("a look with the processes", scale.process_exponent),
        ("a scan with the processes", scale.scan_exponent),
    ):
        yield promised(
            "5",
            f"growth of {what}",
            "linear: exponent about 1 or less",
            f"exponent {power:.2f}",
            holds=power <= LINEAR,
        )


def _scans(found: Measurements) -> Iterator[Line]:
    for scan in found.scans:
        what = f"scan of a machine with {scan.processes:,} processes"
        target = f"≤ {SCAN_RATIO} of lsns"
        own = range_of(scan.nstui_ms)
        if scan.lsns_ms is None:
            yield not_measured("5", what, target, f"{own}; no lsns to compare with")
            continue
        ratio = scan.nstui_ms.median / scan.lsns_ms.median
        yield promised(
            "5",
            what,
            target,
            f"{own}; lsns {range_of(scan.lsns_ms)}: {ratio:.2f};"
            f" a bare loop {range_of(scan.bare_ms)}",
            holds=ratio <= SCAN_RATIO,
        )


def _memory(found: Measurements) -> Iterator[Line]:
    used = found.idle[NSTUI].memory_mib
    yield promised(
        "6",
        f"memory, {found.containers} containers",
        f"≤ {MEMORY_MIB} MiB",
        f"{used:.0f} MiB",
        holds=used <= MEMORY_MIB,
    )
    if found.simulated is not None:
        used = found.simulated.memory_mib
        yield promised(
            "6",
            f"memory, {found.simulated.containers:,} simulated containers and the"
            " simulation itself",
            f"≤ {MEMORY_MANY_MIB} MiB",
            f"{used:.0f} MiB",
            holds=used <= MEMORY_MANY_MIB,
        )
    if found.flatness is not None:
        early, late = found.flatness.early_mib, found.flatness.late_mib
        yield promised(
            "6",
            f"memory during {found.flatness.events:,} simulated events, an hour's,"
            f" in {found.flatness.seconds:.0f} s",
            "flat",
            f"{early:.1f} MiB in the second quarter, {late:.1f} MiB in the last",
            holds=late <= early * FLAT_RATIO,
        )


def _bytes(found: Measurements) -> Iterator[Line]:
    for what, sent, limit in (
        ("one changed line", found.changes[NSTUI].sent_bytes, ROW_BYTES),
        ("another size, drawn once", found.startups[NSTUI].screen_bytes, SCREEN_BYTES),
    ):
        yield promised(
            "7",
            f"sent to the terminal for {what}",
            f"≤ {limit // 1024} KiB",
            range_of(sent, "bytes"),
            holds=sent.median <= limit,
        )


def _prompts(found: Measurements) -> Iterator[Line]:
    for name, sent in found.prompts_bytes.items():
        yield promised(
            "7",
            f"sent to the terminal for {name}, over the whole screen",
            f"≤ {PROMPT_BYTES // 1024} KiB",
            f"{sent:,} bytes",
            holds=0 < sent <= PROMPT_BYTES,
        )


def _slow_link(found: Measurements) -> Iterator[Line]:
    if found.slow_changes is None or found.slow_keys is None:
        return
    for what, slow, usual in (
        (
            "one changed line",
            found.slow_changes.sent_bytes,
            found.changes[NSTUI].sent_bytes,
        ),
        ("a key", found.slow_keys.sent_bytes, found.keys[NSTUI].sent_bytes),
    ):
        yield promised(
            "7",
            f"the same for {what} with --slow-link",
            f"no more than without: {usual.median:,.0f} bytes",
            range_of(slow, "bytes"),
            holds=slow.median <= usual.median,
        )


def _remote(found: Measurements) -> Iterator[Line]:
    for remote in found.remote:
        if remote.way == "without ssh":
            continue
        target = DELAYED_KEY_MS + remote.delay_ms
        equal = "the screen is the same" if remote.is_equal else "the screen DIFFERS"
        yield promised(
            "ssh",
            f"from a key to the screen, {remote.way}",
            f"≤ {target:.0f} ms, and the screen is the same",
            f"{range_of(remote.down.shown_ms, digits=1)}; {equal}",
            holds=remote.is_equal and remote.down.shown_ms.median <= target,
        )
