"""The health glance, once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.faults import loop, set_health
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.model.container import Health
from nstui.model.namespace import NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.answers import Nstui, Stage


@pytest.fixture
def own(stage: Stage) -> World:
    """Put an owner and its dependent behind ``--demo``, and return their world."""
    world = stage(World())
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    return world


@pytest.mark.usefixtures("own")
def test_one_line_when_all_is_well(nstui: Nstui) -> None:
    answer = nstui("--demo", "check")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "2 containers, 1 group · verified by the kernel · nothing wrong\n"
    )


def test_the_worst_first_then_by_name(nstui: Nstui, own: World) -> None:
    own.restart("own")
    for name in ("b-sick", "a-sick"):
        own.run(Spec(name, has_health_check=True))
        set_health(own, name, Health.UNHEALTHY)
    own.run(Spec("a-loops"))
    loop(own, "a-loops")
    answer = nstui("--demo", "check")
    assert answer.code == 1
    *lines, summary = answer.out.splitlines()
    assert [" ".join(line.split()[:4]) for line in lines[:-1:2]] == [
        "✗ error stale-join own",
        "✗ error unhealthy a-sick:",
        "✗ error unhealthy b-sick:",
        "! warning restarting a-loops:",
    ]
    assert lines[1] == "    nstui heal own"
    assert lines[-1].endswith("· ✗ 3 incidents · ! 1 warning")
    assert summary == "nstui heal would repair 1 of 4 findings"


def test_a_pipe_gets_what_rich_would_print_there(
    nstui: Nstui, own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.restart("own")
    own.run(Spec("loops"))
    loop(own, "loops")
    plain = nstui("--demo", "check")
    monkeypatch.setattr("nstui.cli.check._is_plain", lambda: False)
    assert nstui("--demo", "check") == plain
    assert "stale-join" in plain.out


def test_colours_that_are_asked_for_reach_a_pipe(
    nstui: Nstui, own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.restart("own")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[" in nstui("--demo", "check").out


def forget(world: World) -> None:
    """Leave a dependent that waits for its owner: a notice."""
    world.stop("dep")
    world.stop("own")


def restart(world: World) -> None:
    """Leave a dependent behind: an error."""
    world.restart("own")


def lose(world: World) -> None:
    """Leave a stopped dependent without its owner: a warning."""
    world.stop("dep")
    world.remove("own", force=True)


@pytest.mark.parametrize(
    ("happens", "code", "counts"),
    [
        (forget, 0, {"error": 0, "warning": 0, "notice": 1}),
        (lose, 1, {"error": 0, "warning": 1, "notice": 0}),
        (restart, 1, {"error": 1, "warning": 0, "notice": 0}),
    ],
)
def test_the_exit_code_is_for_what_is_worse_than_a_notice(
    nstui: Nstui,
    own: World,
    happens: Callable[[World], None],
    code: int,
    counts: dict[str, int],
) -> None:
    happens(own)
    assert nstui("--demo", "check").code == code
    answer = nstui("--demo", "check", "--json")
    assert answer.code == code
    assert json.loads(answer.out)["counts"] == counts


@pytest.mark.parametrize(
    ("level", "reason"),
    [
        (NamespacesRead.FINGERPRINT, "needs root"),
        (NamespacesRead.DECLARED, "only what the engine declares is known"),
    ],
)
def test_why_namespaces_could_not_be_read_is_said_once(
    nstui: Nstui,
    own: World,
    monkeypatch: pytest.MonkeyPatch,
    level: NamespacesRead,
    reason: str,
) -> None:
    monkeypatch.setattr("nstui.demo.host.SimHost", lambda _: SimHost(own, level))
    note, summary = nstui("--demo", "check").out.splitlines()
    assert reason in note
    assert summary.endswith("nothing wrong")
    document = json.loads(nstui("--demo", "check", "--json").out)
    assert document["namespaces_note"] == note


def lose_uplink(world: World) -> None:
    """Restart the owner of six behind their backs."""
    for name in "abcdef":
        world.run(Spec(name, network="container:own"))
    world.restart("own")


def test_six_that_are_left_behind_are_one_incident(nstui: Nstui, own: World) -> None:
    lose_uplink(own)
    first, remedy, summary, outlook = nstui("--demo", "check").out.splitlines()
    assert first == (
        "✗ error stale-join  own was restarted a moment ago: 7 containers still sit in"
        " its old network and have no connection (only lo): a, b, c, d, dep, e, f"
    )
    assert remedy == "    nstui heal own"
    assert summary.endswith("✗ 1 incident")
    assert outlook == "nstui heal would repair 7 of 7 findings"
    document = json.loads(nstui("--demo", "check", "--json").out)
    (incident,) = document["incidents"]
    assert incident["findings"] == list(range(7))
    assert len(document["findings"]) == 7


def test_what_heals_it_is_what_it_says(nstui: Nstui, own: World) -> None:
    lose_uplink(own)
    assert nstui("--demo", "heal", "--yes", "own").code == 0
    assert nstui("--demo", "check").code == 0


def sicken(world: World) -> None:
    """Leave what is only a warning."""
    world.run(Spec("loops"))
    loop(world, "loops")


@pytest.mark.parametrize(
    ("happens", "line", "code"),
    [
        ((), "nstui: ok", 0),
        ((forget,), "nstui: ok", 0),
        ((restart,), "nstui: 1 incident, 1 container has no network", 1),
        ((lose_uplink,), "nstui: 1 incident, 7 containers have no network", 1),
        ((sicken,), "nstui: 1 warning", 1),
        (
            (restart, sicken),
            "nstui: 1 incident, 1 container has no network; 1 warning",
            1,
        ),
    ],
    ids=["well", "a notice", "one", "seven", "a warning", "both"],
)
def test_one_line_for_a_prompt(
    nstui: Nstui,
    own: World,
    happens: tuple[Callable[[World], None], ...],
    line: str,
    code: int,
) -> None:
    for each in happens:
        each(own)
    answer = nstui("--demo", "check", "--short")
    assert (answer.code, answer.out, answer.err) == (code, f"{line}\n", "")


def test_the_short_line_claims_no_more_than_was_seen(
    nstui: Nstui, own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    level = NamespacesRead.DECLARED
    monkeypatch.setattr("nstui.demo.host.SimHost", lambda _: SimHost(own, level))
    answer = nstui("--demo", "check", "--short")
    assert (answer.code, answer.out) == (
        0,
        "nstui: nothing wrong as far as could be read\n",
    )


@pytest.mark.parametrize("other", ["--json", "--watch"])
def test_the_short_line_is_alone(nstui: Nstui, other: str) -> None:
    answer = nstui("--demo", "check", "--short", other)
    assert (answer.code, answer.out) == (2, "")
    assert "--short cannot be combined" in answer.err
