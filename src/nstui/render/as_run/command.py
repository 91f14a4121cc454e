"""The whole command line, from its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.recipe import read_recipe, without_refused
from nstui.model.fields import Fields
from nstui.render.as_run import options
from nstui.render.as_run.mounts import mount_words
from nstui.render.as_run.networks import (
    connections,
    joins_network,
    name_words,
    network_words,
    port_words,
)
from nstui.render.as_run.process import (
    attach_words,
    command_words,
    entrypoint_words,
    health_words,
    log_words,
    restart_words,
    terminal_words,
)
from nstui.render.as_run.resources import device_words, resource_words, security_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.model.recipe import Recipe

_OF_THE_CLIENT = "DOCKER_"
"""How the variables begin that say which engine the client asks, and how."""


def run_command(
    inspect: Mapping[str, object], program: str = "docker"
) -> tuple[str, ...]:
    """Return the words of the command that would make an equal container again.

    That is ``docker run -d``, or ``docker create`` for one that never ran. What equals
    the engine's defaults is left out, and what the container network mode forbids. What
    it has from its image is said as well: an inspect does not tell it apart.

    Networks that cannot be said when a container is made are missing:
    `recreate_commands` has them too.

    Args:
        inspect: The engine's whole answer to an inspect.
        program: The name of the client.

    """
    recipe = _sayable(inspect)
    return _words(recipe, program, starts=recipe.has_run)


def recreate_commands(
    inspect: Mapping[str, object], program: str = "docker"
) -> tuple[tuple[str, ...], ...]:
    """Return the commands that would make an equal container again, each as words.

    Mostly that is `run_command` alone. Where networks are left over it is made,
    connected to them, and started if it ever was.
    """
    recipe = _sayable(inspect)
    left_over = tuple(connections(recipe))
    if not left_over:
        return (run_command(inspect, program),)
    connect = (program, "network", "connect")
    start = ((program, "start", *_operands(recipe.name)),) if recipe.has_run else ()
    return (
        _words(recipe, program, starts=False),
        *((*connect, *opts, *_operands(net, recipe.name)) for *opts, net in left_over),
        *start,
    )


def _sayable(inspect: Mapping[str, object]) -> Recipe:
    """Return what it takes to make a container, without what would be refused."""
    recipe = read_recipe(inspect)
    return without_refused(recipe) if joins_network(recipe) else recipe


def _words(recipe: Recipe, program: str, *, starts: bool) -> tuple[str, ...]:
    config, host = Fields(recipe.config), Fields(recipe.host)
    return (
        *_without_variables(config),
        *((program, "run", "-d") if starts else (program, "create")),
        *(("--name", recipe.name) if recipe.name else ()),
        *(() if starts or recipe.has_run else attach_words(config)),
        *terminal_words(config),
        *restart_words(host),
        *network_words(recipe),
        *(() if joins_network(recipe) else name_words(recipe)),
        *port_words(recipe),
        *mount_words(recipe),
        *_config_words(config),
        *_host_words(host),
        *(("--platform", recipe.platform) if recipe.platform else ()),
        *entrypoint_words(config),
        *_operands(recipe.image or recipe.image_id),
        *command_words(config),
    )


def _without_variables(config: Fields) -> Iterator[str]:
    """Yield what runs the client without those variables that have only a name.

    The container has none of such a name, even if its image does. The client would give
    it the value that its own has.
    """
    names = [entry for entry in config.texts("Env") if entry and "=" not in entry]
    unset = [name for name in names if not name.startswith(_OF_THE_CLIENT)]
    if unset:
        yield "env"
    for name in unset:
        yield from ("-u", name)


def _operands(*words: str) -> tuple[str, ...]:
    """Return words that are no options, whatever they begin with."""
    is_odd = any(word.startswith("-") for word in words)
    return ("--", *words) if is_odd else words


def _config_words(config: Fields) -> Iterator[str]:
    yield from options.lists(config, options.CONFIG_LISTS)
    yield from options.pairs(config, options.CONFIG_PAIRS)
    yield from options.texts(config, options.CONFIG_TEXTS)
    yield from options.numbers(config, options.CONFIG_NUMBERS)
    yield from health_words(config)


def _host_words(host: Fields) -> Iterator[str]:
    yield from options.flags(host, options.HOST_FLAGS)
    yield from options.texts(host, options.HOST_TEXTS)
    yield from options.lists(host, options.HOST_LISTS)
    yield from security_words(host)
    yield from options.numbers(host, options.HOST_NUMBERS)
    yield from resource_words(host)
    yield from device_words(host)
    yield from options.pairs(host, options.HOST_PAIRS)
    yield from log_words(host)
