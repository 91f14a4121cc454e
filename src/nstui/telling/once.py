"""What ``nstui check --metrics`` prints: the metrics of one look."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest

from nstui.telling.families import LookFacts, build_family, look_families

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from nstui.analysis.report import Report


def report_text(report: Report) -> str:
    """Return the metrics of a report as text."""
    return _text(
        LookFacts(
            is_up=True,
            looked_at=report.snapshot.taken_at,
            findings=Counter(one.code.value for one in report.findings),
            incidents=Counter(one.severity.value for one in report.incidents),
        )
    )


def unreachable_text() -> str:
    """Return the metrics where the engine did not answer: nothing is known."""
    return _text(LookFacts(is_up=False, looked_at=None, findings={}, incidents={}))


def _text(facts: LookFacts) -> str:
    registry = CollectorRegistry()
    registry.register(_Look(facts))
    return generate_latest(registry).decode()


class _Look:
    """The metrics of one look, for a registry."""

    def __init__(self, facts: LookFacts) -> None:
        self._facts = facts

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield build_family()
        yield from look_families(self._facts)
