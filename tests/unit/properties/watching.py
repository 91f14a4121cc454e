"""What became of containers, told without the help of what plans are made with."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.demo.host import SimHost
from nstui.errors import EngineRefused
from nstui.model.container import ContainerId, ContainerState
from nstui.model.namespace import NamespaceKind
from nstui.model.step import EffectLater, EffectNow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nstui.demo.containers import Record, Spec
    from nstui.demo.world import World

Homes = dict[ContainerId, dict[NamespaceKind, ContainerId]]
"""Whose namespace each container should be in, for each kind that it joined."""

_LOST = {
    NamespaceKind.NET: EffectNow.LOSES_NETWORK,
    NamespaceKind.IPC: EffectNow.NAMESPACE_SPLIT,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One container at one moment."""

    state: ContainerState
    process: int | None
    interfaces: tuple[str, ...] | None
    at_home: frozenset[NamespaceKind]
    """The kinds in which it is in the namespace that it should be in."""

    reachable: frozenset[ContainerId]
    """Those it links to that run."""


def see(world: World, homes: Homes | None = None) -> dict[ContainerId, Seen]:
    """Look at every container.

    Args:
        world: The host.
        homes: Where each should be; by default where it would be if it were started.

    """
    pids = {r.id: r.pid for r in world.records if r.pid is not None}
    processes = SimHost(world).read(pids).processes
    homes = homes_of(world) if homes is None else homes
    return {
        record.id: Seen(
            state=record.state,
            process=record.pid,
            interfaces=processes[record.id].interfaces if record.pid else None,
            at_home=frozenset(
                kind
                for kind, home in homes.get(record.id, {}).items()
                if _is_with(record, world.records.find(home), kind)
            ),
            reachable=frozenset(
                link.target.id
                for link in record.links
                if link.target.state.has_process
                and world.records.find(link.target.id) is link.target
            ),
        )
        for record in world.records
    }


def _is_with(record: Record, home: Record | None, kind: NamespaceKind) -> bool:
    here = record.namespaces.get(kind)
    if here is None:
        return False
    return here.is_host or (home is not None and home.namespaces.get(kind) is here)


def homes_of(world: World) -> Homes:
    """Return whose namespace each container would be in if all were started anew."""
    homes: Homes = {}
    for record in world.records:
        for join in record.joins:
            root = _root(world, record, join.kind)
            if root is not None:
                homes.setdefault(record.id, {})[join.kind] = root
    return homes


def _root(world: World, record: Record, kind: NamespaceKind) -> ContainerId | None:
    passed: list[Record] = []
    at: Record | None = record
    while at is not None and at not in passed:
        passed.append(at)
        joins = [join for join in at.joins if join.kind is kind]
        if not joins:
            return at.id
        at = world.records.find(joins[0].reference)
    return None


def passed_by(world: World, record: Record) -> set[ContainerId]:
    """Return a container, whom it joined, whom that one joined, and so on."""
    passed: set[ContainerId] = set()
    ahead = [record]
    while ahead:
        at = ahead.pop()
        if at.id not in passed:
            passed.add(at.id)
            found = (world.records.find(join.reference) for join in at.joins)
            ahead += [other for other in found if other is not None]
    return passed


def what_happened(before: Seen, after: Seen | None) -> set[EffectNow]:
    """Return what a container suffered at once."""
    if before.process is None:
        return set()
    if after is None or after.process != before.process:
        return {EffectNow.KILLED}
    happened = {_LOST[kind] for kind in before.at_home - after.at_home}
    if EffectNow.LOSES_NETWORK in happened:
        assert after.interfaces == ("lo",)
    if before.reachable - after.reachable:
        happened.add(EffectNow.EXEC_FAILS)
    return happened


@dataclass(frozen=True, slots=True)
class Prospects:
    """What one container could do next, tried out on hosts like this one."""

    later: EffectLater
    """What its next start needs."""

    is_startable: bool
    """Whether it can be made to run by starting and restarting alone."""


def prospects(
    make: Callable[[], World],
    container: ContainerId,
    *,
    absent: Iterable[Spec],
    gone: Iterable[Spec],
    ran: bool = False,
) -> Prospects:
    """Try what a container could do.

    Args:
        make: Makes the host, each time the same.
        container: Whom to try.
        absent: Who was not there before, and could be made.
        gone: Who is not there now.
        ran: Whether it ran before.

    """
    is_startable = _is_revived(make, container, absent)
    if _restarted(make(), container) or _rejoined(make(), container):
        found = make().records.find(container)
        is_up = found is not None and found.pid is not None
        is_away = not _is_at_home(make(), container) if is_up else ran
        later = EffectLater.RESTART_REJOINS if is_away else EffectLater.NONE
    elif _is_revived(make, container, gone):
        later = EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS
    else:
        later = EffectLater.MUST_BE_RECREATED
    return Prospects(later, is_startable)


def _is_at_home(world: World, container: ContainerId) -> bool:
    """Tell whether a container runs in every namespace that it should be in."""
    record = world.records.find(container)
    if record is None or record.pid is None:
        return False
    joined = {join.kind for join in record.joins}
    return joined == see(world)[container].at_home


def _has_home(world: World, record: Record) -> bool:
    """Tell whether all that a container is not with, and should be, are there."""
    homes = homes_of(world).get(record.id, {})
    away = {join.kind for join in record.joins} - see(world)[record.id].at_home
    found = [world.records.find(homes[kind]) for kind in away if kind in homes]
    return bool(away) and len(found) == len(away) and all(r and r.pid for r in found)


def _restarted(world: World, container: ContainerId) -> bool:
    with suppress(EngineRefused):
        world.restart(container)
    return _is_at_home(world, container)


def _rejoined(world: World, container: ContainerId) -> bool:
    """Restart a container after those that run and should be with others."""
    _see_to_others(world, container, start=False, rejoin=True)
    return _restarted(world, container)


def _is_revived(
    make: Callable[[], World],
    container: ContainerId,
    gone: Iterable[Spec],
) -> bool:
    """Tell whether a container runs as it should after others were seen to.

    To start those that do not run may be enough; to restart those that run with nobody
    can be the end of it.
    """
    return any(
        _revived(make(), container, gone, rejoin=rejoin) for rejoin in (False, True)
    )


def _revived(
    world: World,
    container: ContainerId,
    gone: Iterable[Spec],
    *,
    rejoin: bool,
) -> bool:
    for spec in gone:
        with suppress(EngineRefused):
            world.create(spec)
    _see_to_others(world, container, start=True, rejoin=rejoin)
    return _restarted(world, container)


def _see_to_others(
    world: World, container: ContainerId, *, start: bool, rejoin: bool
) -> None:
    others = [record for record in world.records if record.id != container]
    for _ in others:
        for record in others:
            is_down = record.pid is None
            if (start and is_down) or (
                rejoin and not is_down and _has_home(world, record)
            ):
                with suppress(EngineRefused):
                    world.restart(record.id)
