"""The guard as text: the steps of its installation, and how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.guarding.installation import StepKind
from nstui.analysis.guarding.installing import left_alone
from nstui.analysis.guarding.sight import percentile
from nstui.analysis.guarding.units import STARTED_UNITS, STOPPED_UNITS
from nstui.analysis.text import printable, shell_line
from nstui.render.document import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.guarding.installation import InstallStep, MachineFacts
    from nstui.analysis.guarding.sight import ObservedGuard


def step_text(step: InstallStep) -> str:
    """Return what a step does, as a line."""
    words = {
        StepKind.WRITE: f"write {printable(step.path)}",
        StepKind.REMOVE: f"remove {printable(step.path)}",
        StepKind.SYSTEMCTL: f"systemctl {' '.join(step.words)}",
        StepKind.RENEW: "the guard reads its settings again",
        StepKind.FRONT: "ask the guard, also for what it has to look at",
        StepKind.RELOAD: f"kill -HUP {step.pid}: the engine reads its file again",
        StepKind.ASKED: "see that the engine answers, and asks the guard",
        StepKind.UNASKED: "see that the engine answers, and does not ask the guard",
    }
    return words[step.kind]


def dry_run_lines(steps: Iterable[InstallStep]) -> Iterator[str]:
    """Yield all that would be done, with the content of each file."""
    for step in steps:
        yield step_text(step)
        if step.kind is StepKind.WRITE:
            for line in step.content.decode(errors="replace").splitlines():
                yield f"    {printable(line)}".rstrip()


def by_hand_lines(facts: MachineFacts) -> Iterator[str]:
    """Yield what takes the guard out where nstui cannot."""
    path = printable(facts.config.path)
    pid = facts.engine.pid
    engine = "$(pidof dockerd)" if pid is None else str(pid)
    units = [file.path for file in facts.units if file.content is not None]
    yield "by hand, as root:"
    yield f'    take "nstui" out of "authorization-plugins" in {path}'
    yield f"    kill -HUP {engine}, or start the engine if it does not run"
    if units:
        yield "    and then, once docker ps answers:"
        yield f"    systemctl disable {' '.join(STARTED_UNITS)}"
        yield f"    systemctl stop {' '.join(STOPPED_UNITS)}"
        yield f"    {shell_line(['rm', *units])}"


def stays_text(facts: MachineFacts) -> str:
    """Say that the engine's file is left as it is; empty if it was read."""
    problem = left_alone(facts)
    if not problem:
        return ""
    said = (
        f"{facts.config.path} {problem}; it does not name the guard, and is left alone"
    )
    if facts.kept.content is not None:
        said += f"; {facts.kept.path} is the file from before the guard"
    return said


def sight_lines(sight: ObservedGuard) -> Iterator[str]:
    """Yield how the guard is: each line with a sign, a word, and what to do."""
    config = printable(sight.config)
    if not sight.is_there:
        yield "○ the guard is not installed: sudo nstui guard install"
        return
    if sight.is_named:
        yield f"✓ it is installed: {config} names it"
    elif sight.config_problem:
        yield (
            f"✗ {config} {printable(sight.config_problem)}: it is not known whether it"
            " names the guard; mend the file"
        )
    else:
        yield (
            f"✗ {config} does not name it: it was taken out, or its installation was"
            " interrupted: sudo nstui guard install, or uninstall"
        )
    if sight.is_barred:
        yield "✗ only root may ask it how it is: sudo nstui guard status"
        return
    if sight.problem:
        yield f"✗ it does not answer: {printable(sight.problem)}"
    else:
        yield f"✓ it answers{_latency_text(sight)}"
    yield _asked_line(sight)
    if not sight.problem:
        yield _decisions_line(sight)
    for problem in sight.problems:
        yield f"✗ {printable(problem)}"


def _asked_line(sight: ObservedGuard) -> str:
    if sight.engine_problem:
        return f"✗ {printable(sight.engine_problem)}"
    if sight.is_asked:
        return "✓ the engine asks it"
    if sight.is_named:
        return (
            "✗ the engine does not ask it: sudo nstui guard install goes on from there"
        )
    return "○ the engine does not ask it"


def _latency_text(sight: ObservedGuard) -> str:
    if not sight.latency_ms:
        return ""
    median = percentile(sight.latency_ms, 0.5)
    most = percentile(sight.latency_ms, 0.99)
    return f", within {median:.1f} ms (p50) and {most:.1f} ms (p99)"


def _decisions_line(sight: ObservedGuard) -> str:
    mode = sight.mode or "of an unknown mode"
    healing = ", and a restart is healed instead" if sight.heals_instead else ""
    return f"  mode {printable(mode)}{healing}{_hour_text(sight)}"


def _hour_text(sight: ObservedGuard) -> str:
    hour = sight.hour
    if hour is None:
        return ""
    denied = "would have been denied" if sight.mode == "warn" else "denied"
    unread = f", {hour.unread} of them without a look" if hour.unread else ""
    return (
        f"; of the last hour's changes {hour.denied} {denied}, {hour.allowed} let"
        f" through{unread}"
    )


def sight_document(sight: ObservedGuard) -> dict[str, object]:
    """Return how the guard is as JSON."""
    latency, hour = sight.latency_ms, sight.hour
    return {
        "schema": SCHEMA,
        "guard": {
            "installed": None if sight.config_problem else sight.is_named,
            "settings": sight.has_settings,
            "units": sight.has_units,
            "config": sight.config,
            "answers": None if sight.is_barred else not sight.problem,
            "problem": sight.problem or None,
            "asked": sight.is_asked,
            "mode": sight.mode or None,
            "heal_instead": sight.heals_instead,
            "last_hour": None if hour is None else hour._asdict(),
            "problems": list(sight.problems),
            "latency_ms": {
                "p50": round(percentile(latency, 0.5), 3) if latency else None,
                "p99": round(percentile(latency, 0.99), 3) if latency else None,
            },
        },
    }
