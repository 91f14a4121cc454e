"""``nstui heal`` on a simulated host, with and without somebody to ask."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.cli.main import run
from nstui.errors import EngineRefused
from nstui.sim.spec import Spec
from nstui.sim.world import World
from tests.cli.answers import names
from tests.render.paper import HARMLESS, HOSTILE, Terminal

if TYPE_CHECKING:
    from tests.cli.answers import Nstui, Stage


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what nothing can end in a simulation count as steady at once."""
    monkeypatch.setattr("nstui.service.replace.STEADY_S", 0)


@pytest.fixture
def orphan(stage: Stage) -> World:
    """Put a host on the stage whose dependent has lost an owner nobody knows."""
    world = stage(World())
    world.run(Spec("old"))
    world.run(Spec("dep", network="container:old"))
    world.remove("old", force=True)
    world.run(Spec("new"))
    world.run(Spec("other"))
    return world


def ask(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str
) -> tuple[int, str]:
    """Run nstui for somebody who types; return the exit code and what was said."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", screen)
    code = run(("--demo", "heal", *arguments))
    assert screen.getvalue().replace("\n", "").isprintable()
    return code, screen.getvalue()


def joined(world: World, name: str = "dep") -> str:
    """Return the name of whom a container joined."""
    (join,) = world.records.get(name).joins
    target = world.records.find(join.reference)
    return "nobody" if target is None else target.name


def test_a_host_that_is_well(nstui: Nstui, stage: Stage) -> None:
    stage(World()).run(Spec("own"))
    answer = nstui("--demo", "heal")
    assert (answer.code, answer.out, answer.err) == (0, "nothing to heal\n", "")


def test_what_is_stale_is_restarted(nstui: Nstui, stage: Stage) -> None:
    world = stage(World())
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.restart("own")
    answer = nstui("--demo", "heal", "--yes")
    assert (answer.code, answer.out) == (0, "dep\n")
    assert nstui("--demo", "check").code == 0


def test_one_that_cannot_be_healed_does_not_keep_the_others_from_it(
    nstui: Nstui, orphan: World
) -> None:
    orphan.run(Spec("stale", network="container:new"))
    orphan.restart("new")
    answer = nstui("--demo", "heal")
    assert (answer.code, answer.out) == (1, "stale\n")
    assert answer.err.startswith("not healed: dep: nobody knows")


def test_the_plan_says_what_would_be_done(nstui: Nstui, orphan: World) -> None:
    assert joined(orphan) == "nobody"
    answer = nstui("--demo", "heal", "--onto", "new", "--dry-run")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "Heal dep?\n  recreates dep on new\nnstui heal --onto new dep\n"
    )
    document = json.loads(nstui("--demo", "heal", "--onto", "new", "--dry-run",
                                "--json").out)  # fmt: skip
    assert document["action"] == "heal"
    assert document["recreations"][0]["owner"] == "new"
    assert document["steps"][0]["verb"] == "recreate"
    assert joined(orphan) == "nobody"


def test_json_prints_the_plan_and_does_it(nstui: Nstui, orphan: World) -> None:
    answer = nstui("--demo", "heal", "--onto", "new", "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["unhealed"] == []
    assert joined(orphan) == "new"


@pytest.mark.parametrize(
    ("typed", "owner", "code"),
    [("1\ny\n", "new", 0), ("other\ny\n", "other", 0), ("\n", "nobody", 1),
     ("1\n\n", "nobody", 1), ("7\n", "nobody", 1)],
)  # fmt: skip
def test_somebody_is_asked_who_takes_the_place_of_one_that_is_gone(
    orphan: World, monkeypatch: pytest.MonkeyPatch, typed: str, owner: str, code: int
) -> None:
    answer, said = ask(monkeypatch, typed=typed)
    assert (answer, joined(orphan)) == (code, owner)
    assert "is gone: whom shall dep join?\n  1  new\n  2  other\n" in said


@pytest.mark.parametrize(
    ("typed", "owner", "images"),
    [("keep\ny\n", "new", 1), ("drop\ny\n", "new", 0), ("\n", "nobody", 0)],
)
def test_somebody_is_asked_what_becomes_of_what_was_written(
    orphan: World,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    owner: str,
    images: int,
) -> None:
    orphan.write("dep", "/etc/mine")
    code, said = ask(monkeypatch, "--onto", "new", typed=typed)
    assert (joined(orphan), len(orphan.images)) == (owner, images)
    assert code == (0 if owner == "new" else 4)
    assert "dep wrote 1 path outside its volumes: /etc/mine" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nobody",), "no container is called 'nobody'"),
        (("--onto", "nobody"), "no container is called 'nobody'"),
    ],
)
def test_unknown_names(
    nstui: Nstui, orphan: World, arguments: tuple[str, ...], complaint: str
) -> None:
    answer = nstui("--demo", "heal", *arguments)
    assert (answer.code, answer.complaint) == (1, complaint)
    assert names(orphan) == {"dep", "new", "other"}


def test_options_that_contradict_each_other(nstui: Nstui) -> None:
    answer = nstui("--demo", "heal", "--keep-changes", "--drop-changes")
    assert answer.code == 2
    assert "not both" in answer.complaint


@pytest.mark.parametrize("words", [("--onto", "x"), ("--keep-changes",)])
def test_what_compose_cannot_be_told(nstui: Nstui, words: tuple[str, ...]) -> None:
    answer = nstui("--demo", "heal", "--compose", *words)
    assert answer.code == 2
    assert f"compose cannot be told what {words[0]} says" in answer.complaint


def test_one_that_cannot_be_started_is_put_back(nstui: Nstui, orphan: World) -> None:
    before = orphan.records.get("dep").id
    orphan.stop("dep")
    with pytest.raises(EngineRefused):
        # It is meant to run: its last start failed.
        orphan.start("dep")
    orphan.spoil("busybox:1.36", "OCI runtime create failed: exec: not found")
    answer = nstui("--demo", "heal", "--onto", "new")
    assert answer.code == 1
    assert "OCI runtime create failed: exec: not found" in answer.err
    assert "dep was put back" in answer.err
    assert names(orphan) == {"dep", "new", "other"}
    assert orphan.records.get("dep").id == before


def test_a_hostile_name_does_nothing_to_the_terminal(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = stage(World())
    world.run(Spec("old"))
    world.run(Spec(HOSTILE, network="container:old"))
    world.remove("old", force=True)
    world.run(Spec("new"))
    _, said = ask(monkeypatch, typed="1\ny\n")
    assert HARMLESS in said
    assert isinstance(sys.stdin, io.StringIO)
