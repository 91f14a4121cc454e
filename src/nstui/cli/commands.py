"""The commands and their options."""

from __future__ import annotations

import gc
import math
import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.namespaces import Scan
from nstui.cli.actions import kill, prune, restart, rm, stop
from nstui.cli.check import check
from nstui.cli.completion import completion
from nstui.cli.exits import ExitCode
from nstui.cli.explain import explain
from nstui.cli.heal import heal
from nstui.cli.options import json_option
from nstui.cli.removed import removed
from nstui.cli.wiring import Settings, connect_demo, wire
from nstui.model.namespace import NamespaceKind
from nstui.render.document import dump, held_document, host_document
from nstui.service.head_start import HeadStart

if TYPE_CHECKING:
    from nstui.analysis.report import Report

ALL_KINDS = "all"


def _number(
    _context: click.Context, _parameter: click.Parameter, value: float | None
) -> float | None:
    """Refuse "nan", which is neither too small nor too large for click."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no number of seconds")
    return value


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("-H", "--host", metavar="URL", help="Ask the engine at this address.")
@click.option("-c", "--context", metavar="NAME", help="Ask this docker context's.")
@click.option(
    "--interval",
    metavar="SECONDS",
    type=click.FloatRange(min=0.1, max=3600),
    show_default="30, or 2 while no events are heard",
    callback=_number,
    help="Look this often, even if the engine reports nothing.",
)
@click.option("--read-only", is_flag=True, help="Refuse every action.")
@click.option("--demo", is_flag=True, help="Use a simulated host.")
@click.version_option(package_name="nstui", message="%(prog)s %(version)s")
@click.pass_context
def cli(  # noqa: PLR0913 - one for each option
    context_: click.Context,
    *,
    host: str | None,
    context: str | None,
    interval: float | None,
    read_only: bool,
    demo: bool,
) -> int | None:
    """See which containers share a namespace, and what an action would break.

    Without a command nstui opens its text UI; where there is no terminal it prints
    the tree.
    """
    settings = Settings(
        host=host,
        context=context,
        interval=interval,
        read_only=read_only,
        demo=demo,
    )
    context_.obj = settings
    if context_.invoked_subcommand is not None:
        return None
    if sys.stdin.isatty() and sys.stdout.isatty():
        return _open_tui(settings)
    _print_trees(wire(settings).observer.look(), (NamespaceKind.NET,), unfold=False)
    return ExitCode.DONE


@cli.command()
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
        scan = Scan(host.evidence.holders(kinds), kinds, report)
        # A container that has started meanwhile is in what was found.
        report = host.observer.look()
    if as_json:
        document = host_document(report, kinds)
        if unfold:
            document.update(held_document(report, scan))
        click.echo(dump(document))
        return
    _print_trees(report, kinds, unfold=unfold)
    if unfold:
        _print_held(report, scan)


for command in (
    check,
    explain,
    rm,
    stop,
    restart,
    kill,
    prune,
    heal,
    removed,
    completion,
):
    cli.add_command(command)


def _print_trees(
    report: Report, kinds: tuple[NamespaceKind, ...], *, unfold: bool
) -> None:
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


def _open_tui(settings: Settings) -> int:
    connection = wire(settings)
    # The engine answers while Textual is imported, which takes about as long. Nothing
    # of that is garbage, so that looking for some would only take time.
    first = None if connection.is_demo else HeadStart(connection.observer).take
    gc.disable()
    from nstui.tui.app import NstuiApp  # noqa: PLC0415 - only the UI needs Textual

    gc.freeze()
    gc.enable()
    app = NstuiApp(
        connection,
        connect_demo=connect_demo,
        interval=settings.interval,
        is_read_only=settings.read_only,
        first=first,
    )
    app.run()
    return app.return_code or ExitCode.DONE
