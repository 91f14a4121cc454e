"""Makes plans: asks the engine and compose for what a plan needs.

That is above all what it would cost to recreate a container.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.ancestry import service_containers
from nstui.analysis.checks import as_outsiders, ending_namespaces
from nstui.analysis.healing.owners import find_unproven, has_lost_service
from nstui.analysis.healing.plans import make_heal_plan
from nstui.analysis.healing.recomposing import find_compose_files, find_unwanted_joins
from nstui.analysis.healing.recreating import find_recreated, make_recreate_plan
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.own import own_containers
from nstui.analysis.plans.interruptions import make_finish_plan
from nstui.analysis.plans.permission import without_own_end
from nstui.analysis.plans.plans import make_plan
from nstui.analysis.plans.preconditions import NO_REMEDIES
from nstui.analysis.recipe import read_recipe
from nstui.analysis.report import Report, start_remedies
from nstui.analysis.restoring.plans import make_restore_plan
from nstui.analysis.restoring.removed import as_stopped
from nstui.errors import ContainerVanished, EngineRefused, EngineUnreachable, NstuiError
from nstui.model.container import ContainerId, is_id
from nstui.model.healing import Cost, Recomposition
from nstui.model.host_options import HERE, HostOptions
from nstui.model.namespace import NamespacesRead
from nstui.model.step import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.container import Join
    from nstui.model.healing import ComposeJoin
    from nstui.model.own import OwnProcess
    from nstui.model.plan import Plan, Request
    from nstui.ports import Compose, ContainerEngine, HostEvidence
    from nstui.service.audit import ActionAudit
    from nstui.service.observer import Observer


def with_compose_joins(
    compose: Compose, report: Report, requests: Iterable[Request]
) -> Report:
    """Return the report with the joins that compose resolves for some containers.

    Compose takes a while to answer, so it is asked only about containers that have lost
    their owner and for which nothing else tells the new one. Where compose gives no
    answer, nothing is added for the container.
    """
    graph = report.graph
    heals = tuple(requests)
    if not heals or not has_lost_service(graph):
        # It is seldom otherwise, and what follows takes a while on a large host.
        return report
    wanted = dict.fromkeys(
        container
        for request in heals
        for container in find_unproven(
            find_scope(report.snapshot, graph, request).successions, graph
        )
    )
    answers: dict[ContainerId, tuple[ComposeJoin, ...]] = {}
    for container in wanted:
        with suppress(NstuiError):
            joins = compose.joins(graph.containers[container])
            if joins is not None:
                answers[container] = joins
    if not answers:
        return report
    known = MappingProxyType(answers)
    return Report(replace(report.snapshot, compose_joins=known))


def with_outsiders(
    evidence: HostEvidence | None, report: Report, plans: Iterable[Plan]
) -> tuple[Plan, ...]:
    """Return the plans with the outsiders in the namespaces that they end.

    This reads every process of the machine, once, and only if a namespace ends.
    """
    made = tuple(plans)
    if evidence is None or report.snapshot.namespaces_read is not NamespacesRead.INODE:
        return made
    ending = [ending_namespaces(report, plan) for plan in made]
    everything = {namespace for each in ending for namespace in each}
    if not everything:
        return made
    found = evidence.outsiders(everything, report.graph.containers.keys())
    if found is None:
        return made
    return tuple(
        replace(plan, outsiders=as_outsiders(report, owners, found))
        for plan, owners in zip(made, ending, strict=True)
    )


class Planner:
    """Turns requests into plans; changes nothing."""

    def __init__(  # noqa: PLR0913 - one for each collaborator
        self,
        engine: ContainerEngine,
        observer: Observer,
        audit: ActionAudit,
        compose: Compose,
        *,
        evidence: HostEvidence | None,
        own: OwnProcess,
        options: HostOptions = HERE,
    ) -> None:
        """Store the collaborators, as in `nstui.service.executor.Executor`."""
        self._engine = engine
        self._observer = observer
        self._audit = audit
        self._compose = compose
        self._evidence = evidence
        self._own = own
        self._options = options

    def plans(self, requests: Iterable[Request]) -> tuple[Plan, ...]:
        """Return the plans for several requests, all made from one new look.

        Raises:
            ContainerVanished: a target no longer exists.

        """
        wanted = tuple(requests)
        report = self.report_for(wanted)
        made = [self.plan_for(report, request) for request in wanted]
        return with_outsiders(self._evidence, report, made)

    def plan_on(self, report: Report, request: Request) -> Plan:
        """Return the plan for a request; see `nstui.service.executor.Executor`."""
        heals = (request,) if request.action is Action.HEAL else ()
        known = with_compose_joins(self._compose, self._with_own(report), heals)
        return self.plan_for(known, request)

    def report_for(
        self, requests: tuple[Request, ...], *, afresh: bool = True
    ) -> Report:
        """Return a new report that has everything needed to plan the requests."""
        look = self._observer.look_afresh if afresh else self._observer.look
        report = self._with_own(look())
        heals = tuple(one for one in requests if one.action is Action.HEAL)
        return with_compose_joins(self._compose, report, heals)

    def _with_own(self, report: Report) -> Report:
        """Return the report with the containers with which nstui itself would end."""
        found = own_containers(report.snapshot, report.graph, self._own)
        if not found:
            return report
        return Report(replace(report.snapshot, own=MappingProxyType({**found})))

    def plan_for(self, report: Report, request: Request) -> Plan:
        """Return the plan for a request, from a report that has what it needs.

        Raises:
            ContainerVanished: a target did not exist.

        """
        plan = self._plan_freely(report, request)
        safe = without_own_end(report.snapshot, report.graph, plan)
        return replace(safe, options=self._options)

    def _plan_freely(self, report: Report, request: Request) -> Plan:
        is_restore = request.action is Action.RESTORE
        targets = () if is_restore else request.targets
        named = {*targets, *({request.onto} if request.onto else ())}
        if not named <= report.graph.containers.keys():
            raise ContainerVanished("the container is no longer there")
        if is_restore:
            return self._plan_restore(report, request)
        if request.action is Action.RECREATE:
            costs = find_costs(self._engine, self._compose, report, request)
            return make_recreate_plan(report.snapshot, report.graph, request, costs)
        if request.action is not Action.HEAL:
            is_start = request.action is Action.START
            remedies = start_remedies(report) if is_start else NO_REMEDIES
            return make_plan(report.snapshot, report.graph, request, remedies)
        finishing = make_finish_plan(report.snapshot, report.graph, request)
        if finishing is not None:
            return finishing
        costs = find_costs(self._engine, self._compose, report, request)
        return make_heal_plan(report.snapshot, report.graph, request, costs)

    def _plan_restore(self, report: Report, request: Request) -> Plan:
        records = self._audit.removed()
        removed = self._audit.kept(request.targets[0])
        available = self._engine.available(removed.inspect)
        joined = (join.reference for join in as_stopped(removed).joins)
        gone = {ContainerId(reference) for reference in joined if is_id(reference)}
        known = self._observer.with_former(
            report, gone - report.graph.containers.keys()
        )
        kept = {one.id for one in records}
        return make_restore_plan(known.snapshot, request, removed, available, kept)


def find_costs(
    engine: ContainerEngine, compose: Compose, report: Report, request: Request
) -> Mapping[ContainerId, Cost]:
    """Return the cost of each container that a plan would recreate.

    If the engine refuses to tell the cost of one, its `Cost.problem` has the reason.

    Raises:
        EngineUnreachable: the engine does not answer, or not in time.

    """
    is_recreation = request.action is Action.RECREATE
    find = find_recreated if is_recreation else find_scope
    scope = find(report.snapshot, report.graph, request)
    recompositions = {
        c: _find_recomposition(compose, report, c) for c in scope.recreated
    }
    costs = {
        container: _find_cost(
            engine, recompositions[container], report, container, joins
        )
        for container, joins in scope.recreated.items()
    }
    renewed = request.targets if is_recreation else ()
    return costs | {c: _with_image(engine, c, costs[c], request) for c in renewed}


def _with_image(
    engine: ContainerEngine, container: ContainerId, cost: Cost, request: Request
) -> Cost:
    """Return the cost with the image that takes the place of the container's own."""
    recipe = read_recipe(engine.inspect(container))
    wanted = request.image or recipe.image
    if engine.image(recipe.image_id) is None:
        problem = (
            "its image is gone, so that what came from it cannot be told from what was"
            " asked for"
        )
        return replace(cost, problem=problem)
    if not request.pull and engine.image(wanted) is None:
        problem = f"there is no image {wanted} here; --pull gets it"
        return replace(cost, problem=problem)
    return replace(cost, image=wanted)


def _find_cost(
    engine: ContainerEngine,
    recomposition: Recomposition,
    report: Report,
    container: ContainerId,
    joins: tuple[Join, ...],
) -> Cost:
    subject = report.graph.containers[container]
    try:
        left_out = engine.left_out(container, joins)
        written = _find_changes(engine, container)
    except EngineRefused as refusal:
        return Cost(problem=str(refusal))
    files = find_compose_files(subject, written, recomposition.wrote)
    others = find_unwanted_joins(report.graph, subject, joins, recomposition.joins)
    own_changes = (
        None if written is None else tuple(p for p in written if p not in files)
    )
    return Cost(
        left_out=left_out,
        changes=own_changes,
        compose=recomposition.command,
        compose_refused=recomposition.refused,
        compose_changes=(*others, *recomposition.changes),
        files=files,
    )


def _find_changes(
    engine: ContainerEngine, container: ContainerId
) -> tuple[str, ...] | None:
    try:
        return engine.changes(container)
    except ContainerVanished:
        raise
    except EngineRefused:
        # Some storage drivers cannot list changes: unknown, which is not "none".
        return None


def _find_recomposition(
    compose: Compose, report: Report, container: ContainerId
) -> Recomposition:
    """Return compose's command, unless it would do more than replace the container.

    Compose scales a service to the number in the project's file, and does not count
    the containers left by ``compose run``.
    """
    subject = report.graph.containers[container]
    if subject.compose is None or subject.compose.is_oneoff:
        return Recomposition()
    try:
        recomposition = compose.recreation(subject)
    except (EngineRefused, EngineUnreachable) as problem:
        # The caller asks the engine next, and so finds out if it is unreachable.
        return Recomposition(refused=f"compose cannot be asked: {problem}")
    same = service_containers(report.snapshot.containers, subject.compose)
    if len(same) == 1:
        return recomposition
    # Compose cannot be used, but its list of the files it wrote still holds.
    refused = f"its service has {len(same)} containers"
    return Recomposition(refused=refused, wrote=recomposition.wrote)
