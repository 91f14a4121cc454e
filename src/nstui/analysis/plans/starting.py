"""What a start needs first, what prevents it, and what a pause leaves running.

Such actions end no process, so they harm nobody. What a start needs is started before
it: a join is resolved by the engine at each start, so what it leads to is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.exits import HALF_REMOVED
from nstui.analysis.graph.graph import JOIN_KINDS, running, start_needs
from nstui.analysis.plans.order import is_up
from nstui.analysis.startable import needed_by, why_not_startable
from nstui.model.container import ContainerState
from nstui.model.plan import Policy
from nstui.model.step import Action, ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.plan import Request


def find_concerned(graph: Graph, request: Request) -> tuple[ContainerId, ...]:
    """Return the targets of a start, pause or unpause, and what goes with them.

    These are the dependents that are in the state for it, if the policy asks so, and
    all that is needed for a start and is not running.
    """
    found = dict.fromkeys(request.targets)
    if request.policy is Policy.WITH_DEPENDENTS:
        for target in request.targets:
            joined = graph.dependents(target)
            found |= {c: None for c in joined if _is_meant(graph, request, c)}
    if request.action is Action.START:
        for container in tuple(found):
            if not is_up(graph.containers[container]):
                found |= dict.fromkeys(_stopped_needs(graph, container))
    return tuple(found)


def _is_meant(graph: Graph, request: Request, container: ContainerId) -> bool:
    """Tell whether a dependent is in the state that an action is for."""
    subject = graph.containers[container]
    if request.action is Action.START:
        return not is_up(subject) and subject.state not in HALF_REMOVED
    is_pause = request.action is Action.PAUSE
    return subject.state is (
        ContainerState.RUNNING if is_pause else ContainerState.PAUSED
    )


def _stopped_needs(graph: Graph, container: ContainerId) -> tuple[ContainerId, ...]:
    """Return what a container needs for a start and what has to be started for it."""
    needs = needed_by(graph, container)
    return tuple(c for c in needs if not is_up(graph.containers[c]))


def find_start_blockers(
    graph: Graph, order: Iterable[ContainerId], remedies: Mapping[ContainerId, str]
) -> Iterator[str]:
    """Yield why containers could not be started one after the other.

    A container that only waits for another one of these is not named.

    Args:
        graph: The dependencies.
        order: The containers to start, owners first.
        remedies: What repairs containers that cannot start, as far as it is known.

    """
    up = running(graph)
    blocked: set[ContainerId] = set()
    for container in order:
        if is_up(graph.containers[container]):
            continue
        needs = {need.target for need in start_needs(graph, container)}
        if needs & blocked or graph.containers[container].state in HALF_REMOVED:
            blocked.add(container)
            continue
        found = tuple(why_not_startable(graph, container, up, {}))
        if not found:
            up.add(container)
            continue
        blocked.add(container)
        remedy = remedies.get(container, "")
        yield "; ".join((*found, *((remedy,) if remedy else ())))


def start_notes(
    graph: Graph, request: Request, acted_on: Collection[ContainerId]
) -> Iterator[str]:
    """Yield what is started first, and which dependents do not come along."""
    waiting: dict[tuple[ContainerId, ...], list[str]] = {}
    for target in request.targets:
        if not is_up(graph.containers[target]):
            needs = _stopped_needs(graph, target)
            others = tuple(c for c in needs if c not in request.targets)
            waiting.setdefault(others, []).append(graph.name(target))
    for needs, names in waiting.items():
        if needs:
            yield _needed_first(names, [graph.name(need) for need in needs])
    for container in acted_on:
        if not is_up(graph.containers[container]):
            yield from _left_behind(graph, container)


def _needed_first(names: list[str], needs: list[str]) -> str:
    verb = "needs" if len(names) == 1 else "need"
    are = "is" if len(needs) == 1 else "are"
    one, many = ", ".join(names), ", ".join(needs)
    return f"{one} {verb} {many}, which {are} not running and {are} started first"


def _left_behind(graph: Graph, owner: ContainerId) -> Iterator[str]:
    """Yield which running containers joined a stopped one, for each kind.

    A process stays in its namespaces, and a start makes new ones.
    """
    for kind, what in ((ShareKind.NET, "network"), (ShareKind.IPC, "ipc namespace")):
        joiners = graph.joiners(owner, (kind,))
        left = [d.container for d in joiners if d.is_declared]
        names = sorted(graph.name(c) for c in left if graph.runs(c))
        if names:
            are, them = ("is", "it") if len(names) == 1 else ("are", "them")
            yield (
                f"{', '.join(names)} {are} running and will not be in the new {what}"
                f" of {graph.name(owner)}: heal {them} afterwards"
            )


def pause_or_unpause(graph: Graph, targets: Iterable[ContainerId]) -> Action:
    """Return what one key for both does: unpause if all that run are paused."""
    states = {graph.containers[target].state for target in targets}
    running = {state for state in states if state.has_process}
    return Action.UNPAUSE if running == {ContainerState.PAUSED} else Action.PAUSE


def pause_notes(graph: Graph, acted_on: Collection[ContainerId]) -> Iterator[str]:
    """Yield which dependents are not paused, and what they do without."""
    for container in acted_on:
        name = graph.name(container)
        joined = graph.dependents(container, JOIN_KINDS)
        others = [
            graph.name(c)
            for c in joined
            if c not in acted_on and graph.containers[c].state is ContainerState.RUNNING
        ]
        if graph.containers[container].state is ContainerState.RUNNING and others:
            yield _running_on(name, sorted(others))


def _running_on(name: str, others: list[str]) -> str:
    keep = "dependent keeps" if len(others) == 1 else f"{len(others)} dependents keep"
    return (
        f"{name}'s {keep} running: {', '.join(others)}; connections through a program"
        f" in {name} stall until it is unpaused"
    )
