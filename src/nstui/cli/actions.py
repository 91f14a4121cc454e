"""The commands that change containers, each by carrying out a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from nstui.analysis.signals import signal_number
from nstui.cli.options import (
    TermOptions,
    complete_names,
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
@click.option("-f", "--force", is_flag=True, help="Kill what runs, as the engine does.")
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
@wait_option
@term_options
@click.pass_obj
def start(
    settings: Settings,
    *,
    names: tuple[str, ...],
    wait_s: int,
    **options: Unpack[TermOptions],
) -> int:
    """Start stopped containers, each after what it needs.

    What a container joined has to run: if it is stopped, it is started first. With
    --with-dependents the stopped dependents are started after their owner.
    """
    return _act(settings, "start", names, options, wait_s=wait_s)


@click.command()
@names_argument
@term_options
@click.pass_obj
def pause(
    settings: Settings, *, names: tuple[str, ...], **options: Unpack[TermOptions]
) -> int:
    """Pause all processes of containers.

    Dependents keep running, unless --with-dependents pauses them too.
    """
    return _act(settings, "pause", names, options)


@click.command()
@names_argument
@term_options
@click.pass_obj
def unpause(
    settings: Settings, *, names: tuple[str, ...], **options: Unpack[TermOptions]
) -> int:
    """Unpause all processes of containers.

    With --with-dependents their paused dependents too, after them.
    """
    return _act(settings, "unpause", names, options)


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

    With --with-dependents: owners first, each awaited, then those that joined them.
    """
    return _act(settings, "restart", names, options, timeout=timeout, wait_s=wait_s)


@click.command()
@names_argument
@click.option(
    "-s",
    "--signal",
    metavar="SIGNAL",
    callback=lambda _context, _option, value: checked_signal(value),
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

    Only a signal that ends a container harms those that depend on it: KILL, TERM, INT,
    QUIT, ABRT, the signal that the container is stopped by, and those of a fault.
    """
    return _act(settings, "kill", names, options, signal=signal)


@click.command()
@term_options
@click.pass_obj
def prune(settings: Settings, **options: Unpack[TermOptions]) -> int:
    """Remove the stopped containers that nobody depends on."""
    return _act(settings, "prune", (), options)


@click.command()
@click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=complete_names)
@click.option(
    "--onto",
    metavar="NAME",
    shell_complete=complete_names,
    help="The new owner of those whose owner is gone, or of those that are named.",
)
@click.option(
    "--keep-changes",
    is_flag=True,
    help="Make what a container wrote outside its volumes an image first.",
)
@click.option("--drop-changes", is_flag=True, help="Give up what it wrote there.")
@click.option(
    "--compose",
    "with_compose",
    is_flag=True,
    help="Let compose make containers as its project says now, changes included.",
)
@stop_timeout_option
@wait_option
@term_options
@click.pass_obj
def heal(
    settings: Settings, *, names: tuple[str, ...], **options: Unpack[HealOptions]
) -> int:
    """Bring back together what an action has torn apart.

    Stopped owners are started, those left in an old namespace are restarted, and those
    whose owner is gone are recreated on the one that took its place. Without a name
    all that is broken is healed; what is well is not touched.
    """
    if options["keep_changes"] and options["drop_changes"]:
        raise click.UsageError("give either --keep-changes or --drop-changes, not both")
    if options["with_compose"] and (options["onto"] or options["keep_changes"]):
        other = "--onto" if options["onto"] else "--keep-changes"
        raise click.UsageError(f"compose cannot be told what {other} says")
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
