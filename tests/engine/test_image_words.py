"""Attackers who make images, or write where compose is to read, on a real engine."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose import ComposeCli
from nstui.engine.endpoint import Endpoint
from nstui.errors import EngineRefused
from nstui.model.plan import Request
from nstui.model.step import Action, Verb
from tests.engine.attach import attached
from tests.engine.looking import wrong
from tests.support.private_engine import FOREVER, IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.model.container import Container
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

HEAL = Request(action=Action.HEAL, targets=())
C = "com.docker.compose."
OTHERS = {
    "PODMAN_SYSTEMD_UNIT": "x.service",
    "autoheal": "true",
    "com.docker.swarm.service.name": "x",
    "nstui.heal": "always",
}

PROJECT = {
    "services": {
        "web": {
            "container_name": "web",
            "image": IMAGE,
            "network_mode": "container:own",
        }
    },
    "networks": {},
}
"""What the program says that the project is: what the container was made of."""


@dataclass(frozen=True)
class Trap:
    """A program in the place of compose that notes what it is asked for."""

    folder: Path
    environ: dict[str, str]

    @property
    def calls(self) -> list[str]:
        """Everything that it was asked for but its version."""
        called = self.folder / "called"
        lines = called.read_text().splitlines() if called.exists() else []
        return [line for line in lines if "version" not in line]


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    """Lay the trap."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "docker-compose"
    program.write_text(
        f'#!/bin/sh\necho "$*" >> {folder}/called\n'
        'case "$*" in *version*) echo 2.40.3;;\n'
        f"*--hash*) echo web $(cat {folder}/hash);;\n"
        f"*config*json*) echo '{json.dumps(PROJECT)}';; esac\n"
    )
    program.chmod(0o755)
    folder.joinpath("hash").write_text("1" * 64)
    return Trap(folder, {"PATH": f"{folder}:/usr/bin:/bin"})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Make a folder with a compose file that nobody else can write."""
    folder = tmp_path / "project"
    folder.mkdir(mode=0o755)
    write(folder / "c.yml")
    return folder


def write(path: Path, mode: int = 0o644) -> None:
    """Write a file whatever the umask is."""
    path.write_text("services: {}\n")
    path.chmod(mode)


def labels(place: Path | str, file: str = "c.yml") -> dict[str, str]:
    """Return all that compose writes on a container of a service ``web``."""
    return {
        f"{C}config-hash": "0" * 64,
        f"{C}container-number": "1",
        f"{C}depends_on": "own:service_started:false",
        f"{C}oneoff": "False",
        f"{C}project": "p",
        f"{C}project.config_files": file,
        f"{C}project.working_dir": str(place),
        f"{C}service": "web",
        f"{C}version": "2.40.3",
    }


def options(own: Mapping[str, str]) -> list[str]:
    """Return the options that give a container labels."""
    return [f"--label={key}={value}" for key, value in own.items()]


def break_up(
    engine: PrivateEngine, own: Mapping[str, str], *more: str, image: str = IMAGE
) -> None:
    """Make an owner, a dependent with labels, and the owner anew."""
    engine.run("own")
    engine.docker(
        *("run", "--detach", "--name", "web", "--network", "container:own"),
        *("--stop-signal", "SIGKILL", *options(own), *more, image, *FOREVER),
    )
    engine.docker("rm", "--force", "own")
    engine.run("own")


def web(engine: PrivateEngine) -> Container:
    """Return the dependent."""
    with attached(engine.url) as connection:
        (found,) = (c for c in connection.engine.containers() if c.name == "web")
    return found


def commit(engine: PrivateEngine, baked: Mapping[str, str]) -> None:
    """Bake labels into an image as ``docker commit`` can."""
    engine.create("base")
    words = " ".join(f'"{key}"="{value}"' for key, value in baked.items())
    engine.docker("commit", "--change", f"LABEL {words}", "base", "evil:1")
    engine.docker("rm", "base")


def load(engine: PrivateEngine, baked: Mapping[str, str]) -> None:
    """Bake labels into an image as ``docker import`` can."""
    engine.label_image("evil:1", baked)


@pytest.mark.parametrize("bake", [commit, load])
@pytest.mark.parametrize(
    "own",
    [{}, {f"{C}project": "mine"}, {f"{C}service": "web"}, {f"{C}config-hash": ""}],
    ids=["nothing", "project", "service", "no hash"],
)
def test_an_images_labels_are_nobodys_project(
    engine_host: PrivateEngine,
    trap: Trap,
    place: Path,
    bake: Callable[[PrivateEngine, Mapping[str, str]], None],
    own: dict[str, str],
) -> None:
    bake(engine_host, {**labels(place), **OTHERS})
    with attached(engine_host.url) as connection:
        engine_host.run("own")
        engine_host.docker(
            *("run", "--detach", "--name", "web", "--network", "container:own"),
            *("--stop-signal", "SIGKILL", *options(own), "evil:1", *FOREVER),
        )
        report = connection.observer.look_afresh()
        assert {c.compose for c in report.snapshot.containers} == {None}
        # Who is who is known by name now: the labels tell nothing.
        engine_host.docker("rm", "--force", "own")
        engine_host.run("own")
        compose = ComposeCli(Endpoint(engine_host.url, None), trap.environ)
        assert compose.recreation(web(engine_host)).command is None
        plan = connection.executor.plan(HEAL)
        assert {step.verb for step in plan.steps} == {Verb.RECREATE}
        connection.executor.carry_out(plan)
        assert wrong(connection.observer.look_afresh()) == set()
    assert trap.calls == []


def test_an_images_depends_on_names_no_successor(
    engine_host: PrivateEngine, place: Path
) -> None:
    """The owner is gone and did not come back; an image says who it was."""
    commit(engine_host, labels(place))
    break_up(engine_host, {}, image="evil:1")
    engine_host.docker("rm", "--force", "own")
    engine_host.run("thief", *options({**labels(place), f"{C}service": "own"}))
    with attached(engine_host.url) as connection:
        plan = connection.executor.plan(HEAL)
    assert plan.steps == ()
    (choice,) = plan.choices
    assert not choice.fits


def refusal(engine: PrivateEngine, trap: Trap) -> str:
    """Return why compose is not used for what it made; nothing of it was read."""
    compose = ComposeCli(Endpoint(engine.url, None), trap.environ)
    container = web(engine)
    assert container.compose is not None
    found = compose.recreation(container)
    assert found.command is None
    return found.refused


def test_files_that_only_root_can_write_are_used(
    engine_host: PrivateEngine, trap: Trap, place: Path
) -> None:
    break_up(engine_host, labels(place))
    compose = ComposeCli(Endpoint(engine_host.url, None), trap.environ)

    assert compose.recreation(web(engine_host)).command is not None

    assert trap.calls
    assert all(" config " in call for call in trap.calls)


def in_volume(engine: PrivateEngine, place: Path) -> dict[str, str]:
    """Put the project where a container keeps its data."""
    folder = volume(engine)
    write(folder / "c.yml")
    place.joinpath("c.yml").unlink()
    return labels(folder)


def volume(engine: PrivateEngine, *more: str) -> Path:
    """Make a volume; return where it is."""
    engine.docker("volume", "create", "data", *more)
    where = engine.docker("volume", "inspect", "-f", "{{.Mountpoint}}", "data")
    return Path(where.stdout.strip())


def named_in_volume(engine: PrivateEngine, place: Path) -> dict[str, str]:
    """Name a file of a volume from a good folder."""
    evil = volume(engine) / "c.yml"
    write(evil)
    return labels(place, str(evil))


def above(engine: PrivateEngine, place: Path) -> dict[str, str]:
    """Name it by a way that goes up."""
    evil = volume(engine) / "c.yml"
    write(evil)
    return labels(place, os.path.relpath(evil, place))


def linked_to_volume(engine: PrivateEngine, place: Path) -> dict[str, str]:
    """Have a link in a good folder lead to a volume."""
    evil = volume(engine) / "c.yml"
    write(evil)
    place.joinpath("c.yml").unlink()
    place.joinpath("c.yml").symlink_to(evil)
    return labels(place)


def linked_folder(engine: PrivateEngine, place: Path) -> dict[str, str]:
    """Have a link stand for the project's folder."""
    folder = volume(engine)
    write(folder / "c.yml")
    link = place / "link"
    link.symlink_to(folder)
    return labels(link)


def in_bound_volume(engine: PrivateEngine, place: Path) -> dict[str, str]:
    """Have a volume stand for the project's folder."""
    volume(engine, "-o", "type=none", "-o", "o=bind", "-o", f"device={place}")
    return labels(place)


def group_writable(_: PrivateEngine, place: Path) -> dict[str, str]:
    write(place / "c.yml", 0o664)
    return labels(place)


def folder_writable(_: PrivateEngine, place: Path) -> dict[str, str]:
    place.chmod(0o1777)
    return labels(place)


def variables_writable(_: PrivateEngine, place: Path) -> dict[str, str]:
    write(place / ".env", 0o666)
    return labels(place)


def named_variables_writable(_: PrivateEngine, place: Path) -> dict[str, str]:
    write(place / "my.env", 0o666)
    return {**labels(place), f"{C}project.environment_file": f"{place}/my.env"}


def anothers(_: PrivateEngine, place: Path) -> dict[str, str]:
    os.chown(place / "c.yml", 1234, 0)
    return labels(place)


def pipe(_: PrivateEngine, place: Path) -> dict[str, str]:
    place.joinpath("c.yml").unlink()
    os.mkfifo(place / "c.yml", 0o600)
    return labels(place)


def device(_: PrivateEngine, place: Path) -> dict[str, str]:
    return labels(place, "/dev/zero")


def gone(_: PrivateEngine, place: Path) -> dict[str, str]:
    place.joinpath("c.yml").unlink()
    return labels(place)


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (in_volume, "a volume or the engine's own folder"),
        (named_in_volume, "a volume or the engine's own folder"),
        (above, "a volume or the engine's own folder"),
        (linked_to_volume, "a volume or the engine's own folder"),
        (linked_folder, "a volume or the engine's own folder"),
        (in_bound_volume, "a volume or the engine's own folder"),
        (group_writable, "c.yml is writable by others"),
        (folder_writable, "project is writable by others"),
        (variables_writable, ".env is writable by others"),
        (named_variables_writable, "my.env is writable by others"),
        (anothers, "to uid 1234"),
        (pipe, "c.yml is not a regular file"),
        (device, "/dev/zero "),
        (gone, "c.yml is not there"),
    ],
)
def test_files_that_others_could_have_written_are_not_read(
    engine_host: PrivateEngine,
    trap: Trap,
    place: Path,
    arrange: Callable[[PrivateEngine, Path], dict[str, str]],
    reason: str,
) -> None:
    break_up(engine_host, arrange(engine_host, place))

    said = refusal(engine_host, trap)

    assert trap.calls == []
    assert reason in said


@pytest.mark.parametrize("shared", ["", "c.yml", "..", "data"])
@pytest.mark.parametrize("mode", ["rw", "ro"])
@pytest.mark.parametrize("is_running", [True, False])
def test_what_a_container_can_write_wants_composes_hash(  # noqa: PLR0913 - a table
    engine_host: PrivateEngine,
    trap: Trap,
    place: Path,
    shared: str,
    mode: str,
    *,
    is_running: bool,
) -> None:
    place.joinpath("data").mkdir()
    start = engine_host.run if is_running else engine_host.create
    start("writer", f"--volume={(place / shared).resolve()}:/p:{mode}")
    break_up(engine_host, labels(place))
    compose = ComposeCli(Endpoint(engine_host.url, None), trap.environ)

    found = compose.recreation(web(engine_host))

    if mode == "ro":
        assert found.command is not None
    else:
        assert found.command is None
        assert found.refused.startswith("writer can write ")
        assert not any(" up " in call for call in trap.calls)


def test_files_are_looked_at_again_before_compose_runs(
    engine_host: PrivateEngine, trap: Trap, place: Path
) -> None:
    """Between the plan and the step somebody gets write access."""
    trap.folder.joinpath("hash").write_text("0" * 64)
    compose = ComposeCli(Endpoint(engine_host.url, None), trap.environ)
    with attached(engine_host.url, compose=compose) as connection:
        engine_host.run("own")
        engine_host.run("web", "--network=container:own", *options(labels(place)))
        connection.observer.look_afresh()
        engine_host.docker("rm", "--force", "own")
        engine_host.run("own")
        plan = connection.executor.plan(HEAL)
        assert [step.verb for step in plan.steps] == [Verb.COMPOSE]
        # A program that does nothing is no success either.
        before = web(engine_host).id
        outcome = connection.executor.carry_out(plan)
        (remark,) = outcome.remarks
        assert "compose did not replace web; nstui does it itself" in remark
        assert web(engine_host).id != before
        write(place / "c.yml", 0o666)
        runs = [call for call in trap.calls if " up " in call]
        with pytest.raises(EngineRefused, match="is writable by others"):
            compose.recreate(web(engine_host), plan.steps[0].command)
    assert [call for call in trap.calls if " up " in call] == runs
