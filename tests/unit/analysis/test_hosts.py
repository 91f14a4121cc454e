"""Which hosts are asked for, and how urgent each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.hosts import NOT_REACHED, WELL, ask_for, group_equal, host_rank
from nstui.analysis.report import Report
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import loop, set_health
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import UsageProblem
from nstui.model.container import Health
from nstui.model.finding import Severity
from nstui.service.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

Words = tuple[tuple[str, str], ...]

SETS = {"home": ("nas", "tcp://10.0.0.3:2375", "pi"), "lab": ("pi",)}
CONTEXTS = ("default", "nas", "pi")


@pytest.mark.parametrize(
    ("words", "with_all", "asked"),
    [
        pytest.param((), False, "", id="none"),
        pytest.param((("-c", "nas"),), False, "-c nas", id="one"),
        pytest.param(
            (("-c", "pi"), ("-c", "nas"), ("-H", "unix:///x")),
            False,
            "-c pi, -c nas, -H unix:///x",
            id="as typed",
        ),
        pytest.param(
            (("-c", "nas"), ("-c", "pi"), ("-c", "nas")),
            False,
            "-c nas, -c pi",
            id="one twice",
        ),
        pytest.param(
            (("-c", "home"),),
            False,
            "-c nas [hosts] home, -H tcp://10.0.0.3:2375 [hosts] home,"
            " -c pi [hosts] home",
            id="a set",
        ),
        pytest.param(
            (("-c", "pi"), ("-c", "home")),
            False,
            "-c pi, -c nas [hosts] home, -H tcp://10.0.0.3:2375 [hosts] home",
            id="what is typed counts as typed, also in a set",
        ),
        pytest.param(
            (("-H", "home"),), False, "-H home", id="an address is never a set"
        ),
        pytest.param(
            (("-c", "pi"),),
            True,
            "-c pi, -c default --all-contexts, -c nas --all-contexts",
            id="all, beside what is typed",
        ),
        pytest.param(
            (("-c", "other"),), False, "-c other", id="unknown, for others to tell"
        ),
    ],
)
def test_which_hosts_are_asked_for(words: Words, asked: str, *, with_all: bool) -> None:
    found = ask_for(words, SETS, CONTEXTS, with_all=with_all)
    told = (" ".join((*one.options, one.origin)).strip() for one in found)
    assert ", ".join(told) == asked


def test_one_name_for_a_context_and_a_set_is_refused() -> None:
    with pytest.raises(UsageProblem, match="'nas' is a docker context and a set"):
        ask_for((("-c", "nas"),), {"nas": ("pi",)}, CONTEXTS)


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        ("", ()),
        ("abc", ((0,), (1,), (2,))),
        ("abab", ((0, 2), (1, 3))),
        ("a--a", ((0, 3), (1,), (2,))),
    ],
    ids=["none", "different", "pairs", "unknown ones equal nothing"],
)
def test_what_is_equal_is_together(
    keys: str, places: tuple[tuple[int, ...], ...]
) -> None:
    assert group_equal(None if key == "-" else key for key in keys) == places


def sicken(world: World) -> None:
    world.run(Spec("sick", has_health_check=True))
    set_health(world, "sick", Health.UNHEALTHY)


def make_loop(world: World) -> None:
    world.run(Spec("loops"))
    loop(world, "loops")


def wait(world: World) -> None:
    """Leave a dependent that waits for its owner."""
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.stop("dep")
    world.stop("own")


@pytest.mark.parametrize(
    ("happens", "rank"),
    [
        ((), WELL),
        ((wait,), Severity.NOTICE.rank),
        ((wait, make_loop), Severity.WARNING.rank),
        ((make_loop, sicken), Severity.ERROR.rank),
    ],
    ids=["well", "a notice", "a warning", "an error"],
)
def test_a_host_is_as_urgent_as_its_worst_incident(
    happens: tuple[Callable[[World], None], ...], rank: int
) -> None:
    world = World()
    for each in happens:
        each(world)
    report = Observer(SimEngine(world), SimHost(world)).look()
    assert isinstance(report, Report)
    assert host_rank(report) == rank


def test_a_host_that_is_not_reached_is_the_most_urgent() -> None:
    assert host_rank(None) == NOT_REACHED < Severity.ERROR.rank < WELL
