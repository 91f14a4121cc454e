"""What a copy cannot have, mostly beside a network that it joins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.model.fields import Fields
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.model.container import Join
    from nstui.model.recipe import Recipe

_REFUSED_CONFIG = ("Hostname", "ExposedPorts", "MacAddress")
_REFUSED_HOST_CONFIG = (
    "PortBindings",
    "PublishAllPorts",
    "Dns",
    "ExtraHosts",
    "Links",
)
"""What the engine refuses beside a joined network: "conflicting options: …", moby
``runconfig/hostconfig_unix.go``. It lets ``DnsSearch`` and ``DnsOptions`` pass."""

_HIDDEN_PLATFORM = "platform, unless it is the machine's own"


def without_refused(recipe: Recipe) -> Recipe:
    """Return a recipe without what an engine refuses beside a joined network."""
    return replace(
        recipe,
        config=_without(recipe.config, _REFUSED_CONFIG),
        host=_without(recipe.host, _REFUSED_HOST_CONFIG),
    )


def find_left_out(recipe: Recipe, joins: Iterable[Join]) -> tuple[str, ...]:
    """Return what a container has, or may have, and its copy would not have."""
    unknown = (_HIDDEN_PLATFORM,) if recipe.hides_platform else ()
    joins_network = any(join.kind is NamespaceKind.NET for join in joins)
    return (*(_refused(recipe) if joins_network else ()), *unknown)


def _refused(recipe: Recipe) -> Iterator[str]:
    """Yield what a container has and one that joins a network cannot have.

    The names in an inspect of a dependent are its owner's, and the ports that its
    image exposes are exposed again: none of these is lost.
    """
    config, host = Fields(recipe.config), Fields(recipe.host)
    ports = [*host.keys("PortBindings")]
    if host.flag("PublishAllPorts"):
        ports.append("all that are exposed")
    found: list[tuple[str, Iterable[str]]] = [
        ("ports", ports),
        ("dns", host.texts("Dns")),
        ("extra hosts", host.texts("ExtraHosts")),
        ("links", host.texts("Links")),
    ]
    if NamespaceKind.NET not in recipe.joins:
        found[:0] = [
            ("hostname", [config.text("Hostname")]),
            ("domainname", [config.text("Domainname")]),
            ("mac address", [config.text("MacAddress")]),
        ]
    for word, values in found:
        if any(values):
            yield f"{word} {' '.join(values)}"


def _without(fields: Mapping[str, object], keys: Iterable[str]) -> dict[str, object]:
    """Take out what would be in conflict; what is empty is not, and stays."""
    conflicting = {key for key in keys if fields.get(key)}
    return {key: value for key, value in fields.items() if key not in conflicting}
