"""The options and arguments that several commands share."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from nstui.analysis.signals import signal_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    Command = TypeVar("Command", bound=Callable[..., object])

SHELLS = ("bash", "zsh", "fish")
"""The shells that there is a function ``docker`` and completion for."""


class TermOptions(TypedDict):
    """The options common to all actions, as click passes them."""

    dry_run: bool
    as_json: bool
    yes: bool
    with_dependents: bool
    break_dependents: bool


class WatchFlags(TypedDict):
    """The options of ``nstui watch``, as click passes them."""

    dry_run: bool
    settle: str | None
    only: tuple[str, ...]
    notify: tuple[str, ...]
    metrics: str | None
    as_json: bool
    log_format: str | None
    status: bool
    reset: str | None


class GuardFlags(TypedDict):
    """The options of ``nstui guard install``, as click passes them."""

    mode: str | None
    heal_instead: bool | None
    no_units: bool
    dry_run: bool


DEFAULT_WAIT_S = 60


def misuse(sentence: str) -> click.UsageError:
    """Return an error that names the command whose help says what is right."""
    return click.UsageError(sentence, click.get_current_context(silent=True))


def json_option(command: Command) -> Command:
    """Add ``--json`` to a command."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return option(command)


_flag = partial(click.option, is_flag=True)


_flag = partial(click.option, is_flag=True)


def term_options(command: Command) -> Command:
    """Add the options common to all actions, `TermOptions`, to a command."""
    options = (
        _flag("--dry-run", help="Print the plan, and change nothing."),
        _flag("--json", "as_json", help="Print the plan and its outcome as JSON."),
        _flag("-y", "--yes", help="Do not ask; still refuse what would break others."),
        _flag("--with-dependents", help="Include the containers that depend on it."),
        _flag("--break-dependents", help="Act although dependents break."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def complete_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the containers with names that begin with what was typed."""
    from nstui.cli.completion import complete_containers  # noqa: PLC0415

    return complete_containers(context, parameter, incomplete)


def complete_contexts(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the contexts and sets of hosts that begin with what was typed."""
    from nstui.cli import completion  # noqa: PLC0415

    return completion.complete_contexts(incomplete)


def complete_signals(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Return the signals with names that begin with what was typed."""
    from nstui.cli import completion  # noqa: PLC0415

    return completion.complete_signals(incomplete)


def names_argument(command: Command) -> Command:
    """Add the argument for container names, which a shell can complete."""
    argument = click.argument(
        "names",
        metavar="NAME...",
        nargs=-1,
        required=True,
        shell_complete=complete_names,
    )
    return argument(command)


def stop_timeout_option(command: Command) -> Command:
    """Add the engine's ``-t`` to a command."""
    option = click.option(
        "-t",
        "--timeout",
        "--time",
        "timeout",
        type=click.IntRange(min=0, max=86_400),
        metavar="SECONDS",
        help="Time to stop before it is killed.",
    )
    return option(command)


def signal_option(words: str) -> Callable[[Command], Command]:
    """Return a decorator that adds ``-s`` to a command, with this help text."""
    return click.option(
        "-s",
        "--signal",
        metavar="SIGNAL",
        callback=lambda _context, _option, value: checked_signal(value),
        shell_complete=complete_signals,
        help=words,
    )


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


def refuse_link(context: click.Context, _option: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - as click calls it
    """Refuse docker's ``rm --link``, where NAME would mean a link."""
    if value:
        raise click.UsageError("nstui removes no links: use docker rm --link", context)
    return value


def wait_option(command: Command) -> Command:
    """Add ``--wait`` to a command."""
    option = click.option(
        "--wait",
        "wait_s",
        type=click.IntRange(min=0, max=86_400),
        default=DEFAULT_WAIT_S,
        show_default=True,
        metavar="SECONDS",
        help="Time for an owner to become healthy.",
    )
    return option(command)
