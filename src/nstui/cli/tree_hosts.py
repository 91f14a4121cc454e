"""The command ``nstui tree`` for several hosts."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from nstui.analysis.findings.ignoring import Reporting
from nstui.cli.check_hosts import host_look
from nstui.cli.config import configured
from nstui.cli.exits import ExitCode, exit_code_for, worst_code
from nstui.cli.tree import look_at_tree, print_seen
from nstui.cli.wiring import choices_of
from nstui.errors import NstuiError
from nstui.render.document import dump
from nstui.render.hosts import host_fields, host_heading, problem_line
from nstui.service.ask_hosts import ask_hosts

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.cli.hosts import ChosenHost
    from nstui.cli.settings import Settings
    from nstui.cli.tree import TreeLook
    from nstui.model.namespace import NamespaceKind


def show_trees(
    settings: Settings,
    chosen: tuple[ChosenHost, ...],
    kinds: tuple[NamespaceKind, ...] | None,
    *,
    as_json: bool,
    unfold: bool,
) -> ExitCode:
    """Print the tree of each host under its name, and return the worst exit code.

    Args:
        settings: The global options.
        chosen: The hosts, in the order in which they are printed.
        kinds: The kinds of namespaces; None for all that have something to show.
        as_json: Whether to print a list of JSON objects.
        unfold: Whether to list everything.

    """
    config = configured()
    reporting = Reporting(rules=config.rules)
    choices = choices_of(chosen, settings, reporting, has_particulars=False)
    answers = ask_hosts(choices, partial(look_at_tree, kinds=kinds, unfold=unfold))
    found = tuple(zip(chosen, answers, strict=True))
    if as_json:
        click.echo(dump([_fields(one, answer) for one, answer in found]))
    else:
        for place, (one, answer) in enumerate(found):
            _print_host(one, answer, config.columns, is_first=not place)
    return worst_code(
        exit_code_for(answer) if isinstance(answer, NstuiError) else ExitCode.DONE
        for answer in answers
    )


def _fields(chosen: ChosenHost, answer: TreeLook | NstuiError) -> dict[str, object]:
    if isinstance(answer, NstuiError):
        return host_fields(host_look(chosen, answer), {})
    return host_fields(host_look(chosen, answer.report), answer.document())


def _print_host(
    chosen: ChosenHost,
    answer: TreeLook | NstuiError,
    columns: Collection[str] | None,
    *,
    is_first: bool,
) -> None:
    from nstui.render.terminal import console_on, text_of  # noqa: PLC0415

    console = console_on(sys.stdout)
    if not is_first:
        console.print()
    if isinstance(answer, NstuiError):
        line = problem_line(host_look(chosen, answer))
        console.print(text_of(line), soft_wrap=True)
        return
    heading = host_heading(host_look(chosen, answer.report))
    console.print(text_of(heading), soft_wrap=True)
    print_seen(answer, columns)
