"""The commands ``nstui guard …``: their options; what they do is imported when run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from nstui.cli.options import complete_names, json_option

if TYPE_CHECKING:
    from nstui.cli.options import GuardFlags
    from nstui.cli.settings import Settings


@click.group()
def guard() -> None:
    """Make the engine itself refuse what would break a running dependent.

    The guard is an authorization plugin: the engine asks it before it does what any
    client wants, docker rm, Portainer and scripts alike. It is a safety belt and no
    security boundary.
    """


@guard.command()
@click.option(
    "--mode",
    type=click.Choice(("enforce", "warn")),
    show_default="enforce, or as it is",
    help="Refuse what would break others, or only write it down.",
)
@click.option(
    "--heal-instead/--no-heal-instead",
    default=None,
    help="Let the restart of an owner through while nstui watch runs.",
)
@click.option("--no-units", is_flag=True, help="Write no systemd units.")
@click.option("--dry-run", is_flag=True, help="Print all that would be done.")
@click.pass_obj
def install(settings: Settings, **flags: Unpack[GuardFlags]) -> int:
    """Install the guard, and prove that the engine asks it.

    It writes the settings, the systemd units and the engine's configuration file, with
    all else in it as it was, and has the engine read that again, without a restart. If
    the engine then does not answer, or does not ask the guard, everything is put back.

    Without systemd, start the guard first and keep it running: nstui guard serve
    --socket PATH.
    """
    from nstui.cli.guard_install import install_guard  # noqa: PLC0415

    return install_guard(settings, flags)


@guard.command()
@click.option("--dry-run", is_flag=True, help="Print all that would be done.")
@click.pass_obj
def uninstall(settings: Settings, *, dry_run: bool) -> int:
    """Take the guard out of the engine, then remove it.

    It goes on where an interrupted install or uninstall has ended. What it cannot do
    it prints, to be done by hand.
    """
    from nstui.cli.guard_install import uninstall_guard  # noqa: PLC0415

    return uninstall_guard(settings, dry_run=dry_run)


@guard.command()
@json_option
@click.pass_obj
def status(settings: Settings, *, as_json: bool) -> int:
    """Print whether the guard is installed, answers, and is asked by the engine.

    Also how many calls it has denied within the last hour, and how long an answer
    takes. The exit code is 1 unless all is well.
    """
    from nstui.cli.guard_status import print_guard  # noqa: PLC0415

    return print_guard(settings, as_json=as_json)


@guard.command()
@click.argument("name", shell_complete=complete_names)
@click.option(
    "--for",
    "lasts",
    metavar="DURATION",
    default="60s",
    show_default=True,
    help="How long it is valid.",
)
@click.option("--why", default="", metavar="TEXT", help="The reason, written down.")
@click.pass_obj
def allow(settings: Settings, *, name: str, lasts: str, why: str) -> int:
    """Let the next removal, stop, kill or restart of a container through.

    That is one decision in advance, for whoever asks first, and it is written down.
    """
    from nstui.cli.guard_allow import allow_container  # noqa: PLC0415

    return allow_container(settings, name, lasts=lasts, why=why)


@guard.command()
@click.option(
    "--socket",
    metavar="PATH",
    help="Listen there, and stand by itself, without systemd.",
)
def serve(*, socket: str | None) -> int:
    """Answer the engine; this is what the systemd units start.

    It keeps itself there: what answers is replaced when it ends, hangs or is stopped.
    Without systemd, run it with --socket /run/docker/plugins/nstui.sock, by whatever
    starts services at boot, before the engine.
    """
    from nstui.cli.guard_serve import serve as become_guard  # noqa: PLC0415

    return become_guard(socket)


@guard.command(hidden=True)
def check() -> int:
    """Restart a guard that does not answer; for the watchdog of the machine.

    The exit code is 1 if it does not answer after that.
    """
    from nstui.cli.guard_status import check_guard  # noqa: PLC0415

    return check_guard()


@guard.command(hidden=True)
@click.pass_obj
def look(settings: Settings) -> int:
    """Decide about calls to the engine; for the guard itself, which asks on stdin.

    For each line with a question it prints a line with a verdict, as JSON.
    """
    from nstui.cli.guard_look import look as look_for_front  # noqa: PLC0415

    return look_for_front(settings)
