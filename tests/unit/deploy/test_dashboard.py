"""The dashboard, by what Grafana wants of one."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from nstui.model.finding import FindingCode
from nstui.model.watch import Hold

DEPLOY = Path(__file__).parents[3] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana.json").read_text())
PANELS = DASHBOARD["panels"]
COLUMNS = 24
"""Of Grafana's grid."""

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GIVEN = {"__range", "__rate_interval", "__interval"}
"""The variables that every dashboard has."""

FOR_A_PERSON = {
    *(Hold.NO_PROOF, Hold.MANAGED, Hold.READ_ONLY, Hold.NOTIFY_ONLY, Hold.OWN),
    Hold.CIRCUIT,
}
"""What does not end by itself, and was not somebody's intention."""


def panel(title: str) -> str:
    """Return what the first panel with a title asks."""
    found = next(one for one in PANELS if one["title"] == title)
    return str(found["targets"][0]["expr"])


def chosen(label: str, expression: str) -> set[str]:
    """Return the values that an expression wants of a label."""
    found = re.search(rf'{label}=~"([^"]*)"', expression)
    assert found is not None
    return {*found[1].split("|")}


def rule(name: str) -> str:
    """Return what an alert rule asks."""
    found = re.search(
        rf"alert: {name}\n +expr: (.*)", (DEPLOY / "alerts.yml").read_text()
    )
    assert found is not None
    return found[1]


def test_no_panel_lies_on_another_or_beyond_the_edge() -> None:
    covered = [
        {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        for place in (one["gridPos"] for one in PANELS)
    ]

    assert all(covered)
    assert [both for one, two in combinations(covered, 2) if (both := one & two)] == []
    assert {x for cells in covered for x, _ in cells} == {*range(COLUMNS)}
    # Without holes: every cell down to the last is taken.
    rows = {y for cells in covered for _, y in cells}
    assert rows == {*range(len(rows))}
    assert sum(map(len, covered)) == COLUMNS * len(rows)


def test_panels_are_told_apart() -> None:
    assert len({one["id"] for one in PANELS}) == len(PANELS)
    for one in PANELS:
        references = [target["refId"] for target in one["targets"]]
        assert len({*references}) == len(references)
        assert one["title"]
        assert one["description"]


@pytest.mark.parametrize("one", PANELS, ids=lambda one: f"{one['id']} {one['title']}")
def test_a_panel_is_one_that_grafana_has(one: dict[str, Any]) -> None:
    assert one["type"] in {"stat", "timeseries", "table"}
    assert one["datasource"] == SOURCE
    for target in one["targets"]:
        assert target["datasource"] == SOURCE
        # A curve takes a range of time; a number or a table, the present.
        is_curve = one["type"] == "timeseries"
        assert (target["range"], target["instant"]) == (is_curve, not is_curve)


def test_every_variable_that_is_used_is_there() -> None:
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    used = {*re.findall(r"\$\{?(\w+)", json.dumps(PANELS))}

    assert used - GIVEN == {*variables}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["datasource"]["query"] == SOURCE["type"]
    for name in ("job", "instance"):
        assert variables[name]["datasource"] == SOURCE
        assert variables[name]["query"]["query"].endswith(f", {name})")
    # Several may be chosen, so that nothing is compared by `=`.
    assert re.findall(r'="\$\w+"', json.dumps([one["targets"] for one in PANELS])) == []


def test_it_has_the_fields_that_an_import_wants() -> None:
    assert DASHBOARD["schemaVersion"] >= 39
    assert DASHBOARD["uid"] == "nstui-watch"
    # An id belongs to one Grafana, and an import with it would replace another's.
    assert "id" not in DASHBOARD


def test_what_is_left_to_a_person_is_shown_and_alerts() -> None:
    assert chosen("hold", panel("Left to a person")) == FOR_A_PERSON
    # There is a rule of its own for circuits.
    assert chosen("hold", rule("NstuiNeedsPerson")) == FOR_A_PERSON - {Hold.CIRCUIT}


def test_the_codes_that_are_asked_for_exist() -> None:
    healed = chosen("code", panel("Findings"))

    assert healed == chosen("code", rule("NstuiNotHealed"))
    assert healed <= {*FindingCode}
