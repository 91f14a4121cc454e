"""Two containers of a real engine, and where their inspects differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import SHORT_ID_LENGTH, ContainerId, Join
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.engine.docker_engine import DockerEngine
    from tests.support.private_engine import PrivateEngine

Fields = dict[str, object]
"""An inspect's fields by their paths, such as ``HostConfig.Memory``."""

OF_ANOTHER_CONTAINER = {
    "Created",
    "HostnamePath",
    "HostsPath",
    "Id",
    "LogPath",
    "Name",
    "ResolvConfPath",
}
"""What an inspect tells of one container and cannot tell of another."""

OF_ITS_LAYER_AND_SANDBOX = ("GraphDriver.", "Storage.", "State.", "NetworkSettings.")

OF_AN_ENDPOINT = (
    *("DNSNames", "EndpointID", "Gateway", "IPAddress", "IPPrefixLen", "IPv6Gateway"),
    *("GlobalIPv6Address", "GlobalIPv6PrefixLen", "MacAddress", "NetworkID"),
)
"""What the engine chooses on a network while a container runs."""

_WITHOUT_ORDER = {"HostConfig.Links", "HostConfig.SecurityOpt"}


def fields(host: PrivateEngine, reference: str) -> Fields:
    """Return the fields of an inspect by their paths.

    A hostname that is of the container's own id is empty.
    """
    found = dict(_leaves(host.inspect(reference)))
    if found["Config.Hostname"] == str(found["Id"])[:SHORT_ID_LENGTH]:
        found["Config.Hostname"] = ""
    return found


def _leaves(value: object, above: str = "") -> Iterator[tuple[str, object]]:
    """Yield fields; a list is one, but what is mounted has a field for its place."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{above}.{key}" if above else key)
    elif above == "Mounts" and isinstance(value, list):
        for mount in value:
            yield from _leaves(mount, f"{above}[{mount['Destination']}]")
    elif above in _WITHOUT_ORDER and isinstance(value, list):
        yield above, sorted(value)
    else:
        yield above, value


def differing(one: Fields, other: Fields) -> set[str]:
    """Return the fields that differ beyond what makes two containers two."""
    return {
        path
        for path in one.keys() | other.keys()
        if one.get(path, "absent") != other.get(path, "absent")
        and path not in OF_ANOTHER_CONTAINER
        and not path.startswith(OF_ITS_LAYER_AND_SANDBOX)
    }


def asked_for(found: Fields) -> Fields:
    """Return what somebody asked for on the networks of a container."""
    own = str(found["Id"])[:SHORT_ID_LENGTH]
    asked: Fields = {}
    for path, value in found.items():
        if not path.startswith("NetworkSettings.Networks."):
            continue
        if path.rpartition(".")[2] in OF_AN_ENDPOINT:
            continue
        if isinstance(value, list):
            asked[path] = [one for one in value if one != own] or None
        else:
            asked[path] = value
    return asked


def binds(found: Fields) -> list[str]:
    """Return the binds of an inspect."""
    value = found["HostConfig.Binds"]
    return [str(bind) for bind in value] if isinstance(value, list) else []


def id_of(host: PrivateEngine, name: str) -> ContainerId:
    """Return the id of a container."""
    return ContainerId(str(host.inspect(name, "Id")))


def orphaned(host: PrivateEngine, *options: str) -> tuple[ContainerId, Join]:
    """Start a container whose owner is gone; return it and a join of the new owner."""
    host.run("own")
    container = ContainerId(host.run("dep", "--network=container:own", *options))
    host.docker("rm", "-f", "own")
    return container, Join(NamespaceKind.NET, host.run("own", "--hostname=owner"))


def furnish(host: PrivateEngine) -> None:
    """Make what the options of `tests.unit.render.as_run` refer to."""
    host.docker("network", "create", "--subnet=172.30.0.0/16", "one")
    host.docker("network", "create", "--subnet=172.31.0.0/16", "two")
    host.run("base", "--ipc=shareable", "-v", "/shared")


def copy(
    engine: DockerEngine, container: ContainerId, *joins: Join, image: str | None = None
) -> ContainerId:
    """Create a container that is equal to another one, named ``copy``."""
    return engine.create_like(container, "copy", joins, image)
