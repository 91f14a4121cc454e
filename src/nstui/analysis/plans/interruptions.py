"""The state that interrupted plans left behind, and how to finish or undo them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import running
from nstui.analysis.plans.commands import command, step_text
from nstui.analysis.plans.leftovers import (
    REPLACING,
    Leftover,
    find_leftover,
    find_recreation,
    leftover_text,
)
from nstui.analysis.plans.order import is_up, owners_first
from nstui.analysis.startable import why_not_startable
from nstui.model.healing import Unhealed
from nstui.model.outcome import Interruption
from nstui.model.plan import Plan, Target
from nstui.model.step import Action, Step, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.outcome import PlanRecord
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot


_STOPPING = frozenset({Verb.STOP, Verb.KILL, Verb.RESTART})
"""The steps after which a container may be stopped although that was not intended."""


def find_interruptions(snapshot: Snapshot, graph: Graph) -> tuple[Interruption, ...]:
    """Return the interrupted plans that left something behind on this host.

    This is a container of a replacement that is not where it belongs, or a container
    that ran before, was stopped, and has not been started since. If several plans acted
    on a container, the latest one counts.
    """
    found: list[Interruption] = []
    later: set[ContainerId] = set()
    for record in reversed(snapshot.unfinished):
        one = _interruption(graph, record, later)
        if one is not None:
            found.append(one)
        later.update(step.container for step in record.steps[: record.begun])
    return tuple(reversed(found))


def concerned(cut_off: Interruption) -> frozenset[ContainerId]:
    """Return the containers that an interrupted plan left in a wrong state."""
    return cut_off.covers | {step.container for step in cut_off.steps}


def _interruption(
    graph: Graph, record: PlanRecord, later: Collection[ContainerId]
) -> Interruption | None:
    """Return what a plan left behind, except where later plans have acted."""
    if record.action is Action.RECREATE:
        return find_recreation(graph, record, later)
    step = record.current
    replaced = None
    is_later = step is not None and step.container in later
    if step is not None and step.verb in REPLACING and not is_later:
        replaced = _replacement(graph, record, step)
    covered = replaced.covers if replaced is not None else frozenset()
    stopped = [c for c in _stopped(graph, record) if c not in covered | set(later)]
    starts = tuple(_starts(graph, record, stopped))
    if not starts:
        # Why the others cannot be started is a finding of its own.
        return replaced
    words = _stopped_text(graph, record, starts)
    if replaced is not None:
        return replace(
            replaced,
            message=f"{replaced.message}; {words}",
            steps=(*replaced.steps, *starts),
        )
    return Interruption(
        record=record,
        container=starts[0].container,
        message=f"nstui {record.action} was cut off after {record.done} of"
        f" {len(record.steps)} steps: {words}",
        steps=starts,
    )


def _replacement(graph: Graph, record: PlanRecord, step: Step) -> Interruption | None:
    """Return what is left of an interrupted replacement; None if nothing is."""
    left = find_leftover(graph, record, step)
    if _is_whole(record, step, left):
        return None
    both = [c for c in (left.new, left.old) if c is not None]
    in_place = [c for c in both if c.name == step.name]
    did = "restored" if step.verb is Verb.RESTORE else "recreated"
    how = " with compose" if step.verb is Verb.COMPOSE else ""
    return Interruption(
        record=record,
        container=(in_place or both)[0].id,
        message=f"nstui was cut off while it {did} {step.name}{how}:"
        f" {leftover_text(step, left)}",
        steps=()
        if left.other is not None
        else (_finishing_step(graph, record, step, left),),
        covers=frozenset(c.id for c in both),
    )


def _is_whole(record: PlanRecord, step: Step, left: Leftover) -> bool:
    """Tell whether a replacement left nothing behind.

    This is so if one container is where the replacement found it or would have left
    it, or if neither container exists: a user has removed them.
    """
    if left.old is None and left.new is None:
        return True
    if left.old is not None and left.new is not None:
        return False
    only = left.old or left.new
    ran = step.starts if only is left.new else step.container in record.running
    return only is not None and only.name == step.name and (not ran or is_up(only))


def _finishing_step(
    graph: Graph, record: PlanRecord, step: Step, left: Leftover
) -> Step:
    """Return the step that finishes a replacement, or else the one that undoes it.

    A restored container that may lack networks is removed: its inspect is still kept.
    """
    if step.verb is Verb.RESTORE and left.new is not None and record.new is None:
        return Step(
            verb=Verb.RM,
            container=left.new.id,
            name=left.new.name,
            force=True,
            record=record.id,
        )
    # Compose determines the joins by itself.
    joins = () if step.verb is Verb.COMPOSE else step.joins
    owners = [graph.resolve(join.reference) for join in joins]
    can_finish = left.old is None or all(owner is not None for owner in owners)
    subject = left.old or left.new
    return replace(
        step,
        verb=Verb.FINISH if can_finish else Verb.UNDO,
        container=step.container if subject is None else subject.id,
        record=record.id,
        removes=can_finish and left.old is not None,
    )


def _stopped(graph: Graph, record: PlanRecord) -> Iterator[ContainerId]:
    """Yield containers that ran, were stopped, and have not been started since."""
    asked = (s for s in record.steps[: record.begun] if s.verb in _STOPPING)
    for container in dict.fromkeys(step.container for step in asked):
        subject = graph.containers.get(container)
        if subject is None or is_up(subject) or subject.inspection is None:
            continue
        if subject.manager is not None:
            # The manager decides whether the container runs.
            continue
        started = subject.inspection.started_at
        is_newer = started is not None and started > record.began_at
        if container in record.running and not is_newer:
            yield container


def _starts(
    graph: Graph, record: PlanRecord, stopped: list[ContainerId]
) -> Iterator[Step]:
    """Yield the starts that bring back what can be started, owners first."""
    up = running(graph)
    for container in owners_first(graph, stopped):
        if not any(why_not_startable(graph, container, up, {})):
            up.add(container)
            name = graph.name(container)
            yield Step(
                verb=Verb.START, container=container, name=name, record=record.id
            )


def _stopped_text(graph: Graph, record: PlanRecord, starts: tuple[Step, ...]) -> str:
    names = ", ".join(step.name for step in starts)
    words = f"{names} ran before and {'is' if len(starts) == 1 else 'are'} stopped"
    left = [
        step_text(step)
        for step in record.steps[record.done :]
        if step.verb is not Verb.WAIT and not _was_done_since(graph, record, step)
    ]
    return f"{words}; not done: {', '.join(left)}" if left else words


def _was_done_since(graph: Graph, record: PlanRecord, step: Step) -> bool:
    """Tell whether a remaining step of a plan was taken later after all.

    After a failure, a plan that continues does so under another record.
    """
    subject = graph.containers.get(step.container)
    if step.verb in REPLACING:
        return subject is None
    if step.verb not in {Verb.START, Verb.RESTART}:
        return False
    inspection = None if subject is None else subject.inspection
    started = None if inspection is None else inspection.started_at
    return started is not None and started > record.began_at


def make_finish_plan(snapshot: Snapshot, graph: Graph, request: Request) -> Plan | None:
    """Return the plan that finishes or undoes interrupted plans; None if there is none.

    Other problems can only be seen afterwards and are left to a plan of their own.

    Args:
        snapshot: The state of the host, with the records of interrupted plans.
        graph: The dependencies.
        request: The containers to heal; all if it names none.

    """
    found = find_interruptions(snapshot, graph)
    wanted = [
        one
        for one in found
        if one.record.id not in request.passed_over and _is_wanted(graph, one, request)
    ]
    if not any(one.steps for one in wanted):
        return None
    return Plan(
        request=request,
        targets=tuple(
            Target.of(graph.containers[one.container]) for one in wanted if one.steps
        ),
        effects=(),
        steps=tuple(step for one in wanted for step in one.steps),
        dark_ports=(),
        uncertain=(),
        program=command(snapshot.engine),
        unhealed=tuple(
            Unhealed(one.container, graph.name(one.container), one.message)
            for one in wanted
            if not one.steps
        ),
        interruptions=tuple(one for one in wanted if one.steps),
        objections=(),
    )


def request_after(graph: Graph, plan: Plan) -> Request | None:
    """Return the request for what is still broken after interrupted plans are finished.

    Returns None if the plan finished nothing, or if none of the named containers is
    left.

    Args:
        graph: The dependencies after the plan was carried out.
        plan: The plan that was carried out.

    """
    if not plan.interruptions:
        return None
    if not plan.request.targets:
        return plan.request
    made = (graph.resolve(step.name) for step in plan.steps)
    kept = (c for c in plan.request.targets if c in graph.containers)
    targets = dict.fromkeys([*kept, *(c for c in made if c is not None)])
    return replace(plan.request, targets=tuple(targets)) if targets else None


def request_beside(plan: Plan) -> Request | None:
    """Return the request for everything else that is broken.

    The request serves to announce what will follow. It is None if there is nothing to
    finish.
    """
    if not plan.interruptions:
        return None
    records = tuple(one.record.id for one in plan.interruptions)
    return replace(plan.request, passed_over=plan.request.passed_over + records)


def without_cut_off(graph: Graph, plan: Plan, beside: Plan) -> Plan:
    """Return a plan without the containers that are finished first.

    Only afterwards is it known what happens to them and to the containers that joined
    them.

    Args:
        graph: The dependencies before anything is done.
        plan: The plan that finishes or undoes what was interrupted.
        beside: The plan that heals the rest, made before anything is done.

    """
    first = {c for one in plan.interruptions for c in concerned(one)}
    joined = {
        c for one in first if one in graph.containers for c in graph.dependents(one)
    }
    later = first | joined
    return replace(
        beside,
        targets=tuple(one for one in beside.targets if one.id not in later),
        steps=tuple(one for one in beside.steps if one.container not in later),
        unhealed=tuple(one for one in beside.unhealed if one.container not in later),
    )


def _is_wanted(graph: Graph, cut_off: Interruption, request: Request) -> bool:
    """Tell whether a request concerns a container of an interrupted plan."""
    mine = {cut_off.container, *concerned(cut_off)}
    joined = {c for one in mine for c in graph.dependents(one)}
    return not request.targets or not (mine | joined).isdisjoint(request.targets)
