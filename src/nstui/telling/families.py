"""The metrics of a look and of a standing watch, as families of prometheus_client."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from nstui.analysis.text import printable
from nstui.analysis.watching.tally import BUCKETS_S
from nstui.model.finding import FindingCode, Severity
from nstui.model.frozen import dataclass
from nstui.model.watch import Hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from nstui.analysis.watching.tally import Tally
    from nstui.model.watch import WatchStatus

NOT_HELD = "none"
"""In place of a hold: the incident is being healed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFacts:
    """What the last look found."""

    is_up: bool | None
    """Whether the engine answered; None if it was not asked yet."""

    looked_at: datetime | None
    """When the last look succeeded; None if none has."""

    findings: Mapping[str, int]
    """How many there are, by code."""

    incidents: Mapping[str, int]
    """How many there are, by severity."""


def facts_of(status: WatchStatus) -> LookFacts:
    """Return what the last look of a watch found."""
    has_looked = bool(status.problem) or status.looked_at is not None
    return LookFacts(
        is_up=not status.problem if has_looked else None,
        looked_at=status.looked_at,
        findings=status.findings,
        incidents=Counter(one.severity.value for one in status.incidents),
    )


def build_family() -> Metric:
    """Return the version of nstui."""
    family = GaugeMetricFamily(
        "nstui_build_info", "The version of nstui; always 1.", labels=["version"]
    )
    family.add_metric([version("nstui")], 1)
    return family


def look_families(facts: LookFacts) -> Iterator[Metric]:
    """Yield what the last look found; nothing is said of what is not known."""
    if facts.is_up is not None:
        yield GaugeMetricFamily(
            "nstui_engine_up",
            "Whether the engine answered at the last look.",
            value=float(facts.is_up),
        )
    if facts.looked_at is None:
        return
    yield GaugeMetricFamily(
        "nstui_last_look_timestamp_seconds",
        "When the last look succeeded, as seconds since 1970.",
        value=facts.looked_at.timestamp(),
    )
    yield _counted(
        "nstui_findings",
        "How many findings there are, by code.",
        "code",
        {**dict.fromkeys(FindingCode, 0), **facts.findings},
    )
    yield _counted(
        "nstui_incidents",
        "How many incidents there are, by severity.",
        "severity",
        {**dict.fromkeys(Severity, 0), **facts.incidents},
    )


def host_families(by_host: Mapping[str, Iterable[Metric]]) -> Iterator[Metric]:
    """Yield the families of several hosts, each once, with the label ``host``."""
    merged: dict[str, Metric] = {}
    for host, families in by_host.items():
        for family in families:
            whole = merged.setdefault(
                family.name, Metric(family.name, family.documentation, family.type)
            )
            for sample in family.samples:
                labels = {"host": printable(host), **sample.labels}
                whole.add_sample(sample.name, labels, sample.value)
    yield from merged.values()


def status_families(status: WatchStatus) -> Iterator[Metric]:
    """Yield what a watch is doing."""
    yield GaugeMetricFamily(
        "nstui_watch_start_timestamp_seconds",
        "When the watch was started, as seconds since 1970.",
        value=status.started_at.timestamp(),
    )
    for name, is_so, words in (
        ("events_connected", status.has_events, "the engine's events arrive"),
        ("dry_run", status.is_dry_run, "the watch only says what it would do"),
        ("read_only", status.is_read_only, "the watch must not change anything"),
    ):
        yield GaugeMetricFamily(
            f"nstui_watch_{name}", f"Whether {words}.", value=float(is_so)
        )
    if status.looked_at is not None:
        holds = Counter(one.hold or NOT_HELD for one in status.incidents)
        yield _counted(
            "nstui_watch_held_incidents",
            "How many incidents there are, by why they are not healed now.",
            "hold",
            {NOT_HELD: 0, **dict.fromkeys(Hold, 0), **holds},
        )
    yield _counted(
        "nstui_watch_circuit_open",
        "1 for each container that is healed no more for a while.",
        "container",
        {printable(circuit.name): 1 for circuit in status.circuits},
    )


def tally_families(tally: Tally) -> Iterator[Metric]:
    """Yield what a watch has done since it was started."""
    yield _total(
        "nstui_watch_incidents", "Incidents that began.", "cause", tally.incidents
    )
    yield _total("nstui_watch_heals", "Plans, by outcome.", "outcome", tally.heals)
    bounds = [*map(str, BUCKETS_S), "+Inf"]
    yield HistogramMetricFamily(
        "nstui_watch_time_to_heal_seconds",
        "From the beginning of an incident, as it was seen, until it was healed.",
        buckets=[
            (bound, float(count))
            for bound, count in zip(bounds, accumulate(tally.times), strict=True)
        ],
        sum_value=tally.time_s,
    )
    yield CounterMetricFamily(
        "nstui_watch_problems",
        "Problems of the watch itself, such as a notifier that fails.",
        value=float(tally.problems),
    )


def age_family(age_s: float) -> Metric:
    """Return the age of the last look, where it is asked for when it is read."""
    return GaugeMetricFamily(
        "nstui_watch_look_age_seconds",
        "How long ago the last look succeeded.",
        value=age_s,
    )


def _counted(
    name: str, words: str, label: str, counts: Mapping[str, int]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for each, count in counts.items():
        family.add_metric([str(each)], count)
    return family


def _total(
    name: str, words: str, label: str, counts: Mapping[str, int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, words, labels=[label])
    for each, count in counts.items():
        family.add_metric([each], count)
    return family
