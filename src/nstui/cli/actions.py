"""The commands that change containers, each by carrying out a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from nstui.cli.options import (
    TermOptions,
    complete_names,
    misuse,
    names_argument,
    refuse_link,
    signal_option,
    stop_timeout_option,
    term_options,
    wait_option,
)

if TYPE_CHECKING:
    from nstui.cli.act import ActionOptions
    from nstui.cli.heal import HealOptions
    from nstui.cli.recreate import RecreateOptions
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
@click.option("-l", "--link", is_flag=True, callback=refuse_link, hidden=True)
@term_options
@click.pass_obj
def rm(
    settings: Settings,
    *,
    names: tuple[str, ...],
    force: bool,
    volumes: bool,
    link: bool,  # noqa: ARG001 - refused before
    **options: Unpack[TermOptions],
) -> int:
    """Remove containers, unless others depend on them."""
    return _act(settings, "rm", names, options, force=force, volumes=volumes)


@click.command()
@names_argument
@signal_option("Send this signal instead of the container's own.")
@stop_timeout_option
@term_options
@click.pass_obj
def stop(
    settings: Settings,
    *,
    names: tuple[str, ...],
    signal: str | None,
    timeout: int | None,
    **options: Unpack[TermOptions],
) -> int:
    """Stop containers, unless others depend on them."""
    return _act(settings, "stop", names, options, timeout=timeout, signal=signal)


@click.command("start")
@names_argument
@wait_option
@term_options
@click.pass_obj
def start_command(
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
@signal_option("Send this signal instead of the container's own.")
@stop_timeout_option
@wait_option
@term_options
@click.pass_obj
def restart(
    settings: Settings,
    *,
    names: tuple[str, ...],
    signal: str | None,
    timeout: int | None,
    wait_s: int,
    **options: Unpack[TermOptions],
) -> int:
    """Restart containers, unless others depend on them.

    With --with-dependents, owners are restarted first, and each is awaited before the
    containers that joined it are restarted.
    """
    how: ActionOptions = {"timeout": timeout, "signal": signal, "wait_s": wait_s}
    return _act(settings, "restart", names, options, **how)


@click.command()
@names_argument
@signal_option("Send this signal instead of KILL.")
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


@click.command()
@names_argument
@click.option("--image", default="", metavar="IMAGE", help="Use another image.")
@click.option("--pull", is_flag=True, help="Pull the image first.")
@click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Set the variables in this file, which is as for docker run.",
)
@click.option(
    "--keep-changes",
    is_flag=True,
    help="Commit changes of dependents outside volumes to an image first.",
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
def recreate(
    settings: Settings, *, names: tuple[str, ...], **options: Unpack[RecreateOptions]
) -> int:
    """Make containers anew from their image, and take their dependents along.

    The image is what its name means now. What the container had from its old image it
    has from the new one; all other settings, its volumes and its addresses stay. What
    depends on it is always taken along: it is recreated on the new container, or
    restarted. The old containers are kept, stopped, until all new ones run and are
    healthy; if that fails, or takes longer than --wait, everything is put back.

    A container of compose is recreated by compose if its files say the same as when it
    was made.
    """
    if options["keep_changes"] and options["drop_changes"]:
        raise misuse("give either --keep-changes or --drop-changes, not both")
    from nstui.cli.recreate import recreate_containers  # noqa: PLC0415

    return recreate_containers(settings, names, options)


ACTIONS = (
    *(rm, stop, start_command, restart, kill),
    *(pause, unpause, prune, heal, recreate),
)
