"""Creates a container that is equal to another one, in as many requests as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from docker.errors import create_api_error_from_http_exception
from docker.utils import version_lt
from requests import HTTPError

from nstui.analysis.recipe import (
    has_networks,
    lender_of,
    read_mounted,
    read_recipe,
)
from nstui.engine._copy import copy_body
from nstui.engine._json import mapping, text, texts
from nstui.engine._parse import made_id
from nstui.engine._podman import is_podman, podman_body, whole_inspect
from nstui.engine._sysctls import on_the_endpoint
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId
from nstui.model.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from docker import APIClient

    from nstui.engine._connection import Connection
    from nstui.model.container import Join
    from nstui.model.recipe import Mounted, Recipe

_SEVERAL_NETWORKS = "1.44"
"""The first version of the API that creates a container on several networks."""

_SYSCTLS_OF_ENDPOINTS = "1.48"
"""The first that refuses sysctls of an interface beside those of the container."""

PLACEHOLDER_S = 60
"""How long a placeholder sleeps, in seconds."""

Body = dict[str, object]


def create_copy(
    connection: Connection,
    container: ContainerId,
    name: str,
    joins: Collection[Join],
    image: str | None,
) -> ContainerId:
    """Create a container like another one; see `ports.ContainerEngine.create_like`."""
    recipe = read_recipe(whole_inspect(connection, container))
    body = _body(connection, recipe, joins, image)
    mode = text(mapping(body["HostConfig"]), "NetworkMode")
    networks = recipe.networks if has_networks(mode) else ()
    attached = {one.network: one.asked for one in networks}
    with connection.acting(container) as client:
        if not version_lt(client.api_version, _SYSCTLS_OF_ENDPOINTS):
            body["HostConfig"] = _move_sysctls(mapping(body["HostConfig"]), attached)
        several = not version_lt(client.api_version, _SEVERAL_NETWORKS)
        together = dict(list(attached.items())[: None if several else 1])
        body["NetworkingConfig"] = {"EndpointsConfig": together}
        created = _create(client, body, name, recipe.platform)
        try:
            for network in attached.keys() - together.keys():
                _connect(client, created, network, attached[network])
            if _has_left_its_mode(recipe):
                _leave_others(client, created, attached)
        except BaseException:
            client.remove_container(created, force=True)
            raise
    return created


def _body(
    connection: Connection,
    recipe: Recipe,
    joins: Collection[Join],
    image: str | None,
) -> Body:
    lenders = dict(_lenders(connection, recipe))
    body = copy_body(recipe, joins, image or _image(connection, recipe), lenders)
    return podman_body(body) if is_podman(connection) else body


def _move_sysctls(
    host: Mapping[str, object], attached: dict[str, Mapping[str, object]]
) -> Body:
    """Say sysctls of an interface of the first network, if there is one."""
    first = next(iter(attached), None)
    if first is None:
        return dict(host)
    settings, attached[first] = on_the_endpoint(host, attached[first])
    return settings


def create_placeholder(connection: Connection, name: str, image: str) -> ContainerId:
    """Create a container that does nothing but sleep."""
    body: Body = {
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
    client: APIClient, body: Body, name: str, platform: str = ""
) -> ContainerId:
    answer: object = client.create_container_from_config(  # type: ignore[no-untyped-call]  # the stubs lack it
        body, name, platform or None
    )
    return ContainerId(made_id(answer))


def _connect(
    client: APIClient, container: str, network: str, endpoint: Mapping[str, object]
) -> None:
    """Connect to a network; the SDK's own call has no words for some of an endpoint."""
    base = f"{client.base_url}/v{client.api_version}"
    response = client.post(
        f"{base}/networks/{quote(network)}/connect",
        json={"Container": container, "EndpointConfig": endpoint},
        timeout=client.timeout,
    )
    try:
        response.raise_for_status()
    except HTTPError as problem:
        create_api_error_from_http_exception(problem)


def _has_left_its_mode(recipe: Recipe) -> bool:
    mode = text(recipe.host, "NetworkMode")
    return has_networks(mode) and recipe.mode_network is None


def _leave_others(
    client: APIClient, container: ContainerId, attached: Collection[str]
) -> None:
    """Take a container off the network of its mode, which it had left."""
    answer: object = client.inspect_container(container)
    settings = mapping(mapping(answer).get("NetworkSettings"))
    for network in mapping(settings.get("Networks")).keys() - set(attached):
        client.disconnect_container_from_network(container, network)


def _image(connection: Connection, recipe: Recipe) -> str:
    """Return the name of the image if it is the same still; otherwise its id."""
    name, identity = recipe.image, recipe.image_id
    try:
        now = connection.image_id(name) if name else ""
    except EngineRefused:
        now = ""
    # Podman writes an id without the name of its algorithm.
    is_same = now.removeprefix("sha256:") == identity.removeprefix("sha256:")
    return name if name and is_same else identity


def _lenders(
    connection: Connection, recipe: Recipe
) -> Iterator[tuple[str, tuple[Mounted, ...]]]:
    """Yield those of whom a container has volumes, and what they have mounted."""
    for reference in texts(recipe.host.get("VolumesFrom")):
        lender = lender_of(reference)
        try:
            found = connection.inspect(ContainerId(lender))
        except ContainerVanished:
            continue
        yield lender, read_mounted(Fields(found))
