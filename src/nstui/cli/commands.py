"""The options before a command's name, and what runs without one."""

from __future__ import annotations

import gc
import math
import os
import sys

import click

from nstui.cli.exits import ExitCode
from nstui.cli.lazy import LazyGroup
from nstui.cli.wiring import Settings, connect_demo, wire
from nstui.service.head_start import HeadStart

SLOW_LINK_FPS = 10
"""How many frames a second are drawn at most for a slow link."""


def _number(
    _context: click.Context, _parameter: click.Parameter, value: float | None
) -> float | None:
    """Refuse "nan", which is neither too small nor too large for click."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is no number of seconds")
    return value


@click.group(
    cls=LazyGroup,
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
        return _open_tui(settings)
    return _print_tree(settings)


cli.places = {
    "check": "nstui.cli.check",
    "completion": "nstui.cli.completion",
    "explain": "nstui.cli.explain",
    "heal": "nstui.cli.heal",
    "kill": "nstui.cli.actions",
    "prune": "nstui.cli.actions",
    "removed": "nstui.cli.removed",
    "restart": "nstui.cli.actions",
    "rm": "nstui.cli.actions",
    "stop": "nstui.cli.actions",
    "tree": "nstui.cli.tree",
}


def _print_tree(settings: Settings) -> int:
    from nstui.cli.tree import print_trees  # noqa: PLC0415 - only without a terminal
    from nstui.model.namespace import NamespaceKind  # noqa: PLC0415 - as above

    print_trees(wire(settings).observer.look(), (NamespaceKind.NET,), unfold=False)
    return ExitCode.DONE


def slow_frames(asked: str) -> str:
    """Return how many frames a second to draw for a slow link.

    Args:
        asked: What the user's environment says: fewer are as good.

    """
    return str(min(int(asked), SLOW_LINK_FPS) if asked.isdecimal() else SLOW_LINK_FPS)


def _open_tui(settings: Settings) -> int:
    connection = wire(settings)
    if settings.slow_link:
        # Textual reads it when it is imported.
        os.environ["TEXTUAL_FPS"] = slow_frames(os.environ.get("TEXTUAL_FPS", ""))
    # The engine answers while Textual is imported, which takes about as long. Nothing
    # of that is garbage, so that looking for some would only take time.
    first = None if connection.is_demo else HeadStart(connection.observer).take
    gc.disable()
    from nstui.tui.app import NstuiApp  # noqa: PLC0415 - only the UI needs Textual

    gc.freeze()
    gc.enable()
    app = NstuiApp(
        connection,
        connect_demo=connect_demo,
        interval=settings.interval,
        is_read_only=settings.read_only,
        first=first,
    )
    app.run()
    return app.return_code or ExitCode.DONE
