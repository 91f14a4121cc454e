"""Puts back what a plan has changed that is carried out as a whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.checks import why_misplaced
from nstui.analysis.plans.leftovers import REPLACING, find_replaced
from nstui.analysis.plans.order import is_up
from nstui.errors import NstuiError
from nstui.model.frozen import dataclass
from nstui.model.step import Step, Verb
from nstui.service.start_again import await_running, pause_again

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.service.audit import ActionAudit
    from nstui.service.observer import Observer
    from nstui.service.recreate import Replacer
    from nstui.service.restore import Restorer
    from nstui.service.verified import VerifiedEngine


@dataclass(frozen=True, slots=True)
class Before:
    """What is to be so again that was so before a plan."""

    ran: frozenset[ContainerId]
    """The containers that ran, paused or not."""

    paused: frozenset[ContainerId]


_RETURNED = REPLACING | {Verb.RESTART}
"""The steps whose containers must be as before."""


class Rollback:
    """Puts containers back as they were before a plan.

    It finds what the plan has changed by looking, so that it may be called again after
    it was cut off itself.
    """

    def __init__(
        self,
        observer: Observer,
        verified: VerifiedEngine,
        replacer: Replacer,
        restorer: Restorer,
        audit: ActionAudit,
    ) -> None:
        """Store what looks, and what changes containers."""
        self._observer = observer
        self._verified = verified
        self._replacer = replacer
        self._restorer = restorer
        self._audit = audit

    def put_back(
        self,
        steps: Sequence[Step],
        before: Before,
        made: Collection[ContainerId],
        note: Callable[[ContainerId], object],
    ) -> Iterator[str]:
        """Put everything back; yield a sentence for each thing that could not be.

        First the new containers are removed and the old ones get their names again,
        dependents first. Then the old ones are started again, owners first: those that
        joined one by its id are in its namespace then. At last those are paused again
        that were paused before, dependents first.

        Args:
            steps: All steps of the plan, whether they were begun or not.
            before: What ran before the plan, and what of that was paused.
            made: The new containers of the plan, as far as they are known.
            note: Called with the id of each container that is made on the way back.

        """
        for step in reversed(steps):
            if step.verb in REPLACING:
                yield from self._take_away(step, made)
        running: dict[str, Container] = {}
        for step in steps:
            if step.verb in _RETURNED:
                yield from self._bring_back(step, before.ran, running, note)
        if running:
            seconds = self._replacer.steady_s
            yield from await_running(self._observer, running, seconds)
        yield from self._pause_again(steps, before.paused)

    def _pause_again(
        self, steps: Sequence[Step], paused: Collection[ContainerId]
    ) -> Iterator[str]:
        again = [
            step
            for step in reversed(steps)
            if step.verb in _RETURNED and step.container in paused
        ]
        if not again:
            return
        try:
            graph = self._observer.look_afresh().graph
        except NstuiError as error:
            names = ", ".join(step.name for step in again)
            yield f"could not pause {names} again: {error}"
            return
        # One that was restored has another id now.
        found = {step.name: graph.resolve(step.name) for step in again}
        there = {name: one for name, one in found.items() if one is not None}
        yield from pause_again(self._verified, there)

    def _take_away(self, step: Step, made: Collection[ContainerId]) -> Iterator[str]:
        """Remove the new container of a step, and give the old one its name."""
        try:
            left = find_replaced(self._observer.look_afresh().graph, step, made)
            # Nothing else is left of one whose old container was removed meanwhile.
            is_last = left.old is None and not step.removes
            if left.new is not None and not is_last | self._is_restored(step, left.new):
                self._verified.remove(left.new, force=True)
            if left.old is not None and left.old.name != step.name:
                self._verified.rename(left.old, step.name)
        except NstuiError as error:
            yield f"could not put {step.name} back: {error}"

    def _is_restored(self, step: Step, found: Container) -> bool:
        """Tell whether a container was restored before this was cut off."""
        restored = (
            removed.restored
            for removed in self._audit.removed()
            if removed.id == step.container
        )
        return any(mark is not None and mark.container == found.id for mark in restored)

    def _bring_back(
        self,
        step: Step,
        ran: Collection[ContainerId],
        running: dict[str, Container],
        note: Callable[[ContainerId], object],
    ) -> Iterator[str]:
        """Let a container run again where it ran, or restore it if it is gone."""
        try:
            report = self._observer.look_afresh()
            # If it has another id, it is what an earlier way back has made of it.
            there = report.graph.containers.get(step.container) or self._made_again(
                step, report
            )
            if there is None:
                starts = step.container in ran
                again = replace(step, verb=Verb.RESTORE, image="", starts=starts)
                self._restorer.restore(again, note)
            elif step.container in ran and self._runs_again(step, there, report, note):
                running[step.name] = there
        except NstuiError as error:
            yield f"could not bring {step.name} back: {error}"

    def _made_again(self, step: Step, report: Report) -> Container | None:
        found = report.graph.resolve(step.name)
        return None if found is None else report.graph.containers[found]

    def _runs_again(
        self,
        step: Step,
        old: Container,
        report: Report,
        note: Callable[[ContainerId], object],
    ) -> bool:
        """Start or restart a container; tell whether it has yet to be seen running."""
        graph = report.graph
        if any(graph.resolve(join.reference) is None for join in old.joins):
            # What it joined was restored, and has another id now.
            again = replace(
                step, verb=Verb.RECREATE, image="", keeps_old=False, starts=True
            )
            self._replacer.replace(again, note)
            return False
        if not is_up(old):
            self._verified.start(old)
            return True
        if why_misplaced(report, old.id):
            self._verified.restart(old, step.timeout)
            return True
        return False
