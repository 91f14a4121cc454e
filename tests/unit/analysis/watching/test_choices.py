"""Labels and settings for single containers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.watching.choices import (
    is_selected,
    mode_of,
    parse_choice,
    settle_of,
    stop_timeout_of,
    wants_restart,
    watch_choice,
    watch_label_problems,
)
from nstui.analysis.watching.decisions import WatchChoice, WatchOptions
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from nstui.model.watch import WatchMode
from tests.support.builders import cid, container, report

if TYPE_CHECKING:
    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container


def labelled(name: str, joins: str | None = None, **labels: str) -> Container:
    """Return a container with labels of its own; ``_`` stands for ``.``."""
    own = tuple((key.replace("_", "."), value) for key, value in labels.items())
    return replace(
        container(name, joins=joins),
        steering=own,
        labels=(*own, ("team", "media"), ("web", "")),
    )


def group(vpn: str = "", web: str = "") -> Graph:
    """Return a group of two with the labels ``nstui.watch``."""
    return report(
        labelled("vpn", **({"nstui_watch": vpn} if vpn else {})),
        labelled("web", "vpn", **({"nstui_watch": web} if web else {})),
    ).graph


@pytest.mark.parametrize(
    ("values", "choice"),
    [
        ({}, WatchChoice()),
        ({"watch": "off"}, WatchChoice(mode=WatchMode.OFF)),
        ({"watch": " heal "}, WatchChoice(mode=WatchMode.HEAL)),
        ({"settle": "500ms"}, WatchChoice(settle_s=0.5)),
        ({"stop-timeout": "2m"}, WatchChoice(stop_timeout_s=120)),
        ({"stop-timeout": "1500ms"}, WatchChoice(stop_timeout_s=2)),
        ({"ignore": "exited"}, WatchChoice()),
    ],
)
def test_values_that_make_sense_count(
    values: dict[str, str], choice: WatchChoice
) -> None:
    assert parse_choice(values) == (choice, ())


def test_each_value_that_makes_no_sense_is_said_and_does_not_count() -> None:
    choice, problems = parse_choice(
        {"watch": "on", "settle": "soon", "stop-timeout": "-1"}
    )
    assert choice == WatchChoice()
    assert problems == (
        "watch 'on' is not one of off, notify, heal",
        "settle 'soon' is not a duration: write it like 3s, 500ms, 2m or 1h30m",
        "stop-timeout '-1' is not a duration: write it like 3s, 500ms, 2m or 1h30m",
    )


@pytest.mark.parametrize(
    ("labels", "problems"),
    [
        ({"nstui_watch": "heal", "nstui_settle": "3s", "autoheal": "true"}, []),
        ({"autoheal": "FALSE"}, []),
        (
            {"nstui_watch": "yes"},
            ["web: the label nstui.watch 'yes' is not one of off, notify, heal; it"],
        ),
        (
            {"autoheal": "maybe"},
            ["web: the label autoheal 'maybe' is not true or false; it does not count"],
        ),
        (
            {"autoheal": "true", "autoheal_stop_timeout": "5s"},
            ["web: the label autoheal.stop.timeout '5s' is no number of seconds; it"],
        ),
    ],
)
def test_every_label_that_makes_no_sense_is_said(
    labels: dict[str, str], problems: list[str]
) -> None:
    said = list(watch_label_problems((labelled("web", **labels), container("db"))))
    assert len(said) == len(problems)
    assert all(s.startswith(p) for s, p in zip(said, problems, strict=True))


@pytest.mark.parametrize(
    ("labels", "timeout"),
    [
        ({"autoheal": "true", "autoheal_stop_timeout": "20"}, 20),
        ({"autoheal_stop_timeout": "20"}, None),
        (
            {
                "autoheal": "true",
                "autoheal_stop_timeout": "20",
                "nstui_stop-timeout": "3s",
            },
            3,
        ),
    ],
)
def test_the_time_to_stop_of_autoheal_counts_where_autoheal_does(
    labels: dict[str, str], timeout: int | None
) -> None:
    assert watch_choice(labelled("web", **labels)).stop_timeout_s == timeout


@pytest.mark.parametrize(
    ("value", "is_wanted"), [("true", True), ("True", True), ("false", False)]
)
def test_autoheal_is_wanted_by_a_label(value: str, *, is_wanted: bool) -> None:
    assert wants_restart(labelled("web", autoheal=value)) is is_wanted
    assert not wants_restart(container("web"))


def test_a_label_of_the_image_is_not_the_containers_own() -> None:
    world = World()
    image = (("nstui.watch", "off"), ("autoheal", "true"), ("team", "base"))
    world.run(Spec("web", image_labels=image))
    world.run(Spec("own", image_labels=image, labels=(("nstui.watch", "notify"),)))
    own, web = SimEngine(world).containers()
    assert watch_choice(web) == WatchChoice()
    assert not wants_restart(web)
    assert ("team", "base") in web.labels
    assert watch_choice(own).mode is WatchMode.NOTIFY


@pytest.mark.parametrize(
    ("graph", "by_name", "mode"),
    [
        (group(), {}, WatchMode.HEAL),
        (group(vpn="off"), {}, WatchMode.OFF),
        (group(vpn="off", web="notify"), {}, WatchMode.NOTIFY),
        (group(web="off"), {"web": WatchMode.HEAL}, WatchMode.HEAL),
        (group(web="off"), {"vpn": WatchMode.HEAL}, WatchMode.OFF),
        (group(vpn="off"), {"vpn": WatchMode.NOTIFY}, WatchMode.NOTIFY),
        (group(web="nonsense"), {}, WatchMode.HEAL),
    ],
    ids=[
        "nothing is said",
        "the owner's label",
        "its own label before the owner's",
        "the configuration before its label",
        "its own label before the configuration of the owner",
        "the configuration before the owner's label",
        "a bad label does not count",
    ],
)
def test_what_is_nearest_wins(
    graph: Graph, by_name: dict[str, WatchMode], mode: WatchMode
) -> None:
    choices = {name: WatchChoice(mode=value) for name, value in by_name.items()}
    options = WatchOptions(by_name=choices)
    assert mode_of(options, graph, cid("web")) is mode


def test_the_mode_of_all_applies_where_nothing_is_said() -> None:
    options = WatchOptions(mode=WatchMode.NOTIFY)
    assert mode_of(options, group(vpn="heal"), cid("web")) is WatchMode.HEAL
    assert mode_of(options, group(), cid("web")) is WatchMode.NOTIFY


def test_each_value_is_found_by_itself() -> None:
    graph = report(
        labelled("vpn", nstui_settle="9s"),
        labelled("web", "vpn", **{"nstui_stop-timeout": "30s"}),
        labelled("db", "vpn", **{"nstui_stop-timeout": "40s"}),
        labelled("other"),
    ).graph
    options = WatchOptions()
    assert settle_of(options, graph, cid("web")) == 9
    assert settle_of(options, graph, cid("other")) == options.limits.settle_s
    assert stop_timeout_of(options, graph, (cid("web"), cid("db"))) == 40
    assert stop_timeout_of(options, graph, (cid("other"),)) is None


@pytest.mark.parametrize(
    ("only", "is_there"),
    [
        ((), True),
        (("web",), True),
        (("vpn",), True),
        (("db",), False),
        (("team",), True),
        (("team=media",), True),
        (("team=base",), False),
        (("db", "team=media"), True),
        (("web=",), True),
        (("we",), False),
    ],
)
def test_only_names_containers_owners_or_labels(
    only: tuple[str, ...], *, is_there: bool
) -> None:
    options = WatchOptions(only=only)
    assert is_selected(options, group(), cid("web")) is is_there
