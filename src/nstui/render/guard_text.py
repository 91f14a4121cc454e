"""The guard's installation as text: its steps, and what to do by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.guarding.installing import StepKind
from nstui.analysis.guarding.units import STARTED_UNITS, STOPPED_UNITS
from nstui.analysis.text import printable, shell_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.guarding.installing import InstallStep, MachineFacts


def step_text(step: InstallStep) -> str:
    """Return what a step does, as a line."""
    words = {
        StepKind.WRITE: f"write {printable(step.path)}",
        StepKind.REMOVE: f"remove {printable(step.path)}",
        StepKind.SYSTEMCTL: f"systemctl {' '.join(step.words)}",
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
