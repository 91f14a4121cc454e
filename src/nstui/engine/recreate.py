"""Creates a container that equals another one, except for its joins."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from docker.errors import DockerException, create_api_error_from_http_exception
from docker.utils import version_lt
from requests import HTTPError, RequestException

from nstui.analysis.recipe import (
    declare_volumes,
    has_networks,
    lender_of,
    move_sysctls,
    read_mounted,
    read_recipe,
    renew_recipe,
    replace_joins,
)
from nstui.analysis.restoring.removed import as_now
from nstui.engine.errors import made_id
from nstui.engine.images import image_inspect
from nstui.engine.podman import (
    is_podman,
    podman_body,
    podman_left_out,
    whole_inspect,
)
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId
from nstui.model.json import inner, mapping, text, texts
from nstui.model.restoration import Available

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from docker import APIClient

    from nstui.engine.client import ApiClient
    from nstui.model.container import Join
    from nstui.model.healing import Mounted, Recipe, Renewal

    VolumeSources = Mapping[str, tuple[Mounted, ...]]


def copy_body(
    recipe: Recipe, joins: Iterable[Join], image: str, sources: VolumeSources
) -> dict[str, object]:
    """Return the body of the request to create a container, without its networks.

    Args:
        recipe: The recipe of the old container.
        joins: The joins of the new container, in place of those of the old one.
        image: The image of the new container.
        sources: See `volume_fields`.

    """
    new = replace_joins(recipe, {join.kind: join.reference for join in joins})
    host = {**new.host, **volume_fields(new, sources)}
    return {**new.config, "Image": image, "HostConfig": host}


def volume_fields(recipe: Recipe, sources: VolumeSources) -> dict[str, object]:
    """Return the fields of ``HostConfig`` that give a new container the same volumes.

    Args:
        recipe: The recipe of the old container.
        sources: The mounts of the containers in ``VolumesFrom`` that still exist, by
            their reference there, without the mode.

    """
    host = recipe.host
    binds, mounts = declare_volumes(recipe, sources.values())
    borrowed = texts(host, "VolumesFrom")
    kept = [reference for reference in borrowed if lender_of(reference) in sources]
    # Null and empty values are kept apart, so that the new inspect equals the old one.
    return {
        "Binds": binds or host.get("Binds"),
        "Mounts": mounts or host.get("Mounts"),
        "VolumesFrom": kept if borrowed else host.get("VolumesFrom"),
    }


_SEVERAL_NETWORKS = "1.44"
"""The first API version that can create a container on several networks."""

_SYSCTLS_OF_ENDPOINTS = "1.48"
"""The first API version that refuses sysctls of an interface in ``HostConfig``."""

PLACEHOLDER_S = 60
"""Seconds that a placeholder sleeps."""

Body = dict[str, object]


def create_copy(
    connection: ApiClient,
    container: ContainerId,
    name: str,
    joins: Collection[Join],
    image: str | None,
) -> ContainerId:
    """Create a container like another one; see `ports.ContainerEngine.create_like`."""
    recipe = read_recipe(whole_inspect(connection, container))
    return _create_from(connection, recipe, name, joins, image)


def create_renewed_copy(
    connection: ApiClient,
    container: ContainerId,
    name: str,
    joins: Collection[Join],
    renewal: Renewal,
) -> ContainerId:
    """Create a container like another; see `ports.ContainerEngine.create_renewed`."""
    recipe = read_recipe(whole_inspect(connection, container))
    old, new = (
        connection.image(reference) for reference in (recipe.image_id, renewal.image)
    )
    renewed = renew_recipe(
        recipe,
        inner(old, "Config"),
        inner(new, "Config"),
        image=(renewal.image, text(new, "Id")),
        environment=renewal.environment,
    )
    return _create_from(connection, renewed, name, joins, None)


def restore_copy(
    connection: ApiClient,
    inspect: Mapping[str, object],
    name: str,
    joins: Collection[Join],
    image: str | None,
) -> ContainerId:
    """Create a container from an inspect; see `ports.ContainerEngine.create_from`."""
    now = as_now(inspect, connection.volumes())
    return _create_from(connection, read_recipe(now), name, joins, image)


def find_available(connection: ApiClient, inspect: Mapping[str, object]) -> Available:
    """Return what the engine still has; see `ports.ContainerEngine.available`."""
    recipe = read_recipe(inspect)
    return Available(
        has_image=image_inspect(connection, recipe.image_id) is not None,
        named_image=text(image_inspect(connection, recipe.image) or {}, "Id"),
        volumes=connection.volumes(),
        networks=connection.networks(),
        left_out=podman_left_out(inspect) if is_podman(connection) else (),
    )


def _create_from(
    connection: ApiClient,
    recipe: Recipe,
    name: str,
    joins: Collection[Join],
    image: str | None,
) -> ContainerId:
    body = _body(connection, recipe, joins, image)
    mode = text(mapping(body["HostConfig"]), "NetworkMode")
    networks = recipe.networks if has_networks(mode) else ()
    attached = {one.network: one.asked for one in networks}
    with connection.acting(ContainerId(recipe.container)) as client:
        if not version_lt(client.api_version, _SYSCTLS_OF_ENDPOINTS):
            body["HostConfig"] = _move_sysctls(mapping(body["HostConfig"]), attached)
        several = not version_lt(client.api_version, _SEVERAL_NETWORKS)
        names = list(attached)
        at_once = names if several else names[:1]
        together = {network: attached[network] for network in at_once}
        body["NetworkingConfig"] = {"EndpointsConfig": together}
        created = _create(client, body, name, recipe.platform)
        try:
            for network in names[len(together) :]:
                _connect(client, created, network, attached[network])
            if recipe.left_network:
                _leave_others(client, created, attached)
        except BaseException:
            # The first error matters more than that the removal fails too.
            with suppress(DockerException, RequestException):
                client.remove_container(created, force=True)
            raise
    return created


def _body(
    connection: ApiClient,
    recipe: Recipe,
    joins: Collection[Join],
    image: str | None,
) -> Body:
    sources = dict(_volume_sources(connection, recipe))
    body = copy_body(recipe, joins, image or _image(connection, recipe), sources)
    return podman_body(body) if is_podman(connection) else body


def _move_sysctls(
    host: Mapping[str, object], attached: dict[str, Mapping[str, object]]
) -> Body:
    """Move sysctls of the first interface to the first network, if there is one."""
    first = next(iter(attached), None)
    if first is None:
        return dict(host)
    settings, attached[first] = move_sysctls(host, attached[first])
    return settings


def create_placeholder(connection: ApiClient, name: str, image: str) -> ContainerId:
    """Create a container without a network that sleeps for `PLACEHOLDER_S`."""
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
    """Connect a container to a network, with settings that the SDK does not support."""
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


def _leave_others(
    client: APIClient, container: ContainerId, attached: Collection[str]
) -> None:
    """Disconnect a new container from all networks that the old one was not on."""
    answer: object = client.inspect_container(container)
    settings = mapping(mapping(answer).get("NetworkSettings"))
    for network in inner(settings, "Networks").keys() - set(attached):
        client.disconnect_container_from_network(container, network)


def _image(connection: ApiClient, recipe: Recipe) -> str:
    """Return the name of the image if it is still the same one; otherwise its id."""
    name, identity = recipe.image, recipe.image_id
    try:
        now = connection.image_id(name) if name else ""
    except EngineRefused:
        now = ""
    # Podman writes an image id without ``sha256:``.
    is_same = now.removeprefix("sha256:") == identity.removeprefix("sha256:")
    return name if name and is_same else identity


def _volume_sources(
    connection: ApiClient, recipe: Recipe
) -> Iterator[tuple[str, tuple[Mounted, ...]]]:
    """Yield the containers in ``VolumesFrom`` that still exist, with their mounts."""
    for reference in texts(recipe.host, "VolumesFrom"):
        source = lender_of(reference)
        try:
            found = connection.inspect(ContainerId(source))
        except ContainerVanished:
            continue
        yield source, read_mounted(found)
