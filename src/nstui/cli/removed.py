"""The command ``nstui removed``: the removed containers and how to recreate them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.graph.graph import find_removed
from nstui.analysis.text import shell_line, shell_word, words_on_host
from nstui.cli.hosts import named_options, need_one_host
from nstui.cli.wiring import connect_audit_log
from nstui.errors import Unwritable
from nstui.render.as_run import find_inexpressible, recreate_commands
from nstui.render.document import dump, removed_document
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.cli.settings import Settings
    from nstui.model.audit import DamagedRecord


def print_list(settings: Settings, *, as_json: bool) -> None:
    """Print the containers that nstui removed, the newest first."""
    need_one_host(settings)
    audit_log = connect_audit_log(settings)
    records, damaged = audit_log.removed(), audit_log.damaged()
    if as_json:
        click.echo(dump(removed_document(records, damaged)))
    elif records:
        from nstui.render.terminal import console_on, print_removed  # noqa: PLC0415

        print_removed(console_on(sys.stdout), records)
    else:
        click.echo("no removed containers to restore", err=True)
    warn_damaged(damaged)


def print_one(settings: Settings, name: str, *, as_run: bool) -> None:
    """Print the newest removed container with a name, an id or a prefix of an id.

    Args:
        settings: The global options, which select the audit log.
        name: The name, the id or a prefix of the id.
        as_run: Whether to print the commands that recreate it instead of its inspect.

    Raises:
        UnknownContainer: no removed container matches.
        AmbiguousContainer: several ids begin like that.
        Unwritable: a command cannot be written for every shell.

    """
    need_one_host(settings)
    audit_log = connect_audit_log(settings)
    warn_damaged(audit_log.damaged())
    found = find_removed(audit_log.removed(), name)
    if as_run:
        options = named_options(settings)
        commands = recreate_commands(found.inspect)
        lines = [_line(words_on_host(command, options)) for command in commands]
        click.echo("\n".join(lines))
        if lost := find_inexpressible(found.inspect):
            what = ", ".join(lost)
            click.echo(
                printable(f"nstui: no option of docker run for this: {what}"), err=True
            )
    else:
        click.echo(dump(found.inspect))


def _line(command: tuple[str, ...]) -> str:
    """Return a command as a line that every supported shell reads alike.

    Raises:
        Unwritable: there is no such line.

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
        f"no command recreates it: the value of {what} cannot be written for a shell;"
        " its inspect, printed without --as-run, contains it"
    )


def warn_damaged(damaged: Iterable[DamagedRecord]) -> None:
    """Print on stderr which records of removed containers cannot be read."""
    for one in damaged:
        click.echo(printable(f"nstui: skipped {one.place}: {one.problem}"), err=True)
