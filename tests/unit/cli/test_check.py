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
    assert [" ".join(line.split()[:4]) for line in lines[::2]] == [
        "✗ error unhealthy a-sick",
        "✗ error unhealthy b-sick",
        "✗ error stale-join dep",
        "! warning restarting a-loops",
    ]
    assert lines[5] == "    docker restart dep"
    assert summary.endswith("· ✗ 3 errors · ! 1 warning")


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
