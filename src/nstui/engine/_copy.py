"""What an engine is told to create a container that is equal to another one.

An inspect's ``Config`` and ``HostConfig`` are the structures that a create takes
(moby ``api/types/container``), so they are handed on as they are, but for what must not
be the same and what a create says in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.engine._json import mapping, text, texts
from nstui.engine._volumes import volume_fields
from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.container import Join

_MODES = {
    NamespaceKind.NET: "NetworkMode",
    NamespaceKind.PID: "PidMode",
    NamespaceKind.IPC: "IpcMode",
    NamespaceKind.UTS: "UTSMode",
}
_LABELLING_KINDS = (NamespaceKind.PID, NamespaceKind.IPC)

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

_SELINUX_PARTS = tuple(f"label={part}:" for part in ("user", "role", "type", "level"))
"""A whole label of SELinux, as the engine copies that of whom a container joins."""


def copy_body(
    raw: Mapping[str, object],
    joins: Iterable[Join],
    image: str,
    lenders: Mapping[str, Mapping[str, object]],
) -> dict[str, object]:
    """Return the body of a create, without what is said of networks.

    Args:
        raw: An inspect of the container to be like.
        joins: What the new one joins, in place of all that the other joined.
        image: What it is made from.
        lenders: See `volume_fields`.

    """
    references = {join.kind: join.reference for join in joins}
    config = dict(mapping(raw.get("Config")))
    host = {**mapping(raw.get("HostConfig")), **volume_fields(raw, lenders)}
    config["Image"] = image
    if not config.get("Entrypoint") and config.get("Cmd"):
        # Nothing at all would mean that of the image, which it may have been without.
        config["Entrypoint"] = [""]
    if not _keeps_hostname(raw, references):
        config.pop("Hostname", None)
    if any(_is_joined(host, kind) for kind in _LABELLING_KINDS):
        host["SecurityOpt"] = _without_copied_label(host)
    for kind, key in _MODES.items():
        if kind in references:
            host[key] = f"{JOIN_PREFIX}{references[kind]}"
        elif _is_joined(host, kind):
            host[key] = ""
    if links := texts(host.get("Links")):
        host["Links"] = [_link(link) for link in links]
    if "ContainerIDFile" in host:
        # A file that names the other one.
        host["ContainerIDFile"] = ""
    if NamespaceKind.NET in references:
        _drop(config, _REFUSED_CONFIG)
        _drop(host, _REFUSED_HOST_CONFIG)
    return {**config, "HostConfig": host}


def platform_of(raw: Mapping[str, object]) -> str:
    """Return the platform of a container's image if there may be several, or "".

    The id of such an image is that of all of its platforms, and without a word the
    engine takes its own.
    """
    platform = mapping(mapping(raw.get("ImageManifestDescriptor")).get("platform"))
    parts = [text(platform, key) for key in ("os", "architecture", "variant")]
    return "/".join(filter(None, parts)) if parts[0] and parts[1] else ""


def find_left_out(raw: Mapping[str, object], joins: Iterable[Join]) -> tuple[str, ...]:
    """Return what a container has and one that joins a network cannot have.

    The names in an inspect of a dependent are its owner's, and the ports that its
    image exposes are exposed again: none of these is lost.
    """
    if all(join.kind is not NamespaceKind.NET for join in joins):
        return ()
    config, host = mapping(raw.get("Config")), mapping(raw.get("HostConfig"))
    ports = [*mapping(host.get("PortBindings"))]
    if host.get("PublishAllPorts") is True:
        ports.append("all that are exposed")
    found = [
        ("ports", ports),
        ("dns", texts(host.get("Dns"))),
        ("extra hosts", texts(host.get("ExtraHosts"))),
        ("links", [_link(link) for link in texts(host.get("Links"))]),
    ]
    if not _is_joined(host, NamespaceKind.NET):
        names = [text(config, "Hostname")] if _has_own_hostname(raw) else []
        found[:0] = [
            ("hostname", names),
            ("domainname", [text(config, "Domainname")]),
            ("mac address", [text(config, "MacAddress")]),
        ]
    return tuple(f"{word} {' '.join(values)}" for word, values in found if any(values))


def _is_joined(host: Mapping[str, object], kind: NamespaceKind) -> bool:
    return text(host, _MODES[kind]).startswith(JOIN_PREFIX)


def _has_own_hostname(raw: Mapping[str, object]) -> bool:
    """Tell whether somebody gave a container a hostname: else it is of its own id.

    With a name of the host's or of an owner's nobody can have given it one.
    """
    host = mapping(raw.get("HostConfig"))
    hostname = text(mapping(raw.get("Config")), "Hostname")
    is_borrowed = (
        text(host, "UTSMode") == "host"
        or _is_joined(host, NamespaceKind.UTS)
        or _is_joined(host, NamespaceKind.NET)
    )
    return not is_borrowed and hostname != text(raw, "Id")[:SHORT_ID_LENGTH]


def _keeps_hostname(
    raw: Mapping[str, object], references: Mapping[NamespaceKind, str]
) -> bool:
    is_joined = not references.keys().isdisjoint({NamespaceKind.NET, NamespaceKind.UTS})
    return _has_own_hostname(raw) and not is_joined


def _without_copied_label(host: Mapping[str, object]) -> object:
    """Return the security options without a label that whoever it joined had.

    The engine writes it down beside what was asked for (moby ``generateSecurityOpt``);
    kept, it would stand for the label of the new owner.
    """
    options = texts(host.get("SecurityOpt"))
    copied = [option for option in options if option.startswith(_SELINUX_PARTS)]
    if len(copied) != len(_SELINUX_PARTS):
        return host.get("SecurityOpt")
    return [option for option in options if option not in copied] or None


def _drop(fields: dict[str, object], keys: Iterable[str]) -> None:
    """Take out what would be in conflict; what is empty is not, and stays."""
    for key in keys:
        if fields.get(key):
            del fields[key]


def _link(entry: str) -> str:
    """Turn ``/target:/own/alias``, as the engine writes it, into ``target:alias``."""
    target, _, alias = entry.partition(":")
    name = target.lstrip("/")
    return f"{name}:{alias.rpartition('/')[2] or name}"
