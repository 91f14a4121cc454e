"""A snapshot with everything that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.findings import find_findings
from nstui.analysis.graph import Graph
from nstui.analysis.groups import find_groups
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding
    from nstui.model.group import Group
    from nstui.model.snapshot import Snapshot


@dataclass(frozen=True)
class Report:
    """What the screens show: computed when first asked for, then kept.

    It has no slots, because that is where the results are kept.
    """

    snapshot: Snapshot

    @cached_property
    def graph(self) -> Graph:
        """Who depends on whom."""
        return Graph(self.snapshot.containers, self.snapshot.host)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, the worst first."""
        return find_findings(self.snapshot, self.graph)

    @cached_property
    def findings_by_container(self) -> Mapping[ContainerId, tuple[Finding, ...]]:
        """The findings of each container that has any, the worst first."""
        found: dict[ContainerId, tuple[Finding, ...]] = {}
        for finding in self.findings:
            found[finding.container] = (*found.get(finding.container, ()), finding)
        return MappingProxyType(found)

    @cached_property
    def _groups(self) -> dict[NamespaceKind, tuple[Group, ...]]:
        return {}

    def groups(self, kind: NamespaceKind = NamespaceKind.NET) -> tuple[Group, ...]:
        """Return the groups of one kind."""
        if kind not in self._groups:
            self._groups[kind] = find_groups(self.snapshot, self.graph, kind)
        return self._groups[kind]

    @cached_property
    def kinds(self) -> tuple[NamespaceKind, ...]:
        """The kinds that there is something to show of: ``uts`` only if it is shared.

        Docker cannot share it between containers, only Podman's pods do.
        """
        return tuple(
            kind
            for kind in NamespaceKind
            if kind is not NamespaceKind.UTS or self.groups(kind)
        )

    @cached_property
    def _shared_kinds(self) -> Mapping[ContainerId, tuple[NamespaceKind, ...]]:
        found: dict[ContainerId, tuple[NamespaceKind, ...]] = {}
        for kind in NamespaceKind:
            for group in self.groups(kind):
                for member in group.members:
                    found[member] = (*found.get(member, ()), kind)
        return MappingProxyType(found)

    def shared_kinds(self, container: ContainerId) -> tuple[NamespaceKind, ...]:
        """Return the kinds in which a container is in a group."""
        return self._shared_kinds.get(container, ())

    def worst(self, container: ContainerId) -> Finding | None:
        """Return the worst finding of a container, if it has any."""
        findings = self.findings_by_container.get(container, ())
        return findings[0] if findings else None
