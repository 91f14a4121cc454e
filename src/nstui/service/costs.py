"""Finds what it would cost to recreate the containers of a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.ancestry import service_containers
from nstui.analysis.healing.recomposing import find_compose_files, find_unwanted_joins
from nstui.analysis.healing.recreating import find_recreated
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.recipe import read_recipe
from nstui.errors import ContainerVanished, EngineRefused, EngineUnreachable
from nstui.model.healing import Cost, Recomposition
from nstui.model.step import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId, Join
    from nstui.model.plan import Request
    from nstui.ports import Compose, ContainerEngine


def find_costs(
    engine: ContainerEngine, compose: Compose, report: Report, request: Request
) -> Mapping[ContainerId, Cost]:
    """Return the cost of each container that a plan would recreate.

    If the engine refuses to tell the cost of one, its `Cost.problem` has the reason.

    Raises:
        EngineUnreachable: the engine does not answer, or not in time.

    """
    is_recreation = request.action is Action.RECREATE
    find = find_recreated if is_recreation else find_scope
    scope = find(report.snapshot, report.graph, request)
    recompositions = {
        c: _find_recomposition(compose, report, c) for c in scope.recreated
    }
    costs = {
        container: _find_cost(
            engine, recompositions[container], report, container, joins
        )
        for container, joins in scope.recreated.items()
    }
    renewed = request.targets if is_recreation else ()
    return costs | {c: _with_image(engine, c, costs[c], request) for c in renewed}


def _with_image(
    engine: ContainerEngine, container: ContainerId, cost: Cost, request: Request
) -> Cost:
    """Return the cost with the image that takes the place of the container's own."""
    recipe = read_recipe(engine.inspect(container))
    wanted = request.image or recipe.image
    if engine.image(recipe.image_id) is None:
        problem = (
            "its image is gone, so that what came from it cannot be told from what was"
            " asked for"
        )
        return replace(cost, problem=problem)
    if not request.pull and engine.image(wanted) is None:
        problem = f"there is no image {wanted} here; --pull gets it"
        return replace(cost, problem=problem)
    return replace(cost, image=wanted)


def _find_cost(
    engine: ContainerEngine,
    recomposition: Recomposition,
    report: Report,
    container: ContainerId,
    joins: tuple[Join, ...],
) -> Cost:
    subject = report.graph.containers[container]
    try:
        left_out = engine.left_out(container, joins)
        written = _find_changes(engine, container)
    except EngineRefused as refusal:
        return Cost(problem=str(refusal))
    files = find_compose_files(subject, written, recomposition.wrote)
    others = find_unwanted_joins(report.graph, subject, joins, recomposition.joins)
    own_changes = (
        None if written is None else tuple(p for p in written if p not in files)
    )
    return Cost(
        left_out=left_out,
        changes=own_changes,
        compose=recomposition.command,
        compose_refused=recomposition.refused,
        compose_changes=(*others, *recomposition.changes),
        files=files,
    )


def _find_changes(
    engine: ContainerEngine, container: ContainerId
) -> tuple[str, ...] | None:
    try:
        return engine.changes(container)
    except ContainerVanished:
        raise
    except EngineRefused:
        # Some storage drivers cannot list changes: unknown, which is not "none".
        return None


def _find_recomposition(
    compose: Compose, report: Report, container: ContainerId
) -> Recomposition:
    """Return compose's command, unless it would do more than replace the container.

    Compose scales a service to the number in the project's file, and does not count
    the containers left by ``compose run``.
    """
    subject = report.graph.containers[container]
    if subject.compose is None or subject.compose.is_oneoff:
        return Recomposition()
    try:
        recomposition = compose.recreation(subject)
    except (EngineRefused, EngineUnreachable) as problem:
        # The caller asks the engine next, and so finds out if it is unreachable.
        return Recomposition(refused=f"compose cannot be asked: {problem}")
    same = service_containers(report.snapshot.containers, subject.compose)
    if len(same) == 1:
        return recomposition
    # Compose cannot be used, but its list of the files it wrote still holds.
    refused = f"its service has {len(same)} containers"
    return Recomposition(refused=refused, wrote=recomposition.wrote)
