"""The evidence for what nstui says about a container, source by source.

Where the kernel contradicts the engine there is a finding: `nstui.analysis.findings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.checks import find_outsiders
from nstui.analysis.findings.ends import uninspected_text
from nstui.analysis.graph.presence import uses_host
from nstui.analysis.tree.members import members_of
from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.model.step import ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.graph.presence import Dependency
    from nstui.analysis.report import Report
    from nstui.analysis.tree.members import Member
    from nstui.model.container import Container, ContainerId
    from nstui.model.finding import Finding
    from nstui.model.holders import Evidence, RuntimeJoin
    from nstui.model.namespace import Namespace
    from nstui.model.network import Interior, NetworkProcess
    from nstui.model.snapshot import MountedFile, ReadProblem


UNREAD_HERE = "could not be read from here"


def find_disagreements(
    graph: Graph, container: ContainerId, evidence: Evidence | None
) -> tuple[str, ...]:
    """Return a sentence for each contradiction; unread sources contradict nothing.

    Args:
        graph: The dependencies.
        container: The container in question.
        evidence: The joins given to its runtime, and its mounts; None if not read.

    """
    if evidence is None:
        return ()
    found: list[str | None] = []
    if evidence.joins is not None:
        told = {join.kind: join for join in evidence.joins}
        found += [_in_runtime(graph, container, k, told.get(k)) for k in NamespaceKind]
    found.append(_in_files(graph, container, evidence.files or ()))
    return tuple(sentence for sentence in found if sentence is not None)


def _in_runtime(
    graph: Graph, container: ContainerId, kind: NamespaceKind, told: RuntimeJoin | None
) -> str | None:
    declared = graph.join(container, kind)
    if declared is None:
        if told is None or told.container is None or told.container == container:
            return None
        return (
            f"the runtime was told to join the {kind} namespace of"
            f" {_name(graph, told.container)}, which the engine does not declare"
        )
    target = declared.target
    pid = None if target is None else graph.containers[target].pid
    if target is None or pid is None:
        # The declared target does not run, so no recorded join can lead to it.
        return None
    name = graph.name(target)
    if told is None:
        return (
            f"the runtime created a new {kind} namespace; the engine declares"
            f" that it joined {name}"
        )
    if told.pid is None or (told.is_there and told.container in {None, target}):
        return None
    state = "which has ended"
    if told.is_there and told.container is not None:
        state = f"which is {_name(graph, told.container)}'s"
    return (
        f"the runtime was told to join the {kind} namespace of process {told.pid},"
        f" {state}; {name} is process {pid}"
    )


def _in_files(
    graph: Graph, container: ContainerId, files: Iterable[MountedFile]
) -> str | None:
    """Return a sentence if a container sees files of others outside its network."""
    chain = graph.chain(container, NamespaceKind.NET)
    if chain.owner is None:
        return None
    others = {
        file.name: file.belongs_to
        for file in files
        if file.belongs_to is not None and file.belongs_to not in chain.hops
    }
    if not others:
        return None
    names = " and ".join(_name(graph, c) for c in dict.fromkeys(others.values()))
    return (
        f"its {', '.join(others)} came from {names}; its network is that of"
        f" {graph.name(chain.owner)}"
    )


def _name(graph: Graph, container: ContainerId) -> str:
    """Return the name of a container, or its id if the engine does not know it."""
    return (
        graph.name(container) if container in graph.containers else short_id(container)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceEvidence:
    """The namespace of one container as the kernel shows it."""

    container: ContainerId
    pid: int | None
    """The process it was read from; None if there is none, see `unread`."""

    namespace: Namespace | None
    problem: ReadProblem | None
    """Why the namespace could not be read, if it could not."""

    unread: str
    """Why there is no process to read, as the end of a sentence; empty if there is
    one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One kind of namespace that a container shares, or should share."""

    kind: NamespaceKind
    declared: Dependency | None
    """Its join; None if it has its own namespace or the host's."""

    is_host: bool
    here: NamespaceEvidence
    there: NamespaceEvidence | None
    """The namespace of the joined container; None if it joined no existing one."""

    joined_by: tuple[ContainerId, ...]
    """The containers that joined it, directly or not."""

    mates: tuple[ContainerId, ...]
    """The other containers that the kernel shows in the same namespace."""

    runtime: RuntimeJoin | None
    """The join that its runtime was told to make; None if there is none or if this is
    not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that is known about what one container shares."""

    container: Container
    findings: tuple[Finding, ...]
    """Disagreements of engine and kernel, and other findings; the worst first."""

    shares: tuple[Share, ...]
    evidence: Evidence | None
    """None if there is no process to read, or no access to it."""

    interior: Interior | None
    """The inside of its network; None as for `evidence`."""

    members: tuple[Member, ...]
    """The containers that share its network or should, itself included, owner first."""

    outsiders: tuple[NetworkProcess, ...] | ReadProblem | None
    """The processes that have entered its network; see `nstui.analysis.checks`."""

    disagreements: tuple[str, ...]
    """Where the runtime or the mounts contradict the engine, one sentence each."""


def make_explanation(
    report: Report,
    container: ContainerId,
    evidence: Evidence | None,
    interior: Interior | None = None,
    members: tuple[Member, ...] | None = None,
) -> Explanation:
    """Combine what each source says about a container.

    Args:
        report: What engine and kernel say about all containers.
        container: The container in question.
        evidence: The evidence of runtime and mounts, if it was read.
        interior: The inside of its network, if it was read.
        members: The members of its network; None if their usage was not read.

    """
    found = (_share(report, container, kind, evidence) for kind in NamespaceKind)
    return Explanation(
        container=report.graph.containers[container],
        findings=report.all_by_container.get(container, ()),
        shares=tuple(share for share in found if _is_shown(share)),
        evidence=evidence,
        interior=interior,
        members=members or members_of(report, container, {}, {}),
        outsiders=(
            None if interior is None else find_outsiders(report, container, interior)
        ),
        disagreements=find_disagreements(report.graph, container, evidence),
    )


def _is_shown(share: Share) -> bool:
    """Tell whether a kind of namespace is worth showing; the network always is."""
    is_shared = share.declared is not None or share.joined_by or share.mates
    return bool(is_shared) or share.kind is NamespaceKind.NET


def _share(
    report: Report,
    container: ContainerId,
    kind: NamespaceKind,
    evidence: Evidence | None,
) -> Share:
    declared = report.graph.join(container, kind)
    target = None if declared is None else declared.target
    here = _namespace_evidence(report, container, kind)
    is_host = uses_host(report.graph.containers[container], kind)
    told = () if evidence is None or evidence.joins is None else evidence.joins
    return Share(
        kind=kind,
        declared=declared,
        is_host=is_host,
        here=here,
        there=None if target is None else _namespace_evidence(report, target, kind),
        joined_by=report.graph.dependents(container, (ShareKind(kind),)),
        mates=() if is_host else _mates(report, here, kind),
        runtime=next((join for join in told if join.kind is kind), None),
    )


def _namespace_evidence(
    report: Report, container: ContainerId, kind: NamespaceKind
) -> NamespaceEvidence:
    reading = report.snapshot.host.processes.get(container)
    return NamespaceEvidence(
        container=container,
        pid=None if reading is None else reading.pid,
        namespace=report.snapshot.namespace(container, kind),
        problem=None if reading is None else reading.problem,
        unread="" if reading is not None else why_unread(report, container),
    )


def why_unread(report: Report, container: ContainerId) -> str:
    """Return why a container's process was not read, as the end of a sentence.

    It is called stopped only if the engine says so.
    """
    return no_process(report, container) or UNREAD_HERE


def no_process(report: Report, container: ContainerId) -> str | None:
    """Return why no process of a container is known; None if one is."""
    one = report.graph.containers[container]
    if one.inspection is None:
        return uninspected_text(one)
    if not one.state.has_process:
        return "not running"
    return "the engine gives no process for it" if one.pid is None else None


def _mates(
    report: Report, here: NamespaceEvidence, kind: NamespaceKind
) -> tuple[ContainerId, ...]:
    if here.namespace is None:
        return ()
    return tuple(
        other.id
        for other in report.snapshot.containers
        if other.id != here.container
        and report.snapshot.namespace(other.id, kind) == here.namespace
    )
