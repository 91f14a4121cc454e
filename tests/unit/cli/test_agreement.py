"""What happens between a question and its answer."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.cli.main import run
from nstui.demo.containers import Spec
from nstui.demo.world import World
from tests.unit.cli.answers import VPN_FAMILY, names
from tests.unit.render.paper import HARMLESS, HOSTILE, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.answers import Stage


class Person(Terminal):
    """Somebody at a terminal who takes their time to answer."""

    def __init__(self, answer: str, meanwhile: Callable[[], object]) -> None:
        super().__init__(f"{answer}\n")
        self._meanwhile = meanwhile

    def readline(  # type: ignore[override] # typeshed has it so for StringIO too
        self, size: int = -1, /
    ) -> str:
        self._meanwhile()
        return super().readline(size)


def nothing() -> None:
    """Let nothing happen meanwhile."""


def ask(
    monkeypatch: pytest.MonkeyPatch,
    *arguments: str,
    answer: str,
    meanwhile: Callable[[], object] = nothing,
) -> tuple[int, str]:
    """Run nstui for a person; return the exit code and what was said last."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Person(answer, meanwhile))
    monkeypatch.setattr(sys, "stderr", screen)
    code = run(("--demo", "rm", *arguments))
    assert screen.getvalue().replace("\n", "").isprintable()
    return code, screen.getvalue().rpartition(": ")[2].strip()


@pytest.mark.parametrize(
    ("answer", "removed"),
    [
        ("", set()),
        ("no", set()),
        ("dependents", set(VPN_FAMILY)),
        ("  vpn  ", {"vpn"}),
    ],
)
def test_the_answer_is_carried_out(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: str, removed: set[str]
) -> None:
    before = names(world)
    code, _ = ask(monkeypatch, "-f", "vpn", answer=answer)
    assert code == (0 if removed else 4)
    assert before - names(world) == removed


@pytest.mark.parametrize("answer", ["dependents", "vpn"])
def test_a_new_dependent_stops_it(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    before = names(world)
    code, said = ask(
        monkeypatch,
        "-f",
        "vpn",
        answer=answer,
        meanwhile=lambda: world.run(Spec("new", network="container:vpn")),
    )
    assert (code, said) == (4, "nothing was done")
    assert names(world) == before | {"new"}


def test_the_first_dependent_stops_it_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = ask(
        monkeypatch,
        "-f",
        "redis",
        answer="y",
        meanwhile=lambda: world.run(Spec("new", network="container:redis")),
    )
    assert (code, said) == (4, "nothing was done")
    assert {"redis", "new"} <= names(world)


def test_a_container_that_vanishes_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(world)
    code, said = ask(
        monkeypatch,
        "-f",
        "redis",
        answer="y",
        meanwhile=lambda: world.remove("redis", force=True),
    )
    assert (code, said) == (1, "the container is no longer there")
    assert before - names(world) == {"redis"}


def test_another_of_the_same_name_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace() -> None:
        world.remove("redis", force=True)
        world.run(Spec("redis"))

    code, _ = ask(monkeypatch, "-f", "redis", answer="y", meanwhile=replace)
    assert code == 1
    assert "redis" in names(world)


def test_a_hostile_name_is_asked_for_as_it_is_shown(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage(World())
    owner = world.run(Spec(HOSTILE))
    world.run(Spec("dep", network=f"container:{owner}"))
    code, _ = ask(monkeypatch, "-f", owner, answer=HARMLESS)
    assert code == 0
    assert names(world) == {"dep"}


def test_the_word_for_all_is_no_name(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An owner may be called like the word that takes its dependents along."""
    world = stage(World())
    world.run(Spec("dependents"))
    world.run(Spec("dep", network="container:dependents"))
    code, _ = ask(monkeypatch, "-f", "dependents", answer="dependents")
    assert code == 0
    assert names(world) == set()


def test_a_pipe_on_stdin_is_not_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(world)
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", io.StringIO("vpn\n"))
    monkeypatch.setattr(sys, "stderr", screen)
    assert run(("--demo", "rm", "-f", "vpn")) == 4
    assert "Press enter" not in screen.getvalue()
    assert names(world) == before
