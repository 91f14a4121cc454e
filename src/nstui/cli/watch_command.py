"""The command ``nstui watch``: its options; what it does is imported when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from nstui.cli.options import complete_names, misuse
from nstui.errors import UsageProblem

if TYPE_CHECKING:
    from nstui.cli.options import WatchFlags
    from nstui.cli.settings import Settings


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Print what would be healed, and change nothing."
)
@click.option(
    "--settle",
    metavar="DURATION",
    show_default="3s",
    help="How long an owner must run before its dependents are healed.",
)
@click.option(
    "--only",
    metavar="NAME|LABEL",
    multiple=True,
    help="Heal only this container, or those with this label; may be repeated.",
)
@click.option(
    "--notify",
    metavar="URL",
    multiple=True,
    help="Notify people through this service; may be repeated.",
)
@click.option(
    "--metrics",
    metavar="ADDR:PORT|FILE",
    help="Serve metrics at this address, or write them to this file.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --log-format json.")
@click.option(
    "--log-format",
    type=click.Choice(("text", "json")),
    show_default="text",
    help="Print lines for people, or an object for each event.",
)
@click.option(
    "--status", is_flag=True, help="Print what the running watch does, and end."
)
@click.option(
    "--reset",
    metavar="NAME",
    shell_complete=complete_names,
    help="Let the running watch heal this container again, and end.",
)
@click.pass_obj
def watch(settings: Settings, **flags: Unpack[WatchFlags]) -> int:
    """Heal by itself what is broken and has proof, until it is ended.

    A dependent is healed once its owner has run for a while and, with a health check,
    is healthy; not while somebody is at work on the group, nor what somebody has
    stopped. What has no proof is left to you, and told once with the command.

    Each line has the time, a sign and a sentence. The labels nstui.watch, nstui.settle
    and nstui.stop-timeout of a container, and the table watch of the configuration, say
    what is to be done otherwise; SIGHUP reads the configuration again. SIGTERM and
    ctrl+c end it once the step under way is finished. The exit code is 0 then, and 130
    after ctrl+c.
    """
    given = {name for name, value in flags.items() if value}
    _refuse_ssh(settings)
    if flags["status"] or flags["reset"] is not None:
        return _ask_running(settings, flags, given)
    from nstui.cli.watch_host import watch_host  # noqa: PLC0415

    return watch_host(settings, flags)


def _refuse_ssh(settings: Settings) -> None:
    """Refuse to watch an engine from another machine.

    Raises:
        UsageProblem: the engine is reached through ssh.

    """
    from nstui.cli.hosts import one_endpoint  # noqa: PLC0415

    if settings.demo:
        return
    endpoint = one_endpoint(settings)
    if endpoint.ssh is not None:
        raise UsageProblem(
            f"nstui watch does not go through ssh, to {endpoint.label}: it has to go on"
            " when a connection ends, so run it on the host itself"
        )


def _ask_running(settings: Settings, flags: WatchFlags, given: set[str]) -> int:
    """Ask the watch that runs; return the exit code.

    Raises:
        click.UsageError: there are options that only a new watch has.

    """
    if given - {"status", "as_json"} and flags["status"]:
        raise misuse("--status can be combined with --json only")
    if given - {"reset"} and flags["reset"] is not None:
        raise misuse("--reset cannot be combined with other options")
    from nstui.cli.watch_status import print_status, reset_circuit  # noqa: PLC0415

    if flags["reset"] is not None:
        return reset_circuit(settings, flags["reset"])
    return print_status(settings, as_json=flags["as_json"])
