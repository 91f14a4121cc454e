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
    # The engine answers while Textual is imported, which takes about as long.
    first = None if connection.is_demo else Prefetch(connection.observer).take
    from nstui.tui.app import NstuiApp  # noqa: PLC0415

    # Imported modules are never garbage, so the collector need not visit them.
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
