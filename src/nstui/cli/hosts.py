"""Which engines the global options name: one, or several hosts."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.cli.running import running_command
from nstui.engine.endpoint import (
    DEFAULT_CONTEXT,
    Endpoint,
    config_folder,
    context_names,
    resolve_endpoint,
)
from nstui.engine.podman_connections import podman_connections
from nstui.errors import EngineUnreachable, Unreachable, UsageProblem
from nstui.model.frozen import dataclass
from nstui.model.host_options import HERE, HostOptions

if TYPE_CHECKING:
    from collections.abc import Hashable

    from nstui.analysis.hosts import AskedHost
    from nstui.cli.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenHost:
    """One of several hosts that were asked for."""

    name: str
    """The context, or the address as it was given."""

    also: tuple[str, ...]
    """What else was asked for and is the same engine."""

    options: tuple[str, str]
    """The words of a command line that select it alone."""

    endpoint: Endpoint | EngineUnreachable | UsageProblem
    """Its address, or why there is none."""


def one_endpoint(settings: Settings) -> Endpoint:
    """Return the address of the one engine that the options name.

    Raises:
        UsageProblem: they name several engines, or an address makes no sense.
        EngineUnreachable: the context is unknown, or its kind is not supported.

    """
    return one_host(settings)[0]


def one_host(settings: Settings) -> tuple[Endpoint, HostOptions]:
    """Return the address of the one engine that is named, and the options for it.

    Raises:
        UsageProblem, EngineUnreachable: as for `one_endpoint`.

    """
    chosen = need_one_host(settings)
    if chosen is not None:
        if not isinstance(chosen.endpoint, Endpoint):
            raise chosen.endpoint
        return chosen.endpoint, options_for(chosen.options, chosen.endpoint)
    try:
        found = resolve_endpoint(settings.host, settings.context, os.environ)
    except EngineUnreachable as problem:
        if settings.context is None:
            raise
        raise _with_hint(problem) from problem
    if settings.host is not None:
        return found, options_for(("-H", settings.host), found)
    words = () if settings.context is None else ("-c", settings.context)
    return found, options_for(words, found)


def named_options(settings: Settings) -> HostOptions:
    """Return the options for the one engine that was named by some, if it was.

    Raises:
        UsageProblem, EngineUnreachable: as for `one_endpoint`.

    """
    words = settings.host or settings.context or settings.several
    is_named = not settings.demo and (words or settings.all_contexts)
    return one_host(settings)[1] if is_named else HERE


def options_for(words: tuple[str, ...], endpoint: Endpoint) -> HostOptions:
    """Return the options for an engine, from those of nstui that named it."""
    return HostOptions.of(words, endpoint.url, is_connection=endpoint.is_connection)


def need_one_host(settings: Settings) -> ChosenHost | None:
    """Refuse several hosts; return the one, or None if only one can be meant.

    Raises:
        UsageProblem: the options name several engines.

    """
    chosen = several_hosts(settings)
    if chosen is None:
        return None
    if len(chosen) > 1:
        names = ", ".join(one.name for one in chosen)
        raise UsageProblem(
            f"{_command()} wants exactly one host, not {len(chosen)}: {names}"
        )
    return chosen[0]


def _command() -> str:
    """Return what was typed and wants one host, without its arguments."""
    context = running_command()
    if context is None:
        return "this"
    flag = " --watch" if context.params.get("watch") else ""
    return f"{context.command_path}{flag}"


def several_hosts(settings: Settings) -> tuple[ChosenHost, ...] | None:
    """Return the hosts that were asked for; None if only one can be meant.

    A set of hosts, or all contexts, may turn out to be a single host, which is a tuple
    all the same, so that what is printed does not depend on their number.

    Raises:
        UsageProblem: an address that was typed makes no sense, or a name is that of a
            context and of a set.
        EngineUnreachable: a context that was typed does not exist.

    """
    words = settings.several
    if settings.context is not None:
        words = (("-c", settings.context),)
    if settings.demo or not (words or settings.all_contexts):
        return None
    from nstui.cli.config import read_config  # noqa: PLC0415

    sets = read_config().sets
    if settings.context is not None and settings.context not in sets:
        return None
    from nstui.analysis.hosts import ask_for, group_equal  # noqa: PLC0415

    stored = context_names(config_folder(os.environ))
    contexts = (DEFAULT_CONTEXT, *(name for name in stored if name != DEFAULT_CONTEXT))
    asked = ask_for(
        words,
        sets,
        contexts,
        connections=podman_connections(os.environ),
        with_all=settings.all_contexts,
    )
    found = tuple((one, _resolve(one)) for one in asked)
    return tuple(
        ChosenHost(
            name=found[first][0].value,
            also=tuple(found[place][0].value for place in others),
            options=found[first][0].options,
            endpoint=found[first][1],
        )
        for first, *others in group_equal(_engine_key(each) for _, each in found)
    )


def _resolve(asked: AskedHost) -> Endpoint | EngineUnreachable | UsageProblem:
    """Return the address of a host, or why there is none.

    What was typed wrong ends the command. What is wrong in a set or in a context must
    not keep the other hosts from being looked at.
    """
    option, value = asked.options
    host, context = (value, None) if option == "-H" else (None, value)
    try:
        return resolve_endpoint(host, context, os.environ, asked.origin)
    except UsageProblem as problem:
        if not asked.origin:
            raise
        return problem
    except EngineUnreachable as problem:
        if not asked.origin and problem.reason is Unreachable.UNKNOWN_CONTEXT:
            raise _with_hint(problem) from problem
        return problem


def _with_hint(problem: EngineUnreachable) -> EngineUnreachable:
    """Return a problem with where the sets are listed, if one may have been meant."""
    from nstui.cli.config import read_config  # noqa: PLC0415

    is_unknown = problem.reason is Unreachable.UNKNOWN_CONTEXT
    hint = ", and nstui config the sets of hosts"
    words = f"{problem}{hint if is_unknown and read_config().sets else ''}"
    return EngineUnreachable(words, problem.reason)


def _engine_key(
    endpoint: Endpoint | EngineUnreachable | UsageProblem,
) -> Hashable | None:
    """Return what two addresses of one engine have in common; None without one."""
    if not isinstance(endpoint, Endpoint):
        return None
    path = endpoint.socket_path
    # /var/run is mostly a link to /run.
    place = endpoint.url if path is None else os.path.realpath(path)
    return replace(endpoint, url=place, context=None, is_connection=False)
