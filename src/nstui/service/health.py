"""Waiting until a container is ready for those that depend on it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.analysis.lasting import why_ending
from nstui.errors import ContainerVanished, EngineRefused, Interrupted
from nstui.model.container import Health

if TYPE_CHECKING:
    from threading import Event

    from nstui.model.container import Container
    from nstui.model.plan import Step
    from nstui.service.observer import Observer

PAUSE_S = 0.2
"""How long to leave the engine alone between two questions."""

DEFAULT_LIMIT_S = 60

WENT_ON = "went on with what depends on it all the same"


def await_health(observer: Observer, step: Step, stop: Event) -> str:
    """Wait until a container is healthy or, without a check, has run for a while.

    One that does not become healthy is waited for no longer: those that depend on it
    are better off in its network than in one that has no other end.

    Args:
        observer: Looks at the host.
        step: The container, and how long to wait.
        stop: Set once the program is to end.

    Returns:
        That it is not healthy, as a sentence; "" if it is, or has no health check.

    Raises:
        Interrupted: the program is to end.
        ContainerVanished: it is no longer there.
        EngineRefused: it ended, also if it was started again.

    """
    limit = DEFAULT_LIMIT_S if step.timeout is None else step.timeout
    begun = time.monotonic()
    end = begun + limit
    first: Container | None = None
    while True:
        observer.forget((step.container,))
        container = observer.look().graph.containers.get(step.container)
        if container is None:
            raise ContainerVanished(f"{step.name} is no longer there")
        first = first or container
        # Of one with a health check it is that which counts, not whether it runs on.
        since = first if container.health is None else container
        problem = why_ending(container, since=since)
        if problem:
            raise EngineRefused(f"{step.name} {problem}")
        if container.health is Health.HEALTHY:
            return ""
        if container.health is None:
            if time.monotonic() >= begun + step.trial:
                return ""
            _pause(step, stop)
            continue
        if container.health is Health.UNHEALTHY:
            return f"{step.name} is unhealthy; {WENT_ON}"
        if time.monotonic() >= end:
            return f"{step.name} was not healthy within {limit} s; {WENT_ON}"
        _pause(step, stop)


def _pause(step: Step, stop: Event) -> None:
    if stop.wait(PAUSE_S):
        raise Interrupted(f"interrupted while waiting for {step.name}")
