"""Makes plans and carries them out, after checking that each one may run."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress
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
from nstui.analysis.plans.claimed import acted_on, owners_beside
from nstui.analysis.plans.interruptions import make_finish_plan, request_after
from nstui.analysis.plans.managed import can_be_forced
from nstui.analysis.plans.plans import make_plan
from nstui.analysis.plans.preconditions import NO_REMEDIES
from nstui.analysis.recipe import read_recipe
from nstui.analysis.report import Report, start_remedies
from nstui.analysis.restoring.plans import make_restore_plan
from nstui.analysis.restoring.removed import as_stopped
from nstui.errors import (
    ActionImpossible,
    ContainerVanished,
    DecisionMissing,
    EngineRefused,
    EngineUnreachable,
    GroupInUse,
    ManagedElsewhere,
    NstuiError,
    PlanOutdated,
    WouldBreakDependents,
    WouldLoseChanges,
)
from nstui.model.container import ContainerId, is_id
from nstui.model.healing import Cost, Recomposition
from nstui.model.namespace import NamespacesRead
from nstui.model.outcome import Outcome
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from nstui.service.course import PlanRun, Progress
from nstui.service.step_runner import StepRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from nstui.model.audit import DamagedRecord, RemovedContainer
    from nstui.model.container import Join
    from nstui.model.healing import ComposeJoin
    from nstui.ports import (
        Claims,
        Compose,
        ContainerEngine,
        HostEvidence,
        Managers,
        Tickets,
    )
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
    found = evidence.strangers(everything, report.graph.containers.keys())
    if found is None:
        return made
    return tuple(
        replace(plan, outsiders=as_outsiders(report, owners, found))
        for plan, owners in zip(made, ending, strict=True)
    )


__all__ = ["Executor", "Progress", "refuse_unless_permitted"]


def _ignore_progress(progress: Progress) -> None:
    """Do nothing; used if the caller does not want to know the progress."""


class NoClaims:
    """Implements `nstui.ports.Claims` where no other program acts on the engine."""

    def hold(self, _: Mapping[ContainerId, str]) -> AbstractContextManager[None]:
        """Return a context manager that does nothing."""
        return nullcontext()


class Executor:
    """Turns requests into plans, and plans into calls to the engine."""

    def __init__(  # noqa: PLR0913 - one for each collaborator
        self,
        engine: ContainerEngine,
        observer: Observer,
        audit: ActionAudit,
        compose: Compose,
        managers: Managers,
        *,
        evidence: HostEvidence | None = None,
        claims: Claims | None = None,
        tickets: Tickets | None = None,
    ) -> None:
        """Store the collaborators.

        Args:
            engine: The engine to act on.
            observer: Looks at the host, before each step and after it.
            audit: Records what is done.
            compose: Recreates the containers that compose made.
            managers: Stop or restart the containers that they manage.
            evidence: Finds the outsiders that a plan would end; None if nothing can.
            claims: Keeps other programs from the containers of a plan; None if there
                are no others.
            tickets: Tells the engine's guard what a plan does; None if it has none.

        """
        self._evidence = evidence
        self._claims = claims or NoClaims()
        self._engine = engine
        self._observer = observer
        self._audit = audit
        self._compose = compose
        self._runner = StepRunner(engine, observer, compose, audit, managers, tickets)
        self._stop = threading.Event()
        self._acting = threading.Event()

    @property
    def is_acting(self) -> bool:
        """Whether a plan is being carried out."""
        return self._acting.is_set()

    def plan(self, request: Request) -> Plan:
        """Return the plan for a request, made from a new look at the host.

        Raises:
            ContainerVanished: a target no longer exists.

        """
        return self.plans((request,))[0]

    def plans(self, requests: Iterable[Request]) -> tuple[Plan, ...]:
        """Return the plans for several requests, all made from one new look.

        Raises:
            ContainerVanished: a target no longer exists.

        """
        wanted = tuple(requests)
        report = self._report_for(wanted)
        made = [self._plan_on(report, request) for request in wanted]
        return with_outsiders(self._evidence, report, made)

    def plan_on(self, report: Report, request: Request) -> Plan:
        """Return the plan for a request, made from an earlier look at the host.

        The outsiders are not looked for. The plan may be outdated: `carry_out` checks
        that, as it does for every plan.

        Args:
            report: The report of the look.
            request: The request.

        Raises:
            ContainerVanished: a target did not exist.

        """
        heals = (request,) if request.action is Action.HEAL else ()
        known = with_compose_joins(self._compose, report, heals)
        return self._plan_on(known, request)

    def request_after(self, plan: Plan) -> Request | None:
        """Return the request that heals what is still broken after an interruption.

        Args:
            plan: The plan that finished or undid an interrupted plan.

        Returns:
            The request; None if `plan` was not such a plan.

        """
        if not plan.interruptions:
            return None
        return request_after(self._observer.look_afresh().graph, plan)

    def stop_soon(self) -> None:
        """Begin no further step, since the program is about to end.

        The current step is finished, or undone if it fails. May be called from any
        thread.
        """
        self._stop.set()

    def carry_out(
        self,
        plan: Plan,
        on_progress: Callable[[Progress], object] = _ignore_progress,
        *,
        at_once: int = 1,
    ) -> Outcome:
        """Carry out a plan that was shown, if it still holds; otherwise do nothing.

        Everything is read again before the first step. Before each further step, what
        that step relies on is checked again, and after each step its effect. At the
        end it is checked whether all effects have lasted.

        After a failure, a plan with `Plan.goes_on` continues with the steps that do
        not need the failed one; any other plan stops.

        Args:
            plan: The plan.
            on_progress: Called before and after each step.
            at_once: How many steps may be carried out at the same time, where none
                needs another.

        Returns:
            The outcome; all steps were done.

        Raises:
            ContainerVanished: a target no longer exists; nothing was done.
            PlanOutdated: something that the plan relied on has changed.
            GroupInUse: another program of nstui acts on the group; nothing was done.
            ManagedElsewhere: something else manages a container of the plan.
            WouldBreakDependents: the policy does not permit the plan.
            WouldLoseChanges: the plan would discard files without a decision.
            ActionImpossible: the engine would refuse the plan.
            AuditFailed: the audit log cannot be written; nothing was done.
            StepFailed: a step failed, or the engine did not answer; the error has the
                outcome.
            Interrupted: `stop_soon` was called; the message says what was done.

        """
        try:
            # Held before the look, so that it shows what another program has done.
            with self._claims.hold(acted_on(plan)):
                return self._carry_out_alone(plan, on_progress, at_once)
        except GroupInUse as error:
            error.plan = plan
            raise

    def _carry_out_alone(
        self,
        plan: Plan,
        on_progress: Callable[[Progress], object],
        at_once: int,
    ) -> Outcome:
        """Carry out a plan while no other program acts on its containers."""
        report = self._report_for((plan.request,))
        holds = self._plan_on(report, plan.request)
        if holds != plan:
            raise PlanOutdated("something changed meanwhile: nothing was done", holds)
        return self._run_permitted(plan, report, on_progress, at_once)

    def carry_out_new(  # noqa: PLR0913 - what to do, with what, and how
        self,
        request: Request,
        group: Mapping[ContainerId, str],
        may: Callable[[Plan], bool],
        on_progress: Callable[[Progress], object] = _ignore_progress,
        *,
        at_once: int = 1,
        afresh: bool = True,
    ) -> Outcome | None:
        """Make a plan that nobody was shown, and carry it out if it may be.

        It is made once, from a new look, so there is no earlier one to compare it
        with: what `may` accepts is exactly what is carried out. Everything else is as
        in `carry_out`.

        Args:
            request: The request.
            group: The containers, with their names, that no other program may act on
                from before the look: all that the plan is expected to act on.
            may: Returns whether a plan may be carried out.
            on_progress: Called before and after each step.
            at_once: How many steps may be carried out at the same time.
            afresh: Whether nothing cached is used for the look. The list and the
                kernel are read anew in any case; cached is only the inspection of a
                container whose row in the list is the same and that had no event.
                This shows as much as a new inspection where the caller has dropped the
                cache a moment ago and events have been arriving ever since: what
                a step relies on changes with an event, with the row, or with the
                container's process, which the kernel tells.

        Returns:
            The outcome; None if the plan may not be carried out.

        """
        with self._claims.hold(group):
            report = self._report_for((request,), afresh=afresh)
            plan = self._plan_on(report, request)
            if not may(plan):
                return None
            if acted_on(plan).keys() <= group.keys():
                return self._run_permitted(
                    plan, report, on_progress, at_once, held=group
                )
        # What it acts on must be held before the look, so that the look shows what
        # another program has done.
        return self.carry_out(plan, on_progress, at_once=at_once)

    def _run_permitted(
        self,
        plan: Plan,
        report: Report,
        on_progress: Callable[[Progress], object],
        at_once: int,
        *,
        held: Collection[ContainerId] = (),
    ) -> Outcome:
        """Carry out a plan that was made from a report, if the policy permits it."""
        refuse_unless_permitted(plan)
        if not plan.steps:
            return Outcome()
        beside = owners_beside(plan, report.graph)
        with self._claims.hold({c: beside[c] for c in beside if c not in held}):
            return self._run(plan, report, on_progress, at_once)

    def _run(
        self,
        plan: Plan,
        report: Report,
        on_progress: Callable[[Progress], object],
        at_once: int,
    ) -> Outcome:
        """Take the steps of a plan that holds."""
        self._audit.settle(report)
        course = PlanRun(
            plan=plan,
            then=report,
            engine=self._engine,
            observer=self._observer,
            audit=self._audit,
            runner=self._runner,
            stop=self._stop,
            on_progress=on_progress,
            at_once=at_once,
        )
        self._acting.set()
        try:
            return course.run()
        finally:
            self._acting.clear()
            if course.is_over:
                outcome = course.outcome
                # One that goes back has not done what its own record still needs.
                is_left = plan.goes_back and bool(outcome.failed)
                done = () if is_left else outcome.done
                self._settle_records(replace(plan, steps=done))

    def _settle_records(self, done: Plan) -> None:
        with suppress(NstuiError):
            self._audit.settle(self._observer.look_afresh(), done)

    def _report_for(
        self, requests: tuple[Request, ...], *, afresh: bool = True
    ) -> Report:
        """Return a new report that has everything needed to plan the requests."""
        look = self._observer.look_afresh if afresh else self._observer.look
        report = look()
        heals = tuple(one for one in requests if one.action is Action.HEAL)
        return with_compose_joins(self._compose, report, heals)

    def _plan_on(self, report: Report, request: Request) -> Plan:
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

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the removed containers of this engine, the newest first.

        Raises:
            AuditFailed: they cannot be read.

        """
        return self._audit.removed()

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return the records of removed containers that cannot be read."""
        return self._audit.damaged()

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


def refuse_unless_permitted(plan: Plan, with_dependents: Plan | None = None) -> None:
    """Raise if a plan must not be carried out.

    Args:
        plan: The plan.
        with_dependents: The same plan with the dependents included; None if it is not
            known.

    Raises:
        ManagedElsewhere: something else manages a container of the plan.
        WouldBreakDependents: the policy does not permit the plan.
        WouldLoseChanges: the plan would discard files without a decision.
        ActionImpossible: the engine would refuse the plan.
        DecisionMissing: only the user can decide what the plan leaves open.

    """
    if plan.managed:
        raise ManagedElsewhere(
            f"refused, nothing was changed: {'; '.join(plan.managed)}"
        )
    if not plan.is_permitted:
        because = ", and ".join(_reasons(plan))
        way_out = (
            ", ".join(_permitting_policies(plan, with_dependents))
            or "nothing else would be accepted"
        )
        raise WouldBreakDependents(
            f"refused, nothing was changed: {because}; {way_out}", plan
        )
    if plan.losing:
        names = ", ".join(one.name for one in plan.losing)
        raise WouldLoseChanges(
            f"refused, nothing was changed: {names} would lose its changes outside"
            " volumes; --keep-changes commits them to an image first, --drop-changes"
            " discards them"
        )
    if plan.objections:
        raise ActionImpossible("; ".join(plan.objections))
    if plan.restoration is not None and plan.restoration.undecided:
        said = (f"{one.sentence}: {one.option}" for one in plan.restoration.undecided)
        raise DecisionMissing(f"refused, nothing was changed: {'; '.join(said)}")


def _permitting_policies(plan: Plan, with_dependents: Plan | None) -> Iterator[str]:
    """Yield the policies that would permit the plan, each as a clause."""
    # An objection that `plan` has as well is not due to the dependents.
    may_include = with_dependents is None or (
        with_dependents.is_permitted
        and (with_dependents.is_possible or not plan.is_possible)
    )
    if plan.request.policy is Policy.PROTECT and plan.breaks and may_include:
        yield "--with-dependents acts on them too"
    if can_be_forced(plan):
        yield "--break-dependents accepts the harm"


def _reasons(plan: Plan) -> Iterator[str]:
    """Yield the reasons why a plan is not permitted, each as a clause."""
    if plan.breaks:
        named = {name for effect in plan.harmed for name in effect.because_of}
        names = sorted(named) or [target.name for target in plan.targets]
        yield f"others depend on {', '.join(names)}"
    if plan.uncertain:
        yield f"could not inspect {', '.join(plan.uncertain)}"
    if plan.unplaced:
        unplaced = ", ".join(plan.unplaced)
        yield f"the namespace of {unplaced} is unknown"
