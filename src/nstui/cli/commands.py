"""The command line: the global options and all commands.

Each command imports what it needs when it runs, so that help texts and usage errors
need little more than click.
"""

from __future__ import annotations

import math
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import click

from nstui.cli.exits import ExitCode
from nstui.cli.options import (
    SHELLS,
    complete_contexts,
    complete_names,
    json_option,
    misuse,
)
from nstui.cli.settings import Settings
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.analysis.findings.ignoring import IgnoreRule
    from nstui.cli.restore import RestoreOptions

SEVERITIES = ("error", "warning", "notice")
ALL_KINDS = "all"


def _number(
    _context: click.Context, _parameter: click.Parameter, value: float | None
) -> float | None:
    """Refuse "nan", which passes click's check of the range."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is not a number of seconds")
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


class _Commands(click.Group):
    """The commands; those in modules of their own are imported when they are needed."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None if there is none of this name."""
        if cmd_name not in self.commands:
            self.add_others()
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands in alphabetical order."""
        self.add_others()
        return super().list_commands(ctx)

    def add_others(self) -> None:
        """Add the commands that change something, and those for other programs."""
        from nstui.cli.actions import ACTIONS  # noqa: PLC0415
        from nstui.cli.docker_commands import as_docker, plugin, shell  # noqa: PLC0415
        from nstui.cli.guard_command import guard  # noqa: PLC0415
        from nstui.cli.watch_command import watch  # noqa: PLC0415

        for command in (*ACTIONS, watch, guard, plugin, shell, as_docker):
            self.add_command(command)
        _give_short_helps(self)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "-H",
    "--host",
    "hosts",
    metavar="URL",
    multiple=True,
    help="Use the engine at this address, also ssh://[USER@]HOST; may be repeated.",
)
@click.option(
    "-c",
    "--context",
    "contexts",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_contexts,
    help="Use the engine of this docker context, or the hosts of this set; may be"
    " repeated.",
)
@click.option(
    "--all-contexts", is_flag=True, help="Use the engines of all docker contexts."
)
@click.option(
    "--interval",
    metavar="SECONDS",
    type=click.FloatRange(min=0.1, max=3600),
    show_default="30, or 2 without events",
    callback=_number,
    help="Look at least this often.",
)
@click.option("--read-only", is_flag=True, help="Refuse every action.")
@click.option(
    "--slow-link", is_flag=True, help="Draw less often, for a slow connection."
)
@click.option(
    "--sudo", is_flag=True, help="Read /proc of a host behind ssh through sudo -n."
)
@click.option("--demo", is_flag=True, help="Use a simulated host instead of an engine.")
@click.version_option(package_name="nstui", message="%(prog)s %(version)s")
@click.pass_context
def cli(  # noqa: PLR0913 - one for each option
    context_: click.Context,
    *,
    hosts: tuple[str, ...],
    contexts: tuple[str, ...],
    all_contexts: bool,
    interval: float | None,
    read_only: bool,
    demo: bool,
    slow_link: bool,
    sudo: bool,
) -> int | None:
    """See which containers share a namespace, and what an action would break.

    Without a command nstui opens its text UI. Without a terminal, or on one that cannot
    move its cursor (TERM=dumb), it prints the tree. Several hosts are for the
    text UI, check and tree; every other command wants one.
    """
    settings = replace(
        Settings.for_hosts(hosts, contexts, all_contexts=all_contexts),
        interval=interval,
        read_only=read_only,
        demo=demo,
        slow_link=slow_link,
        sudo=sudo,
    )
    context_.obj = settings
    if context_.invoked_subcommand is not None:
        return None
    if _can_show_a_screen():
        from nstui.cli.app import open_tui  # noqa: PLC0415

        return open_tui(settings)
    return _show_tree(settings, (NamespaceKind.NET,), as_json=False, unfold=False)


def _show_tree(
    settings: Settings,
    kinds: tuple[NamespaceKind, ...] | None,
    *,
    as_json: bool,
    unfold: bool,
) -> int:
    """Print the tree of one host, or of several; return the exit code."""
    from nstui.cli.hosts import several_hosts  # noqa: PLC0415

    chosen = several_hosts(settings)
    if chosen is not None:
        from nstui.cli.tree_hosts import show_trees  # noqa: PLC0415

        return show_trees(settings, chosen, kinds, as_json=as_json, unfold=unfold)
    from nstui.cli.tree import show_tree  # noqa: PLC0415

    show_tree(settings, kinds, as_json=as_json, unfold=unfold)
    return ExitCode.DONE


def _can_show_a_screen() -> bool:
    """Tell whether there is a terminal that can move its cursor."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return is_terminal and os.environ.get("TERM") not in {None, "", "dumb"}


@cli.command()
@json_option
@click.option(
    "--watch",
    is_flag=True,
    help="Keep running, and print a line, or with --json an object, for each change.",
)
@click.option(
    "--short",
    "is_short",
    is_flag=True,
    help="Print one line, for a prompt, tmux or motd.",
)
@click.option(
    "--metrics",
    "as_metrics",
    is_flag=True,
    help="Print metrics for Prometheus; needs nstui[metrics].",
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
def check(  # noqa: PLR0913 - one for each option
    settings: Settings,
    *,
    as_json: bool,
    watch: bool,
    is_short: bool,
    as_metrics: bool,
    ignore: tuple[IgnoreRule, ...],
    severity: str | None,
) -> int:
    """Print what is wrong.

    Findings with one cause are one incident, with one remedy. The exit code is 1 if
    anything is worse than a notice.

    With --short it prints "nstui: ok", or how many incidents there are and how many
    containers have no network.

    With --metrics it prints how many findings and incidents there are, in the format of
    Prometheus, also for the textfile collector of node_exporter. If the engine does not
    answer, they say so, and it exits 3.

    With --watch it keeps running, and prints each change that lasts for five seconds.
    It exits 130 when it is interrupted, and 1 when its output is closed. If the engine
    does not answer, that is printed on stderr, and no finding counts as gone.

    Several hosts are looked at at the same time, each for at most 10 seconds, and are
    printed with the worst first, or with --json as a list in the order in which they
    were asked for. The exit code is the worst: a host that cannot be looked at counts
    more than one where something is wrong. --watch wants one host.
    """
    if is_short and (as_json or watch):
        raise click.UsageError("--short cannot be combined with --json or --watch")
    if as_metrics and (as_json or watch or is_short):
        raise click.UsageError(
            "--metrics cannot be combined with --json, --short or --watch"
        )
    if watch:
        from nstui.cli.check_watch import watch_findings  # noqa: PLC0415

        return watch_findings(
            settings, as_json=as_json, ignore=ignore, severity=severity
        )
    from nstui.cli.hosts import several_hosts  # noqa: PLC0415

    chosen = several_hosts(settings)
    if chosen is not None:
        from nstui.cli.check_hosts import (  # noqa: PLC0415
            print_hosts,
            print_hosts_metrics,
        )

        if as_metrics:
            return print_hosts_metrics(
                settings, chosen, ignore=ignore, severity=severity
            )
        return print_hosts(
            settings,
            chosen,
            as_json=as_json,
            is_short=is_short,
            ignore=ignore,
            severity=severity,
        )
    if as_metrics:
        from nstui.cli.check import print_metrics  # noqa: PLC0415

        return print_metrics(settings, ignore=ignore, severity=severity)
    from nstui.cli.check import print_findings  # noqa: PLC0415

    return print_findings(
        settings, as_json=as_json, is_short=is_short, ignore=ignore, severity=severity
    )


@cli.command()
@json_option
@click.option(
    "--kind",
    type=click.Choice([*(kind.value for kind in NamespaceKind), ALL_KINDS]),
    default=NamespaceKind.NET.value,
    show_default=True,
    help="The kind of namespace.",
)
@click.option(
    "--all",
    "unfold",
    is_flag=True,
    help="Also list containers that share nothing, and namespaces without a container.",
)
@click.pass_obj
def tree(settings: Settings, *, as_json: bool, kind: str, unfold: bool) -> int:
    """Print who shares a namespace, as a tree.

    Of several hosts it prints one tree after the other, or with --json a list.
    """
    kinds = None if kind == ALL_KINDS else (NamespaceKind(kind),)
    return _show_tree(settings, kinds, as_json=as_json, unfold=unfold)


@cli.command()
@click.argument("name", shell_complete=complete_names)
@json_option
@click.pass_obj
def explain(settings: Settings, *, name: str, as_json: bool) -> None:
    """Print the evidence for what a container shares.

    It consists of the engine's declaration, the kernel's inodes, what the runtime was
    told, and whose files are mounted; where they disagree, that comes first. Then it
    prints who is in the container's network and what they use, and the network as it
    is seen from within.
    """
    from nstui.cli.tree import print_evidence  # noqa: PLC0415

    print_evidence(settings, name, as_json=as_json)


@cli.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def removed(context: click.Context, *, as_json: bool) -> None:
    """List what nstui removed, the newest first."""
    if context.invoked_subcommand is None:
        from nstui.cli.removed import print_list  # noqa: PLC0415

        print_list(context.ensure_object(Settings), as_json=as_json)
    elif as_json:
        raise misuse("--json is only for the list: show always prints JSON")


def _complete_removed(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from nstui.cli.completion import complete_removed  # noqa: PLC0415

    return complete_removed(context, incomplete)


@removed.command()
@click.argument("name", shell_complete=_complete_removed)
@click.option(
    "--as-run", is_flag=True, help="Print the commands that would recreate it."
)
@click.pass_obj
def show(settings: Settings, *, name: str, as_run: bool) -> None:
    """Print the inspect of a removed container.

    Several containers may have had the name: the newest is printed, as JSON. NAME may
    also be its id or the beginning of it. What --as-run prints is for a shell: mostly
    one docker run, otherwise one command a line. sh, bash, zsh and fish read it alike;
    if a value cannot be written like that, nothing is printed.
    """
    from nstui.cli.removed import print_one  # noqa: PLC0415

    print_one(settings, name, as_run=as_run)


def _complete_restorable(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    from nstui.cli.completion import complete_removed  # noqa: PLC0415

    return complete_removed(context, incomplete, restorable=True)


@removed.command()
@click.argument("name", shell_complete=_complete_restorable)
@click.option(
    "--at",
    default="",
    metavar="TIME",
    help="The one removed at this time, as in the list, or the beginning of it.",
)
@click.option(
    "--onto",
    metavar="NAME",
    shell_complete=complete_names,
    help="The container to join, if the one it joined is gone.",
)
@click.option(
    "--image",
    default="",
    metavar="IMAGE",
    help="The image to use, if its own is gone.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan, and change nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the plan and its outcome as JSON."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(settings: Settings, *, name: str, **options: Unpack[RestoreOptions]) -> int:
    """Bring back a removed container.

    NAME may also be its id or the beginning of it; of several with one name, the one
    that was removed last comes back. It gets its settings and the volumes that still
    exist, joins the container that it had joined, or the proven replacement of that,
    and is started if it was running before. Changes outside volumes are not restored.
    If anything fails, no new container is left.
    """
    from nstui.cli.restore import restore_container  # noqa: PLC0415

    return restore_container(settings, name, options)


@cli.command()
@json_option
@click.option("--example", is_flag=True, help="Print a configuration to begin with.")
@click.pass_obj
def config(settings: Settings, *, as_json: bool, example: bool) -> int:
    """Print the settings that apply, and where each of them comes from.

    An option counts before an environment variable, that before the configuration, that
    before what you last left, and that before the default. Problems of the
    configuration are printed on stderr, and the exit code is 1.
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
    """Print the completion script of a shell.

    For bash: eval "$(nstui completion bash)"
    """
    from nstui.cli.completion import completion_script  # noqa: PLC0415

    click.echo(completion_script(context, shell))


def _give_short_helps(group: click.Group) -> None:
    """Make the first sentence the short help of each command; click would cut it."""
    for command in group.commands.values():
        command.short_help, _, _ = (command.help or "").partition("\n\n")
        if isinstance(command, click.Group):
            _give_short_helps(command)


cli.short_help = "See who shares a namespace, and what an action would break"
_give_short_helps(cli)
