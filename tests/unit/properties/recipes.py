"""Hosts by what led to them, so that the same one can be had as often as wanted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from nstui.demo.containers import Spec
from nstui.demo.faults import crash
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from tests.support.builders import NOON
from tests.support.sim_accidents import enter, half_remove

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.demo.containers import Record
    from nstui.model.container import ContainerId

MOST_CONTAINERS = 6
MOST_MOVES = 4
RENAMED = "-old"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A host: its containers, and what was done to them once all had been started."""

    specs: tuple[Spec, ...]
    moves: tuple[tuple[str, str], ...] = ()
    """Each what is done, and the name of the container that it is done to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request by names, before the host that it is for is there."""

    action: Action
    targets: tuple[str, ...]
    policy: Policy
    force: bool = False
    stop_first: bool = False


def _recreate(world: World, name: str) -> None:
    record = world.records.get(name)
    is_linked = any(
        link.target is record for other in world.records for link in other.links
    )
    # An engine shows a link to one that is gone as a link to who has its name now.
    if not is_linked:
        world.remove(name, force=True)
        world.run(replace(record.spec, name=name))


def _rename(world: World, name: str) -> None:
    """Give a container a name that nobody here joins, or give that back."""
    record = world.records.find(f"{name}{RENAMED}")
    if record is None:
        world.rename(name, f"{name}{RENAMED}")
    else:
        world.rename(record.name, name)


def _swap(world: World, name: str) -> None:
    """Let the first of the others have a container's name."""
    record = world.records.get(name)
    other = next((r for r in world.records if r is not record), None)
    if other is not None and not record.links and not other.links:
        theirs = other.name
        world.rename(record.id, "swapped")
        world.rename(other.id, name)
        world.rename(record.id, theirs)


def _enter(kind: NamespaceKind) -> Callable[[World, str], object]:
    """Return what lets a container into the namespace of the next one that runs."""

    def move(world: World, name: str) -> None:
        record = world.records.get(name)
        running = [r for r in world.records if r.pid is not None]
        if record in running:
            place = (running.index(record) + 1) % len(running)
            enter(world, record.id, running[place].id, kind)

    return move


MOVES: dict[str, Callable[[World, str], object]] = {
    "start": World.start,
    "stop": World.stop,
    "kill": World.kill,
    "restart": World.restart,
    "pause": World.pause,
    "rm": lambda world, name: world.remove(name, force=True),
    "crash": crash,
    "recreate": _recreate,
    "half remove": lambda world, name: half_remove(world, name, ContainerState.DEAD),
}
HIDDEN_MOVES: dict[str, Callable[[World, str], object]] = {
    "rename": _rename,
    "swap names": _swap,
    "enter network": _enter(NamespaceKind.NET),
    "enter ipc": _enter(NamespaceKind.IPC),
}
"""After these a declaration no longer tells who is in which namespace."""

ALL_MOVES = {**MOVES, **HIDDEN_MOVES}


class _Ticking:
    """A clock on which every health check is over by the time somebody looks."""

    def __init__(self) -> None:
        self._now = NOON

    def __call__(self) -> datetime:
        """Return a moment some seconds after the one before."""
        self._now += timedelta(seconds=3)
        return self._now


def build(recipe: Recipe, kind: type[World] = World) -> World:
    """Return the host; what an engine refuses on the way is left out."""
    world = kind(_Ticking())
    for spec in recipe.specs:
        with suppress(EngineRefused):
            world.create(spec)
    # Who joined a name is started once there is somebody of that name.
    for _ in range(2):
        for spec in recipe.specs:
            with suppress(EngineRefused):
                world.start(spec.name)
    for move, name in recipe.moves:
        if move != "crash" or _runs(world, name):
            with suppress(EngineRefused):
                ALL_MOVES[move](world, name)
    return world


def called(world: World, name: str) -> Record | None:
    """Return the container that has a name, or had it when it was made."""
    return world.records.find(name) or world.records.find(f"{name}{RENAMED}")


def _runs(world: World, name: str) -> bool:
    record = world.records.find(name)
    return record is not None and record.state.has_process


def request_of(wish: Wish, world: World) -> Request:
    """Return the request that a wish is on a host: for those who are there."""
    found = (called(world, name) for name in wish.targets)
    here = {record.id: None for record in found if record is not None}
    targets: tuple[ContainerId, ...] = tuple(here)
    return Request(
        action=wish.action,
        targets=targets,
        policy=wish.policy,
        force=wish.force,
        stop_first=wish.stop_first,
        wait_s=0,
    )


@st.composite
def _specs(draw: st.DrawFn, number: int, count: int, *, steady: bool) -> Spec:
    """Draw one container; it may share with those before it, and wait for a name."""
    before = [f"c{other}" for other in range(number)]
    later = [f"c{other}" for other in range(number + 1, count)]
    joins = [f"container:{name}" for name in before]
    literal = [f"container:{name}" for name in later]
    network = draw(
        st.sampled_from(["bridge", *joins, *joins, *literal, "host", "none"])
    )
    own_network = not network.startswith("container:")
    restart = "no" if steady else draw(st.sampled_from(["no", "no", "always"]))
    removes_itself = restart == "no" and not steady and draw(st.integers(0, 3)) == 3
    few = st.lists(st.sampled_from(before), max_size=2, unique=True)
    return Spec(
        f"c{number}",
        network=network,
        pid=draw(st.sampled_from(["", "", *joins, "host"])),
        ipc=draw(st.sampled_from(["shareable", "shareable", *joins, "host"])),
        links=tuple(draw(few)) if before and own_network else (),
        volumes_from=tuple(draw(few)) if before else (),
        restart=restart,
        has_health_check=draw(st.booleans()),
        removes_itself=removes_itself,
    )


@st.composite
def recipes(draw: st.DrawFn, *, steady: bool = False, hidden: bool = False) -> Recipe:
    """Draw a host of a few containers with a short past.

    Where it is steady, no container is started or removed by the engine itself. Where
    something is hidden, somebody is in a namespace that no declaration leads to.
    """
    count = draw(st.integers(1, MOST_CONTAINERS))
    specs = tuple(draw(_specs(n, count, steady=steady)) for n in range(count))
    names = st.sampled_from([spec.name for spec in specs])
    move = st.tuples(st.sampled_from(sorted(MOVES)), names)
    moves = draw(st.lists(move, max_size=MOST_MOVES))
    if hidden:
        secret = st.tuples(st.sampled_from(sorted(HIDDEN_MOVES)), names)
        moves += draw(st.lists(secret, min_size=1, max_size=MOST_MOVES))
        moves += draw(st.lists(move, max_size=1))
    return Recipe(specs, tuple(moves))


_OTHERS = {Action.HEAL, Action.RESTORE, Action.RECREATE}
ENDING = tuple(a for a in Action if a not in _OTHERS and not a.ends_nothing)
"""The actions that end something. What mends has storms of its own to stand."""


@st.composite
def scenes(
    draw: st.DrawFn,
    actions: tuple[Action, ...] = ENDING,
    policies: tuple[Policy, ...] = tuple(Policy),
    *,
    steady: bool = False,
    hidden: bool = False,
) -> tuple[Recipe, Wish]:
    """Draw a host and something to wish for there."""
    recipe = draw(recipes(steady=steady, hidden=hidden))
    names = [spec.name for spec in recipe.specs]
    action = draw(st.sampled_from(actions))
    chosen = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    removal = action is Action.RM
    return recipe, Wish(
        action=action,
        targets=() if action is Action.PRUNE else tuple(draw(chosen)),
        policy=draw(st.sampled_from(policies)),
        force=removal and draw(st.booleans()),
        stop_first=removal and draw(st.booleans()),
    )
