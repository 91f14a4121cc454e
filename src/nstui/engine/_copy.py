"""What an engine is told to create a container that is equal to another one.

An inspect's ``Config`` and ``HostConfig`` are the structures that a create takes
(moby ``api/types/container``), so they are handed on as they are, but for what must not
be the same and what a create says in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.engine._json import items, mapping, text, texts
from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.model.container import Join

_MODES = {
    NamespaceKind.NET: "NetworkMode",
    NamespaceKind.PID: "PidMode",
    NamespaceKind.IPC: "IpcMode",
    NamespaceKind.UTS: "UTSMode",
}
_HOST = "host"
_NOT_ATTACHED = frozenset({_HOST, "none"})

_FORBIDDEN_CONFIG = ("Hostname", "Domainname", "ExposedPorts", "MacAddress")
_FORBIDDEN_HOST_CONFIG = (
    "PortBindings",
    "PublishAllPorts",
    "Dns",
    "DnsOptions",
    "DnsSearch",
    "ExtraHosts",
    "Links",
)
"""What the engine refuses beside a joined network: moby ``runconfig`` and
``daemon/container_unix.go``, "conflicting options: …"."""


def copy_body(
    raw: Mapping[str, object],
    joins: Iterable[Join],
    image: str,
    missing: Collection[str] = (),
) -> dict[str, object]:
    """Return the body of a create, without what is said of networks.

    Args:
        raw: An inspect of the container to be like.
        joins: What the new one joins, in place of all that the other joined.
        image: What it is made from.
        missing: Those of whom it had volumes and who are no longer there; the
            volumes themselves still are.

    """
    config, host = (
        dict(mapping(raw.get("Config"))),
        dict(mapping(raw.get("HostConfig"))),
    )
    config["Image"] = image
    references = {join.kind: join.reference for join in joins}
    for kind, key in _MODES.items():
        if kind in references:
            host[key] = f"{JOIN_PREFIX}{references[kind]}"
        elif text(host, key).startswith(JOIN_PREFIX):
            host[key] = ""
    host["VolumesFrom"] = _volumes_from(host, missing)
    host["Binds"], host["Mounts"] = _binds(raw, host), _mounts(raw, host)
    host["Links"] = [_link(entry) for entry in texts(host.get("Links"))] or None
    host["ContainerIDFile"] = ""
    if NamespaceKind.NET in references:
        for fields, keys in (
            (config, _FORBIDDEN_CONFIG),
            (host, _FORBIDDEN_HOST_CONFIG),
        ):
            # What is empty is not in conflict, and stays as empty as it is.
            for key in keys:
                if fields.get(key):
                    del fields[key]
    elif text(host, "UTSMode") == _HOST or NamespaceKind.UTS in references:
        config.pop("Hostname", None)
    return {**config, "HostConfig": host}


def find_left_out(raw: Mapping[str, object], joins: Iterable[Join]) -> tuple[str, ...]:
    """Return what a container has and one that joins a network cannot have.

    The hostname in an inspect of a dependent is its owner's, and the ports that its
    image exposes are exposed again: neither is lost.
    """
    if all(join.kind is not NamespaceKind.NET for join in joins):
        return ()
    config, host = mapping(raw.get("Config")), mapping(raw.get("HostConfig"))
    is_dependent = text(host, "NetworkMode").startswith(JOIN_PREFIX)
    ports = tuple(mapping(host.get("PortBindings")))
    hosts = () if is_dependent else (text(config, "Hostname"),)
    found = (
        ("hostname", hosts),
        ("ports", ports),
        ("dns", texts(host.get("Dns"))),
        ("dns options", texts(host.get("DnsOptions"))),
        ("dns search", texts(host.get("DnsSearch"))),
        ("extra hosts", texts(host.get("ExtraHosts"))),
        ("links", texts(host.get("Links"))),
        ("mac address", (text(config, "MacAddress"),)),
    )
    return tuple(f"{word} {' '.join(values)}" for word, values in found if any(values))


def endpoints(
    raw: Mapping[str, object], joins: Iterable[Join]
) -> dict[str, dict[str, object]]:
    """Return what a container has on each of its networks; the first is its mode's."""
    if any(join.kind is NamespaceKind.NET for join in joins):
        return {}
    mode = text(mapping(raw.get("HostConfig")), "NetworkMode")
    if mode in _NOT_ATTACHED:
        return {}
    networks = mapping(mapping(raw.get("NetworkSettings")).get("Networks"))
    first = "bridge" if mode in {"", "default"} else mode
    ordered = sorted(networks, key=lambda name: (name != first, name))
    return {name: _endpoint(raw, mapping(networks[name])) for name in ordered}


def _endpoint(
    raw: Mapping[str, object], network: Mapping[str, object]
) -> dict[str, object]:
    """Return what somebody asked for on a network, without what the engine chose."""
    # Engines before 25 add the beginning of the container's id by themselves.
    own = text(raw, "Id")[:SHORT_ID_LENGTH]
    aliases = [alias for alias in texts(network.get("Aliases")) if alias != own]
    asked = {
        "IPAMConfig": network.get("IPAMConfig"),
        "Links": network.get("Links"),
        "Aliases": aliases or None,
        "DriverOpts": network.get("DriverOpts"),
        "GwPriority": network.get("GwPriority"),
    }
    return {key: value for key, value in asked.items() if value}


def _volumes_from(
    host: Mapping[str, object], missing: Collection[str]
) -> list[str] | None:
    kept = [
        reference
        for reference in texts(host.get("VolumesFrom"))
        if reference.partition(":")[0] not in missing
    ]
    return kept or None


def _link(entry: str) -> str:
    """Turn ``/target:/own/alias`` into ``target:alias``."""
    target, _, alias = entry.partition(":")
    name = target.lstrip("/")
    return f"{name}:{alias.rpartition('/')[2] or name}"


def _mounts(
    raw: Mapping[str, object], host: Mapping[str, object]
) -> list[dict[str, object]] | None:
    """Return the declared mounts; a volume without a name gets that which it has."""
    names = {text(m, "Destination"): text(m, "Name") for m in _mounted(raw)}
    declared = []
    for item in items(host.get("Mounts")):
        mount = dict(mapping(item))
        if text(mount, "Type") == "volume" and not text(mount, "Source"):
            mount["Source"] = names.get(text(mount, "Target"), "")
        declared.append(mount)
    return declared or None


def _binds(raw: Mapping[str, object], host: Mapping[str, object]) -> list[str] | None:
    """Return the declared binds, and one for each volume that nothing declares."""
    binds = list(texts(host.get("Binds")))
    known = {_target(bind) for bind in binds}
    known |= {text(mapping(m), "Target") for m in items(host.get("Mounts"))}
    asked_for = mapping(mapping(raw.get("Config")).get("Volumes"))
    for mount in _mounted(raw):
        inside, name = text(mount, "Destination"), text(mount, "Name")
        if text(mount, "Type") != "volume" or not name or inside in known:
            continue
        if host.get("VolumesFrom") and inside not in asked_for:
            continue
        binds.append(f"{name}:{inside}" + ("" if mount.get("RW") else ":ro"))
    return binds or None


def _mounted(raw: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    yield from (mapping(item) for item in items(raw.get("Mounts")))


def _target(bind: str) -> str:
    """Return where a bind ``source:target[:options]`` is."""
    return bind.split(":")[1] if ":" in bind else bind
