"""What Podman refuses that Docker does.

It removes nobody whom others joined, forced or not, and no infra container of a pod
but with the pod.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.shell import shell_line
from nstui.model.plan import Action, Policy, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Plan, Step
    from nstui.model.snapshot import EngineInfo

PODMAN = "Podman"
PROGRAM = "podman"
_REMOVING = frozenset({Verb.RM, Verb.RECREATE})


def find_refusals(
    engine: EngineInfo, graph: Graph, steps: Iterable[Step], policy: Policy
) -> Iterator[str]:
    """Yield why Podman would refuse a step, as sentences that say what to do instead.

    Args:
        engine: Whose containers they are.
        graph: Who joined whom.
        steps: What is to be done, in order.
        policy: What may happen to dependents. Where they are protected, that they
            would be harmed is said of them already.

    """
    if engine.name != PODMAN:
        return
    gone: set[ContainerId] = set()
    for step in steps:
        if step.verb in _REMOVING:
            container = graph.containers[step.container]
            left = joined_by(graph, step.container, gone)
            if container.pod is not None and container.pod.is_infra:
                yield of_infra(container, container.pod.name)
            elif left and policy is not Policy.PROTECT:
                words = only_after(container.name, left)
                yield f"{words}: --with-dependents removes them too"
        if step.removes:
            gone.add(step.container)


def joined_by(
    graph: Graph, container: ContainerId, gone: Collection[ContainerId] = ()
) -> tuple[str, ...]:
    """Return the names of those that joined a container, running or not."""
    users = {
        d.container
        for d in graph.users(container)
        if d.kind in JOIN_KINDS and d.container not in {*gone, container}
    }
    return tuple(sorted(graph.name(user) for user in users))


def only_after(name: str, left: Iterable[str]) -> str:
    """Say that a container cannot be removed before others."""
    return f"Podman removes {name} only after what joined it ({', '.join(left)})"


def of_infra(container: Container, pod: str) -> str:
    """Say that a container can be removed only with its pod."""
    removal = shell_line((PROGRAM, "pod", "rm", pod)) or f"{PROGRAM} pod rm"
    return f"{container.name} holds the pod {pod} together: use {removal}"


def can_be_forced(plan: Plan) -> bool:
    """Tell whether accepting its harm to dependents would let a plan be done."""
    is_removal = plan.request.action in {Action.RM, Action.PRUNE}
    return not (plan.program == PROGRAM and is_removal)
