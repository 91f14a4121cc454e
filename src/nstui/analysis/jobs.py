"""Who has done what it was there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.failed_starts import start_error
from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container

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
