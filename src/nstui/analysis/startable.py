"""Whether a container could be started, and whether it ever could be again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.model.container import ContainerState, short_id
from nstui.model.plan import ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from nstui.analysis.graph import Dependency, Graph
    from nstui.model.container import ContainerId

HALF_REMOVED = frozenset({ContainerState.REMOVING, ContainerState.DEAD})
"""The states from which no container comes back."""


def why_unstartable(
    graph: Graph,
    container: ContainerId,
    up: Collection[ContainerId],
    ended: Mapping[ContainerId, str],
) -> Iterator[str]:
    """Yield for each thing that a container needs and that is not there a sentence.

    Args:
        graph: Who needs whom.
        container: Whom to start.
        up: Those that run.
        ended: Those that no longer run, each with the name of whom they ended with.

    """
    name = graph.name(container)
    for dependency in graph.dependencies(container):
        needed = dependency.target
        if dependency.kind is ShareKind.VOLUMES_FROM:
            continue
        if needed == container:
            yield f"{name} could not start: {dependency.reference} is its own name"
        elif needed in up:
            continue
        elif needed is None:
            yield f"{name} could not start: {_gone_words(dependency)}"
        elif needed in ended:
            yield (
                f"{name} could not start: {graph.name(needed)} ends with"
                f" {ended[needed]}"
            )
        else:
            yield (
                f"{name} could not start: {graph.name(needed)} is not running;"
                f" start it first"
            )


def needed_by(graph: Graph, container: ContainerId) -> tuple[ContainerId, ...]:
    """Return whom a container needs to be started, and what those need that do not run.

    The nearest come first.
    """
    found: dict[ContainerId, None] = {}
    queue = [container]
    for one in queue:
        for dependency in graph.dependencies(one):
            need = dependency.target
            if dependency.kind is ShareKind.VOLUMES_FROM or need is None:
                continue
            if need not in found:
                found[need] = None
                if not graph.containers[need].state.has_process:
                    queue.append(need)
    return tuple(found)


def _gone_words(dependency: Dependency) -> str:
    """Say that what a container needs is not there; a name may have been changed."""
    gone = short_id(dependency.reference)
    if dependency.by_name:
        return f"no container is called {gone}"
    return f"{gone} no longer exists"


def is_barred(
    graph: Graph, container: ContainerId, passed: frozenset[ContainerId] = frozenset()
) -> bool:
    """Tell whether a container that does not run could never be started again.

    That is so if what it needs is gone, or does not run and could never be started
    either. What it needs by name can be created again.
    """
    if graph.containers[container].state in HALF_REMOVED or container in passed:
        return True
    passed |= {container}
    return any(
        _is_missing(graph, dependency, passed)
        for dependency in graph.dependencies(container)
        if dependency.kind is not ShareKind.VOLUMES_FROM
    )


def _is_missing(
    graph: Graph, dependency: Dependency, passed: frozenset[ContainerId]
) -> bool:
    """Tell whether what one dependency needs will never be there again."""
    if dependency.target is None:
        return not dependency.by_name or dependency.kind not in JOIN_KINDS
    if graph.containers[dependency.target].state.has_process:
        return False
    return is_barred(graph, dependency.target, passed)
