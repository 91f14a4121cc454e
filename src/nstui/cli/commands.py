"""The command line: the global options and all commands.

Each command imports what it needs when it runs, so that help texts and usage errors
need little more than click.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import click

from nstui.cli.actions import heal, kill, prune, restart, rm, stop
from nstui.cli.exits import ExitCode
from nstui.cli.options import complete_names, json_option
from nstui.cli.settings import Settings
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.analysis.findings.ignoring import IgnoreRule

SHELLS = ("bash", "zsh", "fish")
SEVERITIES = ("error", "warning", "notice")
ALL_KINDS = "all"


def _number(
    _context: click.Context, _parameter: click.Parameter, value: float | None
) -> float | None:
    """Refuse "nan", which passes click's check of the range."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no number of seconds")
    return value


def _rules(
    _context: click.Context, _parameter: click.Parameter, words: tuple[str, ...]
) -> tuple[IgnoreRule, ...]:
    """Read the rules of ``--ignore``."""
    if not words:
        return ()
    from nstui.analysis.findings.ignoring import parse_rule  # noqa: PLC0415

    try:
        return tuple(map(parse_rule, words))
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from problem


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
@click.option("--slow-link", is_flag=True, help="Send less to the terminal.")
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
    slow_link: bool,
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
        slow_link=slow_link,
    )
    context_.obj = settings
    if context_.invoked_subcommand is not None:
        return None
    if sys.stdin.isatty() and sys.stdout.isatty():
        from nstui.cli.app import open_tui  # noqa: PLC0415

        return open_tui(settings)
    from nstui.cli.tree import show_tree  # noqa: PLC0415

    show_tree(settings, (NamespaceKind.NET,), as_json=False, unfold=False)
    return ExitCode.DONE


for action in (rm, stop, restart, kill, prune, heal):
    cli.add_command(action)


@cli.command()
@json_option
@click.option(
    "--watch",
    is_flag=True,
    help="Print a line whenever a finding appears or goes, and that lasts; with --json"
    " an object.",
)
@click.option(
    "--ignore",
    metavar="RULE",
    multiple=True,
    callback=_rules,
    help="Ignore findings by NAME, CODE or NAME:CODE; may be repeated.",
)
@click.option(
    "--severity",
    type=click.Choice(SEVERITIES),
    help="Print nothing less severe, and exit 1 if anything is printed.",
)
@click.pass_obj
def check(
    settings: Settings,
    *,
    as_json: bool,
    watch: bool,
    ignore: tuple[IgnoreRule, ...],
    severity: str | None,
) -> int:
    """Print what is wrong; exit 1 if anything is worse than a notice.

    With --watch it goes on, and tells of what changes and lasts for five seconds. It
    ends when it is interrupted, and exits 130, or when nobody reads it any more, and
    exits 1. An engine that does not answer is told on stderr: what was wrong has not
    gone then.
    """
    if watch:
        from nstui.cli.watch import watch_findings  # noqa: PLC0415

        return watch_findings(
            settings, as_json=as_json, ignore=ignore, severity=severity
        )
    from nstui.cli.check import print_findings  # noqa: PLC0415

    return print_findings(settings, as_json=as_json, ignore=ignore, severity=severity)


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
    from nstui.cli.tree import show_tree  # noqa: PLC0415

    kinds = None if kind == ALL_KINDS else (NamespaceKind(kind),)
    show_tree(settings, kinds, as_json=as_json, unfold=unfold)


@cli.command()
@click.argument("name", shell_complete=complete_names)
@json_option
@click.pass_obj
def explain(settings: Settings, *, name: str, as_json: bool) -> None:
    """Print what each source says of the namespaces that a container shares.

    The engine's declaration, the kernel's inodes, what the runtime was told, and whose
    files are mounted; where they disagree that comes first. Then who is in its network
    and what that uses, and what the network is like from within.
    """
    from nstui.cli.tree import print_evidence  # noqa: PLC0415

    print_evidence(settings, name, as_json=as_json)


@cli.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def removed(context: click.Context, *, as_json: bool) -> None:
    """List the containers that nstui removed, the newest first."""
    if context.invoked_subcommand is None:
        from nstui.cli.removed import print_list  # noqa: PLC0415

        print_list(context.ensure_object(Settings), as_json=as_json)
    elif as_json:
        raise click.UsageError("--json is for the list; show prints JSON anyway")


def _complete_removed(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from nstui.cli.completion import complete_removed  # noqa: PLC0415

    return complete_removed(context, incomplete)


@removed.command()
@click.argument("name", shell_complete=_complete_removed)
@click.option("--as-run", is_flag=True, help="Print what would make it again.")
@click.pass_obj
def show(settings: Settings, *, name: str, as_run: bool) -> None:
    """Print the inspect of the newest removed container of a name, as JSON.

    NAME may also be its id or the beginning of it. What --as-run prints is for a shell:
    mostly one docker run, otherwise one command a line. sh, bash, zsh and fish read it
    alike; where a value cannot be written like that nothing is printed.
    """
    from nstui.cli.removed import print_one  # noqa: PLC0415

    print_one(settings, name, as_run=as_run)


@cli.command()
@json_option
@click.option("--example", is_flag=True, help="Print a configuration to begin with.")
@click.pass_obj
def config(settings: Settings, *, as_json: bool, example: bool) -> int:
    """Print the settings that apply, and where each of them comes from.

    An option counts before an environment variable, that before the configuration, that
    before what you last left, and that before the default. What is wrong with the
    configuration is said on stderr; then the exit code is 1.
    """
    if example:
        from nstui.cli.show_config import print_example  # noqa: PLC0415

        print_example()
        return ExitCode.DONE
    from nstui.cli.show_config import print_config  # noqa: PLC0415

    return print_config(settings, as_json=as_json)


@cli.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete nstui's commands.

    For bash: eval "$(nstui completion bash)"
    """
    from nstui.cli.completion import completion_script  # noqa: PLC0415

    click.echo(completion_script(context, shell))
