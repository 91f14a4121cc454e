"""Which processes have entered a container's namespaces from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.groups import uses_host
from nstui.analysis.outcomes import owns
from nstui.analysis.reach import ended_by
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Outsider, Verb
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.holders import HoldingProcess
    from nstui.model.interior import Interior, NetworkProcess
    from nstui.model.namespace import Namespace
    from nstui.model.plan import Plan


_NET = NamespaceKind.NET


def find_outsiders(
    report: Report, container: ContainerId, interior: Interior
) -> tuple[NetworkProcess, ...] | ReadProblem | None:
    """Return the processes that belong to no container which is in this network.

    They came by ``nsenter``, ``ip netns exec`` or a debugger, on the machine or in
    another container.

    Args:
        report: Where the kernel shows every container to be.
        container: Whose network it is.
        interior: What was read of that network.

    Returns:
        In the order of the pids; why they could not be read; or None in the network
        of the host itself, which all of the machine is in.

    """
    found = interior.processes
    if found is None or uses_host(report.graph.containers[container], _NET):
        return None
    if isinstance(found, ReadProblem):
        return found
    members = {container, *_members(report, container)}
    return tuple(each for each in found if members.isdisjoint(each.containers))


def _members(report: Report, container: ContainerId) -> set[ContainerId]:
    """Return who else is in the network of a container, by what the kernel says.

    Where that is not known, those that should be are taken to be.
    """
    here = report.snapshot.namespace(container, _NET)
    if here is None:
        groups = (set(group.members) for group in report.groups(_NET))
        return next((members for members in groups if container in members), set())
    return {
        other.id
        for other in report.snapshot.containers
        if report.snapshot.namespace(other.id, _NET) == here
    }


_ENDS = frozenset(
    {Verb.STOP, Verb.KILL, Verb.RM, Verb.RESTART, Verb.RECREATE, Verb.COMPOSE}
)


def ending_namespaces(report: Report, plan: Plan) -> dict[Namespace, ContainerId]:
    """Return the namespaces that end with a plan, each with whose it is."""
    acted_on = [step.container for step in plan.steps if step.verb in _ENDS]
    found: dict[Namespace, ContainerId] = {}
    for container in ended_by(report.graph, plan.request, acted_on):
        for kind in NamespaceKind:
            namespace = report.snapshot.namespace(container, kind)
            if namespace is not None and owns(report.graph, container, kind):
                found.setdefault(namespace, container)
    own = report.snapshot.host.own.values()
    return {namespace: c for namespace, c in found.items() if namespace not in own}


def as_outsiders(
    report: Report,
    owners: Mapping[Namespace, ContainerId],
    found: Mapping[Namespace, tuple[HoldingProcess, ...]],
) -> tuple[Outsider, ...]:
    """Put together in what each process is that was found in namespaces that end."""
    seen: dict[tuple[int, ContainerId], Outsider] = {}
    for namespace, owner in owners.items():
        for process in found.get(namespace, ()):
            known = seen.get((process.pid, owner))
            kinds = () if known is None else known.kinds
            seen[process.pid, owner] = Outsider(
                pid=process.pid,
                command=process.command,
                kinds=(*kinds, namespace.kind),
                owner=owner,
                owner_name=report.graph.name(owner),
                container=process.container,
            )
    return tuple(sorted(seen.values(), key=lambda each: each.pid))
