"""Completion in the shell: of commands and options, and of containers' names."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

from nstui.analysis.shell import shell_word
from nstui.cli.wiring import Settings, wire
from nstui.errors import NstuiError
from nstui.render.text import printable

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_NSTUI_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete nstui's commands.

    For bash: eval "$(nstui completion bash)"
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    click.echo(kind(context.find_root().command, {}, "nstui", VARIABLE).source())


def complete_names(
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
        and can_be_offered(container.name)
    ]


def can_be_offered(name: str) -> bool:
    """Tell whether a name is harmless on a command line as it is.

    What is offered stands there without quotes, and begins no option.
    """
    return shell_word(name) == name and not name.startswith("-")
