"""Reading a recipe, and what a copy with other joins cannot have.

An inspect's ``Config`` and ``HostConfig`` are the structures that a create takes
(moby ``api/types/container``), so they stay as they are, but for what must not be the
same and what a create says in another way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.recipe.networks import read_mounted, read_networks
from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH, Fields
from nstui.model.healing import Recipe
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.model.container import Join


MODES = {
    NamespaceKind.NET: "NetworkMode",
    NamespaceKind.PID: "PidMode",
    NamespaceKind.IPC: "IpcMode",
    NamespaceKind.UTS: "UTSMode",
}
"""The fields that declare a container's namespaces."""

_LABELLING_KINDS = {NamespaceKind.PID, NamespaceKind.IPC}
_NAMING_KINDS = {NamespaceKind.NET, NamespaceKind.UTS}
_NEVER_RAN = "created"

_OF_CONTAINERD = {"native", "nydus", "overlayfs", "soci", "stargz"}
"""Storage drivers of containerd; an engine's own is for instance ``overlay2``."""

_SELINUX_PARTS = tuple(f"label={part}:" for part in ("user", "role", "type", "level"))
"""The parts of an SELinux label, which the engine copies from a joined container."""


def read_recipe(inspect: Mapping[str, object]) -> Recipe:
    """Return what is needed to create a container again.

    Args:
        inspect: The engine's whole answer to an inspect, any part of which may be
            missing or odd.

    """
    found = Fields(inspect)
    config, host = found.inner("Config"), found.inner("HostConfig")
    joins = _joins(host)
    first, further = read_networks(found)
    return Recipe(
        container=found.text("Id"),
        name=found.text("Name").removeprefix("/"),
        image=config.text("Image"),
        image_id=found.text("Image"),
        platform=_platform(found),
        hides_platform=_hides_platform(found),
        has_run=found.inner("State").text("Status") != _NEVER_RAN,
        config=_config(found, joins),
        host=_host(host, joins),
        joins=joins,
        mode_network=first,
        further_networks=further,
        mounted=read_mounted(found),
    )


def _joins(host: Fields) -> dict[NamespaceKind, str]:
    modes = {kind: host.text(key) for kind, key in MODES.items()}
    return {
        kind: mode.removeprefix(JOIN_PREFIX)
        for kind, mode in modes.items()
        if mode.startswith(JOIN_PREFIX)
    }


def _config(found: Fields, joins: Mapping[NamespaceKind, str]) -> dict[str, object]:
    config = dict(found.inner("Config").raw)
    if not config.get("Entrypoint") and config.get("Cmd"):
        # No value at all would mean the image's, which the container may have
        # overridden.
        config["Entrypoint"] = [""]
    if not _has_own_hostname(found, joins):
        config.pop("Hostname", None)
    return config


def _host(host: Fields, joins: Mapping[NamespaceKind, str]) -> dict[str, object]:
    fields = dict(host.raw)
    if links := host.texts("Links"):
        fields["Links"] = [_link(link) for link in links]
    if host.has("ContainerIDFile"):
        # The file would name the old container.
        fields["ContainerIDFile"] = ""
    if not joins.keys().isdisjoint(_LABELLING_KINDS):
        fields["SecurityOpt"] = _without_copied_label(host)
    return fields


def _has_own_hostname(found: Fields, joins: Mapping[NamespaceKind, str]) -> bool:
    """Tell whether somebody set a container's hostname; the default comes from its id.

    A container that uses the host's or an owner's hostname cannot have one set.
    """
    hostname = found.inner("Config").text("Hostname")
    is_borrowed = found.inner("HostConfig").text("UTSMode") == "host"
    is_borrowed = is_borrowed or not joins.keys().isdisjoint(_NAMING_KINDS)
    return not is_borrowed and hostname != found.text("Id")[:SHORT_ID_LENGTH]


def _without_copied_label(host: Fields) -> object:
    """Return the security options without a label copied from a joined container.

    The engine records it among the requested options (moby ``generateSecurityOpt``); if
    it were kept, it would replace the label of the new owner.
    """
    options = host.texts("SecurityOpt")
    copied = [option for option in options if option.startswith(_SELINUX_PARTS)]
    if len(copied) != len(_SELINUX_PARTS):
        return host.raw.get("SecurityOpt")
    return [option for option in options if option not in copied] or None


def _link(entry: str) -> str:
    """Turn ``/target:/own/alias``, as the engine writes it, into ``target:alias``."""
    target, _, alias = entry.partition(":")
    name = target.lstrip("/")
    return f"{name}:{alias.rpartition('/')[2] or name}"


def _platform(found: Fields) -> str:
    """Return the platform of an image that may have several, or an empty string.

    The id of such an image is that of all its platforms, and by default the engine
    takes its own.
    """
    platform = found.inner("ImageManifestDescriptor").inner("platform")
    parts = [platform.text(key) for key in ("os", "architecture", "variant")]
    return "/".join(filter(None, parts)) if parts[0] and parts[1] else ""


def _hides_platform(found: Fields) -> bool:
    """Tell whether an engine stores several platforms and does not tell which is used.

    Versions 25 to 27 do so if containerd stores their images.
    """
    storage = found.inner("GraphDriver").text("Name")
    return storage in _OF_CONTAINERD and not _platform(found)


_REFUSED_CONFIG = ("Hostname", "ExposedPorts", "MacAddress")
_REFUSED_HOST_CONFIG = (
    "PortBindings",
    "PublishAllPorts",
    "Dns",
    "ExtraHosts",
    "Links",
)
"""What the engine refuses together with a joined network: "conflicting options: …",
moby ``runconfig/hostconfig_unix.go``. It accepts ``DnsSearch`` and ``DnsOptions``."""

HIDDEN_PLATFORM = "platform, unless it is the machine's own"


def without_refused(recipe: Recipe) -> Recipe:
    """Return a recipe without what an engine refuses together with a joined network."""
    return replace(
        recipe,
        config=_without(recipe.config, _REFUSED_CONFIG),
        host=_without(recipe.host, _REFUSED_HOST_CONFIG),
    )


def find_left_out(recipe: Recipe, joins: Iterable[Join]) -> tuple[str, ...]:
    """Return what a container has, or may have, and its copy would not."""
    unknown = (HIDDEN_PLATFORM,) if recipe.hides_platform else ()
    joins_network = any(join.kind is NamespaceKind.NET for join in joins)
    return (*(_refused(recipe) if joins_network else ()), *unknown)


def _refused(recipe: Recipe) -> Iterator[str]:
    """Yield what a container has and one that joins a network cannot have.

    The names in the inspect of a dependent are its owner's, and the image's exposed
    ports are exposed again: none of these is lost.
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
    """Return the fields without those in conflict; empty values are kept."""
    conflicting = {key for key in keys if fields.get(key)}
    return {key: value for key, value in fields.items() if key not in conflicting}
