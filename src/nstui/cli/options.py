"""Options that several commands have."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from nstui.cli.act import Terms
from nstui.cli.completion import complete_names
from nstui.model.plan import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = TypeVar("Command", bound=Callable[..., object])


DEFAULT_WAIT_S = 60


class TermOptions(TypedDict):
    """The options of every action, as click passes them."""

    dry_run: bool
    as_json: bool
    yes: bool
    with_dependents: bool
    break_dependents: bool


def json_option(command: Command) -> Command:
    """Give a command ``--json``."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return option(command)


def term_options(command: Command) -> Command:
    """Give a command the options of every action; `terms_of` reads them."""
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


def names_argument(command: Command) -> Command:
    """Give a command the names of containers, which a shell can complete."""
    argument = click.argument(
        "names",
        metavar="NAME...",
        nargs=-1,
        required=True,
        shell_complete=complete_names,
    )
    return argument(command)


def stop_timeout_option(command: Command) -> Command:
    """Give a command the engine's ``-t``."""
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
    """Give a command ``--wait``."""
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


def terms_of(options: TermOptions) -> Terms:
    """Return the terms that options amount to.

    Raises:
        click.UsageError: they contradict each other.

    """
    if options["with_dependents"] and options["break_dependents"]:
        raise click.UsageError(
            "give either --with-dependents or --break-dependents, not both"
        )
    policy = Policy.PROTECT
    if options["with_dependents"]:
        policy = Policy.WITH_DEPENDENTS
    elif options["break_dependents"]:
        policy = Policy.BREAK_DEPENDENTS
    return Terms(
        policy=policy,
        dry_run=options["dry_run"],
        as_json=options["as_json"],
        yes=options["yes"],
    )
