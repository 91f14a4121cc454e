"""Starts containers again that ran before, and checks that they keep running."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.analysis.checks import why_down
from nstui.analysis.plans.order import is_up, owners_first
from nstui.errors import NstuiError
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.service.observer import Observer
    from nstui.service.verified import VerifiedEngine


PAUSE_S = 0.2
"""Seconds between two looks while waiting."""


def find_ended_with(
    container: ContainerId, before: Graph, now: Graph, up: Collection[ContainerId]
) -> tuple[Container, ...]:
    """Return the containers that ended with another one, as they shared its pid.

    Args:
        container: The owner of the pid namespace, which was stopped.
        before: The graph before that.
        now: The graph now.
        up: The containers that ran before.

    """
    kind = NamespaceKind.PID
    ended = {
        one
        for one in up
        if one != container
        and one in before.containers
        and one in now.containers
        and not is_up(now.containers[one])
        and (
            container in before.chain(one, kind).hops
            or before.presence.owner(one, kind) == container
        )
    }
    return tuple(now.containers[one] for one in owners_first(before, ended))


def start_again(
    observer: Observer,
    verified: VerifiedEngine,
    containers: Mapping[str, Container],
    graph: Graph,
    seconds: float,
) -> Iterator[str]:
    """Start containers again; yield a sentence for each that does not keep running.

    Args:
        observer: Looks at the host.
        verified: Starts the containers.
        containers: The containers to start, in this order, by the names to show.
        graph: The graph before. A container with a join that leads nowhere in it needs
            a placeholder to start.
        seconds: How long the containers have to run.

    """
    started = {}
    for name, container in containers.items():
        try:
            verified.start_orphan(container, graph)
        except NstuiError as error:
            yield f"could not start {name} again: {error}"
        else:
            started[name] = container
    if started:
        yield from await_running(observer, started, seconds)


def pause_again(
    verified: VerifiedEngine, paused: Mapping[str, ContainerId]
) -> Iterator[str]:
    """Pause containers that were paused before; yield a sentence for each failure.

    Args:
        verified: Pauses the containers.
        paused: The containers, by the names to show; one that does not run is left.

    """
    for name, container in paused.items():
        try:
            now = verified.see(container)
            if now is not None and now.state is ContainerState.RUNNING:
                verified.pause(now)
        except NstuiError as error:
            yield f"could not pause {name} again: {error}"


def await_running(
    observer: Observer, started: Mapping[str, Container], seconds: float
) -> Iterator[str]:
    """Yield a sentence for each started container that does not keep running."""
    left = dict(started)
    end = time.monotonic() + seconds
    while True:
        observer.forget([container.id for container in left.values()])
        try:
            graph = observer.look().graph
        except NstuiError as error:
            names = ", ".join(left)
            yield f"{names} was started again, but whether it runs is unknown: {error}"
            return
        for name, container in tuple(left.items()):
            problem = why_down(graph.containers.get(container.id))
            if problem:
                del left[name]
                yield f"{name} was started again, but it {problem}"
        if not left or time.monotonic() >= end:
            return
        time.sleep(PAUSE_S)
