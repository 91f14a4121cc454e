"""Which processes have entered a container's network from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.groups import uses_host
from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.interior import Interior, NetworkProcess


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
