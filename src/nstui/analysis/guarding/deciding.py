"""Whether a call to the engine may be made: what nstui's own plan for it says.

A call is let through unless it leaves a running dependent worse off; what it does to
stopped ones is not the guard's business. Where several reasons let it through, the
first of those in `_exception` is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.guarding.composing import taken_along
from nstui.analysis.guarding.requests import Change
from nstui.analysis.guarding.verdict import Reason, Verdict
from nstui.analysis.guarding.words import denial, named, uncertainty
from nstui.analysis.plans.order import is_up
from nstui.analysis.plans.plans import make_plan, with_policy
from nstui.analysis.plans.targets import ended_by
from nstui.analysis.signals import signal_number
from nstui.analysis.watching.choices import watch_choice
from nstui.model.container import ContainerState, ManagerKind
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, EffectLater, EffectNow
from nstui.model.watch import WatchMode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.guarding.question import Question
    from nstui.analysis.guarding.requests import AskedChange
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Plan
    from nstui.model.step import Effect
    from nstui.model.watch import WatchReading


LABEL = "nstui.guard"
"""The label of an owner that the guard does not protect, with the value ``off``."""

_OFF = "off"
_PRUNED = frozenset(
    {ContainerState.CREATED, ContainerState.EXITED, ContainerState.DEAD}
)
_NOTHING = Verdict(allow=True, reason=Reason.BREAKS_NOTHING)
_UNKNOWN = Verdict(allow=True, reason=Reason.UNKNOWN)


def decide(
    report: Report, question: Question, watch: WatchReading | None = None
) -> Verdict:
    """Return whether a call may be made, and what its client is told if not.

    Args:
        report: A new look at the host.
        question: The call.
        watch: What the standing watch of the engine does; None if there is none.

    """
    asked, graph = question.asked, report.graph
    found = _targets(graph, asked)
    if found is None:
        return _UNKNOWN
    targets = [c for c in found if not _is_off(graph.containers[c])]
    if found and not targets:
        words = f"the label {LABEL} of {named([graph.name(c) for c in found])} is off"
        return Verdict(allow=True, reason=Reason.LABEL, message=words)
    request = _request(asked, targets)
    if not ended_by(graph, request, targets) or _is_refused(graph, request):
        return _NOTHING
    plan = make_plan(report.snapshot, graph, request)
    broken = _broken(graph, plan)
    if not broken:
        return _if_unread(graph, question, plan)
    reason = _exception(report, question, plan, watch)
    return reason or _denied(report, asked, plan, broken)


def _targets(graph: Graph, asked: AskedChange) -> tuple[ContainerId, ...] | None:
    """Return the containers that a call is about; None if the engine has no such one.

    A prune takes all that are stopped; with filters fewer, which are not looked at.
    """
    if asked.change is Change.PRUNE:
        stopped = (c for c in graph.containers.values() if c.state in _PRUNED)
        return tuple(c.id for c in sorted(stopped, key=lambda one: one.name))
    found = graph.resolve((asked.reference or "").removeprefix("/"))
    return None if found is None else (found,)


def _is_off(container: Container) -> bool:
    """Tell whether a container's own label, not that of its image, is off."""
    return dict(container.steering).get(LABEL, "").strip().lower() == _OFF


def _request(asked: AskedChange, targets: Collection[ContainerId]) -> Request:
    """Return a call as a request of nstui."""
    is_prune = asked.change is Change.PRUNE
    signal = asked.signal
    if signal is not None and signal_number(signal) is not None:
        signal = signal.upper().removeprefix("SIG")
    return Request(
        # What a prune removes, nstui's own would leave alone.
        action=Action.RM if is_prune else Action(asked.change.value),
        targets=tuple(targets),
        force=asked.force,
        volumes=asked.volumes,
        timeout=asked.timeout,
        signal=signal,
    )


def _is_refused(graph: Graph, request: Request) -> bool:
    """Tell whether the engine refuses a call by itself, or has nothing to do for it.

    It removes nothing that runs unless it is forced to, and stops and kills nothing
    that does not.
    """
    ups = [is_up(graph.containers[target]) for target in request.targets]
    if request.action is Action.RM:
        return any(ups) and not request.force
    return not any(ups)


def _broken(
    graph: Graph, plan: Plan, taken: Collection[ContainerId] = ()
) -> tuple[Effect, ...]:
    """Return the harm to running dependents that are not taken along."""
    return tuple(
        effect
        for effect in plan.harmed
        if is_up(graph.containers[effect.container]) and effect.container not in taken
    )


def _if_unread(graph: Graph, question: Question, plan: Plan) -> Verdict:
    """Return the verdict about a plan that breaks nothing, as far as could be read."""
    names = {*plan.uncertain, *plan.unplaced}
    unread = sorted(
        one.name
        for one in graph.containers.values()
        if one.name in names and is_up(one)
    )
    if not unread:
        return _NOTHING
    owners = [graph.containers[target.id] for target in plan.targets]
    words = uncertainty(
        question.asked.change, owners, f"{named(unread)} could not be read"
    )
    allow = question.asked.change not in question.blind
    return Verdict(allow=allow, reason=Reason.MAY_BREAK, message=words)


def _exception(
    report: Report, question: Question, plan: Plan, watch: WatchReading | None
) -> Verdict | None:
    """Return why a call is let through that breaks a dependent; None if it is not."""
    graph = report.graph
    broken = _broken(graph, plan)
    names = named(sorted({effect.name for effect in broken}))
    if _is_pods_work(graph, plan, broken):
        words = f"Kubernetes manages {names} too"
        return Verdict(allow=True, reason=Reason.MANAGED, message=words)
    if _is_whole(report, question, plan, broken):
        words = f"compose takes {names} along"
        return Verdict(allow=True, reason=Reason.COMPOSE, message=words)
    if question.heals and _is_healed(graph, plan, broken, watch):
        words = f"nstui watch restarts {names} afterwards"
        return Verdict(allow=True, reason=Reason.HEALED, message=words)
    return None


def _is_pods_work(graph: Graph, plan: Plan, broken: Collection[Effect]) -> bool:
    """Tell whether all containers are of one Kubernetes pod, which ends as a whole.

    What a swarm does itself, the engine does not ask anybody about.
    """
    ids = {*plan.request.targets, *(effect.container for effect in broken)}
    pods = {_pod_of(graph.containers[one]) for one in ids}
    return len(pods) == 1 and None not in pods


def _pod_of(container: Container) -> str | None:
    """Return the Kubernetes pod that a container is proven to be of, if any."""
    manager = container.manager
    if manager is None or not manager.is_proven:
        return None
    return manager.name if manager.kind is ManagerKind.KUBERNETES else None


def _is_whole(
    report: Report, question: Question, plan: Plan, broken: Collection[Effect]
) -> bool:
    """Tell whether compose takes everything along that would break otherwise."""
    request = plan.request
    if len(request.targets) != 1:
        return False
    owner = report.graph.containers[request.targets[0]]
    harmed = {effect.container: None for effect in broken}
    taken = taken_along(report.graph, question, owner, harmed)
    if not taken:
        return False
    whole = Request(
        action=request.action,
        targets=(owner.id, *(c for c in harmed if c in taken)),
        force=request.force,
        signal=request.signal,
    )
    together = make_plan(report.snapshot, report.graph, whole)
    return not _broken(report.graph, together, taken)


def _is_healed(
    graph: Graph, plan: Plan, broken: Collection[Effect], watch: WatchReading | None
) -> bool:
    """Tell whether a running watch puts right what a restart breaks."""
    if plan.request.action is not Action.RESTART or watch is None or not watch.is_held:
        return False
    status = watch.status
    if status is None or status.problem or status.is_dry_run or status.is_read_only:
        return False
    given_up = {circuit.container for circuit in status.circuits}
    return all(
        effect.later is EffectLater.RESTART_REJOINS
        and effect.now is not EffectNow.KILLED
        and effect.container not in given_up
        and _may_be_healed(graph.containers[effect.container])
        for effect in broken
    ) and all(_may_be_healed(graph.containers[c]) for c in plan.request.targets)


def _may_be_healed(container: Container) -> bool:
    return watch_choice(container).mode in {None, WatchMode.HEAL}


def _denied(
    report: Report, asked: AskedChange, plan: Plan, broken: Collection[Effect]
) -> Verdict:
    graph = report.graph
    causes = {name for effect in broken for name in effect.because_of}
    owners = [graph.containers[target.id] for target in plan.targets]
    to_blame = [owner for owner in owners if owner.name in causes] or owners
    ways = tuple(_ways(report, plan))
    words = denial(asked.change, plan, to_blame, broken, ways)
    return Verdict(allow=False, reason=Reason.WOULD_BREAK, message=words)


def _ways(report: Report, plan: Plan) -> Iterator[Policy]:
    """Yield the policies under which nstui itself does what was asked for."""
    for policy in (Policy.WITH_DEPENDENTS, Policy.BREAK_DEPENDENTS):
        request = with_policy(plan.request, policy)
        other = make_plan(report.snapshot, report.graph, request)
        if other.is_permitted and other.is_possible:
            yield policy
