"""Findings about containers that do not run although they should, or are unwell.

An inspect does not say what ended a container: it is the same after a `docker stop` and
after the program ended by itself. The findings for a container that does not run are:

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

A refused start is a finding because the policy or a user wanted the container to run.
If a container ends by itself, the engine restarts it if the policy says so, and records
an error if it cannot. A container that is down under such a policy without an error was
therefore stopped by a user.

The engine's mark that a container ran out of memory is a finding of its own, which also
explains the exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.exits import (
    ended_with_error,
    exit_text,
    is_cause_gone,
    is_looping,
    is_over,
    may_start,
    start_error,
)
from nstui.analysis.managers import manager_text
from nstui.analysis.plans.commands import after, command, commands, word_for
from nstui.model.container import ContainerState, Health
from nstui.model.finding import Finding, FindingCode, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot


_HEALTH = "{{json .State.Health}}"

_OUT_OF_MEMORY = {
    False: "was killed because it ran out of memory",
    # The engine sets the mark for any process; the first one may have survived. Engine
    # 20.10 keeps the mark until the next exit, 28.5 clears it at the next start.
    True: "ran out of memory, and a process of it was killed",
}
"""What the engine's mark means, depending on whether the container runs."""


def find_failed_start(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Finding | None:
    """Return a finding if a container does not run and its last start was refused."""
    problem = start_error(container)
    if not problem or container.state is ContainerState.RESTARTING:
        return None
    start = (command(snapshot.engine), "start", word_for(container))
    remedy = after("fix that", start)
    if is_cause_gone(graph, container.id) and may_start(graph, container.id):
        from nstui.analysis.findings.remedies import bring_back  # noqa: PLC0415

        remedy = bring_back(snapshot, graph, (container.id,))
    return Finding(
        code=FindingCode.START_FAILED,
        severity=Severity.ERROR,
        container=container.id,
        message=f"is not running: its last start failed: {problem}",
        remedy=remedy.text,
        is_command=remedy.is_command,
    )


def find_exit(snapshot: Snapshot, container: Container) -> Finding | None:
    """Return a finding if a container ended with an error and is not restarted."""
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
        message=f"ended with exit code {exit_text(container)}"
        + _what_follows(container),
        remedy=after("fix what its log reports", start).text,
    )


def _what_follows(container: Container) -> str:
    """Return what starts a container instead of the engine, as a sentence's end."""
    manager = container.manager
    if manager is None:
        return ", and nothing will start it again"
    words = manager_text(manager)
    if not manager.is_proven:
        return f"; {words}, which may run it, may start it again"
    return f"; what follows is decided by {words}"


def find_engine_words(container: Container, docker: str) -> Iterator[Finding]:
    """Yield the problems that the engine itself reports for a container.

    Args:
        container: The container in question.
        docker: The engine's command line program.

    """
    name = word_for(container)
    if container.state.has_process and container.health is Health.UNHEALTHY:
        remedy = commands((docker, "inspect", "--format", _HEALTH, name))
        yield Finding(
            code=FindingCode.UNHEALTHY,
            severity=Severity.ERROR,
            container=container.id,
            message="its health check fails",
            remedy=remedy.text,
            is_command=remedy.is_command,
        )
    if container.inspection is not None and container.inspection.oom_killed:
        yield Finding(
            code=FindingCode.OOM_KILLED,
            severity=Severity.ERROR,
            container=container.id,
            message=_OUT_OF_MEMORY[container.state.has_process],
            remedy=f"raise its limits, with {docker} update or where it is declared",
        )


def find_restarting(snapshot: Snapshot, container: Container) -> Finding | None:
    """Return a finding if a container is in a restart loop; see `is_looping`."""
    if not is_looping(snapshot, container):
        return None
    docker = command(snapshot.engine)
    remedy = commands((docker, "logs", "--tail", "50", word_for(container)))
    inspection = container.inspection
    count = 0 if inspection is None else inspection.restart_count
    return Finding(
        code=FindingCode.RESTARTING,
        severity=Severity.WARNING,
        container=container.id,
        message="keeps exiting and being restarted"
        + (f": {count} times since it was last started by hand" if count > 1 else ""),
        remedy=remedy.text,
        is_command=remedy.is_command,
    )


def find_unreadable(container: Container, docker: str) -> Finding | None:
    """Return a finding if a container runs and could not be inspected.

    In that case only its network join is known, neither other joins nor namespaces.

    Args:
        container: The container in question.
        docker: The engine's command line program.

    """
    if container.inspection is not None or not container.state.has_process:
        return None
    remedy = commands((docker, "inspect", word_for(container)))
    return Finding(
        code=FindingCode.UNREADABLE,
        severity=Severity.WARNING,
        container=container.id,
        message=f"runs, and {uninspected_text(container)}",
        remedy=remedy.text,
        is_command=remedy.is_command,
    )


def uninspected_text(container: Container) -> str:
    """Return why a container could not be inspected, as the end of a sentence."""
    return (
        f"could not be inspected: {container.inspection_problem or 'no reason given'}"
    )
