"""The commands that change containers; each goes through one plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from nstui.analysis.signals import signal_number
from nstui.cli.act import act
from nstui.cli.options import (
    TermOptions,
    names_argument,
    stop_timeout_option,
    term_options,
    terms_of,
    wait_option,
)
from nstui.model.plan import Action, Request

if TYPE_CHECKING:
    from nstui.cli.wiring import Settings


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
    request = Request(action=Action.RM, targets=(), force=force, volumes=volumes)
    return act(settings, request, names, terms_of(options))


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
    request = Request(action=Action.STOP, targets=(), timeout=timeout)
    return act(settings, request, names, terms_of(options))


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
    request = Request(action=Action.RESTART, targets=(), timeout=timeout, wait_s=wait_s)
    return act(settings, request, names, terms_of(options))


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
    request = Request(action=Action.KILL, targets=(), signal=signal)
    return act(settings, request, names, terms_of(options))


@click.command()
@term_options
@click.pass_obj
def prune(settings: Settings, **options: Unpack[TermOptions]) -> int:
    """Remove the stopped containers that nobody depends on."""
    request = Request(action=Action.PRUNE, targets=())
    return act(settings, request, (), terms_of(options))


def checked_signal(text: str | None) -> str | None:
    """Return a signal as the engine takes it: by name, or by number.

    Raises:
        click.BadParameter: there is no such signal.

    """
    if text is None:
        return None
    if signal_number(text) is None:
        raise click.BadParameter(f"there is no signal {text!r}")
    return text.upper().removeprefix("SIG")
