"""What the end of one container does to one of those that depend on it.

The table is that of an experiment on three generations of Docker: it holds for a
running container that depends directly. The rest follows: who joined a dependent is
in the same namespace, and a container that itself joined another's namespace takes
none away when it goes. What happens at once follows the kernel where it can be read,
what happens at the next start follows what is declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.groups import uses_host
from nstui.analysis.order import removes_itself
from nstui.analysis.staleness import is_left_behind
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action, EffectLater, EffectNow, ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph import Dependency, Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import Snapshot

LONELY = ("lo",)
"""The interfaces of one that has lost its network."""

NOW = {
    ShareKind.NET: EffectNow.LOSES_NETWORK,
    ShareKind.PID: EffectNow.KILLED,
    ShareKind.IPC: EffectNow.NAMESPACE_SPLIT,
    ShareKind.UTS: EffectNow.NONE,
    ShareKind.LINK: EffectNow.EXEC_FAILS,
    ShareKind.VOLUMES_FROM: EffectNow.NONE,
}
"""What each action does at once; a link survives a restart of its target."""

LATER = {
    Action.RM: EffectLater.MUST_BE_RECREATED,
    Action.STOP: EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS,
    Action.KILL: EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS,
    Action.RESTART: EffectLater.RESTART_REJOINS,
}
"""What each action does to the next start, through whatever is shared but volumes."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that ends the namespaces a container owns."""

    container: ContainerId
    action: Action
    cause: ContainerId
    """The one that is acted on and that it comes from; often the container itself."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one happening does to one dependent."""

    happening: Happening
    now: EffectNow
    later: EffectLater
    needed: str
    """Who has to run for its next start, in words."""

    is_declared: bool = True
    """Whether a declaration makes it a dependent, and not the kernel alone."""

    is_certain: bool = True
    """Whether it is known that the namespace ends with that container."""

    @property
    def harms(self) -> bool:
        """Whether the dependent is worse off."""
        is_removal = self.happening.action is Action.RM
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
    snapshot: Snapshot, graph: Graph, happening: Happening
) -> Iterator[tuple[Dependency, Outcome]]:
    """Yield what one happening does, through each kind of sharing."""
    for kind in ShareKind:
        for dependency, first in _ways(graph, happening.container, kind):
            if first.is_declared:
                outcome = _declared(snapshot, graph, happening, dependency, first)
            else:
                outcome = _seen(snapshot, graph, happening, dependency, first)
            is_unchanged = (outcome.now, outcome.later) == (
                EffectNow.NONE,
                EffectLater.NONE,
            )
            if not is_unchanged or kind is ShareKind.VOLUMES_FROM:
                yield dependency, outcome


def _ways(
    graph: Graph, container: ContainerId, kind: ShareKind
) -> Iterator[tuple[Dependency, Dependency]]:
    """Yield who depends on a container, each with the use that leads there at last."""
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


def _declared(
    snapshot: Snapshot,
    graph: Graph,
    happening: Happening,
    dependency: Dependency,
    first: Dependency,
) -> Outcome:
    """Adjust the table to what is the case: who runs, who owns, who is there still."""
    owner = graph.containers[happening.container]
    dependent = graph.containers[dependency.container]
    now, later = effect_of(
        happening.action, dependency.kind, is_running=dependent.state.has_process
    )
    if not owner.state.has_process:
        now = EffectNow.NONE
        if happening.action in {Action.STOP, Action.KILL}:
            later = EffectLater.NONE
    is_certain = True
    if dependency.kind in JOIN_KINDS:
        kind = NamespaceKind(dependency.kind)
        is_stale = is_elsewhere(snapshot, graph, owner.id, dependent.id, kind)
        is_owner = owns(graph, owner.id, kind)
        is_odd = is_stale and is_owner
        is_odd = is_odd and _is_odd(snapshot, graph, owner, dependent, kind)
        if not is_odd and (is_stale or not _takes(graph, owner, dependent, kind)):
            now = EffectNow.NONE
        if not is_stale and not is_owner:
            later = _after_a_middle(happening.action, later)
        # Such a dependent can start again once a container of that name runs, and so
        # can those that joined it. A join that holds the id is bound to what is gone.
        if later is EffectLater.MUST_BE_RECREATED and first.by_name:
            later = EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS
        is_certain = not is_odd and not graph.presence.rivals(owner.id, kind)
    later = _lasting(now, later, dependent)
    return Outcome(happening, now, later, owner.name, is_certain=is_certain)


def _after_a_middle(action: Action, later: EffectLater) -> EffectLater:
    """Return what is left to do after one that owns nothing; a restart moves nobody."""
    return EffectLater.NONE if action is Action.RESTART else later


def _seen(
    snapshot: Snapshot,
    graph: Graph,
    happening: Happening,
    dependency: Dependency,
    first: Dependency,
) -> Outcome:
    """Return what becomes of one that is in a namespace by no declaration.

    What it declares leads elsewhere, or nowhere: its next start has nothing to do with
    whom it shares the namespace.
    """
    owner = graph.containers[happening.container]
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
    return Outcome(
        happening,
        now,
        _lasting(now, later, dependent),
        needed,
        is_declared=False,
        is_certain=not graph.presence.rivals(owner.id, kind),
    )


def _next_start(
    graph: Graph, container: ContainerId, kind: NamespaceKind
) -> tuple[EffectLater, str]:
    """Return what a container's next start takes, by what it declares, and whom."""
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


def _lasting(now: EffectNow, later: EffectLater, dependent: Container) -> EffectLater:
    """Return what is left of a dependent: nothing, if it removes itself at its end."""
    if now is EffectNow.KILLED and removes_itself(dependent):
        return EffectLater.MUST_BE_RECREATED
    return later


def owns(graph: Graph, container: ContainerId, kind: NamespaceKind) -> bool:
    """Tell whether a container's namespace is its own and ends with it."""
    has_joined = graph.join(container, kind) is not None
    return not has_joined and not uses_host(graph.containers[container], kind)


def _takes(
    graph: Graph, owner: Container, dependent: Container, kind: NamespaceKind
) -> bool:
    """Tell whether what a dependent is in ends with one that it joined.

    It does not with one that is itself in the namespace of another.
    """
    if not owns(graph, owner.id, kind):
        return False
    home = graph.presence.household(dependent.id, kind)
    return home is None or owner.id in home.makers


def _is_odd(
    snapshot: Snapshot,
    graph: Graph,
    owner: Container,
    dependent: Container,
    kind: NamespaceKind,
) -> bool:
    """Tell whether a dependent is elsewhere although its owner has not restarted.

    One of the two has moved by itself, and the engine may keep for the owner what the
    dependent is in. One that has no network has none to lose.
    """
    first, then = owner.inspection, dependent.inspection
    if first is None or then is None or first.started_at is None:
        return False
    if then.started_at is None or then.started_at <= first.started_at:
        return False
    has_lost = kind is NamespaceKind.NET and snapshot.interfaces(dependent.id) == LONELY
    is_read = snapshot.namespace(dependent.id, kind) is not None
    return is_read and not has_lost and graph.presence.owner(dependent.id, kind) is None


def is_elsewhere(
    snapshot: Snapshot,
    graph: Graph,
    owner: ContainerId,
    dependent: ContainerId,
    kind: NamespaceKind,
) -> bool:
    """Tell whether a dependent is not in the namespace the owner is or will be in.

    That of one that joined another is what the other is in, once it is restarted. Those
    in between do not matter: a restart of one of them moves nobody. What the engine
    keeps for the owner counts, and not where its process has gone.
    """
    if graph.presence.owner(dependent, kind) == owner:
        return False
    chain = graph.chain(owner, kind)
    if uses_host(graph.containers[chain.hops[-1]], kind):
        return False
    home = chain.hops[min(1, len(chain.hops) - 1)]
    return is_left_behind(snapshot, graph, dependent, home, kind)
