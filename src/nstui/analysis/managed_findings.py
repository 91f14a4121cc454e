"""What is wrong with containers that something else manages, and what it wants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.managed import Deed, manager_command, why_left_alone
from nstui.analysis.managers import is_history, successor_of
from nstui.analysis.remedies import Remedy, after, command, commands, word_for
from nstui.model.finding import FindingCode
from nstui.model.manager import ManagerKind
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.finding import Finding
    from nstui.model.snapshot import Snapshot

_ONLY_LOOKED_AT = frozenset(
    {
        FindingCode.INTERRUPTED,
        FindingCode.OOM_KILLED,
        FindingCode.RESTARTING,
        FindingCode.UNDECLARED_SHARE,
        FindingCode.UNHEALTHY,
        FindingCode.UNREADABLE,
    }
)
"""Those whose remedies change nothing, or are for whatever manages it as well."""

_RESTARTED = frozenset({FindingCode.STALE_JOIN, FindingCode.NO_UPLINK})
"""Those that go once the container itself is restarted, while its owner is well."""

_ENDED = frozenset({FindingCode.EXITED, FindingCode.START_FAILED})
"""Those of one that does not run."""

_LOOK = "mend what its log tells of; its pod starts it again if its policy says so"
"""What to do where the kubelet does the rest."""

_HEALED = "nstui heal "
"""How a remedy begins that leaves to managers what is theirs."""


def find_managed(
    snapshot: Snapshot, graph: Graph, findings: Iterable[Finding]
) -> list[Finding]:
    """Return findings with the remedies that managers want.

    What its manager has replaced is history: nothing about it is to be put right. Nor
    does a restart policy say anything of a container that is not the engine's to start.
    """
    if all(container.manager is None for container in graph.containers.values()):
        return list(findings)
    why = why_left_alone(snapshot, graph, command(snapshot.engine))
    return [
        _as_managed(graph, why, finding)
        for finding in findings
        if not is_history(graph, graph.containers[finding.container])
        and not _is_about_policy(graph, finding)
    ]


def _is_about_policy(graph: Graph, finding: Finding) -> bool:
    is_policy = finding.code is FindingCode.RESTART_MISMATCH
    return is_policy and any(_managed_along(graph, finding.container))


def _as_managed(
    graph: Graph, why: Mapping[ContainerId, str], finding: Finding
) -> Finding:
    words = set(finding.remedy.split())
    managed = [
        container
        for container in _managed_along(graph, finding.container)
        if word_for(container) in words
    ]
    if not managed or finding.code in _ONLY_LOOKED_AT:
        return finding
    if _is_kubelets(graph, finding):
        return replace(finding, remedy=_LOOK, is_command=False)
    held = next((container for container in managed if container.id in why), None)
    if held is not None:
        remedy = f"{held.name} {why[held.id]}{_or_move(graph, finding, held)}"
        return replace(finding, remedy=remedy, is_command=False)
    cure = _cure(finding, managed[0])
    return replace(finding, remedy=cure.text, is_command=cure.is_command)


def _is_kubelets(graph: Graph, finding: Finding) -> bool:
    """Tell whether the kubelet deals with the end of a container, if anybody does.

    To delete the pod ends what runs well in it, and a pod that nothing has made but a
    user does not come back.
    """
    manager = graph.containers[finding.container].manager
    is_pods = manager is not None and manager.kind is ManagerKind.KUBERNETES
    is_sure = manager is not None and manager.is_proven
    return is_pods and is_sure and finding.code in _ENDED


def _or_move(graph: Graph, finding: Finding, held: Container) -> str:
    """Return how one is moved to the task that has taken its owner's place."""
    heir = successor_of(graph, held)
    if heir is None or held.id == finding.container:
        return ""
    subject = word_for(graph.containers[finding.container])
    return f": {commands(('nstui', 'heal', '--onto', word_for(heir), subject)).text}"


def _cure(finding: Finding, container: Container) -> Remedy:
    """Return what to do about one whose manager can be asked."""
    manager = container.manager
    command = None if manager is None else manager_command(manager, Deed.RESTART)
    if command is None or finding.remedy.startswith(_HEALED):
        return Remedy(finding.remedy, is_command=finding.is_command)
    if finding.code in _RESTARTED:
        return commands(command)
    return after("put that right", command)


def _managed_along(graph: Graph, container: ContainerId) -> Iterator[Container]:
    """Yield those that are managed of a container and of whom it joined."""
    hops = (hop for kind in NamespaceKind for hop in graph.chain(container, kind).hops)
    for hop in dict.fromkeys(hops):
        if graph.containers[hop].manager is not None:
            yield graph.containers[hop]
