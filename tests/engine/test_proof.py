"""Owners that are gone on a real engine: who is put in their place, and who is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose import ComposeCli
from nstui.engine.compose_program import NEWEST_ENGINE_OF_V1
from nstui.engine.endpoint import Endpoint
from tests.engine.attach import attached
from tests.engine.looking import namespace, of
from tests.engine.program import HASTY, run_nstui
from tests.support.compose_project import (
    ComposeProject,
    Form,
    available_forms,
    provide,
    require,
)

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

SERVICE = """
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
"""
PROJECT = f"""
version: "3.9"
services:
  own:
    container_name: the-own
{SERVICE}
  aux:
    container_name: the-aux
{SERVICE}
  dep:
    container_name: the-dep
    network_mode: "service:own"
    depends_on: [own, aux]
{SERVICE}
"""
FAR = f"""
version: "3.9"
services:
  aux:
    container_name: the-aux
{SERVICE}
  dep:
    container_name: the-dep
    network_mode: "container:far-own"
    depends_on: [aux]
{SERVICE}
"""
KEPT = 256
"""How many events an engine keeps."""


class Scene:
    """A project that lost its owner, and nstui asked to heal it as a program."""

    def __init__(self, project: ComposeProject) -> None:
        self.project = project
        self.engine = project.engine

    def nstui(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run nstui without a terminal, where it finds compose and no other state."""
        with pytest.MonkeyPatch.context() as patch:
            for key, value in self.project.environ.items():
                patch.setenv(key, value)
            return run_nstui("-H", self.engine.url, *arguments, program=HASTY)

    def begin(self, text: str = PROJECT) -> None:
        """Start the project."""
        self.project.write(text)
        self.project.up()

    def lose(self, *, recreate: bool, name: str = "the-own") -> None:
        """Remove the owner; let compose make it anew if it shall be there again."""
        self.engine.docker("rm", "-f", "the-own")
        if recreate:
            self.project.write(PROJECT.replace("the-own", name))
            self.project.up("--no-deps", "own")

    def overflow(self) -> None:
        """Let so much happen that the engine forgets what was before."""
        self.engine.create("noise-0")
        for number in range(KEPT):
            self.engine.client.rename(f"noise-{number}", f"noise-{number + 1}")
        self.engine.docker("rm", f"noise-{KEPT}")

    def drop_files(self) -> None:
        """Take away what compose would read."""
        for path in self.project.folder.iterdir():
            path.unlink()

    def compose_knows(self) -> bool:
        """Tell whether compose can be asked what the dependent joins."""
        compose = ComposeCli(Endpoint(self.engine.url, None), self.project.environ)
        with attached(self.engine.url, compose=compose) as connection:
            dep = of(connection.observer.look(), "the-dep")
        return compose.joins(dep) is not None

    def is_with(self, owner: str) -> bool:
        """Tell whether the dependent is in the network of another."""
        with attached(self.engine.url) as connection:
            report = connection.observer.look()
        return namespace(report, "the-dep") == namespace(report, owner)

    def dependent(self) -> tuple[object, object]:
        """Return what changes if anything is done to the dependent."""
        inspect = self.engine.inspect
        return inspect("the-dep", "Id"), inspect("the-dep", "State", "StartedAt")

    def heals(self) -> str:
        """Heal unattended; fail unless all is well afterwards; return what it said."""
        healed = self.nstui("heal", "--yes")
        assert healed.returncode == 0, healed.stderr
        assert self.nstui("check").returncode == 0
        return healed.stdout + healed.stderr

    def is_left_alone(self) -> str:
        """Heal unattended; fail unless nothing was done; return why."""
        before = self.dependent()
        refused = self.nstui("heal", "--yes")
        assert (refused.returncode, refused.stdout) == (4, "nothing can be healed\n")
        assert self.dependent() == before
        return refused.stderr


each_form = pytest.mark.parametrize(
    "scene", available_forms(), indirect=True, ids=lambda form: form.value
)


@pytest.fixture
def scene(
    request: pytest.FixtureRequest,
    engine_host: PrivateEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    """Provide compose and a folder for a project; keep the traces of a test alone.

    It is the first compose of this machine, unless a test names another.
    """
    form = Form(getattr(request, "param", available_forms()[0]))
    require(form)
    major = int(engine_host.client.version()["Version"].partition(".")[0])
    if form is Form.V1 and major > NEWEST_ENGINE_OF_V1:
        pytest.skip("this engine is too new for compose v1")
    folder = tmp_path / "project"
    folder.mkdir()
    project = ComposeProject(engine_host, form, provide(form, tmp_path), folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Scene(project)


def test_the_service_that_is_left_is_not_the_one_that_is_gone(scene: Scene) -> None:
    scene.begin()
    scene.lose(recreate=False)
    why = scene.is_left_alone()
    assert "it joined the-own" in why
    assert "create the-own again" in why
    assert "the-aux could be it" in why
    assert not scene.is_with("the-aux")


def test_an_owner_that_is_back_is_known_by_the_engines_memory(scene: Scene) -> None:
    scene.begin()
    scene.lose(recreate=True)
    scene.heals()
    assert scene.is_with("the-own")


def test_without_the_projects_files_too(scene: Scene) -> None:
    scene.begin()
    scene.lose(recreate=True)
    scene.drop_files()
    scene.heals()
    assert scene.is_with("the-own")


def test_what_nobody_remembers_is_left_alone(scene: Scene) -> None:
    scene.begin()
    scene.lose(recreate=True)
    scene.overflow()
    scene.drop_files()
    why = scene.is_left_alone()
    assert "is gone and its name is unknown" in why
    assert "the-aux could be it" in why
    found = scene.nstui("check", "--json")
    assert "NEW_OWNER" in found.stdout
    healed = scene.nstui("heal", "--yes", "--onto", "the-own", "the-dep")
    assert healed.returncode == 0, healed.stderr
    assert scene.is_with("the-own")
    assert scene.nstui("check").returncode == 0


def test_what_a_command_has_seen_is_remembered(scene: Scene) -> None:
    scene.begin()
    scene.nstui("explain", "the-aux")
    scene.lose(recreate=True)
    scene.overflow()
    scene.drop_files()
    explained = scene.nstui("explain", "the-dep").stdout
    assert "it was called the-own, of project/own, when nstui saw it last" in explained
    found = json.loads(scene.nstui("check", "--json").stdout)["findings"]
    assert str(found).count("nstui heal the-dep") == 1
    scene.heals()
    assert scene.is_with("the-own")


@each_form
@pytest.mark.parametrize("has_seen", [True, False])
def test_an_owner_that_compose_made_under_another_name(
    scene: Scene, *, has_seen: bool
) -> None:
    scene.begin()
    if has_seen:
        scene.nstui("tree")
    scene.lose(recreate=True, name="another")
    if has_seen or scene.compose_knows():
        scene.heals()
        assert scene.is_with("another")
    else:
        assert "create the-own again" in scene.is_left_alone()


@each_form
def test_whom_compose_resolves_needs_no_memory(scene: Scene) -> None:
    scene.begin()
    scene.lose(recreate=True)
    scene.overflow()
    if scene.compose_knows():
        scene.heals()
        assert scene.is_with("the-own")
    else:
        scene.is_left_alone()


@each_form
def test_whom_compose_resolves_in_another_project(scene: Scene) -> None:
    scene.engine.run("far-own")
    scene.begin(FAR)
    scene.engine.docker("rm", "-f", "far-own")
    scene.overflow()
    if scene.compose_knows():
        assert "create far-own again" in scene.is_left_alone()
        scene.engine.run("far-own")
        scene.heals()
        assert scene.is_with("far-own")
    else:
        scene.is_left_alone()


def test_an_owner_that_was_renamed_before_it_went(scene: Scene) -> None:
    """Some tools rename the old one first, and remove it once the new one runs."""
    scene.begin()
    scene.nstui("tree")
    labels = scene.engine.inspect("the-own", "Config", "Labels")
    assert isinstance(labels, dict)
    words = [word for key in labels for word in ("-l", f"{key}={labels[key]}")]
    scene.engine.docker("rename", "the-own", "the-own-backup")
    new = ("--name", "the-own", *words, "bb:1", "sleep", "1000")
    scene.engine.docker("run", "-d", *new)
    scene.engine.docker("rm", "-f", "the-own-backup")
    scene.drop_files()
    scene.heals()
    assert scene.is_with("the-own")


EDITED = [
    (PROJECT.replace("[own, aux]", "[]"), "service:own", "service:aux"),
    (PROJECT, "service:own", "service:aux"),
    (PROJECT, "service:own", "container:the-aux"),
]


@each_form
@pytest.mark.parametrize(("text", "then", "now"), EDITED)
def test_whom_an_edited_project_names_is_not_joined(
    scene: Scene, text: str, then: str, now: str
) -> None:
    scene.begin(text)
    scene.engine.docker("rm", "-f", "the-own")
    scene.project.write(text.replace(then, now))
    why = scene.is_left_alone()
    assert "it joined the-own" in why
    assert "the-aux could be it (compose resolves the-dep to join it now" in why


@each_form
@pytest.mark.parametrize("needs", ["depends_on: [aux]", "depends_on: []"])
def test_a_service_is_not_the_container_that_was_named_before(
    scene: Scene, needs: str
) -> None:
    scene.engine.run("far-own")
    text = FAR.replace("depends_on: [aux]", needs)
    scene.begin(text)
    scene.engine.docker("rm", "-f", "far-own")
    scene.project.write(text.replace("container:far-own", "service:aux"))
    assert "the-aux could be it" in scene.is_left_alone()


@each_form
def test_whom_a_variable_of_then_named_is_not_guessed(scene: Scene) -> None:
    scene.project.write(PROJECT.replace("service:own", "service:${VPN:-aux}"))
    scene.project.environ["VPN"] = "own"
    scene.project.up()
    del scene.project.environ["VPN"]
    scene.engine.docker("rm", "-f", "the-own")
    assert "the-aux could be it" in scene.is_left_alone()


@each_form
@pytest.mark.parametrize("has_seen", [True, False])
def test_a_name_that_another_container_took_is_no_proof(
    scene: Scene, *, has_seen: bool
) -> None:
    scene.begin()
    if has_seen:
        scene.nstui("tree")
    scene.engine.docker("rm", "-f", "the-own")
    scene.engine.run("the-own")
    assert "it joined the service own of project" in scene.is_left_alone()
