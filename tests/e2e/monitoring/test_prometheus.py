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
from nstui.telling.target import PageAddress
from tests.support.prometheus import promtool, running_prometheus
from tests.support.sinks import LONG_S
from tests.support.told import FOUND, HEALED, circuit, incident, told, watch_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.prometheus import Prometheus

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana.json"
VARIABLES = {"$job": "nstui", "$instance": ".*", "$__range": "1h"}


@pytest.fixture(scope="module")
def watched() -> Iterator[Metrics]:
    """Yield the page of a watch on a host where much is broken."""
    metrics = Metrics(PageAddress(host="127.0.0.1", port=0), print)
    for event in (FOUND, HEALED, told(WatchEventKind.FAILED)):
        metrics.take(event)
    metrics.update(
        watch_status(
            findings={"stale-join": 2},
            incidents=(incident(Hold.NO_PROOF), incident()),
            circuits=(circuit(),),
        )
    )
    yield metrics
    metrics.close()


@pytest.fixture(scope="module")
def prometheus(
    watched: Metrics, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Yield a Prometheus that has scraped the page."""
    page = watched.wait(LONG_S)
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(folder, str(page), RULES) as running:
        running.wait_for("nstui_build_info")
        yield running


def expressions() -> dict[str, str]:
    """Return what the dashboard asks, by panel, with its variables filled in."""
    found = {}
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            expression = target["expr"]
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            found[f"{panel['title']} {target['refId']}"] = expression
    return found


def test_it_knows_what_the_watch_knows(prometheus: Prometheus) -> None:
    assert prometheus.wait_for("up") == {"up": 1}
    assert prometheus.wait_for("nstui_findings > 0") == {"nstui_findings stale-join": 2}
    assert prometheus.values("sum(nstui_watch_held_incidents) by (hold) > 0") == {
        "none": 1,
        "no-proof": 1,
    }
    assert prometheus.values("nstui_watch_heals_total > 0") == {
        "nstui_watch_heals_total healed": 1,
        "nstui_watch_heals_total failed": 1,
    }
    half = prometheus.values(
        "histogram_quantile(0.5, nstui_watch_time_to_heal_seconds_bucket)"
    )
    assert 2.5 <= half[""] <= 5.0
    assert prometheus.values("nstui_watch_look_age_seconds >= 0") != {}


def test_its_rules_fire(prometheus: Prometheus) -> None:
    # The other rules wait for minutes: alerts_test.yml has them.
    firing = 'ALERTS{alertname="NstuiCircuitOpen",alertstate="firing"}'
    assert list(prometheus.wait_for(firing).values()) == [1]
    pending = 'ALERTS{alertname="NstuiNeedsPerson",hold="no-proof"}'
    assert list(prometheus.wait_for(pending).values()) == [1]
    assert prometheus.values('ALERTS{alertname="NstuiEngineDown"}') == {}
    assert (prometheus.ask("rules") or {})["groups"] != []


def test_the_dashboard_asks_for_what_there_is(prometheus: Prometheus) -> None:
    names = set(prometheus.wait_for('{__name__!=""}'))
    present = {name.split()[0] for name in names}
    asked = {
        name
        for text in (*expressions().values(), RULES.read_text())
        for name in re.findall(r"\b(?:nstui|process)_\w+", text)
    }
    assert len(asked) > 12
    assert asked - present == set()


@pytest.mark.parametrize("panel", expressions())
def test_each_panel_has_an_answer(prometheus: Prometheus, panel: str) -> None:
    # A query that makes no sense is refused, which fails the test by itself.
    assert prometheus.ask("query", query=expressions()[panel]) is not None


def test_a_dashboard_s_panels_are_told_apart() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = {tuple(panel["gridPos"].values()) for panel in panels}
    assert len(places) == len(panels)
    assert all(panel["description"] or panel["title"] for panel in panels)


def test_promtool_has_nothing_against_the_page(watched: Metrics) -> None:
    url = f"http://{watched.wait(LONG_S)}/metrics"
    with urllib.request.urlopen(url, timeout=LONG_S) as answer:
        promtool("check", "metrics", stdin=answer.read().decode())
