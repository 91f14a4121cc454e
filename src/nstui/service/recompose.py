"""Lets compose replace containers, and sees whether that put them right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing import find_broken
from nstui.errors import EngineRefused, HalfDone

if TYPE_CHECKING:
    from nstui.model.container import ComposeService
    from nstui.model.plan import Step
    from nstui.ports import Compose
    from nstui.service.observer import Observer


class NoCompose:
    """Implements `nstui.ports.Compose` where there is none."""

    def recreation(self, service: ComposeService) -> None:
        """Return that there is no command."""

    def run(self, command: tuple[str, ...]) -> None:
        """Refuse to run anything.

        Raises:
            EngineRefused: always.

        """
        raise EngineRefused(f"there is no compose here to run {command[0]}")


def recompose(compose: Compose, observer: Observer, step: Step) -> None:
    """Run a compose command and look at what has come of it.

    Raises:
        EngineRefused: compose failed; what it says is in the message.
        EngineUnreachable: it did not end in time, or the engine did not answer.
        HalfDone: it did what it does, and the container is broken still.

    """
    before = observer.look_afresh().graph.containers.get(step.container)
    compose.run(step.command)
    if before is None:
        return
    report = observer.look_afresh()
    broken = find_broken(report.snapshot, report.graph)
    for container in report.snapshot.containers:
        if container.compose != before.compose:
            continue
        if container.id in broken:
            findings = report.findings_by_container.get(container.id, ())
            said = "; ".join(finding.message for finding in findings)
            raise HalfDone(f"compose recreated {container.name}, which {said}")
        # Compose v1 gives one whose owner does not run a network of its own: traffic
        # that was to go through the owner would not.
        if {j.kind for j in container.joins} < {j.kind for j in before.joins}:
            raise HalfDone(
                f"compose recreated {container.name} without what it joined:"
                f" it is on {container.network_mode} now; stop it"
            )
