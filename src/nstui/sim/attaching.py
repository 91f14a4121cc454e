"""Attaching simulated containers to networks, and taking them off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import EngineRefused
from nstui.model.namespace import NamespaceKind
from nstui.sim.record import CARD

if TYPE_CHECKING:
    from nstui.sim.record import Record
    from nstui.sim.world import World


def disconnect(world: World, reference: str) -> None:
    """Take a container off all networks, as ``docker network disconnect`` does.

    Engine 29 does the same by itself after a start that failed.
    """
    with world.lock:
        record = world.records.get(reference)
        _set_cards(record, ())
        record.is_detached = True
        world.machine.note("disconnect", record)


ALWAYS = frozenset({"bridge", "host", "none"})
"""The networks that every engine has."""


def networks(world: World) -> frozenset[str]:
    """Return the names of all networks: those that containers were made for."""
    with world.lock:
        made_for = (record.made_for for record in world.records)
        return ALWAYS.union(*made_for) - world.lost_networks


def connect(world: World, reference: str, network: str) -> None:
    """Attach a container to what it was made for, as ``docker network connect``.

    Raises:
        EngineRefused: there is no such network, or it is attached to it.

    """
    with world.lock:
        record = world.records.get(reference)
        if record.networks:
            raise EngineRefused(
                f"endpoint with name {record.name} already exists in network {network}"
            )
        if network not in record.made_for or network in world.lost_networks:
            raise EngineRefused(f"network {network} not found")
        record.is_detached = False
        _set_cards(record, record.cards)
        world.machine.note("connect", record)


def _set_cards(record: Record, cards: tuple[str, ...]) -> None:
    """Let a container that runs see some network cards, and no others."""
    namespace = record.namespaces.get(NamespaceKind.NET)
    if namespace is None or not record.networks:
        return
    others = (name for name in namespace.interfaces if not name.startswith(CARD))
    first, *rest = others
    namespace.interfaces = (first, *cards, *rest)
