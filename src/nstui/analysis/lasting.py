"""Whether what a step has done is still the case a while later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.order import is_up
from nstui.model.container import short_id
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Verb

if TYPE_CHECKING:
    from nstui.analysis.graph import Dependency, Graph
    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Step

KEEPS_EXITING = "keeps exiting and being restarted"

_ENDING = frozenset({Verb.STOP, Verb.KILL})
_PAST = {
    Verb.START: "started",
    Verb.STOP: "stopped",
    Verb.RESTART: "restarted",
    Verb.KILL: "killed",
    Verb.RECREATE: "recreated",
    Verb.COMPOSE: "recreated by compose",
}


def why_undone(step: Step, seen: Container, report: Report, *, ran: bool) -> str:
    """Return what has become of what a step had done, as a sentence; "" if it lasts.

    Args:
        step: What was done.
        seen: The container when that was seen to be done.
        report: What is the case now.
        ran: Whether the container ran before the step.

    """
    now = report.graph.containers.get(seen.id)
    was = f"{step.name} was {_PAST.get(step.verb, step.verb)}"
    if step.verb in _ENDING:
        return _why_up(was, seen, now)
    if now is None:
        return f"{was}, but it is no longer there"
    if not is_up(now):
        is_job = step.verb is Verb.RESTART and not ran and exit_code_of(now) == 0
        return "" if is_job else f"{was}, but it {end_words(now)}"
    if now.inspection is not None and now.inspection.restart_count > _restarts(seen):
        return f"{was}, but it {KEEPS_EXITING}"
    misplaced = why_misplaced(report, now.id)
    return f"{was}, but it {misplaced}" if misplaced else ""


def why_misplaced(report: Report, container: ContainerId) -> str:
    """Return how a running container is not where its joins lead; "" if it is.

    The sentence lacks the container's name in front. What could not be read of the
    kernel is as the engine declares it.
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
    """Return whom a new container joined besides those it was to join; "" if nobody.

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
            other = f"is on {where}" if is_net else _joined_words(graph, found)
            return f"{other}, not in the {join.kind} namespace of {name}"
    return ""


def _joined_words(graph: Graph, found: Dependency | None) -> str:
    if found is None:
        return "joined nobody"
    if found.target is None:
        return f"joined {short_id(found.reference)}, which no longer exists"
    return f"joined {graph.name(found.target)}"


def why_worse(step: Step, report: Report) -> str:
    """Say that the container of a step that was not taken does not run any more.

    That is asked of one that ran before; "" if it runs.
    """
    now = report.graph.containers.get(step.container)
    if now is not None and is_up(now):
        return ""
    state = "no longer there" if now is None else f"{now.state} now"
    return f"{step.name} ran before and is {state}"


def why_down(now: Container | None) -> str:
    """Return what has become of a container that was just started; "" if it runs.

    The sentence lacks the container's name in front.
    """
    if now is None:
        return "is no longer there"
    return KEEPS_EXITING if _restarts(now) else why_ending(now, since=now)


def why_ending(now: Container, *, since: Container) -> str:
    """Return how a container has ended since it was seen before; "" if it runs on.

    The sentence lacks the container's name in front.
    """
    if not is_up(now):
        return end_words(now)
    is_again = _restarts(now) > _restarts(since)
    return KEEPS_EXITING if is_again or not now.state.has_process else ""


def end_words(container: Container) -> str:
    """Say how a container ended, as the end of a sentence."""
    code = exit_code_of(container)
    return f"is {container.state}" if code is None else f"ended with exit code {code}"


def exit_code_of(container: Container) -> int | None:
    """Return with what a container that does not run has ended, if that is known."""
    return None if container.inspection is None else container.inspection.exit_code


def _why_up(was: str, seen: Container, now: Container | None) -> str:
    if is_up(seen) or now is None or not is_up(now):
        return ""
    return f"{was}, but something has started it again: it is {now.state}"


def _restarts(seen: Container) -> int:
    return 0 if seen.inspection is None else seen.inspection.restart_count
