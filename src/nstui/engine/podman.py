"""Handles differences of Podman's Docker API: fields that it lacks or refuses.

It does not tell the pod of a container. Podman's own API, on the same socket, does.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

from nstui.errors import EngineRefused, EngineUnreachable
from nstui.model.container import ContainerId, Pod
from nstui.model.json import inner, items, mapping, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nstui.engine.client import ApiClient
    from nstui.model.container import Container


_OWN_API = "4.0.0"
"""The oldest version of Podman's own API that Podman 4, 5 and 6 support."""

_USUAL_UMASK = "0022"
_SYSCTL = "--sysctl"
_ANY_ACCESS = "rwm"

CONTAINERS_PATH = "/v5.0.0/libpod/containers/json?all=1"
"""The path of Podman's own list of containers. Podman accepts any version in it."""

_INFRA = "-infra"
"""The default suffix of the name of a pod's infra container. If no container has it,
there are most likely no pods."""


def whole_inspect(
    connection: ApiClient, container: ContainerId
) -> Mapping[str, object]:
    """Return an engine's inspect of a container, completed for Podman.

    Podman has the umask only in its own API. The sysctls are only in the command that
    created the container, which is in that API too.
    """
    raw = connection.inspect(container)
    if not is_podman(connection):
        return raw
    try:
        own = connection.ask(f"libpod/containers/{quote(container)}/json", _OWN_API)
    except EngineRefused:
        return raw
    return _complete_inspect(raw, mapping(mapping(own).get("Config")))


def is_podman(connection: ApiClient) -> bool:
    """Tell whether the engine is Podman."""
    return connection.info().is_podman


def podman_body(body: Mapping[str, object]) -> dict[str, object]:
    """Return the body of a request to create a container in the form for Podman.

    If no swappiness was set, or no access to a device, the inspect of Podman 5 has a
    value that it refuses in a request.
    """
    host = dict(inner(body, "HostConfig"))
    if host.get("MemorySwappiness") == 0:
        host["MemorySwappiness"] = None
    if devices := items(host.get("Devices")):
        host["Devices"] = [_with_access(mapping(device)) for device in devices]
    return {**body, "HostConfig": host}


def podman_left_out(raw: Mapping[str, object]) -> tuple[str, ...]:
    """Return the settings in an inspect that Podman's Docker API cannot set."""
    umask = text(inner(raw, "Config"), "Umask")
    return (f"umask {umask}",) if umask else ()


def _complete_inspect(
    raw: Mapping[str, object], own: Mapping[str, object]
) -> dict[str, object]:
    config = dict(inner(raw, "Config"))
    host = dict(inner(raw, "HostConfig"))
    umask = text(own, "Umask")
    if umask not in {"", _USUAL_UMASK}:
        config["Umask"] = umask
    command, ran = texts(own, "CreateCommand"), texts(own, "Cmd")
    if not host.get("Sysctls") and (sysctls := dict(_sysctls(command, ran))):
        host["Sysctls"] = sysctls
    return {**raw, "Config": config, "HostConfig": host}


def _sysctls(
    command: tuple[str, ...], ran: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the sysctls in the options of a command; `ran` is what it runs."""
    if ran and command[-len(ran) :] == ran:
        command = command[: -len(ran)]
    for word, after in pairwise((*command, "")):
        option, is_joined, value = word.partition("=")
        if option != _SYSCTL:
            continue
        key, _, wanted = (value if is_joined else after).partition("=")
        yield key, wanted


def _with_access(device: Mapping[str, object]) -> dict[str, object]:
    access = text(device, "CgroupPermissions") or _ANY_ACCESS
    return {**device, "CgroupPermissions": access}


def with_pods(
    containers: Sequence[Container], ask: Callable[[str], object]
) -> Sequence[Container]:
    """Return the containers with their pods added.

    If the pods cannot be read, the containers are returned unchanged.

    Args:
        containers: All containers.
        ask: Sends Podman a GET request for a full path; returns its answer.

    """
    if not any(one.name.endswith(_INFRA) for one in containers):
        return containers
    try:
        pods = decode_pods(ask(CONTAINERS_PATH))
    except (EngineRefused, EngineUnreachable):
        return containers
    return [replace(one, pod=pods.get(one.id)) for one in containers]


def decode_pods(answer: object) -> dict[ContainerId, Pod]:
    """Return the pods of containers from Podman's own list."""
    found = {}
    for item in items(answer):
        row = mapping(item)
        name = text(row, "PodName") or text(row, "Pod")
        if name:
            is_infra = row.get("IsInfra") is True
            found[ContainerId(text(row, "Id"))] = Pod(name, is_infra)
    return found
