"""What stands in the way of bringing back a removed container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.ancestry import find_by_name
from nstui.analysis.graph.graph import running
from nstui.analysis.plans.order import is_up
from nstui.analysis.recipe import has_networks
from nstui.analysis.recipe.networks import DEFAULT_MODES
from nstui.analysis.startable import why_not_startable
from nstui.model.container import short_id
from nstui.model.json import inner, objects, text, texts
from nstui.model.namespace import NamespaceKind
from nstui.model.outcome import new_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.audit import RemovedContainer
    from nstui.model.container import Container, PublishedPort
    from nstui.model.healing import Recipe
    from nstui.model.plan import Request
    from nstui.model.restoration import Available


EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - as an engine lists them


def why_taken(graph: Graph, removed: RemovedContainer) -> Iterator[str]:
    """Yield why there is no place for a removed container under its name."""
    name = removed.name
    if removed.id in graph.containers:
        yield f"{graph.name(removed.id)} was not removed: it is there"
        return
    restored = removed.restored
    if restored is not None and restored.container in graph.containers:
        now = graph.containers[restored.container]
        yield f"{name} was restored already: as {now.name} ({short_id(now.id)})"
        return
    temporary = new_name(name, removed.id)
    if _named(graph, temporary) is not None:
        yield (
            f"{temporary} is of another restore of it: if that was cut off, use nstui"
            " heal first"
        )
    holder = _named(graph, name)
    if holder is not None:
        yield (
            f"there is another container called {name} ({short_id(holder.id)},"
            f" {holder.state}): rename or remove that first"
        )


def _named(graph: Graph, name: str) -> Container | None:
    return next((graph.containers[one] for one in find_by_name(graph, name)), None)


def why_no_image(
    removed: RemovedContainer, request: Request, available: Available
) -> Iterator[str]:
    """Yield that no image can be used, unless there is one or a decision helps."""
    if not (request.image or available.has_image or available.named_image):
        yield f"its image {removed.image} no longer exists: pull or build it first"


def missing_networks(recipe: Recipe, available: Available) -> Iterator[str]:
    """Yield a sentence for each network that a container was on and that is gone."""
    mode = recipe.network_mode
    if not has_networks(mode):
        return
    named = () if mode in DEFAULT_MODES else (mode,)
    wanted = dict.fromkeys((*named, *(one.network for one in recipe.networks)))
    for network in wanted:
        is_there = network in available.networks or (
            network == mode and _begins_an_id(mode, available)
        )
        if not is_there:
            yield f"its network {network} no longer exists: create that first"


def _begins_an_id(mode: str, available: Available) -> bool:
    """Tell whether a network mode is the beginning of the id of a network."""
    is_hex = set(mode) <= set("0123456789abcdef")
    return is_hex and any(one.startswith(mode) for one in available.networks)


def taken_ports(graph: Graph, recipe: Recipe) -> Iterator[str]:
    """Yield a sentence for each port that another running container publishes now."""
    if not has_networks(recipe.network_mode):
        return
    for inside, _ in sorted(inner(recipe.host, "PortBindings").items()):
        protocol = inside.partition("/")[2] or "tcp"
        bindings = inner(recipe.host, "PortBindings")
        for binding in objects(bindings, inside):
            place = text(binding, "HostPort"), protocol, text(binding, "HostIp")
            holder = _publisher(graph, *place)
            if holder is not None:
                yield (
                    f"its port {place[0]}/{protocol} is published by {holder.name} now:"
                    " stop that first"
                )


def _publisher(
    graph: Graph, number: str, protocol: str, address: str
) -> Container | None:
    """Return the running container that publishes a port of the host, if any."""
    return next(
        (
            one
            for one in graph.containers.values()
            if is_up(one)
            for port in one.ports
            if str(port.host_port) == number
            and port.protocol == protocol
            and _overlap(port, address)
        ),
        None,
    )


def _overlap(port: PublishedPort, address: str) -> bool:
    """Tell whether a published port and another one on an address exclude each other.

    Addresses of different families are told apart by the engine only.
    """
    either = {port.host_ip, address}
    return port.host_ip == address or not EVERY_ADDRESS.isdisjoint(either)


def missing_links(graph: Graph, recipe: Recipe) -> Iterator[str]:
    """Yield a sentence for each legacy link to a container that is gone.

    The engine refuses them at the creation.
    """
    if NamespaceKind.NET in recipe.joins:
        return
    for link in texts(recipe.host, "Links"):
        target = link.partition(":")[0]
        if graph.resolve(target) is None:
            yield f"it links to {target}, which no longer exists: restore that first"


def why_not_started(afterwards: Graph, removed: RemovedContainer) -> Iterator[str]:
    """Yield why the restored container could not be started.

    Args:
        afterwards: The dependencies with the restored container under its old id.
        removed: The container.

    """
    found = why_not_startable(afterwards, removed.id, running(afterwards), {})
    yield from dict.fromkeys(found)
