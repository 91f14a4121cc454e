"""Checks after a step: whether its result lasts, and which processes are affected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.presence import uses_host
from nstui.analysis.plans.commands import PAST
from nstui.analysis.plans.order import is_up
from nstui.analysis.plans.outcomes import owns
from nstui.analysis.plans.targets import ended_by
from nstui.model.container import short_id
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Outsider
from nstui.model.snapshot import ReadProblem
from nstui.model.step import Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.graph.presence import Dependency
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.holders import HoldingProcess
    from nstui.model.namespace import Namespace
    from nstui.model.network import Interior, NetworkProcess
    from nstui.model.plan import Plan
    from nstui.model.step import Step


KEEPS_EXITING = "keeps exiting and being restarted"

_ENDING = frozenset({Verb.STOP, Verb.KILL})
_FREEZING = frozenset({Verb.PAUSE, Verb.UNPAUSE})
_STARTING = frozenset({Verb.START, Verb.RESTART})
_NET = NamespaceKind.NET

_ENDS = frozenset(
    {Verb.STOP, Verb.KILL, Verb.RM, Verb.RESTART, Verb.RECREATE, Verb.COMPOSE}
)


def why_undone(step: Step, seen: Container, report: Report, *, ran: bool) -> str:
    """Return why the result of a step did not last, as a sentence; empty if it did.

    Args:
        step: The step that was done.
        seen: The container when the step was observed to be done.
        report: The present state.
        ran: Whether the container was running before the step.

    """
    now = report.graph.containers.get(seen.id)
    was = f"{step.name} was {PAST.get(step.verb, step.verb)}"
    if step.verb in _ENDING:
        return _why_up(was, seen, now)
    if step.verb in _FREEZING and now is not None and is_up(now):
        # Its joins are none of the business of a pause.
        return "" if now.state is seen.state else f"{was}, but it is {now.state}"
    if now is None:
        return f"{was}, but it is no longer there"
    if not is_up(now):
        is_job = step.verb in _STARTING and not ran and exit_code_of(now) == 0
        return "" if is_job else f"{was}, but it {end_text(now)}"
    if now.inspection is not None and now.inspection.restart_count > _restarts(seen):
        return f"{was}, but it {KEEPS_EXITING}"
    misplaced = why_misplaced(report, now.id)
    return f"{was}, but it {misplaced}" if misplaced else ""


def finished_text(step: Step, report: Report) -> str:
    """Return that a started container has ended well by itself; empty if it runs."""
    now = report.graph.containers.get(step.container)
    if step.verb not in _STARTING or now is None or is_up(now):
        return ""
    return f"{step.name} was {PAST[step.verb]} and has ended with exit code 0"


def why_misplaced(report: Report, container: ContainerId) -> str:
    """Return why a running container is not where its joins lead; empty if it is.

    The sentence lacks the container's name in front. Namespaces that could not be read
    are assumed to be as declared.
    """
    subject = report.graph.containers[container]
    for join in subject.joins:
        owner = report.graph.chain(container, join.kind).owner
        if owner is None:
            return "joined what no longer exists"
        here = report.snapshot.namespace(container, join.kind)
        there = report.snapshot.namespace(owner, join.kind)
        if here is not None and there is not None and here != there:
            return f"is in {here}, not in that of {report.graph.name(owner)}, {there}"
    return ""


def why_unjoined(report: Report, new: ContainerId, step: Step) -> str:
    """Return what a new container joined instead of what it should; empty if nothing.

    The sentence lacks the container's name in front.
    """
    graph = report.graph
    for join in step.joins:
        wanted, found = graph.resolve(join.reference), graph.join(new, join.kind)
        if wanted is None:
            return "joined what no longer exists"
        if found is None or found.target != wanted:
            where = graph.containers[new].network_mode
            name = graph.name(wanted)
            is_net = join.kind is NamespaceKind.NET and found is None
            other = f"is on {where}" if is_net else _joined_text(graph, found)
            return f"{other}, not in the {join.kind} namespace of {name}"
    return ""


def _joined_text(graph: Graph, found: Dependency | None) -> str:
    if found is None:
        return "joined no container"
    if found.target is None:
        return f"joined {short_id(found.reference)}, which no longer exists"
    return f"joined {graph.name(found.target)}"


def why_worse(step: Step, report: Report) -> str:
    """Return why a skipped step's container is worse off; empty if it is not.

    It is worse off if it was running before and no longer runs.
    """
    now = report.graph.containers.get(step.container)
    if now is not None and is_up(now):
        return ""
    state = "no longer there" if now is None else f"{now.state} now"
    return f"{step.name} ran before and is {state}"


def why_down(now: Container | None) -> str:
    """Return why a container that was just started is down; empty if it runs.

    The sentence lacks the container's name in front.
    """
    if now is None:
        return "is no longer there"
    return KEEPS_EXITING if _restarts(now) else why_ending(now, since=now)


def why_ending(now: Container, *, since: Container) -> str:
    """Return how a container has ended since an earlier look; empty if it has not.

    The sentence lacks the container's name in front.
    """
    if not is_up(now):
        return end_text(now)
    is_again = _restarts(now) > _restarts(since)
    return KEEPS_EXITING if is_again or not now.state.has_process else ""


def end_text(container: Container) -> str:
    """Return how a container ended, as the end of a sentence."""
    code = exit_code_of(container)
    return f"is {container.state}" if code is None else f"ended with exit code {code}"


def exit_code_of(container: Container) -> int | None:
    """Return the exit code of a container that does not run, if it is known."""
    return None if container.inspection is None else container.inspection.exit_code


def _why_up(was: str, seen: Container, now: Container | None) -> str:
    if is_up(seen) or now is None or not is_up(now):
        return ""
    return f"{was}, but something has started it again: it is {now.state}"


def _restarts(seen: Container) -> int:
    return 0 if seen.inspection is None else seen.inspection.restart_count


def find_outsiders(
    report: Report, container: ContainerId, interior: Interior
) -> tuple[NetworkProcess, ...] | ReadProblem | None:
    """Return the processes in a container's network that belong to no member of it.

    They entered by ``nsenter``, ``ip netns exec`` or a debugger, from the machine or
    from another container.

    Args:
        report: The present state.
        container: A container in the network.
        interior: The inside of that network.

    Returns:
        The processes in the order of their pids; the reason if they could not be
        read; None for the network of the host, which is used by the whole machine.

    """
    found = interior.processes
    members = {container, *_members(report, container)}
    # A container in the network of another may be in that of the host thereby.
    if found is None or any(
        uses_host(report.graph.containers[each], _NET) for each in members
    ):
        return None
    if isinstance(found, ReadProblem):
        return found
    return tuple(each for each in found if members.isdisjoint(each.containers))


def _members(report: Report, container: ContainerId) -> set[ContainerId]:
    """Return the other containers in the network of a container.

    The kernel decides; where it cannot be read, the members of the group are assumed.
    """
    here = report.snapshot.namespace(container, _NET)
    if here is None:
        groups = (set(group.members) for group in report.groups(_NET))
        return next((members for members in groups if container in members), set())
    return {
        other.id
        for other in report.snapshot.containers
        if report.snapshot.namespace(other.id, _NET) == here
    }


def ending_namespaces(report: Report, plan: Plan) -> dict[Namespace, ContainerId]:
    """Return the namespaces that end with a plan, each with its owner."""
    acted_on = [step.container for step in plan.steps if step.verb in _ENDS]
    found: dict[Namespace, ContainerId] = {}
    for container in ended_by(report.graph, plan.request, acted_on):
        for kind in NamespaceKind:
            namespace = report.snapshot.namespace(container, kind)
            if namespace is not None and owns(report.graph, container, kind):
                found.setdefault(namespace, container)
    own = report.snapshot.host.own.values()
    return {namespace: c for namespace, c in found.items() if namespace not in own}


def as_outsiders(
    report: Report,
    owners: Mapping[Namespace, ContainerId],
    found: Mapping[Namespace, tuple[HoldingProcess, ...]],
) -> tuple[Outsider, ...]:
    """Merge the processes found in ending namespaces, one entry for each process."""
    seen: dict[tuple[int, ContainerId], Outsider] = {}
    for namespace, owner in owners.items():
        for process in found.get(namespace, ()):
            known = seen.get((process.pid, owner))
            kinds = () if known is None else known.kinds
            seen[process.pid, owner] = Outsider(
                pid=process.pid,
                command=process.command,
                kinds=(*kinds, namespace.kind),
                owner=owner,
                owner_name=report.graph.name(owner),
                container=process.container,
            )
    return tuple(sorted(seen.values(), key=lambda each: each.pid))
