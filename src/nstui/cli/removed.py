"""The command ``nstui removed``: what was removed, and how to make it again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.removed import find_removed
from nstui.analysis.shell import shell_line, shell_word
from nstui.cli.completion import can_be_offered
from nstui.cli.wiring import Settings, connect_store
from nstui.errors import NstuiError, Unwritable
from nstui.render.as_run import recreate_commands, unsaid
from nstui.render.document import dump
from nstui.render.removed_document import removed_document
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.trace import DamagedRecord


def complete_removed(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the removed containers whose names begin with what was typed."""
    settings = Settings(demo=bool(context.find_root().params.get("demo")))
    try:
        records = connect_store(settings).removed()
    except NstuiError:
        return []
    names = dict.fromkeys(record.name for record in records)
    return [n for n in names if n.startswith(incomplete) and can_be_offered(n)]


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def removed(context: click.Context, *, as_json: bool) -> None:
    """List the containers that nstui removed, the newest first."""
    if context.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError("--json is for the list; show prints JSON anyway")
        return
    store = connect_store(context.ensure_object(Settings))
    records, damaged = store.removed(), store.damaged()
    if as_json:
        click.echo(dump(removed_document(records, damaged)))
    elif records:
        from nstui.render.removed_text import (  # noqa: PLC0415 - not for JSON
            print_removed,
        )
        from nstui.render.terminal import console_on  # noqa: PLC0415 - as above

        print_removed(console_on(sys.stdout), records)
    else:
        click.echo("nothing that was removed is kept", err=True)
    _warn(damaged)


@removed.command()
@click.argument("name", shell_complete=complete_removed)
@click.option("--as-run", is_flag=True, help="Print what would make it again.")
@click.pass_obj
def show(settings: Settings, *, name: str, as_run: bool) -> None:
    """Print the inspect of the newest removed container of a name, as JSON.

    NAME may also be its id or the beginning of it. What --as-run prints is for a shell:
    mostly one docker run, otherwise one command a line. sh, bash, zsh and fish read it
    alike; where a value cannot be written like that nothing is printed.
    """
    store = connect_store(settings)
    _warn(store.damaged())
    found = find_removed(store.removed(), name)
    if as_run:
        click.echo("\n".join(map(_line, recreate_commands(found.inspect))))
        if lost := unsaid(found.inspect):
            what = ", ".join(lost)
            click.echo(printable(f"nstui: no option says this: {what}"), err=True)
    else:
        click.echo(dump(found.inspect))


def _line(command: tuple[str, ...]) -> str:
    """Return a command as a line for a shell.

    Raises:
        Unwritable: there is no line that every shell reads alike.

    """
    line = shell_line(command)
    if line is not None:
        return line
    at = next(i for i, word in enumerate(command) if shell_word(word) is None)
    before, (key, is_pair, _) = command[at - 1], command[at].partition("=")
    what = before if before.startswith("-") else "its command"
    if is_pair and shell_word(key) is not None:
        what += f" {key}=…"
    raise Unwritable(
        f"no command makes it again: the value of {what} cannot be written for a shell;"
        " without --as-run its inspect is printed, which has it"
    )


def _warn(damaged: Iterable[DamagedRecord]) -> None:
    for one in damaged:
        click.echo(printable(f"nstui: skipped {one.place}: {one.problem}"), err=True)
