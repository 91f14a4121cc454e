"""Finds out what it takes to replace containers by equal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing import find_scope
from nstui.errors import EngineRefused
from nstui.model.healing import Cost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
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
    return {
        container: Cost(
            left_out=engine.left_out(container, joins),
            changes=_changes(engine, container),
            compose=_compose(compose, report, scope.recreated, container),
        )
        for container, joins in scope.recreated.items()
    }


def _changes(engine: ContainerEngine, container: ContainerId) -> tuple[str, ...] | None:
    try:
        return engine.changes(container)
    except EngineRefused:
        # Some storage drivers cannot compare; that is no reason to believe in none.
        return None


def _compose(
    compose: Compose,
    report: Report,
    recreated: Mapping[ContainerId, object],
    container: ContainerId,
) -> tuple[str, ...] | None:
    """Return compose's command, unless it would replace somebody else as well."""
    service = report.graph.containers[container].compose
    if service is None:
        return None
    others = (
        other.id
        for other in report.snapshot.containers
        if _is_same(other, report.graph.containers[container])
    )
    if any(other not in recreated for other in others):
        return None
    return compose.recreation(service)


def _is_same(one: Container, other: Container) -> bool:
    """Tell whether two containers are of one service of one project."""
    if one.compose is None or other.compose is None:
        return False
    mine, theirs = one.compose, other.compose
    return (mine.project, mine.service) == (theirs.project, theirs.service)
