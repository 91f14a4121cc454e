"""Finds out what it takes to replace containers by equal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing import find_scope
from nstui.analysis.replacing import containers_of
from nstui.errors import ContainerVanished, EngineRefused, EngineUnreachable
from nstui.model.healing import Cost, Recomposition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId, Join
    from nstui.model.plan import Request
    from nstui.ports import Compose, ContainerEngine


def find_costs(
    engine: ContainerEngine, compose: Compose, report: Report, request: Request
) -> Mapping[ContainerId, Cost]:
    """Return the cost of each container that healing would recreate.

    Where it cannot be found out for one of them, that is said, and concerns no other.

    Raises:
        EngineUnreachable: nobody answers, or not in time.

    """
    scope = find_scope(report.snapshot, report.graph, request)
    ways = {c: _compose(compose, report, c) for c in scope.recreated}
    return {
        container: _cost(engine, container, joins, ways[container])
        for container, joins in scope.recreated.items()
    }


def _cost(
    engine: ContainerEngine,
    container: ContainerId,
    joins: tuple[Join, ...],
    way: Recomposition,
) -> Cost:
    try:
        left_out = engine.left_out(container, joins)
        changes = _changes(engine, container)
    except EngineRefused as refusal:
        return Cost(problem=str(refusal))
    return Cost(
        left_out=left_out,
        changes=changes,
        compose=way.command,
        compose_refused=way.refused,
    )


def _changes(engine: ContainerEngine, container: ContainerId) -> tuple[str, ...] | None:
    try:
        return engine.changes(container)
    except ContainerVanished:
        raise
    except EngineRefused:
        # Some storage drivers cannot compare; that is no reason to believe in none.
        return None


def _compose(compose: Compose, report: Report, container: ContainerId) -> Recomposition:
    """Return compose's command, unless it would do more than replace this one.

    It gives a service as many containers as the project's file says, and knows nothing
    of those that ``compose run`` has left.
    """
    subject = report.graph.containers[container]
    if subject.compose is None or subject.compose.is_oneoff:
        return Recomposition()
    same = containers_of(report.snapshot.containers, subject.compose)
    if len(same) != 1:
        return Recomposition()
    try:
        return compose.recreation(subject)
    except (EngineRefused, EngineUnreachable) as problem:
        # The engine itself is asked right after this, and says if it is unreachable.
        return Recomposition(refused=f"compose cannot be asked: {problem}")
