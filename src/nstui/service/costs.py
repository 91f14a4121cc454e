"""Finds out what it takes to replace containers by equal ones."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.healing import find_scope, find_unproven
from nstui.analysis.recomposing import other_owners, put_by_compose
from nstui.analysis.replacing import containers_of
from nstui.analysis.report import Report
from nstui.errors import (
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    NstuiError,
)
from nstui.model.healing import Cost, Recomposition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.container import ContainerId, Join
    from nstui.model.healing import ComposeJoin
    from nstui.model.plan import Request
    from nstui.ports import Compose, ContainerEngine


def with_compose_joins(
    compose: Compose, report: Report, requests: Iterable[Request]
) -> Report:
    """Return a report that knows what compose resolves those to join who need it.

    It is asked only about those that have lost their owner and of whose new one nothing
    else is known, since each question takes a while. An answer that cannot be had is
    none: such a container stays as it is.
    """
    graph = report.graph
    wanted = dict.fromkeys(
        container
        for request in requests
        for container in find_unproven(
            find_scope(report.snapshot, graph, request).successions, graph
        )
    )
    answers: dict[ContainerId, tuple[ComposeJoin, ...]] = {}
    for container in wanted:
        with suppress(NstuiError):
            joins = compose.joins(graph.containers[container])
            if joins is not None:
                answers[container] = joins
    if not answers:
        return report
    known = MappingProxyType(answers)
    return Report(replace(report.snapshot, compose_joins=known))


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
    try:
        left_out = engine.left_out(container, joins)
        written = _changes(engine, container)
    except EngineRefused as refusal:
        return Cost(problem=str(refusal))
    files = put_by_compose(subject, written, way.wrote)
    others = other_owners(report.graph, subject, joins, way.joins)
    mine = None if written is None else tuple(p for p in written if p not in files)
    return Cost(
        left_out=left_out,
        changes=mine,
        compose=way.command,
        compose_refused=way.refused,
        compose_changes=(*others, *way.changes),
        files=files,
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
    try:
        way = compose.recreation(subject)
    except (EngineRefused, EngineUnreachable) as problem:
        # The engine itself is asked right after this, and says if it is unreachable.
        return Recomposition(refused=f"compose cannot be asked: {problem}")
    same = containers_of(report.snapshot.containers, subject.compose)
    if len(same) == 1:
        return way
    # Compose cannot be used, but it knows what it has put into the container.
    refused = f"its service has {len(same)} containers"
    return Recomposition(refused=refused, wrote=way.wrote)
