"""What a shell offers when it completes a command line of nstui."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

from nstui.analysis.text import printable, shell_word
from nstui.cli.settings import Settings
from nstui.cli.wiring import connect_store, wire
from nstui.errors import NstuiError

VARIABLE = "_NSTUI_COMPLETE"


def completion_script(context: click.Context, shell: str) -> str:
    """Return the script that makes a shell complete nstui's commands."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    return kind(context.find_root().command, {}, "nstui", VARIABLE).source()


def complete_containers(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the containers whose names begin with what was typed.

    Where the engine cannot be asked there is nothing to offer, and no place to say so.
    """
    given = context.find_root().params
    settings = Settings(
        host=given.get("host"),
        context=given.get("context"),
        demo=bool(given.get("demo")),
    )
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
        and _can_be_offered(container.name)
    ]


def complete_removed(context: click.Context, incomplete: str) -> list[str]:
    """Return the removed containers whose names begin with what was typed."""
    settings = Settings(demo=bool(context.find_root().params.get("demo")))
    try:
        records = connect_store(settings).removed()
    except NstuiError:
        return []
    names = dict.fromkeys(record.name for record in records)
    return [n for n in names if n.startswith(incomplete) and _can_be_offered(n)]


def _can_be_offered(name: str) -> bool:
    """Tell whether a name is harmless on a command line as it is.

    What is offered stands there without quotes, and begins no option.
    """
    return shell_word(name) == name and not name.startswith("-")
