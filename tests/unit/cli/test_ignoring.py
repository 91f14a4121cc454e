"""``nstui check`` where the user has something ignored."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.faults import set_health
from nstui.demo.world import World
from nstui.model.container import Health

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.answers import Nstui, Stage

LABEL = (("nstui.ignore", "unhealthy"),)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of the configuration, which does not exist yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "nstui").mkdir()
    return tmp_path / "nstui" / "config.toml"


@pytest.fixture
def sick(stage: Stage) -> World:
    """Put a container that is known to be unhealthy behind ``--demo``."""
    world = stage(World())
    world.run(Spec("sick", has_health_check=True))
    set_health(world, "sick", Health.UNHEALTHY)
    return world


@pytest.mark.usefixtures("sick")
@pytest.mark.parametrize("rule", ["sick", "unhealthy", "s*:unhealthy"])
def test_a_rule_keeps_it_from_failing(nstui: Nstui, rule: str) -> None:
    assert nstui("--demo", "check").code == 1
    answer = nstui("--demo", "check", "--ignore", "other", "--ignore", rule)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.endswith("nothing wrong · 1 ignored\n")


@pytest.mark.usefixtures("sick")
def test_json_has_it_apart(nstui: Nstui) -> None:
    answer = nstui("--demo", "check", "--json", "--ignore", "sick")
    assert answer.code == 0
    document = json.loads(answer.out)
    assert document["findings"] == []
    assert document["counts"] == {"error": 0, "warning": 0, "notice": 0}
    (ignored,) = document["ignored"]
    assert (ignored["name"], ignored["code"]) == ("sick", "unhealthy")
    assert ignored["because"] == "rule sick"


@pytest.mark.usefixtures("sick")
def test_the_configuration_has_it_ignored_everywhere(
    nstui: Nstui, config: Path
) -> None:
    config.write_text('[check]\nignore = ["sick:unhealthy"]\n')
    assert nstui("--demo", "check").code == 0
    assert "1 ignored" in nstui("--demo", "tree").out
    assert "unhealthy" not in nstui("--demo", "tree").out


@pytest.mark.parametrize("is_images", [False, True])
def test_only_a_containers_own_label_counts(
    nstui: Nstui, stage: Stage, *, is_images: bool
) -> None:
    world = stage(World())
    spec = Spec("sick", has_health_check=True, labels=LABEL)
    world.run(replace(spec, image_labels=LABEL) if is_images else spec)
    set_health(world, "sick", Health.UNHEALTHY)
    answer = nstui("--demo", "check")
    assert answer.code == (1 if is_images else 0)
    assert ("1 ignored" in answer.out) is not is_images


def test_what_is_ignored_blocks_a_plan_as_before(nstui: Nstui, stage: Stage) -> None:
    world = stage(World())
    world.run(Spec("own"))
    stale = "stale-join,owner-stopped,owner-gone"
    labels = (("nstui.ignore", stale),)
    world.run(Spec("dep", network="container:own", labels=labels))
    refused = nstui("--demo", "rm", "-f", "--yes", "own")
    assert refused.code == 4
    assert "dep" in refused.err
    world.restart("own")
    assert nstui("--demo", "check").code == 0
    assert nstui("--demo", "heal", "--dry-run").out.count("restart dep") == 1


@pytest.mark.usefixtures("sick")
@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("a:bogus", "'bogus' is not the code of a finding"),
        (":exited", "a rule is NAME, CODE or NAME:CODE"),
    ],
)
def test_what_is_no_rule_is_refused(nstui: Nstui, rule: str, why: str) -> None:
    answer = nstui("--demo", "check", "--ignore", rule)
    assert answer.code == 2
    assert why in answer.complaint


@pytest.mark.parametrize(
    ("severity", "code", "lines"),
    [(None, 0, 3), ("notice", 1, 3), ("warning", 0, 1), ("error", 0, 1)],
)
def test_severity_decides_what_is_printed_and_fails(
    nstui: Nstui, stage: Stage, severity: str | None, code: int, lines: int
) -> None:
    world = stage(World())
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.stop("dep")
    world.stop("own")
    options = () if severity is None else ("--severity", severity)
    answer = nstui("--demo", "check", *options)
    assert answer.code == code
    assert len(answer.out.splitlines()) == lines
    assert ("1 less severe" in answer.out) is (lines == 1)
