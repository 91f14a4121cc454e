"""Who has done what it was there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.exits import ended_with_error
from nstui.analysis.failed_starts import start_error
from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, Inspection

_ENDS_WELL = frozenset({"no", "on-failure"})
"""The restart policies under which nothing starts what has ended well."""


def is_finished_job(graph: Graph, container: Container) -> bool:
    """Tell whether a container has ended well, and is not meant to run again.

    Its log and its exit code are all that is left of it, and would go if it was made
    anew. One that others use has not been there for itself only.
    """
    inspection = container.inspection
    return (
        container.state is ContainerState.EXITED
        and inspection is not None
        and inspection.exit_code == 0
        and inspection.restart_policy in _ENDS_WELL
        and not start_error(container)
        and not graph.users(container.id)
    )


def is_failed_job(graph: Graph, container: Container) -> bool:
    """Tell whether a container has ended with an error, and nothing starts it again.

    Its log and its exit code tell why. What somebody has ended, or its owner's end, has
    the exit code of a signal, and what could not be started for want of its owner says
    so: of neither there is anything to keep.
    """
    inspection = container.inspection
    return (
        inspection is not None
        and ended_with_error(container)
        and is_over(inspection)
        and not start_error(container)
        and not graph.users(container.id)
    )


def is_over(inspection: Inspection) -> bool:
    """Tell whether the engine will not start a container that ended by itself."""
    if inspection.restart_policy == "on-failure":
        limit = inspection.restart_limit
        return 0 < limit <= inspection.restart_count
    return inspection.restart_policy == "no"
