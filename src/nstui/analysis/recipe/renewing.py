"""The recipe of a container whose image is replaced by another.

An inspect does not tell what somebody asked for and what the image gave: a container's
``Config`` is both. What equals the image's default is taken for that default and left
to the new image. This is done field by field, as the engine merges them (moby
``daemon/commit.go``). A setting that somebody made and that happens to equal the
default cannot be told from it.
"""

from __future__ import annotations

from dataclasses import replace
from posixpath import normpath
from typing import TYPE_CHECKING

from nstui.model.json import inner, objects, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.healing import Recipe

    Json = Mapping[str, object]

_SINGLE = ("User", "WorkingDir", "StopSignal", "Shell", "OnBuild")
"""The fields that are the container's or, as a whole, the image's."""

_COMPOSE_IMAGE = "com.docker.compose.image"
"""The label by which compose knows the image that it made a container of."""


def renew_recipe(
    recipe: Recipe,
    old: Json,
    new: Json,
    *,
    image: tuple[str, str],
    environment: Iterable[str] = (),
) -> Recipe:
    """Return the recipe of a container with another image.

    Args:
        recipe: The recipe of the old container.
        old: The defaults of its image, which is the ``Config`` of that image.
        new: The defaults of the new image.
        image: The name and the id of the new image.
        environment: Variables to set, each as ``NAME=value``.

    """
    name, identity = image
    config = dict(recipe.config)
    for key in _SINGLE:
        if config.get(key) == old.get(key):
            config.pop(key, None)
    _leave_program(config, old)
    config["Env"] = _environment(config, old, environment)
    config["Labels"] = _labels(inner(config, "Labels"), inner(old, "Labels"), identity)
    config["Volumes"] = _without_keys(config, old, "Volumes") or None
    _leave_ports(config, old, inner(recipe.host, "PortBindings"))
    _leave_health_check(config, inner(old, "Healthcheck"))
    return replace(
        recipe,
        image=name,
        image_id=identity,
        config=config,
        mounted=tuple(
            one for one in recipe.mounted if not _is_left(one.target, recipe, old, new)
        ),
    )


def without_defaults(
    inspect: Json, recipe: Recipe, old: Json, new: Json, environment: Iterable[str] = ()
) -> dict[str, object]:
    """Return an inspect with only what a container with another image must have too.

    Args:
        inspect: The inspect of the old container.
        recipe: Its recipe.
        old: The defaults of its image.
        new: The defaults of the new image.
        environment: The variables that are set in the new container.

    """
    config = inner(inspect, "Config")
    variables = _environment(config, old, environment)
    mounts = [
        mount
        for mount in objects(inspect, "Mounts")
        if not _is_left(text(mount, "Destination"), recipe, old, new)
    ]
    return {**inspect, "Config": {**config, "Env": variables}, "Mounts": mounts}


def _leave_program(config: dict[str, object], old: Json) -> None:
    """Leave the entrypoint and the command to the image, as far as they were its own.

    An engine takes the image's command only together with the image's entrypoint.
    """
    entrypoint = texts(config, "Entrypoint")
    # The recipe of one without an entrypoint has an empty word for it.
    if (() if entrypoint == ("",) else entrypoint) != texts(old, "Entrypoint"):
        return
    config.pop("Entrypoint", None)
    if texts(config, "Cmd") == texts(old, "Cmd"):
        config.pop("Cmd", None)


def _environment(config: Json, old: Json, environment: Iterable[str]) -> list[str]:
    """Return the variables that the image has not given, and those that are set."""
    given, wanted = set(texts(old, "Env")), tuple(environment)
    names = {_name(line) for line in wanted}
    kept = (line for line in texts(config, "Env") if line not in given)
    return [*(line for line in kept if _name(line) not in names), *wanted]


def _name(line: str) -> str:
    return line.partition("=")[0]


def _labels(labels: Json, of_image: Json, identity: str) -> dict[str, object]:
    kept = {key: value for key, value in labels.items() if of_image.get(key) != value}
    if _COMPOSE_IMAGE in kept:
        # With the old one compose would make the container again at its next turn.
        kept[_COMPOSE_IMAGE] = identity
    return kept


def _without_keys(config: Json, old: Json, key: str) -> dict[str, object]:
    given = inner(old, key)
    return {k: v for k, v in inner(config, key).items() if k not in given}


def _leave_ports(config: dict[str, object], old: Json, published: Json) -> None:
    """Leave the exposed ports to the image, except those that are published.

    An engine publishes no port that is not exposed.
    """
    given = inner(old, "ExposedPorts")
    exposed = {
        port: value
        for port, value in inner(config, "ExposedPorts").items()
        if port in published or port not in given
    }
    config["ExposedPorts"] = exposed or None


def _leave_health_check(config: dict[str, object], old: Json) -> None:
    """Leave the parts of the health check to the image that were its own."""
    check = {
        key: value
        for key, value in inner(config, "Healthcheck").items()
        if old.get(key) != value
    }
    config["Healthcheck"] = check or None


def _is_left(target: str, recipe: Recipe, old: Json, new: Json) -> bool:
    """Tell whether a mount is a volume of the old image that the new one has not.

    A volume of the image whose place the new image declares too is carried over with
    its content, as compose does; so is each one that was asked for.
    """
    place = normpath(target)
    asked = {normpath(_bind_target(bind)) for bind in texts(recipe.host, "Binds")}
    asked |= {normpath(text(one, "Target")) for one in objects(recipe.host, "Mounts")}
    return (
        place not in asked
        and place in {normpath(path) for path in inner(old, "Volumes")}
        and place not in {normpath(path) for path in inner(new, "Volumes")}
    )


def _bind_target(bind: str) -> str:
    """Return the path in the container of a bind ``[source:]target[:options]``."""
    return bind.split(":")[1] if ":" in bind else bind
