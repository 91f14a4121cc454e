"""The plan that makes containers anew and takes everything that depends on them along.

The old containers stay, stopped and under other names, until the new ones are seen to
be well. Only then are they removed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.exits import HALF_REMOVED
from nstui.analysis.graph.graph import all_hops, running
from nstui.analysis.healing.plans import change_steps, needs_of, recreation_of
from nstui.analysis.healing.recomposing import image_change, without_image_change
from nstui.analysis.healing.scope import (
    Parts,
    Scope,
    effects_on_ended,
    effects_on_others,
    new_joins,
    should_run,
    with_joins,
    with_left_behind,
)
from nstui.analysis.plans.commands import command
from nstui.analysis.plans.interruptions import concerned, find_interruptions
from nstui.analysis.plans.managed import find_refusals, why_not_recreated
from nstui.analysis.plans.order import is_paused, owners_first, removes_itself
from nstui.analysis.plans.preconditions import (
    find_blind_spots,
    find_unplaced,
    restart_blockers,
)
from nstui.analysis.startable import with_trials
from nstui.model.healing import Cost
from nstui.model.image import is_image_id
from nstui.model.plan import Layer, Plan, Policy, Target
from nstui.model.step import Step, Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.healing import Recreation
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot

    Costs = Mapping[ContainerId, Cost]


_FREE = Cost()


def find_recreated(snapshot: Snapshot, graph: Graph, request: Request) -> Scope:
    """Return what has to be done to make the targets anew with what depends on them.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        request: The request, whose policy does not count.

    """
    along = replace(request, policy=Policy.WITH_DEPENDENTS)
    first = Parts(frozenset(), frozenset(request.targets))
    parts = with_left_behind(snapshot, graph, along, first, ())
    ended = tuple(effects_on_ended(snapshot, graph, parts))
    gone = {effect.container for effect in ended} - set(request.targets)
    parts = parts.without(gone)
    to_run = frozenset(c for c in parts.recreated if should_run(graph, c))
    joins = {c: new_joins(graph, c, {}, parts.recreated) for c in parts.recreated}
    others = effects_on_others(snapshot, graph, parts, (), ended)
    return Scope(
        healed=request.targets,
        started=frozenset(),
        restarted=parts.restarted,
        recreated=joins,
        to_run=to_run,
        connected=frozenset(),
        afterwards=with_joins(graph, joins),
        effects=(*(effect for effect in ended if effect.container in gone), *others),
        successions=(),
        moved=frozenset(),
        unhealed=(),
        notes=tuple(_paused_notes(graph, (*parts.restarted, *to_run))),
    )


def make_recreate_plan(
    snapshot: Snapshot, graph: Graph, request: Request, costs: Costs
) -> Plan:
    """Return the plan that makes the targets anew.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        request: The targets, and what is to change in them.
        costs: What recreating each container requires.

    """
    scope = find_recreated(snapshot, graph, request)
    program = command(snapshot.engine)
    order = owners_first(scope.afterwards, scope.acted_on)
    changes = tuple(_changes(scope, request, order, costs))
    removals = tuple(_removals(changes))
    ended = scope.restarted | scope.recreated.keys()
    return Plan(
        request=request,
        targets=tuple(Target.of(graph.containers[c]) for c in request.targets),
        effects=scope.effects,
        steps=(
            *_pulls(graph, request, costs),
            *with_trials(changes, scope.afterwards),
            *_pauses(graph, scope, reversed(order)),
            *removals,
        ),
        dark_ports=(),
        uncertain=_uncertain(snapshot, scope),
        program=program,
        command=_command(graph, request),
        recreations=tuple(
            _recreation(scope, request, c, costs.get(c, _FREE))
            for c in order
            if c in scope.recreated
        ),
        managed=tuple(_managed(graph, order, program)),
        notes=scope.notes,
        namespaces_read=snapshot.namespaces_read,
        blind_spots=find_blind_spots(snapshot, graph, ended),
        unplaced=find_unplaced(snapshot, graph, tuple(ended), scope.acted_on),
        objections=(
            *_objections(snapshot, graph, request, costs),
            *_blockers(graph, scope, order),
            *find_refusals(snapshot.engine, graph, removals, Policy.WITH_DEPENDENTS),
        ),
    )


def _uncertain(snapshot: Snapshot, scope: Scope) -> tuple[str, ...]:
    """Return the names of containers that may be dependents, and may be harmed."""
    unread = (c for c in snapshot.containers if c.inspection is None)
    return tuple(sorted(c.name for c in unread if c.id not in scope.acted_on))


def _pulls(graph: Graph, request: Request, costs: Costs) -> Iterator[Step]:
    """Yield a step for each image, with the first container that is made from it."""
    if not request.pull:
        return
    first: dict[str, ContainerId] = {}
    for container in request.targets:
        first.setdefault(costs.get(container, _FREE).image, container)
    for image, container in first.items():
        if image:
            name = graph.name(container)
            yield Step(verb=Verb.PULL, container=container, name=name, image=image)


def _changes(
    scope: Scope, request: Request, order: Iterable[ContainerId], costs: Costs
) -> Iterator[Step]:
    """Yield the steps that recreate and restart, and those that wait for the new."""
    for step in change_steps(scope, request, order, _intended(request, costs)):
        if step.verb is Verb.RESTART or step.verb is Verb.WAIT:
            yield step
            continue
        subject = scope.afterwards.containers[step.container]
        is_target = step.container in request.targets
        image = costs.get(step.container, _FREE).image
        if step.verb is Verb.RECREATE:
            yield replace(
                step,
                image=image if is_target else "",
                environment=request.environment if is_target else (),
                keeps_old=True,
                # One that removes itself is gone as soon as it is stopped.
                removes=removes_itself(subject),
            )
        elif is_target:
            changes = (*step.changes, image_change(image))
            yield replace(step, changes=changes, image=image)
        else:
            yield step
        if is_target and step.container in scope.to_run:
            yield Step(
                verb=Verb.WAIT,
                container=step.container,
                name=step.name,
                timeout=request.wait_s,
                needs=needs_of(scope, step.container),
                health=subject.health,
                is_required=True,
            )


def _pauses(graph: Graph, scope: Scope, order: Iterable[ContainerId]) -> Iterator[Step]:
    """Yield the steps that pause again what is paused now, dependents first."""
    for container in order:
        if is_paused(graph.containers[container]):
            yield Step(
                verb=Verb.PAUSE,
                container=container,
                name=graph.name(container),
                is_made=True,
                needs=needs_of(scope, container),
            )


def _paused_notes(graph: Graph, order: Iterable[ContainerId]) -> Iterator[str]:
    for name in sorted(graph.name(c) for c in order if is_paused(graph.containers[c])):
        yield f"{name} is paused now, and is paused again once all is well"


def _intended(request: Request, costs: Costs) -> Costs:
    """Return the costs, without the change of the image where that is intended."""
    return {
        container: replace(
            cost, compose_changes=without_image_change(cost.compose_changes)
        )
        if container in request.targets
        else cost
        for container, cost in costs.items()
    }


def _removals(changes: tuple[Step, ...]) -> Iterator[Step]:
    """Yield the steps that remove the old containers, dependents first."""
    for step in reversed(changes):
        if step.keeps_old and not step.removes:
            yield Step(
                verb=Verb.RM,
                container=step.container,
                name=step.name,
                removes=True,
                is_old=True,
            )


def _recreation(
    scope: Scope, request: Request, container: ContainerId, cost: Cost
) -> Recreation:
    is_target = container in request.targets
    (intended,) = _intended(request, {container: cost}).values()
    found = recreation_of(scope, request, container, intended)
    # That it removes itself is no loss: it is put back from its inspect.
    found = replace(found, is_one_way=False)
    if not is_target:
        return found
    names = (line.partition("=")[0] for line in request.environment)
    return replace(found, image=cost.image, variables=tuple(names))


def _managed(graph: Graph, order: Iterable[ContainerId], program: str) -> Iterator[str]:
    for container in order:
        words = why_not_recreated(graph.containers[container], program)
        if words is not None:
            yield f"{graph.name(container)} {words}"


def _blockers(
    graph: Graph, scope: Scope, order: Iterable[ContainerId]
) -> Iterator[str]:
    idle = scope.recreated.keys() - scope.to_run
    active = [container for container in order if container not in idle]
    yield from restart_blockers(scope.afterwards, active, running(graph))


def _objections(
    snapshot: Snapshot, graph: Graph, request: Request, costs: Costs
) -> Iterator[str]:
    """Yield why containers cannot be made anew, as sentences that say what to do."""
    left = {c for one in find_interruptions(snapshot, graph) for c in concerned(one)}
    for container, cost in costs.items():
        name = graph.name(container)
        if {container, *all_hops(graph, container)} & left:
            yield f"{name} was left by a plan that was cut off: use nstui heal first"
        if cost.problem:
            yield f"{name} cannot be made anew: {cost.problem}"
        elif request.layer is Layer.KEEP and cost.files and cost.changes != ():
            yield (
                f"--keep-changes would make {', '.join(cost.files)}, which compose put"
                f" into {name}, part of an image; --drop-changes keeps those files"
            )
    for container in request.targets:
        yield from _target_objections(graph, request, container, costs)


def _target_objections(
    graph: Graph, request: Request, container: ContainerId, costs: Costs
) -> Iterator[str]:
    name, cost = graph.name(container), costs.get(container, _FREE)
    state = graph.containers[container].state
    if state in HALF_REMOVED:
        yield f"{name} is {state}: it cannot be made anew"
    if request.layer is Layer.KEEP and cost.changes != ():
        yield (
            f"what {name} wrote outside volumes belongs to its old image:"
            " --drop-changes discards it"
        )
    if cost.compose is not None and (request.image or request.environment):
        what = "image" if request.image else "environment"
        yield (
            f"{name} is made by compose, whose files say its {what}: change it there,"
            " then use nstui recreate --compose"
        )
    if request.pull and is_image_id(cost.image):
        yield (
            f"{name} is made from an image by its id, which cannot be pulled: name one"
            " with --image"
        )


def _command(graph: Graph, request: Request) -> tuple[str, ...]:
    """Return the command that requests the plan."""
    options = (
        (request.image, ("--image", request.image)),
        (request.pull, ("--pull",)),
        (request.env_file, ("--env-file", request.env_file)),
        (request.compose, ("--compose",)),
        (request.layer is Layer.KEEP, ("--keep-changes",)),
        (request.layer is Layer.DROP, ("--drop-changes",)),
    )
    words = (word for is_given, several in options if is_given for word in several)
    names = (graph.name(container) for container in request.targets)
    return ("nstui", "recreate", *words, *names)
