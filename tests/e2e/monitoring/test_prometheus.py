"""What a real Prometheus scrapes, and what the rules and the dashboard make of it."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.model.watch import Hold, WatchEventKind
from nstui.telling.metrics import Metrics
from nstui.telling.target import MetricsFile, PageAddress
from tests.support.prometheus import promtool, running_prometheus
from tests.support.sinks import LONG_S
from tests.support.told import FOUND, HEALED, circuit, incident, told, watch_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.prometheus import Prometheus

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana.json"
VARIABLES = {"$job": ".*", "$instance": ".*", "$__range": "1h"}
"""As when *All* is chosen."""

HEALED_TWICE = {"nstui_watch_heals_total healed": 2.0}
"""What is told before the first scrape, and again after it."""

IS_UP = "and on (job, instance) (up == 1)"
"""Makes a query find something only where the last scrape went well."""


@pytest.fixture(scope="module")
def watched() -> Iterator[Metrics]:
    """Yield the page of a watch on a host where much is broken."""
    metrics = Metrics(PageAddress(host="127.0.0.1", port=0), print)
    tell(metrics)
    yield metrics
    metrics.close()


def tell(metrics: Metrics) -> None:
    """Tell that much is broken, and that something was healed and something not."""
    for event in (FOUND, HEALED, told(WatchEventKind.FAILED)):
        metrics.take(event)
    metrics.update(
        watch_status(
            findings={"stale-join": 2},
            incidents=(incident(Hold.NO_PROOF), incident()),
            circuits=(circuit(),),
        )
    )


@pytest.fixture(scope="module")
def prometheus(
    watched: Metrics, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Yield a Prometheus that has scraped the page."""
    page = watched.wait(LONG_S)
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(folder, str(page), RULES) as running:
        running.wait_for("nstui_build_info")
        # Beside what was there at the first scrape, of which no rate is known.
        for event in (FOUND, HEALED):
            watched.take(event)
        running.until('nstui_watch_heals_total{outcome="healed"}', HEALED_TWICE)
        yield running


def expressions() -> dict[str, tuple[str, str]]:
    """Return what the dashboard asks, by panel, with its variables filled in.

    Each has the form of its legend beside it.
    """
    found = {}
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            expression = target["expr"]
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            key = f"{panel['title']} ({panel['id']}{target['refId']})"
            found[key] = expression, target["legendFormat"]
    return found


def test_it_knows_what_the_watch_knows(prometheus: Prometheus) -> None:
    prometheus.until('up{job="nstui"}', {"up": 1})
    prometheus.until("nstui_findings > 0", {"nstui_findings stale-join": 2})
    prometheus.until(
        "sum(nstui_watch_held_incidents) by (hold) > 0", {"none": 1, "no-proof": 1}
    )
    prometheus.until(
        "nstui_watch_heals_total > 0",
        HEALED_TWICE | {"nstui_watch_heals_total failed": 1},
    )
    half = prometheus.wait_for(
        "histogram_quantile(0.5, nstui_watch_time_to_heal_seconds_bucket)"
    )
    assert 2.5 <= half[""] <= 5.0
    prometheus.wait_for("nstui_watch_look_age_seconds >= 0")


def test_its_rules_fire(prometheus: Prometheus) -> None:
    # The other rules wait for minutes: alerts_test.yml has them.
    firing = 'ALERTS{alertname="NstuiCircuitOpen",alertstate="firing"}'
    assert list(prometheus.wait_for(firing).values()) == [1]
    pending = 'ALERTS{alertname="NstuiNeedsPerson",hold="no-proof"}'
    assert list(prometheus.wait_for(pending).values()) == [1]
    assert prometheus.values('ALERTS{alertname="NstuiEngineDown"}') == {}
    assert (prometheus.ask("rules") or {})["groups"] != []


def test_the_dashboard_asks_for_what_there_is(prometheus: Prometheus) -> None:
    names = set(prometheus.wait_for(f'{{job="nstui"}} {IS_UP}'))
    present = {name.split()[0] for name in names}
    asked = {
        name
        for text in (*(one for one, _ in expressions().values()), RULES.read_text())
        for name in re.findall(r"\b(?:nstui|process)_\w+", text)
    }
    assert len(asked) > 12
    assert asked - present == set()


@pytest.mark.parametrize("panel", expressions())
def test_each_panel_shows_something(prometheus: Prometheus, panel: str) -> None:
    # A query that makes no sense is refused, which fails the test by itself.
    query, legend = expressions()[panel]
    # A rate takes two scrapes, and is no number while nothing has happened.
    found = prometheus.wait_for_series(query)

    # The dashboard was not asked for what else this Prometheus scrapes.
    assert {labels.get("job", "nstui") for labels, _ in found} == {"nstui"}
    shown = re.findall(r"{{(\w+)}}", legend)
    assert all(labels.get(name) for labels, _ in found for name in shown)


def test_promtool_has_nothing_against_the_page(watched: Metrics) -> None:
    url = f"http://{watched.wait(LONG_S)}/metrics"
    with urllib.request.urlopen(url, timeout=LONG_S) as answer:
        promtool("check", "metrics", stdin=answer.read().decode())


def test_promtool_has_nothing_against_the_file(tmp_path: Path) -> None:
    path = tmp_path / "nstui.prom"
    metrics = Metrics(MetricsFile(path), pytest.fail)
    tell(metrics)
    metrics.close()

    text = path.read_text()
    assert 'nstui_watch_circuit_open{container="sonarr"} 1.0' in text
    promtool("check", "metrics", stdin=text)
