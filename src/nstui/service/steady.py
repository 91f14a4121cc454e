"""Waiting until a container that was made anew has shown that it is well."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.analysis.lasting import end_words, why_misplaced, why_unjoined
from nstui.errors import EngineRefused
from nstui.model.plan import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Step
    from nstui.service.observer import Observer

STEADY_S = 3.0
"""How long a new container has to run before it is taken for well."""

STEADY_IN_ALL_S = 15.0
"""How long the new containers of one plan have to, together."""

LEAST_STEADY_S = 1.0
"""How long each has to even then."""

PAUSE_S = 0.2
"""How long to leave the engine alone between two looks."""

_REPLACING = frozenset({Verb.RECREATE, Verb.COMPOSE})


def steady_time(steps: Iterable[Step]) -> float:
    """Return how long each new container of a plan has to run, in seconds."""
    count = sum(step.verb in _REPLACING for step in steps)
    share = STEADY_IN_ALL_S / max(1, count)
    return min(STEADY_S, max(LEAST_STEADY_S, share))


def await_steady(
    observer: Observer, new: ContainerId, step: Step, seconds: float
) -> Container:
    """Return a new container when it has run for a while where it belongs.

    Raises:
        EngineRefused: it has not.

    """
    end = time.monotonic() + seconds
    while True:
        observer.forget((new,))
        report = observer.look()
        problem = what_is_wrong(report, new, step)
        if problem is not None:
            raise EngineRefused(problem)
        if time.monotonic() >= end:
            return report.graph.containers[new]
        time.sleep(PAUSE_S)


def what_is_wrong(report: Report, new: ContainerId, step: Step) -> str | None:
    """Return why a new container is not what it should be; None if it is."""
    container = report.graph.containers.get(new)
    if container is None:
        return f"the new {step.name} is gone again"
    if not container.state.has_process:
        return f"the new {step.name} {end_words(container)}"
    if container.inspection is not None and container.inspection.restart_count:
        return f"the new {step.name} keeps exiting and being restarted"
    problem = why_unjoined(report, new, step) or why_misplaced(report, new)
    return f"the new {step.name} {problem}" if problem else None
