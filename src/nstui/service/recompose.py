"""Lets compose replace containers, and sees whether that put them right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing import find_broken
from nstui.analysis.interruptions import find_leftover
from nstui.analysis.order import is_up
from nstui.analysis.replacing import containers_of, why_not_replaced
from nstui.errors import ContainerVanished, EngineRefused, HalfDone, NstuiError
from nstui.model.healing import Recomposition

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.model.healing import ComposeJoin
    from nstui.model.interruption import PlanRecord
    from nstui.model.plan import Step
    from nstui.ports import Compose
    from nstui.service.observer import Observer
    from nstui.service.verified import VerifiedEngine


class NoCompose:
    """Implements `nstui.ports.Compose` where there is none."""

    def recreation(
        self,
        container: Container,  # noqa: ARG002 - the port's
    ) -> Recomposition:
        """Return that there is no command."""
        return Recomposition()

    def joins(
        self,
        container: Container,  # noqa: ARG002 - the port's
    ) -> tuple[ComposeJoin, ...] | None:
        """Return that nothing is known."""
        return None

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),  # noqa: ARG002 - the port's
    ) -> None:
        """Refuse to run anything.

        Raises:
            EngineRefused: always.

        """
        raise EngineRefused(
            f"there is no compose here to recreate {container.name} with {command[0]}"
        )


def recompose(compose: Compose, observer: Observer, step: Step) -> None:
    """Run a compose command and look at what has come of it.

    Raises:
        ContainerVanished: the container is no longer there; nothing was done.
        EngineRefused: compose failed; what it says is in the message.
        EngineUnreachable: it did not end in time, or the engine did not answer.
        HalfDone: it did what it does, and this container was not replaced by one that
            is well.

    """
    before = observer.look_afresh().graph
    old = before.containers.get(step.container)
    if old is None:
        raise ContainerVanished(f"{step.name} is no longer there")
    compose.recreate(old, step.command, step.changes)
    report = observer.look_afresh()
    problem = why_not_replaced(
        old, before.containers.values(), report.snapshot.containers
    )
    if problem or (problem := _what_is_broken(old, report)):
        raise HalfDone(problem)


def _what_is_broken(old: Container, report: Report) -> str:
    """Return what is wrong with the new container, in the namespace of its owner."""
    broken = find_broken(report.snapshot, report.graph)
    mine = (
        ()
        if old.compose is None
        else containers_of(report.snapshot.containers, old.compose)
    )
    for container in mine:
        if container.id in broken:
            findings = report.findings_by_container.get(container.id, ())
            said = "; ".join(finding.message for finding in findings)
            return f"compose recreated {container.name}, which {said}"
        if not container.state.has_process:
            return f"compose recreated {container.name}, which is {container.state}"
    return ""


def finish_recompose(
    compose: Compose,
    observer: Observer,
    verified: VerifiedEngine,
    record: PlanRecord,
    step: Step,
) -> None:
    """Finish what compose was cut off in, or put back what there was.

    Compose itself does not know what to do with two containers of which one has the
    other's number. So the new one, which nobody needs yet, goes, and compose is asked
    anew; where it is all that is left it takes its place.

    Raises:
        NstuiError: that failed; the message says what is the case now.

    """
    graph = observer.look_afresh().graph
    left = find_leftover(graph, record, step)
    if left.old is None:
        if left.new is None:
            raise ContainerVanished(f"{step.name} is no longer there")
        _put_in_place(verified, left.new, record, step)
        return
    if left.new is not None:
        verified.remove(left.new, force=True)
    if left.old.name != step.name:
        verified.rename(left.old, step.name)
    try:
        recompose(compose, observer, step)
    except NstuiError as error:
        old = verified.see(left.old.id)
        if old is None or is_up(old) or old.id not in record.running:
            raise
        verified.start_orphan(old, graph)
        raise HalfDone(f"{error}; {step.name} runs again as it was before") from error


def _put_in_place(
    verified: VerifiedEngine, new: Container, record: PlanRecord, step: Step
) -> None:
    """Give the only container left its name, and start it if the old one ran."""
    if new.name != step.name:
        verified.rename(new, step.name)
    now = verified.see(new.id)
    if now is not None and not is_up(now) and step.container in record.running:
        verified.start(now)
