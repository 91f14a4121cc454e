"""The alert rules, as promtool reads them, and that it notices a rule that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.prometheus import promtool

DEPLOY = Path(__file__).parents[3] / "deploy"


def rules() -> list[dict[str, str]]:
    document = yaml.safe_load(DEPLOY.joinpath("alerts.yml").read_text())
    found = document["groups"][0]["rules"]
    assert isinstance(found, list)
    return found


def test_the_rules_are_valid() -> None:
    promtool("check", "rules", str(DEPLOY / "alerts.yml"))


def test_the_rules_do_what_their_tests_say() -> None:
    promtool("test", "rules", str(DEPLOY / "alerts_test.yml"))


def test_each_rule_has_a_test() -> None:
    tested = DEPLOY.joinpath("alerts_test.yml").read_text()
    names = [rule["alert"] for rule in rules()]
    assert names
    assert [name for name in names if f"alertname: {name}\n" not in tested] == []


@pytest.mark.parametrize("rule", [rule["alert"] for rule in rules()])
def test_a_rule_that_never_fires_is_noticed(rule: str, tmp_path: Path) -> None:
    document = yaml.safe_load(DEPLOY.joinpath("alerts.yml").read_text())
    for each in document["groups"][0]["rules"]:
        if each["alert"] == rule:
            each["expr"] = f"({each['expr']}) and vector(1) == 2"
    tmp_path.joinpath("alerts.yml").write_text(yaml.safe_dump(document))
    tests = tmp_path / "alerts_test.yml"
    tests.write_text(DEPLOY.joinpath("alerts_test.yml").read_text())
    with pytest.raises(AssertionError, match=rule):
        promtool("test", "rules", str(tests))
