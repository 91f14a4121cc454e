"""Who was harmed, by what the simulated kernel knows and no plan is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.demo.kernel import LOOPBACK
from nstui.model.namespace import NamespaceKind
from nstui.model.step import EffectNow

if TYPE_CHECKING:
    from nstui.demo.kernel import SimNamespace
    from nstui.demo.world import World
    from nstui.model.container import ContainerId


@dataclass(frozen=True, slots=True)
class Life:
    """A container that runs, and what its life depends on."""

    pid: int
    interfaces: tuple[str, ...]
    ipc: SimNamespace
    is_split: bool
    """Whether the one that its ipc namespace was made for is gone from it."""


def lives(world: World) -> dict[ContainerId, Life]:
    """Return all that run."""
    return {
        record.id: Life(
            record.pid,
            record.namespaces[NamespaceKind.NET].interfaces,
            ipc := record.namespaces[NamespaceKind.IPC],
            _is_left(world, ipc),
        )
        for record in world.records
        if record.pid is not None
    }


def _is_left(world: World, namespace: SimNamespace) -> bool:
    if namespace.is_host or namespace.made_for is None:
        return False
    maker = world.records.find(namespace.made_for)
    return maker is None or maker.namespaces.get(namespace.kind) is not namespace


def suffered(before: Life, after: Life | None) -> set[EffectNow]:
    """Return what has happened to a container that ran."""
    if after is None or after.pid != before.pid:
        return {EffectNow.KILLED}
    found = set()
    if before.interfaces != LOOPBACK and after.interfaces == LOOPBACK:
        found.add(EffectNow.LOSES_NETWORK)
    if after.is_split and not before.is_split:
        found.add(EffectNow.NAMESPACE_SPLIT)
    return found
