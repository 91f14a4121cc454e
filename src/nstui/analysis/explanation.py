"""Why nstui says what it says of a container: each source's word, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.disagreements import find_disagreements
from nstui.analysis.engine_words import uninspected_words
from nstui.analysis.groups import uses_host
from nstui.analysis.members import members_of
from nstui.analysis.outsiders import find_outsiders
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import ShareKind

if TYPE_CHECKING:
    from nstui.analysis.graph import Dependency
    from nstui.analysis.members import Member
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.evidence import Evidence, RuntimeJoin
    from nstui.model.finding import Finding
    from nstui.model.interior import Interior, NetworkProcess
    from nstui.model.namespace import Namespace
    from nstui.model.snapshot import ReadProblem

UNREAD_HERE = "could not be read from here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the kernel shows one container to be."""

    container: ContainerId
    pid: int | None
    """The process it was read from; None if none was: see `unread`."""

    namespace: Namespace | None
    problem: ReadProblem | None
    """Why the namespace could not be read, if it could not."""

    unread: str
    """Why there is no process to read, as the end of a sentence; empty if there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One kind of namespace that a container shares, or should."""

    kind: NamespaceKind
    declared: Dependency | None
    """Its join; None if it has a namespace of its own, or the host's."""

    is_host: bool
    here: Place
    there: Place | None
    """The container it joined; None if it joined none that exists."""

    joined_by: tuple[ContainerId, ...]
    """Who joined it, directly or not."""

    mates: tuple[ContainerId, ...]
    """Who the kernel shows in the same namespace."""

    runtime: RuntimeJoin | None
    """What its runtime was told to join; None if nothing, or if that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that is known of what one container shares."""

    container: Container
    findings: tuple[Finding, ...]
    """Where the engine and the kernel disagree, and what else is wrong; the worst
    first."""

    shares: tuple[Share, ...]
    evidence: Evidence | None
    """None if there is no process to read, or nobody who could."""

    interior: Interior | None
    """Its network from within; None as `evidence`."""

    members: tuple[Member, ...]
    """Who shares its network or should, itself included, its owner first."""

    outsiders: tuple[NetworkProcess, ...] | ReadProblem | None
    """Who has entered its network: see `nstui.analysis.outsiders`."""

    disagreements: tuple[str, ...]
    """Where the runtime or the mounts contradict the engine, a sentence each."""


def explain(
    report: Report,
    container: ContainerId,
    evidence: Evidence | None,
    interior: Interior | None = None,
    members: tuple[Member, ...] | None = None,
) -> Explanation:
    """Put together what each source says of a container.

    Args:
        report: What the engine and the kernel say of all.
        container: Of whom.
        evidence: What was read of it besides.
        interior: What was read of its network from within.
        members: Who is in its network; None if it was not read what they use.

    """
    found = (_share(report, container, kind, evidence) for kind in NamespaceKind)
    return Explanation(
        container=report.graph.containers[container],
        findings=report.findings_by_container.get(container, ()),
        shares=tuple(share for share in found if _is_told(share)),
        evidence=evidence,
        interior=interior,
        members=members or members_of(report, container, {}, {}),
        outsiders=(
            None if interior is None else find_outsiders(report, container, interior)
        ),
        disagreements=find_disagreements(report.graph, container, evidence),
    )


def _is_told(share: Share) -> bool:
    """Tell whether there is anything to say of a kind; of the network there is."""
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
    here = _place(report, container, kind)
    is_host = uses_host(report.graph.containers[container], kind)
    told = () if evidence is None or evidence.joins is None else evidence.joins
    return Share(
        kind=kind,
        declared=declared,
        is_host=is_host,
        here=here,
        there=None if target is None else _place(report, target, kind),
        joined_by=report.graph.dependents(container, (ShareKind(kind),)),
        mates=() if is_host else _mates(report, here, kind),
        runtime=next((join for join in told if join.kind is kind), None),
    )


def _place(report: Report, container: ContainerId, kind: NamespaceKind) -> Place:
    reading = report.snapshot.host.processes.get(container)
    return Place(
        container=container,
        pid=None if reading is None else reading.pid,
        namespace=report.snapshot.namespace(container, kind),
        problem=None if reading is None else reading.problem,
        unread="" if reading is not None else why_unread(report, container),
    )


def why_unread(report: Report, container: ContainerId) -> str:
    """Return why nothing is read of a container's process, as the end of a sentence.

    That it does not run is said only where the engine says so.
    """
    return no_process(report, container) or UNREAD_HERE


def no_process(report: Report, container: ContainerId) -> str | None:
    """Return why no process of a container is known; None if one is."""
    one = report.graph.containers[container]
    if one.inspection is None:
        return uninspected_words(one)
    if not one.state.has_process:
        return "not running"
    return "the engine names no process of it" if one.pid is None else None


def _mates(report: Report, here: Place, kind: NamespaceKind) -> tuple[ContainerId, ...]:
    if here.namespace is None:
        return ()
    return tuple(
        other.id
        for other in report.snapshot.containers
        if other.id != here.container
        and report.snapshot.namespace(other.id, kind) == here.namespace
    )
