"""What runs in a container, and how it is looked after."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.fields import Fields

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
