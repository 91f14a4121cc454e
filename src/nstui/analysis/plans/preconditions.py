"""The reasons for the engine to refuse a step, and the assumptions of a plan."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.exits import HALF_REMOVED
from nstui.analysis.graph.graph import all_hops, running
from nstui.analysis.graph.presence import uses_host
from nstui.analysis.plans.order import (
    dependents_first,
    is_up,
    owners_first,
    removes_itself,
)
from nstui.analysis.plans.outcomes import owns
from nstui.analysis.plans.starting import find_start_blockers
from nstui.analysis.startable import why_not_startable
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.step import Action, ShareKind, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Request
    from nstui.model.snapshot import EngineInfo, Snapshot
    from nstui.model.step import Step


NO_REMEDIES: Mapping[ContainerId, str] = MappingProxyType({})

_NET = NamespaceKind.NET
_SIGNALLED = frozenset({Action.STOP, Action.RESTART})
_FIRST_WITH_STOP_SIGNAL = 23
"""The first version of Docker that takes a signal for stop and restart."""

_STARTING = frozenset({Action.START, Action.RESTART})


def restart_blockers(
    graph: Graph, order: Iterable[ContainerId], up: Collection[ContainerId]
) -> Iterator[str]:
    """Yield why containers could not be restarted one after the other.

    The engine stops a container before it finds out whether it can be started again, so
    such a restart would leave it stopped. Containers that end with an earlier restart
    are not running when a later one needs them.

    Args:
        graph: The dependencies.
        order: The containers to restart or start, in order.
        up: The containers that run before.

    """
    ended: dict[ContainerId, str] = {}
    up = set(up)
    for container in order:
        name = graph.name(container)
        ended.update(dict.fromkeys(_ended_with(graph, container, up), name))
        up -= ended.keys()
        subject = graph.containers[container]
        if container in ended and removes_itself(subject):
            yield f"{name} ends with {ended[container]} and then removes itself"
            continue
        found = list(why_not_startable(graph, container, up, ended))
        yield from found
        if not found:
            up.add(container)
            ended.pop(container, None)


def _ended_with(
    graph: Graph, container: ContainerId, up: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return the containers that run in the pid namespace that a stop would end."""
    has_joined = graph.join(container, NamespaceKind.PID) is not None
    if has_joined or uses_host(graph.containers[container], NamespaceKind.PID):
        return ()
    return tuple(c for c in graph.dependents(container, (ShareKind.PID,)) if c in up)


def find_refused_targets(
    graph: Graph,
    request: Request,
    acted_on: Collection[ContainerId],
    remedies: Mapping[ContainerId, str] = NO_REMEDIES,
) -> tuple[str, ...]:
    """Return why a request would be refused, in sentences that say what to do.

    Args:
        graph: The dependencies.
        request: The request.
        acted_on: The targets, and the containers that are acted on with them.
        remedies: What repairs containers that cannot start, as far as it is known.

    """
    containers = [graph.containers[c] for c in dependents_first(graph, acted_on)]
    found = [
        objection
        for container in containers
        for objection in _refusals_by_state(request, container)
    ]
    if request.action is Action.RESTART:
        up = running(graph)
        found += restart_blockers(graph, owners_first(graph, acted_on), up)
    if request.action is Action.START:
        order = owners_first(graph, acted_on)
        found += find_start_blockers(graph, order, remedies)
    return tuple(found)


def find_unsupported(engine: EngineInfo, request: Request) -> Iterator[str]:
    """Yield why an engine could not do what a request says.

    An engine with an older API than 1.42 ignores the signal; Podman's Docker API does
    so in all versions.
    """
    if request.signal is None or request.action not in _SIGNALLED:
        return
    major = engine.version.partition(".")[0]
    is_too_old = major.isdecimal() and int(major) < _FIRST_WITH_STOP_SIGNAL
    if not engine.is_docker or is_too_old:
        yield (
            f"{engine.name} {engine.version} {request.action.value}s containers with"
            f" their own signal only; --signal needs Docker"
            f" {_FIRST_WITH_STOP_SIGNAL} or newer"
        )


def _refusals_by_state(request: Request, container: Container) -> Iterator[str]:
    """Yield why the engine would refuse the request for a container as it is now."""
    name, state, action = container.name, container.state, request.action
    if action in _STARTING and state in HALF_REMOVED:
        yield f"{name} is {state}: it cannot be started again"
    elif action is Action.START and state is ContainerState.PAUSED:
        yield f"{name} is paused: unpause it instead"
    elif action is Action.PAUSE and not state.has_process:
        yield f"{name} is {state}: only a running container can be paused"
    elif action is Action.UNPAUSE and not state.has_process:
        yield f"{name} is {state}, not paused"
    elif action is Action.KILL and not state.has_process:
        yield f"{name} is {state}: it has no process to kill"
    elif action is Action.RM and is_up(container) and not _ends_first(request):
        yield f"{name} is {state}: stop it first, or use --force"


def _ends_first(request: Request) -> bool:
    return request.force or request.stop_first


def what_changed(step: Step, then: Graph, now: Graph) -> str | None:
    """Return why a step must not be taken, as a sentence; None if it may be.

    Args:
        step: The next step.
        then: The dependencies before the first step, when the plan was valid.
        now: The present dependencies.

    """
    if step.is_required or step.is_made:
        # It is for a container that an earlier step has made.
        return None
    container = now.containers.get(step.container)
    if container is None:
        return f"{step.name} is no longer there"
    new = _dependents(now, step.container) - _known_dependents(then, step.container)
    if new:
        names = ", ".join(sorted(now.name(container) for container in new))
        return f"{names} now depends on {step.name}"
    if step.verb is Verb.RESTART:
        up = running(now)
        return next(why_not_startable(now, step.container, up, {}), None)
    return _why_needless(step, container)


def what_ended(
    step: Step, before: Graph, rows: Mapping[ContainerId, Container]
) -> str | None:
    """Return what a step needs that is not as a moment before; None if all is.

    Args:
        step: The next step, for a container that has existed from the beginning.
        before: The dependencies a moment before, when other steps were begun.
        rows: The containers as the engine lists them now.

    """
    if step.container not in rows:
        return f"{step.name} is no longer there"
    for hop in all_hops(before, step.container):
        name, row = before.name(hop), rows.get(hop)
        if row is None:
            return f"{name} is no longer there"
        is_needed = hop != step.container and before.runs(hop)
        if is_needed and not row.state.has_process:
            return f"{name} is {row.state} now"
    return None


def _why_needless(step: Step, container: Container) -> str | None:
    """Return why a step has no purpose for a container now; None if it has one."""
    if step.verb is Verb.RM and is_up(container) and not step.force:
        return f"{step.name} was started again"
    if step.verb is Verb.KILL and not container.state.has_process:
        return f"{step.name} is {container.state} already"
    if step.verb is Verb.CONNECT and container.networks:
        return f"{step.name} is attached to {', '.join(container.networks)} already"
    return None


def _dependents(graph: Graph, container: ContainerId) -> set[ContainerId]:
    """Return the containers that depend directly on a container, or may."""
    used = (*graph.users(container), *graph.residents(container))
    rivals = (graph.presence.rivals(container, kind) for kind in NamespaceKind)
    return {d.container for d in used}.union(*rivals)


def _known_dependents(graph: Graph, container: ContainerId) -> set[ContainerId]:
    """Return the containers that were taken into account as dependents.

    These include all that were in its namespaces: once others have left one, its owner
    can be less certain.
    """
    shared = (graph.presence.shared(container, kind) for kind in NamespaceKind)
    mates = (home.members for home in shared if home is not None)
    return _dependents(graph, container).union(*mates)


def find_blind_spots(
    snapshot: Snapshot, graph: Graph, ended: Collection[ContainerId]
) -> tuple[str, ...]:
    """Return what is not known about the namespaces that end, as sentences.

    The result is empty if no namespace ends, or if no other container runs.
    """
    ending = [c for c in ended if graph.runs(c)]
    others = [
        container
        for container in snapshot.containers
        if container.state.has_process and container.id not in ended
    ]
    if not ending or not others:
        return ()
    return tuple(_blind_spots(snapshot, others))


def _blind_spots(snapshot: Snapshot, others: list[Container]) -> Iterator[str]:
    why = f": {snapshot.host.note}" if snapshot.host.note else ""
    match snapshot.namespaces_read:
        case NamespacesRead.DECLARED:
            yield (
                f"only declared joins could be read; undeclared sharing is unknown{why}"
            )
        case NamespacesRead.FINGERPRINT:
            yield (
                "network sharing was read from the kernel, pid and ipc sharing only"
                f" from declarations{why}"
            )
        case _:
            unread = [c.name for c in others if snapshot.namespace(c.id, _NET) is None]
            if unread:
                names = ", ".join(sorted(unread))
                yield f"could not read the namespaces of {names}"


def find_unplaced(
    snapshot: Snapshot,
    graph: Graph,
    ended: Collection[ContainerId],
    acted_on: Collection[ContainerId],
) -> tuple[str, ...]:
    """Return running containers that may be in an ending namespace, but were not read.

    The container they joined has another name now or is gone. They may be in the
    namespace of any container that ran when they were started.
    """
    return tuple(
        sorted(
            container.name
            for container in snapshot.containers
            if container.id not in acted_on and container.state.has_process
            if any(
                _may_end(graph, graph.containers[owner], container, kind)
                for kind in _uncertain_kinds(snapshot, graph, container)
                for owner in ended
            )
        )
    )


def _uncertain_kinds(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Iterator[NamespaceKind]:
    """Yield the kinds for which the owner of a container's namespace is not known."""
    for kind in NamespaceKind:
        is_unread = snapshot.namespace(container.id, kind) is None
        if is_unread and graph.chain(container.id, kind).gone is not None:
            yield kind


def _may_end(
    graph: Graph, owner: Container, dependent: Container, kind: NamespaceKind
) -> bool:
    return (
        owner.state.has_process
        and owns(graph, owner.id, kind)
        and _ran_before(owner, dependent)
    )


def _ran_before(owner: Container, dependent: Container) -> bool:
    """Tell whether a container may have run when another was started."""
    first, then = owner.inspection, dependent.inspection
    if first is None or first.started_at is None:
        return True
    if then is None or then.started_at is None:
        return True
    return first.started_at <= then.started_at
