"""What the engine itself reports as wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ContainerState, Health
from nstui.model.finding import Finding, FindingCode, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.container import Container


def find_engine_words(container: Container, docker: str) -> Iterator[Finding]:
    """Yield what the engine reports of one container.

    Args:
        container: Of whom.
        docker: The engine's command line program, for the remedies.

    """
    name = container.name
    if container.state.has_process and container.health is Health.UNHEALTHY:
        yield Finding(
            code=FindingCode.UNHEALTHY,
            severity=Severity.ERROR,
            container=container.id,
            message="its health check fails",
            remedy=f"{docker} inspect --format '{{{{json .State.Health}}}}' {name}",
        )
    if container.inspection is not None and container.inspection.oom_killed:
        yield Finding(
            code=FindingCode.OOM_KILLED,
            severity=Severity.ERROR,
            container=container.id,
            message="was killed because it ran out of memory",
            remedy=f"{docker} update --memory <more> --memory-swap <more> {name}",
        )
    if container.state is ContainerState.RESTARTING:
        yield Finding(
            code=FindingCode.RESTARTING,
            severity=Severity.WARNING,
            container=container.id,
            message="keeps exiting and being restarted",
            remedy=f"{docker} logs --tail 50 {name}",
        )
