"""Finds out what it takes to replace containers by equal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing import find_scope
from nstui.errors import EngineRefused
from nstui.model.healing import Cost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import ComposeService, Container, ContainerId
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
            compose=_compose(compose, report, container),
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
    compose: Compose, report: Report, container: ContainerId
) -> tuple[str, ...] | None:
    """Return compose's command, unless it would do more than replace this one.

    It gives a service as many containers as the project's file says, and knows nothing
    of those that ``compose run`` has left.
    """
    service = report.graph.containers[container].compose
    if service is None or service.is_oneoff:
        return None
    same = [c for c in report.snapshot.containers if _is_of(c, service)]
    return compose.recreation(service) if len(same) == 1 else None


def _is_of(container: Container, service: ComposeService) -> bool:
    """Tell whether a container is one of a service's own."""
    mine = container.compose
    if mine is None or mine.is_oneoff:
        return False
    return (mine.project, mine.service) == (service.project, service.service)
