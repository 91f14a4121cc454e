"""Containers of a simulated engine that are made after others, and what they wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.model.container import JOIN_PREFIX
from nstui.model.namespace import NamespaceKind
from nstui.sim.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.container import ContainerId, Join
    from nstui.sim.record import Record
    from nstui.sim.world import World


def create_like(
    world: World,
    reference: str,
    name: str,
    joins: Iterable[Join],
    image: str | None,
) -> ContainerId:
    """Create a container that is equal to another one, but for what it joins."""
    with world.lock:
        record = world.records.get(reference)
        modes = {join.kind: f"{JOIN_PREFIX}{join.reference}" for join in joins}
        is_joined = NamespaceKind.NET in modes
        links = (f"{link.target.name}:{link.alias}" for link in record.links)
        return world.create(
            replace(
                record.spec,
                name=name,
                image=image or record.spec.image,
                network=modes.get(NamespaceKind.NET, _own(record, NamespaceKind.NET)),
                pid=modes.get(NamespaceKind.PID, _own(record, NamespaceKind.PID)),
                ipc=modes.get(NamespaceKind.IPC, _own(record, NamespaceKind.IPC)),
                ports=() if is_joined else record.spec.ports,
                links=() if is_joined else tuple(links),
                volumes_from=tuple(
                    other
                    for other in record.spec.volumes_from
                    if world.records.find(other.partition(":")[0]) is not None
                ),
            )
        )


def carry_files(
    world: World, source: str, target: str, paths: Iterable[str]
) -> tuple[str, ...]:
    """Put those of some files that one container has written into another one."""
    with world.lock:
        there = set(world.written(source))
        found = tuple(path for path in paths if path in there)
        for path in found:
            world.write(target, path)
        return found


def left_out(world: World, reference: str, joins: Iterable[Join]) -> tuple[str, ...]:
    """Return what one that joins a network cannot have, each in a few words."""
    with world.lock:
        record = world.records.get(reference)
        if all(join.kind is not NamespaceKind.NET for join in joins):
            return ()
        ports = dict.fromkeys(
            f"{port.container_port}/{port.protocol}" for port in record.spec.ports
        )
        links = (f"{link.target.name}:{link.alias}" for link in record.links)
        found = (("ports", " ".join(ports)), ("links", " ".join(links)))
        return tuple(f"{word} {values}" for word, values in found if values)


def _own(record: Record, kind: NamespaceKind) -> str:
    """Return the mode of one that joins nobody."""
    mode = record.modes[kind]
    if not mode.startswith(JOIN_PREFIX):
        return mode
    return {NamespaceKind.NET: "bridge", NamespaceKind.IPC: "private"}.get(kind, "")


def create_placeholder(world: World, name: str, image: str) -> ContainerId:
    """Create a container that has no network and does nothing."""
    return world.create(
        Spec(name, image, network="none", ipc="shareable", removes_itself=True)
    )
