"""The commands that change containers, each by carrying out a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from nstui.analysis.signals import signal_number
from nstui.cli.options import (
    TermOptions,
    complete_names,
    complete_signals,
    misuse,
    names_argument,
    stop_timeout_option,
    term_options,
    wait_option,
)

if TYPE_CHECKING:
    from nstui.cli.act import ActionOptions
    from nstui.cli.heal import HealOptions
    from nstui.cli.settings import Settings


def _act(
    settings: Settings,
    action: str,
    names: tuple[str, ...],
    options: TermOptions,
    **how: Unpack[ActionOptions],
) -> int:
    from nstui.cli.act import act  # noqa: PLC0415

    return act(settings, action, names, options, **how)


@click.command()
@names_argument
@click.option(
    "-f", "--force", is_flag=True, help="Kill and remove running containers too."
)
@click.option("-v", "--volumes", is_flag=True, help="Remove anonymous volumes too.")
@term_options
@click.pass_obj
def rm(
    settings: Settings,
    *,
    names: tuple[str, ...],
    force: bool,
    volumes: bool,
    **options: Unpack[TermOptions],
) -> int:
    """Remove containers, unless others depend on them."""
    return _act(settings, "rm", names, options, force=force, volumes=volumes)


@click.command()
@names_argument
@stop_timeout_option
@term_options
@click.pass_obj
def stop(
    settings: Settings,
    *,
    names: tuple[str, ...],
    timeout: int | None,
    **options: Unpack[TermOptions],
) -> int:
    """Stop containers, unless others depend on them."""
    return _act(settings, "stop", names, options, timeout=timeout)


@click.command()
@names_argument
@stop_timeout_option
@wait_option
@term_options
@click.pass_obj
def restart(
    settings: Settings,
    *,
    names: tuple[str, ...],
    timeout: int | None,
    wait_s: int,
    **options: Unpack[TermOptions],
) -> int:
    """Restart containers, unless others depend on them.

    With --with-dependents, owners are restarted first, and each is awaited before the
    containers that joined it are restarted.
    """
    return _act(settings, "restart", names, options, timeout=timeout, wait_s=wait_s)


@click.command()
@names_argument
@click.option(
    "-s",
    "--signal",
    metavar="SIGNAL",
    callback=lambda _context, _option, value: checked_signal(value),
    shell_complete=complete_signals,
    help="Send this signal instead of KILL.",
)
@term_options
@click.pass_obj
def kill(
    settings: Settings,
    *,
    names: tuple[str, ...],
    signal: str | None,
    **options: Unpack[TermOptions],
) -> int:
    """Kill containers, unless others depend on them.

    Only a signal that ends the container harms its dependents: KILL, TERM, INT, QUIT,
    ABRT, the container's own stop signal, and the signals of a fault.
    """
    return _act(settings, "kill", names, options, signal=signal)


@click.command()
@term_options
@click.pass_obj
def prune(settings: Settings, **options: Unpack[TermOptions]) -> int:
    """Remove stopped containers nothing depends on."""
    return _act(settings, "prune", (), options)


@click.command()
@click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=complete_names)
@click.option(
    "--onto",
    metavar="NAME",
    shell_complete=complete_names,
    help="The new owner of the containers whose owner is gone, or of NAME.",
)
@click.option(
    "--keep-changes",
    is_flag=True,
    help="Commit changes outside volumes to an image first.",
)
@click.option("--drop-changes", is_flag=True, help="Discard changes outside volumes.")
@click.option(
    "--compose",
    "with_compose",
    is_flag=True,
    help="Let compose recreate containers as their project says now.",
)
@stop_timeout_option
@wait_option
@term_options
@click.pass_obj
def heal(
    settings: Settings, *, names: tuple[str, ...], **options: Unpack[HealOptions]
) -> int:
    """Repair containers that lost their namespace.

    Stopped owners are started, containers in an old namespace of their owner are
    restarted, and those whose owner is gone are recreated on the container that took
    its place. Without a name everything broken is healed; healthy containers are not
    touched.
    """
    if options["keep_changes"] and options["drop_changes"]:
        raise misuse("give either --keep-changes or --drop-changes, not both")
    if options["with_compose"] and (options["onto"] or options["keep_changes"]):
        other = "--onto" if options["onto"] else "--keep-changes"
        raise misuse(f"compose cannot be told what {other} says")
    from nstui.cli.heal import heal_containers  # noqa: PLC0415

    return heal_containers(settings, names, options)


def checked_signal(text: str | None) -> str | None:
    """Return a signal as the engine accepts it: a name without ``SIG``, or a number.

    Args:
        text: What was typed; None if the option was not given.

    Raises:
        click.BadParameter: there is no such signal.

    """
    if text is None:
        return None
    if signal_number(text) is None:
        raise click.BadParameter(f"there is no signal {text!r}")
    return text.upper().removeprefix("SIG")
