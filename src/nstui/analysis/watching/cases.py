"""What the watch could do about an incident, with the plans that a person would get."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.exits import is_looping
from nstui.analysis.graph.graph import all_hops, is_behind_gone
from nstui.analysis.healing.broken import HEALABLE
from nstui.analysis.healing.owners import (
    find_stopped_needs,
    find_unproven,
    has_lost_service,
)
from nstui.analysis.healing.plans import make_heal_plan
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.healing.unhealable import find_managed
from nstui.analysis.plans.interruptions import make_finish_plan
from nstui.analysis.plans.plans import make_plan
from nstui.analysis.watching.choices import stop_timeout_of, wants_restart
from nstui.analysis.watching.happenings import RelatedContainers
from nstui.model.container import ContainerId, short_id
from nstui.model.finding import FindingCode, IncidentCause
from nstui.model.frozen import dataclass
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from nstui.model.watch import Hold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.report import Report
    from nstui.analysis.watching.decisions import WatchOptions
    from nstui.model.finding import Incident
    from nstui.model.plan import Plan


_OF_OWNER = frozenset(
    {
        IncidentCause.OWNER_RESTARTED,
        IncidentCause.OWNER_REPLACED,
        IncidentCause.OWNER_ELSEWHERE,
        IncidentCause.OWNER_STOPPED,
    }
)
"""The causes that follow from each other while an owner stops and starts again."""


def key_of(incident: Incident) -> str:
    """Return what identifies an incident as long as it lasts.

    An owner that is restarted is first stopped, and then elsewhere: that is one
    incident.
    """
    first = incident.findings[0]
    match incident.cause:
        case IncidentCause.NETWORK_GONE:
            return f"network:{first.network}"
        case IncidentCause.OWNER_GONE:
            return f"gone:{short_id(first.gone)}"
        case IncidentCause.OWN:
            return f"own:{short_id(first.container)}"
    about = short_id(incident.owner or first.container)
    if incident.cause in _OF_OWNER:
        return f"owner:{about}"
    return f"{incident.cause}:{about}"


class CaseAction(StrEnum):
    """What the watch could do about an incident."""

    HEAL = "heal"
    RESTART = "restart"
    """An unhealthy container whose label wants that."""

    NONE = "none"


def case_action_of(report: Report, incident: Incident) -> CaseAction:
    """Return what could be done about an incident."""
    codes = {finding.code for finding in incident.findings}
    if codes & HEALABLE or FindingCode.INTERRUPTED in codes:
        return CaseAction.HEAL
    subject = report.graph.containers[incident.containers[0]]
    is_own = incident.cause is IncidentCause.OWN and FindingCode.UNHEALTHY in codes
    return CaseAction.RESTART if is_own and wants_restart(subject) else CaseAction.NONE


def targets_of(
    report: Report,
    incident: Incident,
    action: CaseAction,
    broken: Collection[ContainerId],
) -> tuple[ContainerId, ...]:
    """Return the containers of an incident that may be healed without being named.

    A plan treats a container that is named as one that a person has decided about, so
    the watch names only what healing everything would heal as well.

    Args:
        report: The report.
        incident: The incident.
        action: What could be done about it.
        broken: The containers that are broken, with no container named.

    """
    if action is CaseAction.RESTART:
        return incident.containers
    cut_off = {
        finding.container
        for finding in incident.findings
        if finding.code is FindingCode.INTERRUPTED
    }
    here = report.graph.containers
    return tuple(
        c for c in incident.containers if c in here and (c in broken or c in cut_off)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The plan for some containers, as far as it can be made without asking anybody."""

    request: Request
    touched: tuple[ContainerId, ...]
    """The containers that it acts on, or may act on once compose was asked."""

    connected: tuple[ContainerId, ...]
    """Those of them that it attaches to a network again."""

    owners: frozenset[ContainerId]
    """The containers that those need, or will need, and that it does not act on."""

    refused: Mapping[ContainerId, tuple[Hold, str]]
    """The named containers that it cannot help, each with the reason."""


def draft_plan(
    report: Report,
    action: CaseAction,
    targets: tuple[ContainerId, ...],
    options: WatchOptions,
) -> Draft:
    """Return the plan for some containers of one incident."""
    timeout = stop_timeout_of(options, report.graph, targets)
    if action is CaseAction.RESTART:
        request = Request(
            action=Action.RESTART,
            targets=targets,
            policy=Policy.WITH_DEPENDENTS,
            timeout=timeout,
        )
        plan = make_plan(report.snapshot, report.graph, request)
        return _draft(report, plan, ())
    request = Request(
        action=Action.HEAL, targets=targets, asks_nobody=True, timeout=timeout
    )
    finishing = make_finish_plan(report.snapshot, report.graph, request)
    if finishing is not None:
        return _draft(report, finishing, ())
    plan = make_heal_plan(report.snapshot, report.graph, request, {})
    return _draft(report, plan, _asked(report, request))


def _asked(report: Report, request: Request) -> tuple[ContainerId, ...]:
    """Return the containers whose new owner compose may know."""
    if not has_lost_service(report.graph):
        return ()
    scope = find_scope(report.snapshot, report.graph, request)
    return find_unproven(scope.successions, report.graph)


def _draft(report: Report, plan: Plan, asked: tuple[ContainerId, ...]) -> Draft:
    """Return what a plan comes to.

    Args:
        report: The report.
        plan: The plan.
        asked: The containers whose new owner compose may know. Asking it takes a while,
            so the plan that is carried out finds out.

    """
    is_made = plan.is_possible and plan.is_permitted
    helped = {target.id for target in plan.targets} if is_made else set()
    helped |= {*asked} if is_made or not plan.steps else set()
    if is_made and plan.interruptions:
        helped |= {*plan.request.targets}
    steps = [step.container for step in plan.steps] if is_made else []
    tried = [c for c in asked if c in plan.request.targets and c in helped]
    touched = tuple(dict.fromkeys((*steps, *tried)))
    why = {one.container: one.reason for one in plan.unhealed}
    general = "; ".join((*plan.managed, *plan.objections)) or "it needs a decision"
    refused = {
        container: _hold_of(report, container, why.get(container, general))
        for container in plan.request.targets
        if container not in helped
    }
    return Draft(
        request=plan.request,
        touched=touched,
        connected=tuple(s.container for s in plan.steps if s.verb is Verb.CONNECT),
        owners=frozenset(_owners(report.graph, plan, {*touched})),
        refused=MappingProxyType(refused),
    )


def _owners(
    graph: Graph, plan: Plan, touched: set[ContainerId]
) -> Iterator[ContainerId]:
    """Yield the containers that others need once a plan is carried out."""
    joined = (join.reference for step in plan.steps for join in step.joins)
    found = (graph.resolve(reference) for reference in joined)
    begin = [*touched, *(one for one in found if one is not None)]
    for container in begin:
        for hop in all_hops(graph, container):
            if hop not in touched and graph.runs(hop):
                yield hop


def _hold_of(report: Report, container: ContainerId, reason: str) -> tuple[Hold, str]:
    """Return why a plan does not help a container: what kind of reason that is."""
    graph, snapshot = report.graph, report.snapshot
    hops = (graph.containers[hop] for hop in all_hops(graph, container))
    name = graph.name(container)
    looping = next((hop for hop in hops if is_looping(snapshot, hop)), None)
    if looping is not None:
        return Hold.SETTLING, f"{looping.name} keeps exiting and being restarted"
    if find_managed(snapshot, graph, (container,), {}):
        return Hold.MANAGED, f"{name}: {reason}"
    return Hold.NO_PROOF, f"{name}: {reason}"


def stopped_needs(report: Report, container: ContainerId) -> tuple[ContainerId, ...]:
    """Return what does not run and a container needs, with itself."""
    graph = report.graph
    hops = all_hops(graph, container)
    needs = find_stopped_needs(graph, hops, {})
    here = [hop for hop in hops if not graph.runs(hop)]
    return tuple(dict.fromkeys((*here, *needs)))


def related_containers(
    report: Report, containers: Iterable[ContainerId]
) -> RelatedContainers:
    """Return the containers that have to do with some others."""
    graph = report.graph
    roots = {hop for c in containers for hop in all_hops(graph, c)}
    found = {d for root in roots for d in graph.dependents(root)} | roots
    gone = set()
    for container in found:
        if is_behind_gone(graph, container):
            gone |= {
                join.reference
                for join in graph.containers[container].joins
                if graph.resolve(join.reference) is None
            }
    former = report.snapshot.former_containers
    names = {former[ContainerId(g)].name for g in gone if ContainerId(g) in former}
    members = tuple(graph.containers[c] for c in graph.containers if c in found)
    return RelatedContainers(members=members, gone=frozenset(gone | names))
