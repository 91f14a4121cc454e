"""Checks before each step of a plan whether what it relies on is still so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from nstui.analysis.plans import preconditions
from nstui.errors import NstuiError
from nstui.model.frozen import dataclass
from nstui.model.outcome import Aftermath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.report import Report
    from nstui.ports import ContainerEngine
    from nstui.service.observer import Observer
    from nstui.service.results import NumberedStep, Results


class PlanEnded(Exception):
    """Raised to end the plan before its last step."""


@dataclass(slots=True, kw_only=True)
class PlanCheck:
    """Looks before each step of one plan, and compares with what the plan is from.

    Raises:
        PlanEnded: the host cannot be read; the results have the failure.

    """

    results: Results
    then: Report
    """The report from which the plan was made."""

    engine: ContainerEngine
    observer: Observer
    is_lost: bool = False
    """Whether the engine has stopped answering."""

    _is_report_used: bool = False
    """Whether a step has had the report that the plan is from."""

    def newest_report(self, one: NumberedStep) -> Report:
        """Return a new report; before the first step, that which the plan is from."""
        if not self._is_report_used:
            self._is_report_used = True
            return self.then
        with self._ending_if_lost(one):
            return self.observer.look_afresh()

    def what_changed(self, one: NumberedStep, report: Report) -> str | None:
        """Return what of a step is no longer so in a report; None if nothing."""
        if report is self.then:
            return None
        return preconditions.what_changed(one.step, self.then.graph, report.graph)

    def what_ended(self, one: NumberedStep, report: Report) -> str | None:
        """Return what has ended since a report that a step needs; None if nothing."""
        with self._ending_if_lost(one):
            rows = {row.id: row for row in self.engine.listed()}
        return preconditions.what_ended(one.step, report.graph, rows)

    @contextmanager
    def _ending_if_lost(self, one: NumberedStep) -> Iterator[None]:
        """End the plan before a step if the host cannot be read."""
        try:
            yield
        except NstuiError as error:
            self.is_lost = True
            if not self.results.failed:
                self.results.add_failure(one, error, Aftermath.NOT_ASKED)
            raise PlanEnded from error
