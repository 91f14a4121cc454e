"""Whether a container can be started, and how long it must run to be trusted.

A dependent that is restarted while its owner is ending could not be started any more. A
health check tells when an owner is ready. Without a health check, the only evidence is
that the owner keeps running.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.exits import HALF_REMOVED, ended_with_error, start_error
from nstui.analysis.graph.graph import JOIN_KINDS, start_needs
from nstui.model.container import ContainerState, short_id
from nstui.model.step import Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.graph.presence import Dependency
    from nstui.model.container import Container, ContainerId
    from nstui.model.step import Step


TRIAL_S = 3
"""The seconds that an owner must run if nothing is known about it."""

DOUBTFUL_S = 10
"""The seconds that an owner must run if it has ended with an error before."""

IN_ALL_S = 15
"""The seconds shared by all owners about which nothing is known."""

LEAST_S = 1
"""The seconds that each owner must run even if the shared time is exceeded."""

DOUBTFUL_IN_ALL_S = 60
"""The seconds shared by all owners that have ended with an error before."""


def why_not_startable(
    graph: Graph,
    container: ContainerId,
    up: Collection[ContainerId],
    ended: Mapping[ContainerId, str],
) -> Iterator[str]:
    """Yield a sentence for each thing that a container needs and that is missing.

    Args:
        graph: The dependencies.
        container: The container to start.
        up: The containers that run.
        ended: Containers that ended together with another, with the other's name.

    """
    name = graph.name(container)
    for dependency in start_needs(graph, container):
        needed = dependency.target
        if needed == container:
            yield f"{name} could not start: {dependency.reference} is its own name"
        elif needed in up:
            continue
        elif needed is None:
            yield f"{name} could not start: {_gone_text(dependency)}"
        elif needed in ended:
            yield (
                f"{name} could not start: {graph.name(needed)} ends with"
                f" {ended[needed]}"
            )
        elif graph.containers[needed].state is ContainerState.RESTARTING:
            yield (
                f"{name} could not start: {graph.name(needed)} keeps exiting and being"
                " restarted; fix that first"
            )
        else:
            yield (
                f"{name} could not start: {graph.name(needed)} is not running;"
                f" start it first"
            )


def needed_by(graph: Graph, container: ContainerId) -> tuple[ContainerId, ...]:
    """Return the containers that must run for a start, the nearest first.

    These include what a needed container needs in turn, if that is stopped.
    """
    found: dict[ContainerId, None] = {}
    queue = [container]
    for one in queue:
        for dependency in start_needs(graph, one):
            need = dependency.target
            if need is not None and need not in found:
                found[need] = None
                if not graph.runs(need):
                    queue.append(need)
    return tuple(found)


def _gone_text(dependency: Dependency) -> str:
    """Return that a needed container is missing; it may have been renamed."""
    gone = short_id(dependency.reference)
    if dependency.by_name:
        return f"no container is called {gone}"
    return f"{gone} no longer exists"


def can_never_start(
    graph: Graph, container: ContainerId, passed: frozenset[ContainerId] = frozenset()
) -> bool:
    """Tell whether a stopped container can never be started again.

    This is so if a container it needs is gone, or is stopped and can never be started
    either. A container that is needed by name can be created again.
    """
    if graph.containers[container].state in HALF_REMOVED or container in passed:
        return True
    passed |= {container}
    return any(
        _is_missing(graph, dependency, passed)
        for dependency in start_needs(graph, container)
    )


def _is_missing(
    graph: Graph, dependency: Dependency, passed: frozenset[ContainerId]
) -> bool:
    """Tell whether one dependency can never be met again."""
    if dependency.target is None:
        return not dependency.by_name or dependency.kind not in JOIN_KINDS
    if graph.runs(dependency.target):
        return False
    return can_never_start(graph, dependency.target, passed)


def with_trials(steps: Iterable[Step], graph: Graph) -> tuple[Step, ...]:
    """Return the steps, with the time that the container must run in each wait."""
    every = tuple(steps)
    tried = [s for s in every if s.verb is Verb.WAIT and s.health is None]
    doubted = [s for s in tried if _is_doubtful(graph.containers[s.container])]
    share = _share(TRIAL_S, IN_ALL_S, len(tried))
    longer = _share(DOUBTFUL_S, DOUBTFUL_IN_ALL_S, len(doubted))
    return tuple(_with_trial(step, graph, share, longer) for step in every)


def _share(most: int, in_all: int, count: int) -> int:
    """Return the seconds that each of several containers must run."""
    return min(most, max(LEAST_S, in_all // max(1, count)))


def _with_trial(step: Step, graph: Graph, share: int, longer: int) -> Step:
    if step.verb is not Verb.WAIT or step.health is not None:
        return step
    is_doubtful = _is_doubtful(graph.containers[step.container])
    seconds = longer if is_doubtful else share
    limit = seconds if step.timeout is None else step.timeout
    return replace(step, trial=min(seconds, limit))


def _is_doubtful(container: Container) -> bool:
    """Tell whether a container's program has ended with an error before."""
    if start_error(container):
        # The program was not started, so it did not end.
        return False
    inspection = container.inspection
    has_ended = inspection is not None and inspection.restart_count > 0
    return has_ended or ended_with_error(container)
