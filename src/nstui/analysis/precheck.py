"""Whether what the next step of a plan relies on is still the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.order import is_up
from nstui.analysis.startable import why_unstartable
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Verb

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Step


def what_changed(step: Step, then: Graph, now: Graph) -> str | None:
    """Return why a step must not be taken, as a sentence; None if it may be.

    Args:
        step: The step that is next.
        then: What held when its plan was right, before the first step.
        now: What holds now.

    """
    container = now.containers.get(step.container)
    if container is None:
        return f"{step.name} is no longer there"
    new = _dependents(now, step.container) - _known(then, step.container)
    if new:
        names = ", ".join(sorted(now.name(container) for container in new))
        return f"{names} has come to depend on {step.name}"
    if step.verb is Verb.RESTART:
        up = {c.id for c in now.containers.values() if c.state.has_process}
        return next(why_unstartable(now, step.container, up, {}), None)
    return _why_needless(step, container)


def _why_needless(step: Step, container: Container) -> str | None:
    """Return why a step is none for a container as that is now, if so."""
    if step.verb is Verb.RM and is_up(container) and not step.force:
        return f"{step.name} was started again"
    if step.verb is Verb.KILL and not container.state.has_process:
        return f"{step.name} is {container.state} already"
    if step.verb is Verb.CONNECT and container.networks:
        return f"{step.name} is attached to {', '.join(container.networks)} already"
    return None


def _dependents(graph: Graph, container: ContainerId) -> set[ContainerId]:
    """Return who depends directly on a container, or may."""
    used = (*graph.users(container), *graph.residents(container))
    rivals = (graph.presence.rivals(container, kind) for kind in NamespaceKind)
    return {d.container for d in used}.union(*rivals)


def _known(graph: Graph, container: ContainerId) -> set[ContainerId]:
    """Return who was taken into account: also who merely was in its namespaces.

    Once others have left one it can be less clear whose it is.
    """
    homes = (graph.presence.household(container, kind) for kind in NamespaceKind)
    mates = (home.members for home in homes if home is not None)
    return _dependents(graph, container).union(*mates)
