"""The commands that make an equal container, and what runs in it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from nstui.analysis.recipe import read_recipe, without_refused
from nstui.model.container import Fields
from nstui.render.as_run import options
from nstui.render.as_run.mounts import mount_words
from nstui.render.as_run.networks import (
    connections,
    joins_network,
    left_network,
    name_words,
    network_words,
    port_words,
)
from nstui.render.as_run.options import device_words, resource_words, security_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.model.healing import Recipe


_STREAMS = (
    ("stdin", "AttachStdin"),
    ("stdout", "AttachStdout"),
    ("stderr", "AttachStderr"),
)
_UNITS = ((3600 * 10**9, "h"), (60 * 10**9, "m"), (10**9, "s"), (10**6, "ms"))
_DURATIONS = (
    ("--health-interval", "Interval"),
    ("--health-timeout", "Timeout"),
    ("--health-start-period", "StartPeriod"),
    ("--health-start-interval", "StartInterval"),
)
_DEFAULT_LOG = "json-file"


def terminal_words(config: Fields) -> Iterator[str]:
    """Yield the options for its terminal and its input."""
    if config.flag("OpenStdin"):
        yield "-i"
    if config.flag("Tty"):
        yield "-t"


def attach_words(config: Fields) -> Iterator[str]:
    """Yield what ``docker create`` attaches, unless it does so by itself.

    ``docker run -d`` attaches nothing, and nothing can be said about that.
    """
    attached = [name for name, key in _STREAMS if config.flag(key)]
    if {"stdout", "stderr"} <= set(attached):
        return
    for name in attached:
        yield from ("-a", name)


def entrypoint_words(config: Fields) -> Iterator[str]:
    """Yield the option for the program; what follows it belongs to the command.

    An inspect does not tell whether the image has an entrypoint that this container
    does not use. So that there is none in any case, this is always said.
    """
    yield from ("--entrypoint", next(iter(config.texts("Entrypoint")), ""))


def command_words(config: Fields) -> tuple[str, ...]:
    """Return what follows the image's name."""
    return (*config.texts("Entrypoint")[1:], *config.texts("Cmd"))


def restart_words(host: Fields) -> Iterator[str]:
    """Yield the options for what happens when it ends."""
    policy = host.inner("RestartPolicy")
    name, limit = policy.text("Name"), policy.number("MaximumRetryCount")
    if name not in {"", "no"}:
        yield from ("--restart", f"{name}:{limit}" if limit else name)
    init = host.flag("Init")
    if init is not None:
        yield "--init" if init else "--init=false"


def log_words(host: Fields) -> Iterator[str]:
    """Yield the options for its log."""
    log = host.inner("LogConfig")
    kind, options = log.text("Type"), log.pairs("Config")
    if kind and (options or kind != _DEFAULT_LOG):
        yield from ("--log-driver", kind)
    for key, value in options:
        yield from ("--log-opt", f"{key}={value}")


def health_words(config: Fields) -> Iterator[str]:
    """Yield the options for its health check.

    A check that is a program with its arguments becomes a line of a shell: nothing
    else can be said. An image without a shell has to bring such a check itself.
    """
    health = config.inner("Healthcheck")
    test = health.texts("Test")
    if test[:1] == ("NONE",):
        yield "--no-healthcheck"
        return
    if test[:1] == ("CMD-SHELL",):
        yield from ("--health-cmd", " ".join(test[1:]))
    elif test[:1] == ("CMD",):
        yield from ("--health-cmd", shlex.join(test[1:]))
    for option, key in _DURATIONS:
        nanoseconds = health.number(key) or 0
        if nanoseconds:
            yield from (option, _duration(nanoseconds))
    if retries := health.number("Retries"):
        yield from ("--health-retries", str(retries))


def _duration(nanoseconds: int) -> str:
    """Return a duration as Go reads it, in the largest unit that leaves no rest."""
    for size, unit in _UNITS:
        if nanoseconds % size == 0:
            return f"{nanoseconds // size}{unit}"
    return f"{nanoseconds}ns"


_OF_THE_CLIENT = "DOCKER_"
"""How the variables begin that say which engine the client asks, and how."""


def docker_run_words(
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

    Mostly that is `docker_run_words` alone. Where networks are left over it is made,
    connected to them, and started if it ever was.
    """
    recipe = _sayable(inspect)
    left_over = tuple(connections(recipe))
    if not left_over:
        return (docker_run_words(inspect, program),)
    connect = (program, "network", "connect")
    left = left_network(recipe)
    leave = (program, "network", "disconnect", *_operands(left, recipe.name))
    start = ((program, "start", *_operands(recipe.name)),) if recipe.has_run else ()
    return (
        _words(recipe, program, starts=False),
        *((*connect, *opts, *_operands(net, recipe.name)) for *opts, net in left_over),
        *((leave,) if left else ()),
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
    yield from options.text_options(config, options.CONFIG_TEXTS)
    yield from options.numbers(config, options.CONFIG_NUMBERS)
    yield from health_words(config)


def _host_words(host: Fields) -> Iterator[str]:
    yield from options.flags(host, options.HOST_FLAGS)
    yield from options.text_options(host, options.HOST_TEXTS)
    yield from options.lists(host, options.HOST_LISTS)
    yield from security_words(host)
    yield from options.numbers(host, options.HOST_NUMBERS)
    yield from resource_words(host)
    yield from device_words(host)
    yield from options.pairs(host, options.HOST_PAIRS)
    yield from log_words(host)
