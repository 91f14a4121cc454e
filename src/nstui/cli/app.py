"""The start of the text UI."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from nstui.cli.exits import ExitCode
from nstui.cli.wiring import connect_demo, wire
from nstui.service.observer import Prefetch

if TYPE_CHECKING:
    from nstui.cli.settings import Settings
    from nstui.service.host import Host
    from nstui.tui.early import EarlyScreen

ENGINE_S = 0.1
"""How many seconds the first screen waits for the engine before Textual is imported."""

SLOW_LINK_FPS = 10
"""The maximum number of frames per second over a slow link."""


def slow_frames(asked: str) -> str:
    """Return the number of frames per second over a slow link.

    Args:
        asked: The number that the user's environment sets, which counts if it is
            lower; may be empty.

    """
    return str(min(int(asked), SLOW_LINK_FPS) if asked.isdecimal() else SLOW_LINK_FPS)


def open_tui(settings: Settings) -> int:
    """Show the text UI until the user ends it; return the exit code."""
    connection = wire(settings)
    if settings.slow_link:
        # Textual reads this variable when it is imported.
        os.environ["TEXTUAL_FPS"] = slow_frames(os.environ.get("TEXTUAL_FPS", ""))
    # The engine answers while the rest is imported, which takes longer.
    fetched = None if connection.is_demo else Prefetch(connection.observer)
    early = None if fetched is None else _draw_early(fetched)
    try:
        return _run(settings, connection, fetched, early)
    finally:
        if early is not None:
            early.close()


def _run(
    settings: Settings,
    connection: Host,
    fetched: Prefetch | None,
    early: EarlyScreen | None,
) -> int:
    from nstui.tui.app import NstuiApp  # noqa: PLC0415

    # Imported modules are never garbage, so the collector need not visit them.
    gc.freeze()
    gc.enable()
    app = NstuiApp(
        connection,
        connect_demo=connect_demo,
        interval=settings.interval,
        is_read_only=settings.read_only,
        first=None if fetched is None else fetched.take,
        early=early,
    )
    app.run()
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
