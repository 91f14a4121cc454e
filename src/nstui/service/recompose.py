"""Lets compose replace containers, and sees whether that put them right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing import find_broken
from nstui.analysis.interruptions import find_leftover
from nstui.analysis.order import is_up
from nstui.errors import EngineRefused, HalfDone, NstuiError

if TYPE_CHECKING:
    from nstui.model.container import ComposeService
    from nstui.model.interruption import PlanRecord
    from nstui.model.plan import Step
    from nstui.ports import Compose
    from nstui.service.observer import Observer
    from nstui.service.verified import VerifiedEngine


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


def finish_recompose(
    compose: Compose,
    observer: Observer,
    verified: VerifiedEngine,
    record: PlanRecord,
    step: Step,
) -> None:
    """Finish what compose was cut off in; put back what there is if it cannot.

    Raises:
        HalfDone: neither succeeded; the message says what is the case now.

    """
    try:
        compose.run(step.command)
    except NstuiError as error:
        problem: NstuiError | None = error
    else:
        problem = None
    graph = observer.look_afresh().graph
    left = find_leftover(graph, record, step)
    both = [one for one in (left.new, left.old) if one is not None]
    if len(both) > 1:
        names = " and ".join(one.name for one in both)
        raise HalfDone(f"{problem or 'compose ended well'}; {names} are left over")
    if not both:
        raise HalfDone(f"{problem or 'compose ended well'}; {step.name} is not there")
    container = both[0]
    if container.name != step.name:
        verified.rename(container, step.name)
    ran = step.container in record.running
    now = verified.see(container.id)
    if ran and now is not None and not is_up(now):
        verified.start(now)
