"""The commands and their options."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import click

from nstui.cli.completion import complete_names, completion
from nstui.cli.exits import ExitCode
from nstui.cli.remove import RemoveOptions, remove
from nstui.cli.wiring import Settings, connect_demo, wire
from nstui.model.finding import Severity
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Policy
from nstui.render.document import SHOWN_KINDS, check_document, dump, host_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from nstui.analysis.report import Report

    Command = TypeVar("Command", bound=Callable[..., object])

ALL_KINDS = "all"


def _number(
    _context: click.Context, _parameter: click.Parameter, value: float
) -> float:
    """Refuse "nan", which is neither too small nor too large for click."""
    if math.isnan(value):
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
    default=2.0,
    show_default=True,
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
    interval: float,
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


def json_option(command: Command) -> Command:
    """Give a command ``--json``."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return option(command)


@cli.command()
@json_option
@click.option(
    "--kind",
    type=click.Choice([*(kind.value for kind in NamespaceKind), ALL_KINDS]),
    default=NamespaceKind.NET.value,
    show_default=True,
    help="Show who shares this kind of namespace.",
)
@click.option("--all", "unfold", is_flag=True, help="List those that share nothing.")
@click.pass_obj
def tree(settings: Settings, *, as_json: bool, kind: str, unfold: bool) -> None:
    """Print the tree of containers that share a namespace."""
    kinds = SHOWN_KINDS if kind == ALL_KINDS else (NamespaceKind(kind),)
    report = wire(settings).observer.look()
    if as_json:
        click.echo(dump(host_document(report, kinds)))
    else:
        _print_trees(report, kinds, unfold=unfold)


@cli.command()
@json_option
@click.pass_obj
def check(settings: Settings, *, as_json: bool) -> int:
    """Print what is wrong; exit 1 if anything is worse than a notice."""
    report = wire(settings).observer.look()
    if as_json:
        click.echo(dump(check_document(report)))
    else:
        from nstui.render.check_text import print_check  # noqa: PLC0415 - not for JSON
        from nstui.render.terminal import console_on  # noqa: PLC0415 - as above

        print_check(console_on(sys.stdout), report)
    is_bad = any(f.severity is not Severity.NOTICE for f in report.findings)
    return ExitCode.FAILED if is_bad else ExitCode.DONE


@cli.command()
@click.argument("names", nargs=-1, required=True, shell_complete=complete_names)
@click.option("-f", "--force", is_flag=True, help="Kill what runs, as the engine does.")
@click.option("-v", "--volumes", is_flag=True, help="Remove anonymous volumes too.")
@click.option("--dry-run", is_flag=True, help="Print the plan and change nothing.")
@json_option
@click.option("-y", "--yes", is_flag=True, help="Do not ask. Permits no harm.")
@click.option("--with-dependents", is_flag=True, help="Remove dependents too.")
@click.option("--break-dependents", is_flag=True, help="Accept the harm to them.")
@click.pass_obj
def rm(  # noqa: PLR0913 - one for each option
    settings: Settings,
    *,
    names: tuple[str, ...],
    force: bool,
    volumes: bool,
    dry_run: bool,
    as_json: bool,
    yes: bool,
    with_dependents: bool,
    break_dependents: bool,
) -> int:
    """Remove containers, unless others depend on them."""
    if with_dependents and break_dependents:
        raise click.UsageError(
            "give either --with-dependents or --break-dependents, not both"
        )
    policy = Policy.PROTECT
    if with_dependents:
        policy = Policy.WITH_DEPENDENTS
    elif break_dependents:
        policy = Policy.BREAK_DEPENDENTS
    options = RemoveOptions(
        policy=policy,
        force=force,
        volumes=volumes,
        dry_run=dry_run,
        as_json=as_json,
        yes=yes,
    )
    return remove(settings, names, options)


cli.add_command(completion)


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


def _open_tui(settings: Settings) -> int:
    from nstui.tui.app import NstuiApp  # noqa: PLC0415 - only the UI needs Textual

    app = NstuiApp(
        wire(settings),
        connect_demo=connect_demo,
        interval=settings.interval,
        is_read_only=settings.read_only,
    )
    app.run()
    return app.return_code or ExitCode.DONE
