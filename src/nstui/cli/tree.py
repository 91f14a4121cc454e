"""The tree of containers that share a namespace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nstui.cli.options import json_option
from nstui.cli.wiring import wire
from nstui.model.namespace import NamespaceKind
from nstui.render.document import dump, held_document, host_document

if TYPE_CHECKING:
    from nstui.analysis.namespaces import Scan
    from nstui.analysis.report import Report
    from nstui.cli.wiring import Settings

ALL_KINDS = "all"


@click.command()
@json_option
@click.option(
    "--kind",
    type=click.Choice([*(kind.value for kind in NamespaceKind), ALL_KINDS]),
    default=NamespaceKind.NET.value,
    show_default=True,
    help="Show who shares this kind of namespace.",
)
@click.option(
    "--all",
    "unfold",
    is_flag=True,
    help="List those that share nothing, and namespaces without a container.",
)
@click.pass_obj
def tree(settings: Settings, *, as_json: bool, kind: str, unfold: bool) -> None:
    """Print the tree of containers that share a namespace."""
    host = wire(settings)
    report = host.observer.look()
    kinds = report.kinds if kind == ALL_KINDS else (NamespaceKind(kind),)
    scan = None
    if unfold and host.evidence is not None:
        from nstui.analysis.namespaces import Scan  # noqa: PLC0415 - for --all only

        scan = Scan(host.evidence.holders(kinds), kinds, report)
        # A container that has started meanwhile is in what was found.
        report = host.observer.look()
    if as_json:
        document = host_document(report, kinds)
        if unfold:
            document.update(held_document(report, scan))
        click.echo(dump(document))
        return
    print_trees(report, kinds, unfold=unfold)
    if unfold:
        _print_held(report, scan)


def print_trees(
    report: Report, kinds: tuple[NamespaceKind, ...], *, unfold: bool
) -> None:
    """Print who shares each of some kinds of namespaces."""
    from nstui.render.terminal import console_on  # noqa: PLC0415 - not for JSON
    from nstui.render.tree_text import print_tree  # noqa: PLC0415 - as above

    console = console_on(sys.stdout)
    for kind in kinds:
        if len(kinds) > 1:
            console.print(f"{kind} namespaces")
        print_tree(console, report, kind, unfold=unfold)


def _print_held(report: Report, scan: Scan | None) -> None:
    from nstui.render.held_text import all_held_lines  # noqa: PLC0415 - not for JSON
    from nstui.render.terminal import console_on, text_of  # noqa: PLC0415 - as above

    console = console_on(sys.stdout)
    for line in all_held_lines(report, scan):
        console.print(text_of(line), soft_wrap=True)
