"""Shell completion of nstui's commands and of container names."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from click.shell_completion import (
    CompletionItem,
    FishComplete,
    add_completion_class,
    get_completion_class,
)

from nstui.analysis.signals import signal_names
from nstui.analysis.text import printable, shell_word
from nstui.cli.config import read_config
from nstui.cli.settings import Settings
from nstui.cli.wiring import connect_audit_log, wire
from nstui.engine.endpoint import names_for_context
from nstui.errors import NstuiError
from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "_NSTUI_COMPLETE"
_UP = frozenset(
    {ContainerState.RUNNING, ContainerState.PAUSED, ContainerState.RESTARTING}
)


class WholeFishComplete(FishComplete):
    """Completion for fish that keeps descriptions whole: click cuts them at a comma."""

    source_template = FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )


add_completion_class(WholeFishComplete)


def completion_script(context: click.Context, shell: str) -> str:
    """Return the script that makes a shell complete nstui's commands.

    Raises:
        click.UsageError: click does not support the shell.

    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}", context)
    return kind(context.find_root().command, {}, "nstui", VARIABLE).source()


def complete_containers(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the containers with names that begin with what was typed.

    ``start``, ``pause`` and ``unpause`` are offered only those in the state for it.
    Returns an empty list if the engine cannot be asked: an error could not be shown.
    """
    given = context.find_root().params
    settings = replace(
        Settings.for_hosts(
            given.get("hosts") or (),
            given.get("contexts") or (),
            all_contexts=bool(given.get("all_contexts")),
        ),
        demo=bool(given.get("demo")),
        may_ask=False,
    )
    is_meant = _FITTING.get(context.info_name or "", _any)
    already = set(context.params.get(parameter.name or "") or ())
    try:
        containers = wire(settings).engine.containers()
    except NstuiError:
        return []
    return [
        CompletionItem(container.name, help=printable(container.image))
        for container in containers
        if container.name.startswith(incomplete)
        and container.name not in already
        and is_meant(container.state)
        and _can_be_offered(container.name)
    ]


def _any(state: ContainerState) -> bool:  # noqa: ARG001 - as those below
    return True


_FITTING: dict[str, Callable[[ContainerState], bool]] = {
    "start": lambda state: state not in _UP,
    "pause": lambda state: state is ContainerState.RUNNING,
    "unpause": lambda state: state is ContainerState.PAUSED,
}
"""The states of the containers that a command has a purpose for, if not all."""


def complete_removed(
    context: click.Context, incomplete: str, *, restorable: bool = False
) -> list[str]:
    """Return the names of removed containers that begin with what was typed.

    Returns an empty list if the audit log cannot be read.

    Args:
        context: The command line.
        incomplete: What was typed.
        restorable: Whether to leave out those that were restored.

    """
    settings = Settings(demo=bool(context.find_root().params.get("demo")))
    try:
        records = connect_audit_log(settings).removed()
    except NstuiError:
        return []
    wanted = (one for one in records if not (restorable and one.restored))
    names = dict.fromkeys(record.name for record in wanted)
    return [n for n in names if n.startswith(incomplete) and _can_be_offered(n)]


def complete_contexts(incomplete: str) -> list[str]:
    """Return the contexts and sets of hosts that begin with what was typed.

    The context "default", which needs no name, is not among them.
    """
    names = sorted({*names_for_context(os.environ), *read_config().sets})
    return [n for n in names if n.startswith(incomplete) and _can_be_offered(n)]


def complete_signals(incomplete: str) -> list[str]:
    """Return the signals with names that begin with what was typed."""
    given = incomplete.upper()
    prefix = "SIG" if given.startswith("SIG") else ""
    names = [f"{prefix}{name}" for name in signal_names()]
    return [name for name in names if name.startswith(given)]


def _can_be_offered(name: str) -> bool:
    """Tell whether a name can be inserted into a command line as it is.

    It is inserted without quotes, and must not look like an option.
    """
    return shell_word(name) == name and not name.startswith("-")
