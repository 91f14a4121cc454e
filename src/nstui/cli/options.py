"""The options and arguments that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    Command = TypeVar("Command", bound=Callable[..., object])


class TermOptions(TypedDict):
    """The options common to all actions, as click passes them."""

    dry_run: bool
    as_json: bool
    yes: bool
    with_dependents: bool
    break_dependents: bool


DEFAULT_WAIT_S = 60


def json_option(command: Command) -> Command:
    """Add ``--json`` to a command."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return option(command)


def term_options(command: Command) -> Command:
    """Add the options common to all actions, `TermOptions`, to a command."""
    options = (
        click.option("--dry-run", is_flag=True, help="Print the plan, change nothing."),
        json_option,
        click.option("-y", "--yes", is_flag=True, help="Do not ask. Permits no harm."),
        click.option("--with-dependents", is_flag=True, help="Dependents too."),
        click.option("--break-dependents", is_flag=True, help="Accept their harm."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def complete_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the containers with names that begin with what was typed."""
    from nstui.cli.completion import complete_containers  # noqa: PLC0415

    return complete_containers(context, parameter, incomplete)


def names_argument(command: Command) -> Command:
    """Add the argument for container names, which a shell can complete."""
    argument = click.argument(
        "names",
        metavar="NAME...",
        nargs=-1,
        required=True,
        shell_complete=complete_names,
    )
    return argument(command)


def stop_timeout_option(command: Command) -> Command:
    """Add the engine's ``-t`` to a command."""
    option = click.option(
        "-t",
        "--time",
        "timeout",
        type=click.IntRange(min=0, max=86_400),
        metavar="SECONDS",
        help="Kill it if it has not stopped by then.",
    )
    return option(command)


def wait_option(command: Command) -> Command:
    """Add ``--wait`` to a command."""
    option = click.option(
        "--wait",
        "wait_s",
        type=click.IntRange(min=0, max=86_400),
        default=DEFAULT_WAIT_S,
        show_default=True,
        metavar="SECONDS",
        help="How long an owner may take to become healthy.",
    )
    return option(command)
