"""The recipe of a container, and that of an equal container with other joins.

An inspect's ``Config`` and ``HostConfig`` are the structures of a create request (moby
``api/types/container``), so they are kept, except for fields that must differ or that a
create request expresses in another form.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.recipe.mounts import read_mounted
from nstui.analysis.recipe.networks import (
    BRIDGE,
    DEFAULT_MODES,
    has_networks,
    read_networks,
)
from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH
from nstui.model.healing import Recipe
from nstui.model.json import inner, text, texts
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.model.container import Join

    Json = Mapping[str, object]

_MODES = {
    NamespaceKind.NET: "NetworkMode",
    NamespaceKind.PID: "PidMode",
    NamespaceKind.IPC: "IpcMode",
    NamespaceKind.UTS: "UTSMode",
}
"""The fields that declare a container's namespaces."""

_LABELLING_KINDS = {NamespaceKind.PID, NamespaceKind.IPC}
_NAMING_KINDS = {NamespaceKind.NET, NamespaceKind.UTS}
_NEVER_RAN = "created"

_CONTAINERD_DRIVERS = {"native", "nydus", "overlayfs", "soci", "stargz"}
"""The storage drivers of containerd. An engine's own is, for example, ``overlay2``."""

_SELINUX_PARTS = tuple(f"label={part}:" for part in ("user", "role", "type", "level"))
"""The prefixes of SELinux options that the engine copies from a joined container."""

_REFUSED_CONFIG = ("Hostname", "ExposedPorts", "MacAddress")
_REFUSED_HOST_CONFIG = (
    "PortBindings",
    "PublishAllPorts",
    "Dns",
    "ExtraHosts",
    "Links",
)
"""The fields that the engine refuses with a joined network: "conflicting options: …",
moby ``runconfig/hostconfig_unix.go``. It accepts ``DnsSearch`` and ``DnsOptions``."""

HIDDEN_PLATFORM = "platform, unless it is the machine's own"


def read_recipe(inspect: Json) -> Recipe:
    """Return what is needed to create a container again.

    Args:
        inspect: The engine's whole answer to an inspect, any part of which may be
            missing or odd.

    """
    config, host = inner(inspect, "Config"), inner(inspect, "HostConfig")
    joins, mode = _joins(host), text(host, "NetworkMode")
    first, further = read_networks(inspect)
    own = BRIDGE if mode in DEFAULT_MODES else mode
    return Recipe(
        container=text(inspect, "Id"),
        name=text(inspect, "Name").removeprefix("/"),
        image=text(config, "Image"),
        image_id=text(inspect, "Image"),
        platform=_platform(inspect),
        hides_platform=_hides_platform(inspect),
        has_run=text(inner(inspect, "State"), "Status") != _NEVER_RAN,
        config=_config(inspect, joins),
        host=_host(host, joins),
        joins=joins,
        left_network=own if first is None and has_networks(mode) else "",
        mode_network=first,
        further_networks=further,
        mounted=read_mounted(inspect),
    )


def _joins(host: Json) -> dict[NamespaceKind, str]:
    modes = {kind: text(host, key) for kind, key in _MODES.items()}
    return {
        kind: mode.removeprefix(JOIN_PREFIX)
        for kind, mode in modes.items()
        if mode.startswith(JOIN_PREFIX)
    }


def _config(inspect: Json, joins: Mapping[NamespaceKind, str]) -> dict[str, object]:
    config = dict(inner(inspect, "Config"))
    if not config.get("Entrypoint") and config.get("Cmd"):
        # Without a value the engine would use the image's entrypoint, which the
        # container may have overridden.
        config["Entrypoint"] = [""]
    if not _has_own_hostname(inspect, joins):
        config.pop("Hostname", None)
    return config


def _host(host: Json, joins: Mapping[NamespaceKind, str]) -> dict[str, object]:
    fields = dict(host)
    if links := texts(host, "Links"):
        fields["Links"] = [_link(link) for link in links]
    if "ContainerIDFile" in host:
        # The file would name the old container.
        fields["ContainerIDFile"] = ""
    if not joins.keys().isdisjoint(_LABELLING_KINDS):
        fields["SecurityOpt"] = _without_copied_label(host)
    return fields


def _has_own_hostname(inspect: Json, joins: Mapping[NamespaceKind, str]) -> bool:
    """Tell whether a container's hostname was set; the default is part of its id.

    A container that uses the hostname of the host or of an owner cannot have its own.
    """
    hostname = text(inner(inspect, "Config"), "Hostname")
    is_borrowed = text(inner(inspect, "HostConfig"), "UTSMode") == "host"
    is_borrowed = is_borrowed or not joins.keys().isdisjoint(_NAMING_KINDS)
    return not is_borrowed and hostname != text(inspect, "Id")[:SHORT_ID_LENGTH]


def _without_copied_label(host: Json) -> object:
    """Return the security options without a label copied from a joined container.

    The engine records it among the requested options (moby ``generateSecurityOpt``); if
    it were kept, it would replace the label of the new owner.
    """
    options = texts(host, "SecurityOpt")
    copied = [option for option in options if option.startswith(_SELINUX_PARTS)]
    if len(copied) != len(_SELINUX_PARTS):
        return host.get("SecurityOpt")
    return [option for option in options if option not in copied] or None


def _link(entry: str) -> str:
    """Turn ``/target:/own/alias``, as the engine writes it, into ``target:alias``."""
    target, _, alias = entry.partition(":")
    name = target.lstrip("/")
    return f"{name}:{alias.rpartition('/')[2] or name}"


def _platform(inspect: Json) -> str:
    """Return the platform of an image that may have several, or an empty string.

    Such an image has one id for all its platforms, and by default the engine uses the
    platform of its own machine.
    """
    platform = inner(inner(inspect, "ImageManifestDescriptor"), "platform")
    parts = [text(platform, key) for key in ("os", "architecture", "variant")]
    return "/".join(filter(None, parts)) if parts[0] and parts[1] else ""


def _hides_platform(inspect: Json) -> bool:
    """Tell whether an engine stores several platforms and does not report the used one.

    Versions 25 to 27 do so if containerd stores their images.
    """
    storage = text(inner(inspect, "GraphDriver"), "Name")
    return storage in _CONTAINERD_DRIVERS and not _platform(inspect)


def replace_joins(recipe: Recipe, joins: Mapping[NamespaceKind, str]) -> Recipe:
    """Return the recipe of an equal container that joins other containers.

    Fields that an engine refuses together with a joined namespace are left out.

    Args:
        recipe: The recipe of the container.
        joins: The references that replace all its joins, by kind.

    """
    config, host = dict(recipe.config), dict(recipe.host)
    if NamespaceKind.NET in joins:
        config = _without(config, _REFUSED_CONFIG)
        host = _without(host, _REFUSED_HOST_CONFIG)
    if NamespaceKind.UTS in joins:
        config.pop("Hostname", None)
    for kind, key in _MODES.items():
        if kind in joins:
            host[key] = f"{JOIN_PREFIX}{joins[kind]}"
        elif kind in recipe.joins:
            host[key] = ""
    replaced = replace(recipe, config=config, host=host, joins=joins)
    if NamespaceKind.NET not in joins:
        return replaced
    return replace(replaced, left_network="", mode_network=None, further_networks=())


def find_left_out(recipe: Recipe, joins: Iterable[Join]) -> tuple[str, ...]:
    """Return what a container has, or may have, but its copy would lack."""
    unknown = (HIDDEN_PLATFORM,) if recipe.hides_platform else ()
    joins_network = any(join.kind is NamespaceKind.NET for join in joins)
    return (*(_refused(recipe) if joins_network else ()), *unknown)


def _refused(recipe: Recipe) -> Iterator[str]:
    """Yield what a container has but one that joins a network cannot have.

    The names in a dependent's inspect are its owner's, and the ports that the image
    exposes are exposed again; neither is lost.
    """
    config, host = recipe.config, recipe.host
    ports = [*inner(host, "PortBindings")]
    if host.get("PublishAllPorts") is True:
        ports.append("all that are exposed")
    found: list[tuple[str, Iterable[str]]] = [
        ("ports", ports),
        ("dns", texts(host, "Dns")),
        ("extra hosts", texts(host, "ExtraHosts")),
        ("links", texts(host, "Links")),
    ]
    if NamespaceKind.NET not in recipe.joins:
        found[:0] = [
            ("hostname", [text(config, "Hostname")]),
            ("domainname", [text(config, "Domainname")]),
            ("mac address", [text(config, "MacAddress")]),
        ]
    for word, values in found:
        if any(values):
            yield f"{word} {' '.join(values)}"


def _without(fields: Json, keys: Iterable[str]) -> dict[str, object]:
    """Return the fields without the given ones, but keep those with empty values."""
    conflicting = {key for key in keys if fields.get(key)}
    return {key: value for key, value in fields.items() if key not in conflicting}
