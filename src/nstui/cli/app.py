"""The start of the text UI."""

from __future__ import annotations

import gc
import os
import threading
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.findings.ignoring import Reporting
from nstui.cli.config import last_left_file, preferences, read_config
from nstui.cli.exits import ExitCode
from nstui.cli.running import at_end_of_command
from nstui.cli.wiring import connect_demo, wire, wire_hosts
from nstui.engine.endpoint import DEFAULT_CONTEXT, names_for_context
from nstui.service.host_choice import HostChoice

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.preferences.choices import LastLeft, Preferences
    from nstui.audit.last_left import FileLastLeft
    from nstui.cli.config import ConfigFile
    from nstui.cli.running import AtEnd
    from nstui.cli.settings import Settings
    from nstui.service.observer import Prefetch
    from nstui.tui.early import EarlyScreen

ENGINE_S = 0.1
"""How many seconds the first screen waits for the engine before Textual is imported."""

KEEPING_S = 0.3
"""How many seconds the end of the program waits for the disk."""

SLOW_LINK_FPS = 10
"""The maximum number of frames per second over a slow link."""


def slow_frames(asked: str) -> str:
    """Return the number of frames per second over a slow link.

    Args:
        asked: The number that the user's environment sets, which counts if it is
            lower; may be empty.

    """
    return str(min(int(asked), SLOW_LINK_FPS) if asked.isdecimal() else SLOW_LINK_FPS)


def keep_last_left(kept: FileLastLeft | None, changed: LastLeft) -> None:
    """Keep what the user has changed; a disk that hangs does not hold up the end.

    Args:
        kept: The file; None without a home folder.
        changed: What the user has changed.

    """
    if kept is None or changed.is_empty:
        return
    thread = threading.Thread(target=kept.update, args=(changed,), daemon=True)
    thread.start()
    thread.join(KEEPING_S)


def _usable(preferred: Preferences) -> Preferences:
    """Return preferences without what the screen does not know."""
    if not (preferred.choices.keymap or preferred.choices.theme):
        return preferred
    from nstui.tui.keymap import usable  # noqa: PLC0415

    return usable(preferred)


def open_tui(settings: Settings) -> int:
    """Show the host that the settings select until the user ends it.

    Returns:
        The exit code.

    """
    read = read_config()
    choices = wire_hosts(settings, Reporting(rules=read.rules))
    if settings.demo:
        return run_hosts(choices, settings, read=read)
    contexts = partial(_contexts, settings, read, at_end_of_command())
    return run_hosts(choices, settings, read=read, contexts=contexts)


def run_hosts(
    choices: tuple[HostChoice, ...],
    settings: Settings,
    *,
    read: ConfigFile | None = None,
    contexts: Callable[[], tuple[HostChoice, ...]] | None = None,
) -> int:
    """Show hosts until the user ends it: a single one at once, several in a list.

    Args:
        choices: The hosts, at least one; their names differ.
        settings: The global options.
        read: The configuration if it is read already; None to read it.
        contexts: Returns the contexts that the user can open besides; None if there are
            none.

    Returns:
        The exit code.

    Raises:
        NstuiError: the address of a single host makes no sense. With several hosts the
            list shows that.

    """
    read = read_config() if read is None else read
    connection = choices[0].connect() if len(choices) == 1 else None
    if settings.slow_link:
        # Textual reads this variable when it is imported.
        os.environ["TEXTUAL_FPS"] = slow_frames(os.environ.get("TEXTUAL_FPS", ""))
    # The engine answers while the rest is imported, which takes longer.
    fetched = None
    if connection is not None and not connection.is_demo:
        from nstui.service.observer import Prefetch  # noqa: PLC0415

        fetched = Prefetch(connection.observer)
    from nstui.tui.session import Session  # noqa: PLC0415

    kept = last_left_file()
    left = None if kept is None else kept.read()
    preferred = _usable(preferences(settings, read, left))
    session = Session(preferred, left)
    early = None
    if (
        fetched is not None
        and connection is not None
        and session.has_default_look(connection.endpoint)
    ):
        early = _draw_early(fetched)
    can_be_several = connection is None or contexts is not None
    try:
        from nstui.service.hosts import SeveralHosts  # noqa: PLC0415
        from nstui.tui.app import NstuiApp  # noqa: PLC0415

        # Imported modules are never garbage, so the collector need not visit them.
        gc.freeze()
        gc.enable()
        app = NstuiApp(
            connection,
            connect_demo=partial(connect_demo, reporting=Reporting(rules=read.rules)),
            interval=preferred.choices.interval,
            is_read_only=settings.read_only,
            first=None if fetched is None else fetched.take,
            session=session,
            early=early,
            several=SeveralHosts(choices, contexts) if can_be_several else None,
        )
        app.run()
    finally:
        if early is not None:
            early.close()
    keep_last_left(kept, session.changed)
    return app.return_code or ExitCode.DONE


def _contexts(
    settings: Settings, read: ConfigFile, at_end: AtEnd
) -> tuple[HostChoice, ...]:
    """Return docker's contexts, each as if it had been chosen with ``--context``.

    On the screen ssh cannot ask anything.
    """
    names = dict.fromkeys((DEFAULT_CONTEXT, *sorted(names_for_context(os.environ))))
    reporting = Reporting(rules=read.rules)
    return tuple(
        HostChoice(
            name,
            partial(wire, settings.for_context(name), reporting, at_end=at_end),
        )
        for name in names
    )


def _draw_early(fetched: Prefetch) -> EarlyScreen | None:
    """Draw the first screen if the engine has answered by now, or answers soon."""
    from nstui.render.first_screen import first_screen, palette_for  # noqa: PLC0415
    from nstui.tui.early import draw_early, terminal_size  # noqa: PLC0415

    size = terminal_size()
    report = fetched.wait(ENGINE_S)
    if size is None or report is None:
        return None
    text = first_screen(report, *size, palette_for(os.environ))
    return None if text is None else draw_early(text, size)
