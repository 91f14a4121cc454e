"""Creates simulated containers that are equal to others, present or removed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.demo.containers import Spec
from nstui.demo.images import without_image
from nstui.errors import EngineRefused
from nstui.model.container import JOIN_PREFIX, ContainerId
from nstui.model.json import inner, text
from nstui.model.namespace import NamespaceKind
from nstui.model.restoration import Available

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.demo.containers import Record
    from nstui.demo.world import World
    from nstui.model.container import Join
    from nstui.model.healing import Renewal


ALWAYS = frozenset({"bridge", "host", "none"})
"""The networks that every engine has."""


def networks(world: World) -> frozenset[str]:
    """Return the names of all networks: the default ones and those of containers.

    A network outlives the containers on it.
    """
    with world.lock:
        every = (*world.records, *world.records.removed.values())
        made_for = (record.made_for for record in every)
        return ALWAYS.union(*made_for) - world.lost_networks


def create_like(
    world: World,
    reference: str,
    name: str,
    joins: Iterable[Join],
    image: str | None,
) -> ContainerId:
    """Create a container equal to another one except for its joins."""
    with world.lock:
        record = world.records.get(reference)
        return _create_equal(world, record, name, joins, image)


def create_renewed(
    world: World,
    reference: str,
    name: str,
    joins: Iterable[Join],
    renewal: Renewal,
) -> ContainerId:
    """Create a container equal to another one except for its joins and its image."""
    with world.lock:
        record = world.records.get(reference)
        old = world.image_store.take(record.image_id)
        spec = without_image(record.spec, old)
        named = {line.partition("=")[0] for line in renewal.environment}
        kept = (e for e in spec.environment if e.partition("=")[0] not in named)
        spec = replace(spec, environment=(*kept, *renewal.environment))
        made_of = replace(record, spec=spec)
        return _create_equal(world, made_of, name, joins, renewal.image)


def create_from(
    world: World,
    inspect: Mapping[str, object],
    name: str,
    joins: Iterable[Join],
    image: str | None,
) -> ContainerId:
    """Create a container equal to a removed one except for its joins."""
    with world.lock:
        record = world.records.removed[ContainerId(text(inspect, "Id"))]
        of = record.spec.image
        is_there = of not in world.lost_images
        if image is not None:
            is_there = bool(world.lost_images.get(image, image))
        if not is_there:
            raise EngineRefused(f"No such image: {image or of}")
        lost = set(record.made_for) & world.lost_networks
        if lost:
            raise EngineRefused(f"network {min(lost)} not found")
        return _create_equal(world, record, name, joins, image)


def available(world: World, inspect: Mapping[str, object]) -> Available:
    """Return what there still is; every image exists, unless it was lost."""
    with world.lock:
        image = text(inner(inspect, "Config"), "Image")
        is_there = image not in world.lost_images
        return Available(
            has_image=is_there,
            named_image=world.lost_images.get(image, image),
            networks=networks(world),
        )


def _create_equal(
    world: World, record: Record, name: str, joins: Iterable[Join], image: str | None
) -> ContainerId:
    with world.lock:
        modes = {join.kind: f"{JOIN_PREFIX}{join.reference}" for join in joins}
        is_joined = NamespaceKind.NET in modes
        links = (f"{link.target.name}:{link.alias}" for link in record.links)
        return world.create(
            replace(
                record.spec,
                name=name,
                image=image or record.spec.image,
                network=modes.get(
                    NamespaceKind.NET, _own_mode(record, NamespaceKind.NET)
                ),
                pid=modes.get(NamespaceKind.PID, _own_mode(record, NamespaceKind.PID)),
                ipc=modes.get(NamespaceKind.IPC, _own_mode(record, NamespaceKind.IPC)),
                ports=() if is_joined else record.spec.ports,
                links=() if is_joined else tuple(links),
                volumes_from=tuple(
                    other
                    for other in record.spec.volumes_from
                    if world.records.find(other.partition(":")[0]) is not None
                ),
            ),
            "" if image else record.image_id,
        )


def carry_files(
    world: World, source: str, target: str, paths: Iterable[str]
) -> tuple[str, ...]:
    """Copy the given files to another container if the first one has written them."""
    with world.lock:
        there = set(world.written(source))
        found = tuple(path for path in paths if path in there)
        for path in found:
            world.write(target, path)
        return found


def left_out(world: World, reference: str, joins: Iterable[Join]) -> tuple[str, ...]:
    """Return what a container that joins a network cannot have, in a few words each."""
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


def _own_mode(record: Record, kind: NamespaceKind) -> str:
    """Return the mode of a container without its join."""
    mode = record.modes[kind]
    if not mode.startswith(JOIN_PREFIX):
        return mode
    return {NamespaceKind.NET: "bridge", NamespaceKind.IPC: "private"}.get(kind, "")


def create_empty(world: World, name: str, image: str) -> ContainerId:
    """Create a container that has no network and does nothing."""
    return world.create(
        Spec(name, image, network="none", ipc="shareable", removes_itself=True)
    )
