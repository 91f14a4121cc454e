"""Since when a container is in its state, in words that stay true as time passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.exits import exit_text
from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.container import Container


def since_text(container: Container, now: datetime) -> str:
    """Return since when a container runs, or when and how it ended.

    It is a time instead of an age, which would have to be drawn again as it grows. If
    the time is not known, it is the engine's sentence.

    Args:
        container: The container.
        now: The present time.

    """
    inspection = container.inspection
    if inspection is not None:
        started, finished = inspection.started_at, inspection.finished_at
        if container.state.has_process and started is not None:
            return f"up since {clock_text(started, now)}"
        code = inspection.exit_code
        is_over = container.state is ContainerState.EXITED
        if is_over and finished is not None and code is not None:
            return f"with code {exit_text(container)} at {clock_text(finished, now)}"
    return container.status


def clock_text(moment: datetime, now: datetime) -> str:
    """Return the local time of a moment today, or the date of another day."""
    here = moment.astimezone()
    is_today = here.date() == now.astimezone().date()
    return f"{here:%H:%M}" if is_today else f"{here:%Y-%m-%d}"
