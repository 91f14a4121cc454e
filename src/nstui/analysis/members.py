"""The containers of a network, each with what it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.rates import cpu_percent
from nstui.model.namespace import NamespaceKind
from nstui.model.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.finding import Finding
    from nstui.model.snapshot import ReadProblem

    Usages = Mapping[ContainerId, Usage | ReadProblem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One container of a network, or of those that should be in it."""

    container: Container
    finding: Finding | None
    """The worst that is wrong with it."""

    usage: Usage | ReadProblem | None
    """None if it has no process."""

    cpu_percent: float | None
    """Of one CPU, between two readings; None if that is not known."""


def network_members(report: Report, container: ContainerId) -> tuple[ContainerId, ...]:
    """Return who shares a container's network or should, its owner first.

    A container that shares with nobody is alone.
    """
    return group_members(report, container, NamespaceKind.NET)


def group_members(
    report: Report, container: ContainerId, kind: NamespaceKind
) -> tuple[ContainerId, ...]:
    """Return who shares a container's namespace of one kind or should."""
    for group in report.groups(kind):
        if container in group.members:
            return group.members
    return (container,)


def pids_of(
    report: Report, containers: tuple[ContainerId, ...]
) -> Mapping[ContainerId, int]:
    """Return the first process of each of some containers that has one."""
    found = {each: report.graph.containers[each].pid for each in containers}
    return {each: pid for each, pid in found.items() if pid is not None}


def members_of(
    report: Report, container: ContainerId, before: Usages, after: Usages
) -> tuple[Member, ...]:
    """Put together what is known of each container of a network.

    Args:
        report: What the engine and the kernel say of all.
        container: Whose network.
        before: What they used a moment ago.
        after: What they use now.

    """
    return as_members(report, network_members(report, container), before, after)


def as_members(
    report: Report, containers: Iterable[ContainerId], before: Usages, after: Usages
) -> tuple[Member, ...]:
    """Put together what is known of each of some containers.

    Args:
        report: What the engine and the kernel say of all.
        containers: Which ones, in their order.
        before: What they used a moment ago.
        after: What they use now.

    """
    return tuple(
        Member(
            container=report.graph.containers[each],
            finding=report.worst(each),
            usage=after.get(each),
            cpu_percent=percent_between(before.get(each), after.get(each)),
        )
        for each in containers
    )


def percent_between(
    before: Usage | ReadProblem | None, after: Usage | ReadProblem | None
) -> float | None:
    """Return how much of one CPU was used between two readings, if that is known."""
    if not isinstance(before, Usage) or not isinstance(after, Usage):
        return None
    if before.is_summed is not after.is_summed:
        # The two do not count the same.
        return None
    return cpu_percent(before, after)
