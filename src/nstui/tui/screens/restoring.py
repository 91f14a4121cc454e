"""The choice of the removed container to bring back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import UnknownContainer
from nstui.render.incidents import remedy_text
from nstui.render.restoration_text import record_lines
from nstui.render.text import plural
from nstui.tui.poller import in_background
from nstui.tui.screens.prompts import QuestionScreen

if TYPE_CHECKING:
    from textual.app import App

    from nstui.analysis.report import Report
    from nstui.model.audit import RemovedContainer
    from nstui.model.container import ContainerId
    from nstui.service.executor import Executor


WHICH = "Restore which container?"
NOTHING = "no removed containers to restore"


async def choose_removed(
    app: App[None], executor: Executor, report: Report
) -> ContainerId | None:
    """Return the removed container that the user chooses; None if none.

    The last one is under the cursor; if there is only one, there is no question. Must
    be awaited in a worker of the app.

    Raises:
        UnknownContainer: None is kept that could be restored.
        AuditFailed: What is kept cannot be read.

    """
    kept = await in_background(executor.removed)
    damaged = await in_background(executor.damaged)
    records = [one for one in kept if not _is_there(one, report)]
    count = plural(len(damaged), "record")
    unread = remedy_text(report, f"{count} could not be read: see nstui removed")
    if not records:
        raise UnknownContainer(unread if damaged else NOTHING)
    if len(records) == 1 and not damaged:
        return records[0].id
    lines = (unread,) if damaged else ()
    question = QuestionScreen(WHICH, lines, record_lines(records))
    chosen = await app.push_screen_wait(question)
    return None if chosen is None else records[chosen].id


def _is_there(record: RemovedContainer, report: Report) -> bool:
    """Tell whether a container, or what was made of its record, is there."""
    now = record.restored
    there = report.graph.containers
    return record.id in there or (now is not None and now.container in there)
