"""What the engine itself reports as wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.loops import is_looping
from nstui.analysis.remedies import command, commands, word_for
from nstui.model.container import Health
from nstui.model.finding import Finding, FindingCode, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot


_HEALTH = "{{json .State.Health}}"

_OUT_OF_MEMORY = {
    False: "was killed because it ran out of memory",
    # The engine sets the mark for any process; its first one may have survived. Engine
    # 20.10 keeps it over the next start until the next end, 28.5 does not.
    True: "ran out of memory, and a process of it was killed",
}
"""What the engine's mark means, by whether the container runs."""


def find_engine_words(container: Container, docker: str) -> Iterator[Finding]:
    """Yield what the engine reports of one container.

    Args:
        container: Of whom.
        docker: The engine's command line program, for the remedies.

    """
    name = word_for(container)
    if container.state.has_process and container.health is Health.UNHEALTHY:
        cure = commands((docker, "inspect", "--format", _HEALTH, name))
        yield Finding(
            code=FindingCode.UNHEALTHY,
            severity=Severity.ERROR,
            container=container.id,
            message="its health check fails",
            remedy=cure.text,
            is_command=cure.is_command,
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
    """Return that a container is in a restart loop, if it is; see `is_looping`."""
    if not is_looping(snapshot, container):
        return None
    docker = command(snapshot.engine)
    cure = commands((docker, "logs", "--tail", "50", word_for(container)))
    inspection = container.inspection
    count = 0 if inspection is None else inspection.restart_count
    return Finding(
        code=FindingCode.RESTARTING,
        severity=Severity.WARNING,
        container=container.id,
        message="keeps exiting and being restarted"
        + (f": {count} times since it was last started by hand" if count > 1 else ""),
        remedy=cure.text,
        is_command=cure.is_command,
    )


def find_unreadable(container: Container, docker: str) -> Finding | None:
    """Return that a container runs and could not be inspected, if so.

    Nobody knows what it joined besides its network, nor where it is.

    Args:
        container: Of whom.
        docker: The engine's command line program, which may say more.

    """
    if container.inspection is not None or not container.state.has_process:
        return None
    cure = commands((docker, "inspect", word_for(container)))
    return Finding(
        code=FindingCode.UNREADABLE,
        severity=Severity.WARNING,
        container=container.id,
        message=f"runs, and {uninspected_words(container)}",
        remedy=cure.text,
        is_command=cure.is_command,
    )


def uninspected_words(container: Container) -> str:
    """Return why a container could not be inspected, as the end of a sentence."""
    return (
        f"could not be inspected: {container.inspection_problem or 'no reason given'}"
    )
