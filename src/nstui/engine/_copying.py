"""Creates a container that is equal to another one, in as many requests as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docker.utils import version_lt

from nstui.engine._copy import copy_body, endpoints
from nstui.engine._json import mapping, text, texts
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from docker import APIClient

    from nstui.engine._connection import Connection
    from nstui.model.container import Join

_SEVERAL_NETWORKS = "1.44"
"""The first version of the API that creates a container on several networks."""

PLACEHOLDER_S = 60
"""How long a placeholder sleeps, in seconds."""


def create_copy(
    connection: Connection,
    container: ContainerId,
    name: str,
    joins: Collection[Join],
    image: str | None,
) -> ContainerId:
    """Create a container like another one; see `ports.ContainerEngine.create_like`."""
    raw = connection.inspect(container)
    missing = set(_missing(connection, raw))
    made_from = image or _image(connection, raw)
    body = copy_body(raw, joins, made_from, missing)
    attached = endpoints(raw, joins)
    with connection.acting(container) as client:
        version = client.api_version
        together = attached
        if version_lt(version, _SEVERAL_NETWORKS):
            together = dict(list(attached.items())[:1])
        body["NetworkingConfig"] = {"EndpointsConfig": together}
        created = ContainerId(_create(client, body, name))
        try:
            for network, endpoint in attached.items():
                if network not in together:
                    _connect(client, created, network, endpoint)
        except BaseException:
            client.remove_container(created, force=True)
            raise
    return created


def create_placeholder(connection: Connection, name: str, image: str) -> ContainerId:
    """Create a container that does nothing but sleep."""
    body = {
        "Image": image,
        "Entrypoint": ["sleep"],
        "Cmd": [str(PLACEHOLDER_S)],
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "AutoRemove": True,
            "IpcMode": "shareable",
            "NetworkMode": "none",
        },
    }
    with connection.acting(None) as client:
        return ContainerId(_create(client, body, name))


def _create(client: APIClient, body: Mapping[str, object], name: str) -> str:
    answer: object = client.create_container_from_config(  # type: ignore[no-untyped-call]  # the stubs lack it
        dict(body), name
    )
    return text(mapping(answer), "Id")


def _connect(
    client: APIClient, container: str, network: str, endpoint: Mapping[str, object]
) -> None:
    addresses = mapping(endpoint.get("IPAMConfig"))
    client.connect_container_to_network(
        container,
        network,
        ipv4_address=text(addresses, "IPv4Address") or None,
        ipv6_address=text(addresses, "IPv6Address") or None,
        link_local_ips=list(texts(addresses.get("LinkLocalIPs"))) or None,
        aliases=list(texts(endpoint.get("Aliases"))) or None,
        links=[_pair(link) for link in texts(endpoint.get("Links"))] or None,
        driver_opt=dict(mapping(endpoint.get("DriverOpts"))) or None,
    )


def _pair(link: str) -> tuple[str, str | None]:
    target, _, alias = link.partition(":")
    return target, alias or None


def _image(connection: Connection, raw: Mapping[str, object]) -> str:
    """Return the name of the image if it is the same still; otherwise its id."""
    name, identity = text(mapping(raw.get("Config")), "Image"), text(raw, "Image")
    try:
        now = connection.image_id(name) if name else ""
    except EngineRefused:
        now = ""
    same = now.removeprefix("sha256:") == identity.removeprefix("sha256:")
    return name if same and name else identity


def _missing(connection: Connection, raw: Mapping[str, object]) -> Iterator[str]:
    """Yield those of whom a container had volumes and who no longer exist."""
    for reference in texts(mapping(raw.get("HostConfig")).get("VolumesFrom")):
        other = reference.partition(":")[0]
        try:
            connection.inspect(ContainerId(other))
        except ContainerVanished:
            yield other
