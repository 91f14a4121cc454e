"""``nstui recreate`` on a simulated host."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.cli.main import run
from nstui.cli.recreate import read_env_file
from nstui.demo.containers import Spec
from nstui.demo.images import SimImage
from nstui.demo.world import World
from tests.unit.render.paper import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.answers import Nstui, Stage

IMAGE = "vpn:1"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0)


@pytest.fixture
def scene(stage: Stage) -> World:
    """Put an owner with a dependent on the stage, and a new image for it."""
    world = stage(World())
    world.run(Spec("own", IMAGE))
    world.run(Spec("dep", network="container:own"))
    world.image_store.publish(IMAGE, SimImage(id=f"sha256:{'1' * 64}"))
    return world


def ask(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str
) -> tuple[int, str]:
    """Run nstui for somebody who types; return the exit code and what was said."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", screen)
    code = run(("--demo", "recreate", *arguments))
    return code, screen.getvalue()


def image_of(world: World) -> str:
    """Return the image that the owner is made from now."""
    return world.records.get("own").image_id


def test_the_plan_says_what_would_be_done(nstui: Nstui, scene: World) -> None:
    answer = nstui("--demo", "recreate", "--pull", "--dry-run", "own")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "Recreate own?\n"
        "  pulls vpn:1\n"
        "  recreates own from vpn:1\n"
        "  recreates dep on own\n"
        "  puts everything back if own is not well within 60 s\n"
        "nstui recreate --pull own\n"
    )
    assert image_of(scene) != f"sha256:{'1' * 64}"


def test_all_are_named_once_they_are_done(nstui: Nstui, scene: World) -> None:
    answer = nstui("--demo", "recreate", "--pull", "--yes", "own")
    assert (answer.code, answer.out, answer.err) == (0, "own\ndep\n", "")
    assert image_of(scene) == f"sha256:{'1' * 64}"
    assert [record.name for record in scene.records] == ["dep", "own"]


def test_json_has_the_plan_and_no_values(
    nstui: Nstui, scene: World, tmp_path: Path
) -> None:
    file = tmp_path / "env"
    file.write_text("TOKEN=secret\n")
    options = ("--json", "--env-file", str(file), "--pull")
    answer = nstui("--demo", "recreate", *options, "own")
    document = json.loads(answer.out)
    assert document["action"] == "recreate"
    assert document["recreations"][0]["variables"] == ["TOKEN"]
    assert document["recreations"][0]["image"] == IMAGE
    verbs = [step["verb"] for step in document["steps"]]
    assert verbs == ["pull", "recreate", "wait", "recreate", "rm", "rm"]
    assert document["steps"][1]["keeps_old"]
    assert document["steps"][-1]["is_old"]
    assert "secret" not in answer.out
    assert scene.records.get("own").spec.environment == ("TOKEN=secret",)


def test_a_failure_says_that_everything_was_put_back(
    nstui: Nstui, scene: World
) -> None:
    broken = SimImage(id=f"sha256:{'2' * 64}", start_error="no such file")
    scene.image_store.publish(IMAGE, broken)
    before = scene.records.get("own").id
    answer = nstui("--demo", "recreate", "--pull", "-y", "own")
    assert answer.code == 1
    assert "no such file; own was put back; everything was put back" in answer.err
    assert "to try again, fix that, then: nstui recreate --pull own" in answer.err
    assert scene.records.get("own").id == before


def test_another_image(nstui: Nstui, scene: World) -> None:
    scene.image_store.publish("vpn:2", SimImage(id=f"sha256:{'2' * 64}"))
    options = ("--image", "vpn:2", "--pull", "-y")
    assert nstui("--demo", "recreate", *options, "own").code == 0
    assert scene.records.get("own").spec.image == "vpn:2"


def test_an_image_that_is_not_here(nstui: Nstui, scene: World) -> None:
    scene.lost_images["vpn:2"] = ""
    answer = nstui("--demo", "recreate", "--image", "vpn:2", "-y", "own")
    assert answer.code == 1
    assert "there is no image vpn:2 here; --pull gets it" in answer.err


def test_an_old_image_that_is_gone(nstui: Nstui, scene: World) -> None:
    scene.lost_images[image_of(scene)] = ""
    answer = nstui("--demo", "recreate", "-y", "own")
    assert answer.code == 1
    assert "own cannot be made anew: its image is gone" in answer.err


def test_what_it_wrote_needs_a_decision(nstui: Nstui, scene: World) -> None:
    scene.write("own", "/notes")
    answer = nstui("--demo", "recreate", "-y", "own")
    assert answer.code == 4
    assert "own would lose its changes outside volumes" in answer.err
    assert nstui("--demo", "recreate", "-y", "--drop-changes", "own").code == 0


@pytest.mark.parametrize(
    ("who", "typed", "code"),
    [
        ("own", "drop\ny\n", 0),
        ("own", "keep\n", 4),
        ("own", "\n", 4),
        ("dep", "keep\ny\n", 0),
    ],
)
def test_somebody_is_asked_what_becomes_of_it(
    monkeypatch: pytest.MonkeyPatch, scene: World, who: str, typed: str, code: int
) -> None:
    scene.write(who, "/notes")
    found, said = ask(monkeypatch, "--pull", "own", typed=typed)
    assert found == code
    assert f"{who} wrote 1 path outside its volumes: /notes" in said
    assert ("keep" in said.partition("outside")[0]) is False
    assert (image_of(scene) == f"sha256:{'1' * 64}") is (code == 0)
    if code == 0:
        assert "pull vpn:1: 3 of 3 layers, 12.0 MB" in said
        assert len(scene.images) == (1 if who == "dep" else 0)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("A=1\n\n# B=2\n  C=3\n", ("A=1", "C=3")),
        ("\ufeffA=b=c\n", ("A=b=c",)),
        ("A=\nHERE\nNOWHERE\n", ("A=", "HERE=yes")),
    ],
)
def test_variables_are_read_as_docker_reads_them(
    tmp_path: Path, text: str, variables: tuple[str, ...]
) -> None:
    file = tmp_path / "env"
    file.write_text(text, encoding="utf-8")
    assert read_env_file(file, {"HERE": "yes"}) == variables


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"=1\n", "line 1 of {} has no name of a variable: ''"),
        (b"A=1\nB C=1\n", "line 2 of {} has no name of a variable: 'B C'"),
        (b"\xff\xfe\n", "{} cannot be read: "),
    ],
)
def test_a_file_that_makes_no_sense_is_said_at_once(
    nstui: Nstui, scene: World, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "env"
    file.write_bytes(content)
    before = scene.records.get("own").id
    answer = nstui("--demo", "recreate", "--env-file", str(file), "-y", "own")
    assert answer.code == 2
    assert said.format(file) in answer.err
    assert scene.records.get("own").id == before


def test_options_that_contradict_each_other(nstui: Nstui, scene: World) -> None:
    options = ("--keep-changes", "--drop-changes")
    assert nstui("--demo", "recreate", *options, "own").code == 2
    assert len(tuple(scene.records)) == 2


def test_nothing_is_done_where_only_reading_is_allowed(
    nstui: Nstui, scene: World
) -> None:
    answer = nstui("--demo", "--read-only", "recreate", "own")
    assert answer.code != 0
    assert image_of(scene) != f"sha256:{'1' * 64}"
