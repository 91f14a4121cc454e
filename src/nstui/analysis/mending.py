"""Commands that bring containers back, where they do no harm."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.analysis.exits import ended_with_error
from nstui.analysis.failed_starts import may_start, start_error
from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.loops import is_looping
from nstui.analysis.order import is_up, owners_first
from nstui.analysis.remedies import after, command, commands, named, words_for
from nstui.analysis.restarts import find_obstacles
from nstui.analysis.startable import HALF_REMOVED, needed_by
from nstui.analysis.throwaways import find_ended, without_harm
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.analysis.remedies import Remedy
    from nstui.model.container import ContainerId
    from nstui.model.plan import Effect
    from nstui.model.snapshot import Snapshot

WITH_DEPENDENTS = "--with-dependents"


def bring_back(
    snapshot: Snapshot, graph: Graph, containers: Iterable[ContainerId]
) -> Remedy:
    """Return what starts containers, or restarts those that run.

    What they need is started before, and who would be left behind in their old
    namespaces is restarted after them. The engine stops first what it restarts, and
    only then finds out whether it can be started: so a command is returned only if
    nothing is known that would keep one of them from starting. Otherwise what that is
    has to be mended first, and the remedy is a sentence, of which a shell does nothing.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        containers: Whom to bring back.

    """
    order = _everybody(snapshot, graph, containers)
    words = tuple(_words(snapshot, graph, order))
    hindrance = next(_hindrances(snapshot, graph, order, set(containers)), None)
    return commands(*words) if hindrance is None else after(hindrance, *words)


def with_whom(
    snapshot: Snapshot, graph: Graph, recreated: Collection[ContainerId]
) -> tuple[str, ...]:
    """Return the option that healing needs where it would harm one that is well.

    Without a terminal healing is refused then, unless it takes that one along.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        recreated: Those along a chain to one that is gone.

    """
    for effect in find_effects(snapshot, graph, Action.RM, recreated):
        if without_harm(graph, effect).harms and not _is_orphan(graph, effect):
            return (WITH_DEPENDENTS,)
    return ()


def _is_orphan(graph: Graph, effect: Effect) -> bool:
    """Tell whether one that would be harmed has lost whom it joined itself."""
    chains = (graph.chain(effect.container, kind) for kind in NamespaceKind)
    return any(chain.gone is not None for chain in chains)


def _everybody(
    snapshot: Snapshot, graph: Graph, containers: Iterable[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return whom to start or restart, owners first.

    What is thrown away and ends with another before its own turn is not there then.
    """
    acted_on = set(containers)
    for container in tuple(acted_on):
        if _runs(graph, container):
            joined = graph.dependents(container, JOIN_KINDS)
            acted_on.update(c for c in joined if _runs(graph, c))
    restarted = tuple(c for c in acted_on if _runs(graph, c))
    ended = find_ended(snapshot, graph, restarted=restarted, recreated=())
    acted_on -= {effect.container for effect in ended}
    for container in tuple(acted_on):
        acted_on.update(c for c in needed_by(graph, container) if not _is_up(graph, c))
    return owners_first(graph, acted_on)


def _words(
    snapshot: Snapshot, graph: Graph, order: Iterable[ContainerId]
) -> Iterator[tuple[str | None, ...]]:
    docker = command(snapshot.engine)
    for runs, together in groupby(order, key=lambda c: _runs(graph, c)):
        yield (docker, "restart" if runs else "start", *words_for(graph, together))


def _hindrances(
    snapshot: Snapshot,
    graph: Graph,
    order: Collection[ContainerId],
    wanted: Collection[ContainerId],
) -> Iterator[str]:
    """Yield what has to be done first, such as ``mend own, which keeps exiting``."""
    for container in order:
        for need in needed_by(graph, container):
            if is_looping(snapshot, graph.containers[need]) and need not in wanted:
                yield f"mend {_named(graph, need)}, which keeps exiting"
        subject = graph.containers[container]
        if subject.state in HALF_REMOVED:
            yield f"create {_named(graph, container)} again, which is {subject.state}"
        elif not _runs(graph, container) and not may_start(graph, container):
            yield f"mend what keeps {_named(graph, container)} from starting"
        elif ended_with_error(subject) and not start_error(subject):
            yield f"mend what ended {_named(graph, container)}"
    up = {c.id for c in graph.containers.values() if c.state.has_process}
    for _ in find_obstacles(graph, order, up):
        yield "mend what it needs and what depends on it"


def _named(graph: Graph, container: ContainerId) -> str:
    return named(graph.name(container))


def _is_up(graph: Graph, container: ContainerId) -> bool:
    return is_up(graph.containers[container])


def _runs(graph: Graph, container: ContainerId) -> bool:
    return graph.containers[container].state.has_process
