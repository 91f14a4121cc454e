"""Finds out what it takes to replace containers by equal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing import find_scope
from nstui.analysis.recomposing import other_owners, put_by_compose
from nstui.analysis.replacing import containers_of
from nstui.errors import EngineRefused
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

    Raises:
        ContainerVanished: one of them is no longer there.
        EngineUnreachable: nobody answers, or not in time.

    """
    scope = find_scope(report.snapshot, report.graph, request)
    ways = {c: _compose(compose, report, c) for c in scope.recreated}
    return {
        container: _cost(engine, ways[container], report, container, joins)
        for container, joins in scope.recreated.items()
    }


def _cost(
    engine: ContainerEngine,
    way: Recomposition,
    report: Report,
    container: ContainerId,
    joins: tuple[Join, ...],
) -> Cost:
    subject = report.graph.containers[container]
    written = _changes(engine, container)
    files = put_by_compose(subject, written, way.wrote)
    others = other_owners(report.graph, subject, joins, way.joins)
    return Cost(
        left_out=engine.left_out(container, joins),
        changes=None
        if written is None
        else tuple(p for p in written if p not in files),
        compose=way.command,
        compose_refused=way.refused,
        compose_changes=(*others, *way.changes),
        files=files,
    )


def _changes(engine: ContainerEngine, container: ContainerId) -> tuple[str, ...] | None:
    try:
        return engine.changes(container)
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
        return Recomposition(refused=f"its service has {len(same)} containers")
    return compose.recreation(subject)
