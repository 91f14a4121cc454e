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
from nstui.cli.wiring import connect_demo, wire, wire_hosts
from nstui.errors import UsageProblem
from nstui.service.observer import Prefetch

if TYPE_CHECKING:
    from nstui.analysis.preferences.choices import LastLeft, Preferences
    from nstui.audit.last_left import FileLastLeft
    from nstui.cli.settings import Settings
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
    """Show the text UI until the user ends it; return the exit code."""
    read = read_config()
    reporting = Reporting(rules=read.rules)
    if len(wire_hosts(settings, reporting)) > 1:
        # Here the screen with the list of hosts is opened, once there is one.
        raise UsageProblem("nstui shows one host at a time: give one -c")
    connection = wire(settings, reporting)
    if settings.slow_link:
        # Textual reads this variable when it is imported.
        os.environ["TEXTUAL_FPS"] = slow_frames(os.environ.get("TEXTUAL_FPS", ""))
    # The engine answers while the rest is imported, which takes longer.
    fetched = None if connection.is_demo else Prefetch(connection.observer)
    from nstui.tui.session import Session  # noqa: PLC0415

    kept = last_left_file()
    left = None if kept is None else kept.read()
    preferred = _usable(preferences(settings, read, left))
    session = Session(preferred, left)
    early = None
    if fetched is not None and session.has_default_look(connection.endpoint):
        early = _draw_early(fetched)
    try:
        from nstui.tui.app import NstuiApp  # noqa: PLC0415

        # Imported modules are never garbage, so the collector need not visit them.
        gc.freeze()
        gc.enable()
        app = NstuiApp(
            connection,
            connect_demo=partial(connect_demo, reporting=reporting),
            interval=preferred.choices.interval,
            is_read_only=settings.read_only,
            first=None if fetched is None else fetched.take,
            session=session,
            early=early,
        )
        app.run()
    finally:
        if early is not None:
            early.close()
    keep_last_left(kept, session.changed)
    return app.return_code or ExitCode.DONE


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
