"""The one place where an inspect is read for making an equal container.

An inspect's ``Config`` and ``HostConfig`` are the structures that a create takes
(moby ``api/types/container``), so they stay as they are, but for what must not be the
same and what a create says in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.recipe.networks import read_networks
from nstui.analysis.recipe.volumes import read_mounted
from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH
from nstui.model.fields import Fields
from nstui.model.namespace import NamespaceKind
from nstui.model.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

MODES = {
    NamespaceKind.NET: "NetworkMode",
    NamespaceKind.PID: "PidMode",
    NamespaceKind.IPC: "IpcMode",
    NamespaceKind.UTS: "UTSMode",
}
"""The fields that say which namespace a container has."""

_LABELLING_KINDS = {NamespaceKind.PID, NamespaceKind.IPC}
_NAMING_KINDS = {NamespaceKind.NET, NamespaceKind.UTS}
_NEVER_RAN = "created"

_OF_CONTAINERD = {"native", "nydus", "overlayfs", "soci", "stargz"}
"""What only containerd calls a storage; an engine's own is ``overlay2``, say."""

_SELINUX_PARTS = tuple(f"label={part}:" for part in ("user", "role", "type", "level"))
"""A whole label of SELinux, as the engine copies that of whom a container joins."""


def read_recipe(inspect: Mapping[str, object]) -> Recipe:
    """Return what it takes to make a container again.

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
        # Nothing at all would mean that of the image, which it may have been without.
        config["Entrypoint"] = [""]
    if not _has_own_hostname(found, joins):
        config.pop("Hostname", None)
    return config


def _host(host: Fields, joins: Mapping[NamespaceKind, str]) -> dict[str, object]:
    fields = dict(host.raw)
    if links := host.texts("Links"):
        fields["Links"] = [_link(link) for link in links]
    if host.has("ContainerIDFile"):
        # A file that names the other one.
        fields["ContainerIDFile"] = ""
    if not joins.keys().isdisjoint(_LABELLING_KINDS):
        fields["SecurityOpt"] = _without_copied_label(host)
    return fields


def _has_own_hostname(found: Fields, joins: Mapping[NamespaceKind, str]) -> bool:
    """Tell whether somebody gave a container a hostname: else it is of its own id.

    With a name of the host's or of an owner's nobody can have given it one.
    """
    hostname = found.inner("Config").text("Hostname")
    is_borrowed = found.inner("HostConfig").text("UTSMode") == "host"
    is_borrowed = is_borrowed or not joins.keys().isdisjoint(_NAMING_KINDS)
    return not is_borrowed and hostname != found.text("Id")[:SHORT_ID_LENGTH]


def _without_copied_label(host: Fields) -> object:
    """Return the security options without a label that whoever it joined had.

    The engine writes it down beside what was asked for (moby ``generateSecurityOpt``);
    kept, it would stand for the label of the new owner.
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
    """Return the platform of a container's image if there may be several, or "".

    The id of such an image is that of all of its platforms, and without a word the
    engine takes its own.
    """
    platform = found.inner("ImageManifestDescriptor").inner("platform")
    parts = [platform.text(key) for key in ("os", "architecture", "variant")]
    return "/".join(filter(None, parts)) if parts[0] and parts[1] else ""


def _hides_platform(found: Fields) -> bool:
    """Tell whether an engine keeps images of several platforms and does not say which.

    So does one of version 25 to 27 whose images containerd keeps.
    """
    storage = found.inner("GraphDriver").text("Name")
    return storage in _OF_CONTAINERD and not _platform(found)
