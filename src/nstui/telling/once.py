"""What ``nstui check --metrics`` prints: the metrics of one look."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest

from nstui.telling.families import LookFacts, build_family, host_families, look_families

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.core import Metric

    from nstui.analysis.report import Report


def report_text(report: Report) -> str:
    """Return the metrics of a report as text."""
    return _text(look_families(_facts(report)))


def unreachable_text() -> str:
    """Return the metrics where the engine did not answer: nothing is known."""
    return _text(look_families(_facts(None)))


def hosts_text(reports: Mapping[str, Report | None]) -> str:
    """Return the metrics of several hosts as text, each with the label ``host``.

    Args:
        reports: The reports by the names of the hosts; None for one that could not be
            looked at.

    """
    return _text(
        host_families(
            {host: look_families(_facts(one)) for host, one in reports.items()}
        )
    )


def _facts(report: Report | None) -> LookFacts:
    if report is None:
        return LookFacts(is_up=False, looked_at=None, findings={}, incidents={})
    return LookFacts(
        is_up=True,
        looked_at=report.snapshot.taken_at,
        findings=Counter(one.code.value for one in report.findings),
        incidents=Counter(one.severity.value for one in report.incidents),
    )


def _text(families: Iterable[Metric]) -> str:
    registry = CollectorRegistry()
    registry.register(_Families(families))
    return generate_latest(registry).decode()


class _Families:
    """Metrics for a registry, which asks for them twice."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = (build_family(), *families)

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._families
