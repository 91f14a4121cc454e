"""Creates a container that is equal to another one, in as many requests as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docker.utils import version_lt

from nstui.engine._copy import copy_body, platform_of
from nstui.engine._endpoints import endpoints, has_networks, mode_network
from nstui.engine._json import mapping, text, texts
from nstui.engine._parse import made_id
from nstui.engine._volumes import lender_of
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

Fields = dict[str, object]


def create_copy(
    connection: Connection,
    container: ContainerId,
    name: str,
    joins: Collection[Join],
    image: str | None,
) -> ContainerId:
    """Create a container like another one; see `ports.ContainerEngine.create_like`."""
    raw = connection.inspect(container)
    lenders = dict(_lenders(connection, raw))
    body = copy_body(raw, joins, image or _image(connection, raw), lenders)
    mode = text(mapping(body["HostConfig"]), "NetworkMode")
    attached = endpoints(raw) if has_networks(mode) else {}
    with connection.acting(container) as client:
        several = not version_lt(client.api_version, _SEVERAL_NETWORKS)
        together = dict(list(attached.items())[: None if several else 1])
        body["NetworkingConfig"] = {"EndpointsConfig": together}
        created = _create(client, body, name, platform_of(raw))
        try:
            for network in attached.keys() - together.keys():
                _connect(client, created, network, attached[network])
            if _has_left_its_mode(raw):
                _leave_others(client, created, attached)
        except BaseException:
            client.remove_container(created, force=True)
            raise
    return created


def create_placeholder(connection: Connection, name: str, image: str) -> ContainerId:
    """Create a container that does nothing but sleep."""
    body: Fields = {
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
        return _create(client, body, name)


def _create(
    client: APIClient, body: Fields, name: str, platform: str = ""
) -> ContainerId:
    answer: object = client.create_container_from_config(  # type: ignore[no-untyped-call]  # the stubs lack it
        body, name, platform or None
    )
    return ContainerId(made_id(answer))


def _connect(
    client: APIClient, container: str, network: str, endpoint: Mapping[str, object]
) -> None:
    addresses = mapping(endpoint.get("IPAMConfig"))
    links = (link.partition(":") for link in texts(endpoint.get("Links")))
    client.connect_container_to_network(
        container,
        network,
        ipv4_address=text(addresses, "IPv4Address") or None,
        ipv6_address=text(addresses, "IPv6Address") or None,
        link_local_ips=list(texts(addresses.get("LinkLocalIPs"))) or None,
        aliases=list(texts(endpoint.get("Aliases"))) or None,
        links=[(target, alias or None) for target, _, alias in links] or None,
        driver_opt=dict(mapping(endpoint.get("DriverOpts"))) or None,
    )


def _has_left_its_mode(raw: Mapping[str, object]) -> bool:
    mode = text(mapping(raw.get("HostConfig")), "NetworkMode")
    return has_networks(mode) and mode_network(raw) is None


def _leave_others(
    client: APIClient, container: ContainerId, attached: Collection[str]
) -> None:
    """Take a container off the network of its mode, which it had left."""
    answer: object = client.inspect_container(container)
    settings = mapping(mapping(answer).get("NetworkSettings"))
    for network in mapping(settings.get("Networks")).keys() - set(attached):
        client.disconnect_container_from_network(container, network)


def _image(connection: Connection, raw: Mapping[str, object]) -> str:
    """Return the name of the image if it is the same still; otherwise its id."""
    name, identity = text(mapping(raw.get("Config")), "Image"), text(raw, "Image")
    try:
        now = connection.image_id(name) if name else ""
    except EngineRefused:
        now = ""
    # Podman writes an id without the name of its algorithm.
    is_same = now.removeprefix("sha256:") == identity.removeprefix("sha256:")
    return name if name and is_same else identity


def _lenders(
    connection: Connection, raw: Mapping[str, object]
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield those of whom a container has volumes and who exist, with an inspect."""
    for reference in texts(mapping(raw.get("HostConfig")).get("VolumesFrom")):
        lender = lender_of(reference)
        try:
            yield lender, connection.inspect(ContainerId(lender))
        except ContainerVanished:
            continue
