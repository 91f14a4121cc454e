"""Waiting until a container is ready for those that depend on it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.errors import ContainerVanished, EngineRefused, Interrupted
from nstui.model.container import Health

if TYPE_CHECKING:
    from threading import Event

    from nstui.model.plan import Step
    from nstui.service.observer import Observer

PAUSE_S = 0.2
"""How long to leave the engine alone between two questions."""

DEFAULT_LIMIT_S = 60

WENT_ON = "went on with what depends on it all the same"


def await_health(observer: Observer, step: Step, stop: Event) -> str:
    """Wait until a container runs and, where it has a health check, is healthy.

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
        EngineRefused: it ended.

    """
    limit = DEFAULT_LIMIT_S if step.timeout is None else step.timeout
    end = time.monotonic() + limit
    while True:
        observer.forget((step.container,))
        container = observer.look().graph.containers.get(step.container)
        if container is None:
            raise ContainerVanished(f"{step.name} is no longer there")
        if not container.state.has_process:
            raise EngineRefused(f"{step.name} is {container.state}")
        if container.health in {None, Health.HEALTHY}:
            return ""
        if container.health is Health.UNHEALTHY:
            return f"{step.name} is unhealthy; {WENT_ON}"
        if time.monotonic() >= end:
            return f"{step.name} was not healthy within {limit} s; {WENT_ON}"
        if stop.wait(PAUSE_S):
            raise Interrupted(f"interrupted while waiting for {step.name}")
