"""What the end of one container does to each of its dependents.

The table was found by an experiment with three generations of Docker. It holds for a
running container that depends directly on the one that ends. The other cases follow
from it: a container that joined a dependent is in the same namespace, and a container
that itself joined another one ends no namespace. The immediate effect is derived from
the kernel if it can be read, the effect on the next start from the declarations.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import JOIN_KINDS
from nstui.analysis.graph.presence import uses_host
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.model.step import Action, EffectLater, EffectNow, ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph.graph import Chain, Graph
    from nstui.analysis.graph.presence import Dependency
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import Snapshot


ONLY_LOOPBACK = ("lo",)
"""The interfaces of a container that has lost its network."""

NOW = {
    ShareKind.NET: EffectNow.LOSES_NETWORK,
    ShareKind.PID: EffectNow.KILLED,
    ShareKind.IPC: EffectNow.NAMESPACE_SPLIT,
    ShareKind.UTS: EffectNow.NONE,
    ShareKind.LINK: EffectNow.EXEC_FAILS,
    ShareKind.VOLUMES_FROM: EffectNow.NONE,
}
"""The immediate effect of each action; a link survives a restart of its target."""

LATER = {
    Action.RM: EffectLater.MUST_BE_RECREATED,
    Action.STOP: EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS,
    Action.KILL: EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS,
    Action.RESTART: EffectLater.RESTART_REJOINS,
}
"""The effect of each action on the next start, for all kinds except volumes."""


def stale_hops(
    snapshot: Snapshot, graph: Graph, chain: Chain, kind: NamespaceKind
) -> tuple[ContainerId, ...]:
    """Return the containers to restart so that the first of a chain rejoins its owner.

    These are the containers of the chain up to the last one that is in another
    namespace than the one it joined, the nearest to the owner first. The result is
    empty if all are in the right place, or if that is not known.
    """
    left = [
        number
        for number, (container, joined) in enumerate(pairwise(chain.hops), start=1)
        if is_left_behind(snapshot, graph, container, joined, kind)
    ]
    return tuple(reversed(chain.hops[: left[-1]])) if left else ()


def is_left_behind(
    snapshot: Snapshot,
    graph: Graph,
    container: ContainerId,
    joined: ContainerId,
    kind: NamespaceKind,
) -> bool:
    """Tell whether a container is in another namespace than the one it joined.

    The kernel decides. If it could not be read, the order of the starts does: an owner
    gets a new namespace at each start, and a join needs a running owner, so a dependent
    that started earlier is in an older namespace.
    """
    here = snapshot.namespace(container, kind)
    there = snapshot.namespace(joined, kind)
    if here is not None and there is not None:
        return here != there
    mine = graph.containers[container].inspection
    theirs = graph.containers[joined].inspection
    if mine is None or mine.started_at is None:
        return False
    if theirs is None or theirs.started_at is None:
        return False
    return mine.started_at < theirs.started_at


@dataclass(frozen=True, slots=True)
class NamespaceEnd:
    """An event that ends the namespaces a container owns."""

    container: ContainerId
    action: Action
    cause: ContainerId
    """The container that is acted on and causes the end; often the container itself."""


@dataclass(frozen=True, slots=True)
class DependentOutcome:
    """The effect of one ending on one dependent."""

    ending: NamespaceEnd
    now: EffectNow
    later: EffectLater
    needed: str
    """The containers that must run for its next start, in words."""

    is_declared: bool = True
    """Whether a declaration makes it a dependent, rather than the kernel alone."""

    is_certain: bool = True
    """Whether the namespace is known to end with that container."""

    @property
    def harms(self) -> bool:
        """Whether the dependent is worse off."""
        is_removal = self.ending.action is Action.RM
        is_kept_down = is_removal and self.later is not EffectLater.NONE
        return self.now is not EffectNow.NONE or is_kept_down


def effect_of(
    action: Action, kind: ShareKind, *, is_running: bool = True
) -> tuple[EffectNow, EffectLater]:
    """Return what an action on a running container does to a direct dependent."""
    harmless_link = kind is ShareKind.LINK and action is Action.RESTART
    if kind is ShareKind.VOLUMES_FROM or harmless_link:
        return EffectNow.NONE, EffectLater.NONE
    if is_running:
        return NOW[kind], LATER[action]
    later = EffectLater.NONE if action is Action.RESTART else LATER[action]
    return EffectNow.NONE, later


def find_outcomes(
    snapshot: Snapshot, graph: Graph, ending: NamespaceEnd
) -> Iterator[tuple[Dependency, DependentOutcome]]:
    """Yield what one ending does, through each kind of sharing."""
    for kind in ShareKind:
        for dependency, first in _dependents_of(graph, ending.container, kind):
            if first.is_declared:
                outcome = _declared_outcome(snapshot, graph, ending, dependency, first)
            else:
                outcome = _undeclared_outcome(
                    snapshot, graph, ending, dependency, first
                )
            is_unchanged = (outcome.now, outcome.later) == (
                EffectNow.NONE,
                EffectLater.NONE,
            )
            if not is_unchanged or kind is ShareKind.VOLUMES_FROM:
                yield dependency, outcome


def _dependents_of(
    graph: Graph, container: ContainerId, kind: ShareKind
) -> Iterator[tuple[Dependency, Dependency]]:
    """Yield each dependent's dependency, and the direct one through which it depends.

    Both are the same for a direct dependent. Containers that may own a namespace
    together with the container count as direct dependents.
    """
    if kind not in JOIN_KINDS:
        yield from ((d, d) for d in graph.users(container) if d.kind is kind)
        return
    firsts: dict[ContainerId | None, Dependency] = {}
    for dependency in graph.joiners(container, (kind,)):
        first = firsts.get(dependency.target, dependency)
        firsts[dependency.container] = first
        yield dependency, first
    for rival in graph.presence.rivals(container, NamespaceKind(kind)):
        if rival not in firsts:
            seen = graph.undeclared(rival, kind, container)
            yield seen, seen


def _declared_outcome(
    snapshot: Snapshot,
    graph: Graph,
    ending: NamespaceEnd,
    dependency: Dependency,
    first: Dependency,
) -> DependentOutcome:
    """Adjust the table to the facts: what runs, what owns, and what exists."""
    owner = graph.containers[ending.container]
    dependent = graph.containers[dependency.container]
    now, later = effect_of(
        ending.action, dependency.kind, is_running=dependent.state.has_process
    )
    if not owner.state.has_process:
        now = EffectNow.NONE
        if ending.action in {Action.STOP, Action.KILL}:
            later = EffectLater.NONE
    is_certain = True
    if dependency.kind in JOIN_KINDS:
        kind = NamespaceKind(dependency.kind)
        is_stale = is_elsewhere(snapshot, graph, owner.id, dependent.id, kind)
        is_owner = owns(graph, owner.id, kind)
        is_odd = is_stale and is_owner
        is_odd = is_odd and _has_moved(snapshot, graph, owner, dependent, kind)
        if not is_odd and (
            is_stale or not _ends_with_owner(graph, owner, dependent, kind)
        ):
            now = EffectNow.NONE
        if not is_stale and not is_owner:
            later = _effect_without_namespace(ending.action, later)
        # Such a dependent can start again once a container of that name runs, and so
        # can its own dependents. A join by id is bound to the container that is gone.
        if later is EffectLater.MUST_BE_RECREATED and first.by_name:
            later = EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS
        is_certain = not is_odd and not graph.presence.rivals(owner.id, kind)
    later = _effect_on_next_start(now, later, dependent)
    return DependentOutcome(ending, now, later, owner.name, is_certain=is_certain)


def _effect_without_namespace(action: Action, later: EffectLater) -> EffectLater:
    """Return the later effect of acting on a container that owns no namespace.

    There is none if it is restarted, since its dependents stay where they are.
    """
    return EffectLater.NONE if action is Action.RESTART else later


def _undeclared_outcome(
    snapshot: Snapshot,
    graph: Graph,
    ending: NamespaceEnd,
    dependency: Dependency,
    first: Dependency,
) -> DependentOutcome:
    """Return the outcome for a container in a namespace without a declaration.

    Its declarations lead elsewhere or nowhere, so its next start does not depend on the
    owner of its present namespace.
    """
    owner = graph.containers[ending.container]
    dependent = graph.containers[dependency.container]
    kind = NamespaceKind(dependency.kind)
    is_there = (
        owner.state.has_process
        and dependent.state.has_process
        and owns(graph, owner.id, kind)
        and not is_elsewhere(snapshot, graph, owner.id, dependent.id, kind)
    )
    now = NOW[dependency.kind] if is_there else EffectNow.NONE
    later, needed = EffectLater.NONE, ""
    if now is not EffectNow.NONE:
        later, needed = _next_start(graph, first.container, kind)
    return DependentOutcome(
        ending,
        now,
        _effect_on_next_start(now, later, dependent),
        needed,
        is_declared=False,
        is_certain=not graph.presence.rivals(owner.id, kind),
    )


def _next_start(
    graph: Graph, container: ContainerId, kind: NamespaceKind
) -> tuple[EffectLater, str]:
    """Return what a container's next start requires by its own declarations.

    The second value names what it requires.
    """
    declared = graph.join(container, kind)
    if declared is None:
        return EffectLater.NONE, ""
    if declared.target is None:
        if not declared.by_name:
            return EffectLater.MUST_BE_RECREATED, ""
        needed = f"a container called {declared.reference}"
        return EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS, needed
    joined = graph.containers[declared.target]
    if joined.state.has_process:
        return EffectLater.RESTART_REJOINS, joined.name
    return EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS, joined.name


def _effect_on_next_start(
    now: EffectNow, later: EffectLater, dependent: Container
) -> EffectLater:
    """Return the later effect; none if the dependent removes itself when it ends."""
    from nstui.analysis.plans.order import removes_itself  # noqa: PLC0415

    if now is EffectNow.KILLED and removes_itself(dependent):
        return EffectLater.MUST_BE_RECREATED
    return later


def owns(graph: Graph, container: ContainerId, kind: NamespaceKind) -> bool:
    """Tell whether a container's namespace is its own and ends with it."""
    has_joined = graph.join(container, kind) is not None
    return not has_joined and not uses_host(graph.containers[container], kind)


def _ends_with_owner(
    graph: Graph, owner: Container, dependent: Container, kind: NamespaceKind
) -> bool:
    """Tell whether the namespace of a dependent ends with a container that it joined.

    It does not if that container is itself in the namespace of another.
    """
    if not owns(graph, owner.id, kind):
        return False
    shared = graph.presence.shared(dependent.id, kind)
    return shared is None or owner.id in shared.possible_owners


def _has_moved(
    snapshot: Snapshot,
    graph: Graph,
    owner: Container,
    dependent: Container,
    kind: NamespaceKind,
) -> bool:
    """Tell whether a dependent is elsewhere although its owner has not restarted.

    In that case one of the two has moved by itself, and the engine may keep the
    dependent's namespace for the owner. A container without a network loses none.
    """
    first, then = owner.inspection, dependent.inspection
    if first is None or then is None or first.started_at is None:
        return False
    if then.started_at is None or then.started_at <= first.started_at:
        return False
    has_lost = (
        kind is NamespaceKind.NET and snapshot.interfaces(dependent.id) == ONLY_LOOPBACK
    )
    is_read = snapshot.namespace(dependent.id, kind) is not None
    return is_read and not has_lost and graph.presence.owner(dependent.id, kind) is None


def is_elsewhere(
    snapshot: Snapshot,
    graph: Graph,
    owner: ContainerId,
    dependent: ContainerId,
    kind: NamespaceKind,
) -> bool:
    """Tell whether a dependent is not in the namespace that its owner is or will be in.

    An owner that joined another container will be in that one's namespace after a
    restart. Containers in between do not matter, since restarting them moves no other.
    The network that the engine keeps for the owner counts, not one that its process
    has moved to.
    """
    if graph.presence.owner(dependent, kind) == owner:
        return False
    chain = graph.chain(owner, kind)
    if uses_host(graph.containers[chain.hops[-1]], kind):
        return False
    shared = chain.hops[min(1, len(chain.hops) - 1)]
    return is_left_behind(snapshot, graph, dependent, shared, kind)
