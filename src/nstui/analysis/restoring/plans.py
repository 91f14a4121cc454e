"""The plan that brings back one removed container."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import Graph
from nstui.analysis.healing.owners import find_choices
from nstui.analysis.plans.commands import command
from nstui.analysis.recipe import find_left_out, read_recipe
from nstui.analysis.restoring.obstacles import (
    missing_links,
    missing_networks,
    taken_ports,
    why_no_image,
    why_not_started,
    why_taken,
)
from nstui.analysis.restoring.removed import (
    as_stopped,
    compose_command,
    find_gone_volumes,
    has_run,
    is_renewed,
    why_managed,
)
from nstui.analysis.succession import (
    SAID,
    find_succession,
    gone_references,
    joins_of_service,
    why_unfit,
)
from nstui.model.container import ContainerId, Join, is_id
from nstui.model.frozen import dataclass
from nstui.model.plan import Plan, Target
from nstui.model.restoration import Restoration, Undecided
from nstui.model.step import Step, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.succession import Succession
    from nstui.model.audit import RemovedContainer
    from nstui.model.container import Container
    from nstui.model.healing import Mounted, Recipe
    from nstui.model.plan import Request
    from nstui.model.restoration import Available
    from nstui.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owners:
    """What a restored container joins."""

    joins: tuple[Join, ...]
    """Those that lead nowhere are as they were."""

    known: tuple[tuple[str, str], ...]
    """The names of the owners, each with how it is known."""

    successions: tuple[Succession, ...]
    undecided: tuple[Undecided, ...]
    unfit: tuple[str, ...]
    """Why a chosen or proven owner cannot be joined."""


def make_restore_plan(
    snapshot: Snapshot,
    request: Request,
    removed: RemovedContainer,
    available: Available,
    kept: Collection[ContainerId] = (),
) -> Plan:
    """Return the plan that brings back a removed container.

    Args:
        snapshot: The state of the host, with what is known of the former owners.
        request: The request, with the decisions of the user.
        removed: The record of the container.
        available: What the engine still has of what the container was made from.
        kept: The containers of which there is a record too.

    """
    graph = Graph(snapshot.containers, snapshot.host)
    recipe = read_recipe(removed.inspect)
    stopped = as_stopped(removed)
    if removed.id in graph.containers:
        owners = _Owners(joins=(), known=(), successions=(), undecided=(), unfit=())
    else:
        owners = _find_owners(snapshot, request, stopped, kept)
    restoration = _restoration(graph, request, removed, available, owners)
    # An owner that is still to be chosen is not missing as well.
    decided = as_stopped(removed, () if owners.undecided else owners.joins)
    return Plan(
        request=request,
        targets=(Target.of(stopped),),
        effects=(),
        steps=(
            Step(
                verb=Verb.RESTORE,
                container=removed.id,
                name=removed.name,
                joins=owners.joins,
                starts=restoration.starts,
                image=request.image,
            ),
        ),
        dark_ports=(),
        uncertain=(),
        program=command(snapshot.engine),
        restoration=restoration,
        choices=tuple(find_choices(owners.successions, _with(graph, stopped))),
        managed=why_managed(removed, snapshot.engine),
        # Without a place for it, what it holds now would be in its own way.
        objections=tuple(why_taken(graph, removed))
        or (
            *why_no_image(removed, request, available),
            *missing_networks(recipe, available),
            *missing_links(graph, recipe),
            *owners.unfit,
            *_why_not_started(graph, recipe, removed, decided),
        ),
        namespaces_read=snapshot.namespaces_read,
    )


def _with(graph: Graph, stopped: Container) -> Graph:
    """Return the dependencies as if a removed container were there.

    Of two containers with one name the one that is there counts.
    """
    return Graph((stopped, *graph.containers.values()))


def _find_owners(
    snapshot: Snapshot,
    request: Request,
    stopped: Container,
    kept: Collection[ContainerId],
) -> _Owners:
    """Return what a container joins today: its owners, or those that are proven."""
    joined = replace(snapshot, containers=(stopped, *snapshot.containers))
    graph = Graph(joined.containers, joined.host)
    by_id, by_name = gone_references(graph, stopped.id)
    gone = (*by_id, *map(ContainerId, by_name))
    successions = tuple(
        find_succession(joined, graph, request, one, (stopped.id,)) for one in gone
    )
    found = [
        _owner_of(graph, join, successions, None if gone else request.onto)
        for join in stopped.joins
    ]
    unfit = (
        why_unfit(graph, stopped.id, owner, (join.kind,))
        for join, owner, _ in found
        if owner is not None
    )
    return _Owners(
        joins=tuple(join for join, _, _ in found),
        known=tuple(
            dict.fromkeys((graph.name(o), why) for _, o, why in found if o is not None)
        ),
        successions=successions,
        undecided=tuple(
            _undecided_owner(s, is_kept=s.gone in kept)
            for s in successions
            if not s.successor
        ),
        unfit=tuple(dict.fromkeys(why for why in unfit if why is not None)),
    )


def _owner_of(
    graph: Graph,
    join: Join,
    successions: tuple[Succession, ...],
    onto: ContainerId | None,
) -> tuple[Join, ContainerId | None, str]:
    """Return a join as it will be, its owner if that is known, and how it is known.

    Args:
        graph: The dependencies with the removed container.
        join: The join that the container had.
        successions: What is known of the owners that are gone.
        onto: The owner that the user wants instead of one that still exists.

    """
    owner = graph.resolve(join.reference)
    if owner is not None and onto is None:
        return join, owner, ""
    if owner is not None:
        return Join(join.kind, onto or owner), onto, SAID
    for one in successions:
        if one.gone == join.reference and one.successor is not None:
            return Join(join.kind, one.successor), one.successor, one.proven[0].why
    return join, None, ""


def _undecided_owner(succession: Succession, *, is_kept: bool) -> Undecided:
    why = "nothing proves which container took its place"
    if not succession.is_known and is_id(succession.gone):
        why = "its name is unknown"
    option = "--onto NAME chooses the new owner"
    if is_kept:
        option = f"restore {succession.gone_name} first, or {option}"
    return Undecided(f"its owner {succession.gone_name} is gone, and {why}", option)


def _restoration(
    graph: Graph,
    request: Request,
    removed: RemovedContainer,
    available: Available,
    owners: _Owners,
) -> Restoration:
    recipe = read_recipe(removed.inspect)
    is_other = bool(
        not (request.image or available.has_image) and available.named_image
    )
    gone = find_gone_volumes(recipe, available.volumes)
    return Restoration(
        container=removed.id,
        name=removed.name,
        image=request.image or removed.image,
        removed_at=removed.removed_at,
        starts=has_run(removed),
        owners=owners.known,
        emptied=tuple(_volume_text(recipe, volume) for volume in gone),
        left_out=(*find_left_out(recipe, owners.joins), *available.left_out),
        other_image=removed.image if is_other else "",
        undecided=(*owners.undecided, *_undecided_image(removed, is_other=is_other)),
        compose="" if removed.compose is None else str(removed.compose),
        command=compose_command(removed),
        left_behind=tuple(graph.name(c) for c in joins_of_service(graph, removed.id)),
    )


def _undecided_image(
    removed: RemovedContainer, *, is_other: bool
) -> Iterator[Undecided]:
    if is_other:
        yield Undecided(
            f"its image is gone, and {removed.image} is another image now",
            f"--image {removed.image} uses that",
        )


def _volume_text(recipe: Recipe, volume: Mounted) -> str:
    return (
        f"without a name at {volume.target}"
        if is_renewed(recipe, volume)
        else volume.name
    )


def _why_not_started(
    graph: Graph, recipe: Recipe, removed: RemovedContainer, decided: Container
) -> Iterator[str]:
    """Yield why a container that ran before could not be started."""
    if has_run(removed):
        yield from dict.fromkeys(taken_ports(graph, recipe))
        yield from why_not_started(_with(graph, decided), removed)
