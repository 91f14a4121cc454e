"""The metrics of one look, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nstui.demo.containers import Spec
from nstui.demo.faults import loop
from nstui.demo.world import World
from tests.support.prometheus import promtool
from tests.unit.cli.answers import no_engine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.answers import Nstui, Stage


@pytest.fixture
def own(stage: Stage) -> World:
    """Put an owner and its dependent behind ``--demo``, and return their world."""
    world = stage(World())
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    return world


def values(text: str) -> dict[str, float]:
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.usefixtures("own")
def test_all_is_well(nstui: Nstui) -> None:
    answer = nstui("--demo", "check", "--metrics")
    assert (answer.code, answer.err) == (0, "")
    found = values(answer.out)
    assert found["nstui_engine_up"] == 1
    assert found["nstui_findings stale-join"] == 0
    assert found["nstui_incidents error"] == 0
    assert [name for name in found if "watch" in name] == []


def test_something_is_broken(nstui: Nstui, own: World) -> None:
    own.restart("own")
    own.run(Spec("loops"))
    loop(own, "loops")
    answer = nstui("--demo", "check", "--metrics")
    assert answer.code == 1
    found = values(answer.out)
    assert found["nstui_findings stale-join"] == 1
    assert found["nstui_findings restarting"] == 1
    assert found["nstui_incidents error"] == 1
    assert found["nstui_incidents warning"] == 1


def test_what_is_ignored_is_not_counted(nstui: Nstui, own: World) -> None:
    own.restart("own")
    answer = nstui("--demo", "check", "--metrics", "--ignore", "stale-join")
    assert answer.code == 0
    assert values(answer.out)["nstui_findings stale-join"] == 0


def test_what_is_less_severe_is_not_counted(nstui: Nstui, own: World) -> None:
    own.run(Spec("loops"))
    loop(own, "loops")
    answer = nstui("--demo", "check", "--metrics", "--severity", "error")
    assert answer.code == 0
    assert values(answer.out)["nstui_findings restarting"] == 0


def test_an_engine_that_does_not_answer(nstui: Nstui, tmp_path: Path) -> None:
    answer = nstui("-H", no_engine(tmp_path), "check", "--metrics")
    assert answer.code == 3
    found = values(answer.out)
    assert found["nstui_engine_up"] == 0
    # Nothing was seen, which is not the same as that nothing is wrong.
    assert found.keys() - {"nstui_engine_up"} == {
        name for name in found if name.startswith("nstui_build_info")
    }
    assert answer.err.startswith("nstui: ")


@pytest.mark.parametrize("other", ["--json", "--short", "--watch"])
def test_it_is_one_of_several_forms(nstui: Nstui, other: str) -> None:
    answer = nstui("--demo", "check", "--metrics", other)
    assert answer.code == 2
    assert answer.complaint == (
        "--metrics cannot be combined with --json, --short or --watch "
        "(see nstui check --help)"
    )


def test_promtool_has_nothing_against_it(nstui: Nstui) -> None:
    promtool("check", "metrics", stdin=nstui("--demo", "check", "--metrics").out)
