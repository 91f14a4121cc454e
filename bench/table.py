"""The results as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.lines import judge
from bench.measure.guard import percentile
from bench.measure.ssh import ROUND_TRIP_MS
from bench.measurements import NSTUI
from bench.promise import Verdict, range_of
from bench.subjects import LAZYDOCKER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.measure.idle import Idle
    from bench.measurements import Measurements

_SIGNS = {Verdict.MET: "✓", Verdict.MISSED: "✗", Verdict.UNKNOWN: "-"}
_NUMERIC = "--:"
_POLLING = (
    "docker-autoheal's way of asking is a loop in a shell: every 5 seconds curl lists"
    " the containers that are unhealthy and have its label. docker-autoheal itself is"
    " not run; it also starts jq for each answer."
)


def write_table(found: Measurements) -> str:
    """Return the promises with their measurements, and the comparison."""
    parts = [
        _head(found),
        "## What is promised",
        _promises(found),
        f"## Beside others, {found.containers} containers",
        _field(found),
        *_watch(found),
        *_guard(found),
        *_growth(found),
        *_ssh(found),
        *_far(found),
        *_missing(found),
        _notes(),
    ]
    return "\n\n".join(parts) + "\n"


def _head(found: Measurements) -> str:
    machine = found.machine
    warning = (
        "\n\n**A quick run: these figures mean nothing.**" if found.is_quick else ""
    )
    return (
        "# What nstui costs\n\n"
        f"Measured by `make bench` on {machine.date}, version {machine.commit}:"
        f" {machine.cores} cores, {machine.memory_gib:.0f} GiB, Linux {machine.kernel},"
        f" Python {machine.python}, Docker Engine {machine.engine}, a terminal of"
        f" 120x40, load {machine.load} at the beginning. Medians, with the least and"
        f" the most in parentheses.{warning}\n\n"
        "![start, rest and bytes beside others](latest.svg)"
    )


def _promises(found: Measurements) -> str:
    return table(
        ("line", "what", "target", "measured", ""),
        (
            (
                line.number,
                line.what,
                line.target,
                line.measured,
                f"{_SIGNS[line.verdict]} {line.verdict}",
            )
            for line in judge(found)
        ),
    )


def _field(found: Measurements) -> str:
    heads = (
        "program",
        "first container on screen",
        "all that fit",
        "started one shown",
        "stopped one shown",
        "key to screen",
        "CPU at rest",
        "engine's CPU then",
        "requests then",
        "bytes at rest",
        "bytes a key",
        "memory",
    )
    rows = [_program(found, name) for name in found.startups]
    rows += [
        (name, range_of(taken), *[""] * (len(heads) - 2))
        for name, taken in found.commands_ms.items()
    ]
    if found.nobody is not None:
        blank = [""] * len(heads)
        blank[0] = "nobody"
        blank[7] = _rate(found.nobody.engine_cpu_s, found.nobody)
        rows.append(tuple(blank))
    return table(heads, rows, numeric_from=1)


def _program(found: Measurements, name: str) -> tuple[str, ...]:
    idle, changes, keys = found.idle[name], found.changes[name], found.keys[name]
    return (
        f"**{name}**" if name == NSTUI else name,
        range_of(found.startups[name].first_ms),
        range_of(found.startups[name].settled_ms),
        range_of(changes.started_ms),
        range_of(changes.stopped_ms),
        range_of(keys.shown_ms, digits=1),
        _rate(idle.cpu_s, idle),
        _rate(idle.engine_cpu_s, idle),
        f"{sum(idle.requests.values()):,}",
        f"{idle.sent_bytes:,}",
        f"{keys.sent_bytes.median:,.0f}" if keys.sent_bytes.values else "",
        f"{idle.memory_mib:.0f} MiB",
    )


def _rate(seconds: float, idle: Idle) -> str:
    return f"{seconds:.2f} s in {idle.seconds:.0f}"


def _watch(found: Measurements) -> Iterator[str]:
    if found.watch is None:
        return
    rested: dict[str, Idle | None] = {
        f"**{NSTUI} watch**": found.watch.idle,
        "docker-autoheal's way of asking": found.polling,
        LAZYDOCKER: found.idle.get(LAZYDOCKER),
    }
    yield f"## A standing watch at rest, {found.containers} containers"
    yield table(
        ("program", "CPU", "engine's CPU then", "requests then", "memory"),
        (
            (
                name,
                _rate(idle.cpu_s, idle),
                _rate(idle.engine_cpu_s, idle),
                f"{sum(idle.requests.values()):,}",
                f"{idle.memory_mib:.0f} MiB",
            )
            for name, idle in rested.items()
            if idle is not None
        ),
        numeric_from=1,
    )
    if found.polling is not None:
        yield _POLLING


def _guard(found: Measurements) -> Iterator[str]:
    guard = found.guard
    if guard is None:
        return
    yield "## The guard of an engine"
    rows = [
        (f"{what}, {how} the guard", taken)
        for what, pair in (
            ("the engine's list of containers", guard.list_ms),
            ("`docker ps`", guard.docker_ps_ms),
        )
        for how, taken in (("without", pair.without_ms), ("with", pair.with_ms))
    ]
    rows += [
        ("the front's answer to what is harmless", guard.answer_ms),
        (f"the same while {guard.removals} removals wait for looks", guard.busy_ms),
        ("the front's answer to what has a ticket", guard.ticket_ms),
        ("`docker rm --force`, denied after a look", guard.denied_ms),
        ("`docker ps` while the front is killed", guard.killed_ms),
        ("`docker ps` while the front is stopped by SIGSTOP", guard.stopped_ms),
    ]
    yield table(
        ("what", "p50", "p99", "most", "calls"),
        (
            (
                what,
                *(f"{percentile(taken, share):,.2f} ms" for share in (0.5, 0.99, 1.0)),
                f"{len(taken.values):,}",
            )
            for what, taken in rows
        ),
        numeric_from=1,
    )


def _growth(found: Measurements) -> Iterator[str]:
    scale = found.scale
    if scale is None:
        return
    yield "## Growth"
    rows = [
        ("a look, by containers", size, taken) for size, taken in scale.looks_ms.items()
    ]
    rows += [
        ("a look, by processes", size, taken)
        for size, taken in scale.by_processes_ms.items()
    ]
    rows += [
        ("a scan of all processes", size, taken)
        for size, taken in scale.scans_ms.items()
    ]
    yield table(
        ("what", "size", "takes"),
        ((what, f"{size:,}", range_of(taken, digits=1)) for what, size, taken in rows),
        numeric_from=1,
    )


def _ssh(found: Measurements) -> Iterator[str]:
    if not found.remote:
        return
    yield "## Through ssh"
    yield table(
        ("way", "added there and back", "first container", "key to screen", "screen"),
        (
            (
                remote.way,
                f"{remote.delay_ms:.0f} ms",
                range_of(remote.first_ms),
                range_of(remote.down.shown_ms, digits=1),
                "the same" if remote.is_equal else "differs",
            )
            for remote in found.remote
        ),
        numeric_from=1,
    )


def _far(found: Measurements) -> Iterator[str]:
    far = found.far
    if far is None:
        return
    yield f"## An engine behind ssh, {ROUND_TRIP_MS:.0f} ms away"
    rows = [
        ("ssh's login alone", far.handshake_ms),
        (f"**{NSTUI}** without ssh", far.local_ms),
        (f"**{NSTUI}**, ssh without the delay", far.near_ms),
        *(
            (f"**{name}**" if name == NSTUI else name, taken)
            for name, taken in far.first_ms.items()
        ),
    ]
    yield table(
        ("program", "first container, or the end of the command"),
        ((name, range_of(taken)) for name, taken in rows),
        numeric_from=1,
    )


def _missing(found: Measurements) -> Iterator[str]:
    if found.missing:
        yield "## Not measured"
        yield "\n".join(f"* {name}: {why}" for name, why in found.missing.items())


def _notes() -> str:
    return (
        "## How\n\n"
        "Every program runs in a pseudo-terminal that notes when it writes what; a"
        " terminal emulator draws that afterwards, so that drawing is in no figure."
        " Programs are started in turn, and the first turn, which warms the files,"
        " does not count. lazydocker finds no docker-compose of version 1, which it"
        " would ask before it shows anything. At rest a relay between the program and"
        " the engine counts the requests."
        " [docs/performance.md](../../docs/performance.md) says where the time goes."
    )


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], numeric_from: int | None = None
) -> str:
    """Return a Markdown table; columns from `numeric_from` on are aligned right."""
    rules = [
        _NUMERIC if numeric_from is not None and column >= numeric_from else "---"
        for column in range(len(heads))
    ]
    lines = (heads, rules, *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
