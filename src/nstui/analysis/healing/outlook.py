"""What healing everything would repair, without asking anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing.broken import HEALABLE, find_broken
from nstui.analysis.healing.plans import make_heal_plan
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.plans.interruptions import (
    concerned,
    find_interruptions,
    make_finish_plan,
    request_beside,
    without_cut_off,
)
from nstui.model.finding import FindingCode
from nstui.model.frozen import dataclass
from nstui.model.healing import Cost
from nstui.model.plan import Request
from nstui.model.step import Action

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Outlook:
    """The findings that healing would repair."""

    repaired: tuple[Finding, ...]
    perhaps: tuple[Finding, ...]
    """Those that it would repair by recreating containers, if nothing would be lost:
    what recreating costs takes longer to find out."""


def find_outlook(report: Report) -> Outlook:
    """Return what healing everything would repair, as its plan says."""
    request = Request(action=Action.HEAL, targets=(), asks_nobody=True)
    scope = find_scope(report.snapshot, report.graph, request)
    unknown = {container: Cost(changes=None) for container in scope.recreated}
    surely = _repaired(report, request, unknown)
    at_best = _repaired(report, request, {}) if unknown else surely
    return Outlook(
        repaired=surely, perhaps=tuple(one for one in at_best if one not in surely)
    )


def _repaired(
    report: Report, request: Request, costs: Mapping[ContainerId, Cost]
) -> tuple[Finding, ...]:
    snapshot, graph = report.snapshot, report.graph
    finished: Collection[ContainerId] = ()
    first = make_finish_plan(snapshot, graph, request)
    if first is not None:
        finished = [target.id for target in first.targets]
        request = request_beside(first) or request
    plan = make_heal_plan(snapshot, graph, request, costs)
    if first is not None:
        plan = without_cut_off(graph, first, plan)
    is_done = plan.is_possible and plan.is_permitted and not plan.losing
    healed = {target.id for target in plan.targets} if is_done else set()
    begun = {step.container for step in plan.steps} if is_done else set()
    return tuple(
        finding
        for finding in report.findings
        if (finding.code in HEALABLE and finding.container in healed)
        # It only says that its container cannot start until another one runs.
        or (finding.code is FindingCode.OWNER_STOPPED and finding.owner in begun)
        or (finding.code is FindingCode.INTERRUPTED and finding.container in finished)
    )


def heal_targets(
    report: Report, group: Collection[ContainerId], chosen: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return the containers to name, so that a group is healed; empty for none.

    These are its broken ones. If it has none, the chosen ones are named if something is
    wrong with them: that also heals what may be so on purpose, such as a job that has
    ended.

    Args:
        report: The report.
        group: The containers of the group.
        chosen: Those of them that the user pointed at.

    """
    snapshot, graph = report.snapshot, report.graph
    broken = {*find_broken(snapshot, graph)}
    beside: set[ContainerId] = set()
    for one in find_interruptions(snapshot, graph) if snapshot.unfinished else ():
        broken.add(one.container)
        if one.container in group:
            # Once it is replaced, what depends on it is not found by its name.
            beside |= {
                d
                for c in concerned(one)
                if c in graph.containers
                for d in graph.dependents(c)
            }
    wanted = dict.fromkeys((*group, *(c for c in graph.containers if c in beside)))
    found = tuple(c for c in wanted if c in broken or c in beside)
    return found or tuple(c for c in chosen if c in report.findings_by_container)
