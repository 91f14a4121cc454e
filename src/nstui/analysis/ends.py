"""Who does not run although it should, and who ended with an error.

An inspect does not say who ended a container: after a `docker stop` it looks as after
an end of its own. What can be told, for one that does not run:

| last start | policy | exit code | found |
|---|---|---|---|
| was refused | any | any | `start-failed` |
| never asked for | any | none | nothing |
| succeeded | `always`, `unless-stopped` | any | nothing |
| succeeded | `on-failure` without a limit | any | nothing |
| succeeded | `on-failure`, limit not reached | any | nothing |
| succeeded | `on-failure`, limit reached | of an error | `exited` |
| succeeded | `no` | of an error | `exited` |
| succeeded | any | 0, or of a signal that asks for an end | nothing |

Whoever asked for a start that was refused, the policy or somebody, wanted it to run.
What ends by itself the engine starts again where the policy says so, and says why if it
cannot: what is down under such a policy without a word was stopped by somebody.

The engine's mark that it ran out of memory is a finding of its own, and explains the
exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.exits import ended_with_error, exit_words
from nstui.analysis.failed_starts import is_cause_gone, may_start, start_error
from nstui.analysis.jobs import is_over
from nstui.analysis.managers import manager_words
from nstui.analysis.mending import bring_back
from nstui.analysis.remedies import after, command, word_for
from nstui.model.container import ContainerState
from nstui.model.finding import Finding, FindingCode, Severity

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot


def find_failed_start(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Finding | None:
    """Return that the last start of a container was refused, if it is not running."""
    problem = start_error(container)
    if not problem or container.state is ContainerState.RESTARTING:
        return None
    start = (command(snapshot.engine), "start", word_for(container))
    cure = after("put that right", start)
    if is_cause_gone(graph, container.id) and may_start(graph, container.id):
        cure = bring_back(snapshot, graph, (container.id,))
    return Finding(
        code=FindingCode.START_FAILED,
        severity=Severity.ERROR,
        container=container.id,
        message=f"is not running: its last start failed: {problem}",
        remedy=cure.text,
        is_command=cure.is_command,
    )


def find_exit(snapshot: Snapshot, container: Container) -> Finding | None:
    """Return that a container ended with an error and the engine leaves it so."""
    inspection = container.inspection
    if inspection is None or container.state is not ContainerState.EXITED:
        return None
    is_told = bool(start_error(container)) or inspection.oom_killed
    if is_told or not ended_with_error(container) or not is_over(inspection):
        return None
    start = (command(snapshot.engine), "start", word_for(container))
    return Finding(
        code=FindingCode.EXITED,
        severity=Severity.WARNING,
        container=container.id,
        message=f"ended with exit code {exit_words(container)}"
        + _what_follows(container),
        remedy=after("mend what its log tells of", start).text,
    )


def _what_follows(container: Container) -> str:
    """Say who starts a container again that the engine does not start, as an end."""
    manager = container.manager
    if manager is None:
        return ", and nothing will start it again"
    words = manager_words(manager)
    if not manager.is_proven:
        return f"; {words}, which may run it, may start it again"
    return f"; what follows is decided by {words}"
