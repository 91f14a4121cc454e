"""A compose project of the tests' own, and every form of compose that is here."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose_program import NEWEST_ENGINE_OF_V1
from tests.support.engine_daemon import SYSTEM_PATH

if TYPE_CHECKING:
    from tests.support.private_engine import PrivateEngine

_LIMIT_S = 60
_PLUGIN_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)


class Form(StrEnum):
    """What compose can be on a machine."""

    PLUGIN = "docker compose"
    STANDALONE = "docker-compose v2"
    V1 = "docker-compose v1"

    @property
    def words(self) -> tuple[str, ...]:
        """How it is called."""
        return ("docker", "compose") if self is Form.PLUGIN else ("docker-compose",)

    @property
    def separator(self) -> str:
        """What it puts between the parts of a container's name."""
        return "_" if self is Form.V1 else "-"


def available_forms() -> tuple[Form, ...]:
    """Return the forms of compose that this machine has; all where it has none."""
    found = tuple(form for form in Form if _needed(form) in _programs())
    return found or tuple(Form)


def require(form: Form) -> None:
    """Skip where a form of compose is not; fail where none is and one must be."""
    if not _programs() and os.environ.get("CI") == "true":
        pytest.fail("there is no compose here")
    if _needed(form) not in _programs():
        pytest.skip(f"needs {_needed(form)}; NSTUI_TEST_COMPOSE can name one")


def require_engine_for(form: Form, engine: PrivateEngine) -> None:
    """Skip where an engine is too new for compose v1."""
    major = int(engine.client.version()["Version"].partition(".")[0])
    if form is Form.V1 and major > NEWEST_ENGINE_OF_V1:
        pytest.skip("this engine is too new for compose v1")


def provide(form: Form, folder: Path) -> dict[str, str]:
    """Return an environment in which a form of compose is the only one."""
    program = program_of(form)
    bin_folder, plugins = folder / "bin", folder / "config" / "cli-plugins"
    bin_folder.mkdir()
    plugins.mkdir(parents=True)
    if form is Form.PLUGIN:
        docker = shutil.which("docker", path=SYSTEM_PATH)
        assert docker is not None
        bin_folder.joinpath("docker").symlink_to(docker)
        plugins.joinpath("docker-compose").symlink_to(program)
    else:
        bin_folder.joinpath("docker-compose").symlink_to(program)
    return {
        "PATH": str(bin_folder),
        "HOME": str(folder),
        "DOCKER_CONFIG": str(plugins.parent),
    }


@dataclass(frozen=True)
class ComposeProject:
    """A project on the tests' engine, driven as its user drives it."""

    engine: PrivateEngine
    form: Form
    environ: dict[str, str]
    folder: Path
    name: str = "project"

    @property
    def forgets_dependencies(self) -> bool:
        """Whether ``--no-deps`` makes a container that the next ``up`` makes anew.

        Before 2.29.3 compose v2 counts what a service depends on as a part of it, and
        leaves that out where it is told to leave dependencies alone.
        """
        return self.form is not Form.V1 and version_of(self.form) < (2, 29, 3)

    def write(self, text: str) -> None:
        """Write its compose file."""
        self.folder.joinpath("docker-compose.yml").write_text(text)

    def up(self, *arguments: str) -> None:
        """Create and start what is not as the file says."""
        self.compose("up", "-d", *arguments)

    def recreate(self, service: str) -> None:
        """Recreate a service as somebody does who thinks of nobody else."""
        self.up("--no-deps", "--force-recreate", service)

    def down(self) -> None:
        """Remove everything of it."""
        self.compose("down", "--timeout", "0", "--volumes")

    def compose(self, *arguments: str) -> None:
        """Run compose in the project's folder; fail if it fails."""
        done = subprocess.run(
            [*self.form.words, "-p", self.name, *arguments],
            cwd=self.folder,
            env={**self.environ, "DOCKER_HOST": self.engine.url},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()

    def container(self, service: str) -> str:
        """Return the name of the first container of a service."""
        return self.form.separator.join((self.name, service, "1"))

    def id(self, service: str) -> str:
        """Return the id of the first container of a service."""
        found = self.engine.inspect(self.container(service), "Id")
        assert isinstance(found, str)
        return found

    def mode(self, service: str) -> str:
        """Return the network mode of the first container of a service."""
        found = self.engine.inspect(
            self.container(service), "HostConfig", "NetworkMode"
        )
        assert isinstance(found, str)
        return found


def _needed(form: Form) -> str:
    return "compose v1" if form is Form.V1 else "compose v2"


@cache
def _programs() -> dict[str, Path]:
    """Return the program of each generation of compose that is here."""
    chosen = os.environ.get("NSTUI_TEST_COMPOSE")
    on_path = shutil.which("docker-compose", path=SYSTEM_PATH)
    plugins = (Path(folder) / "docker-compose" for folder in _PLUGIN_FOLDERS)
    found: dict[str, Path] = {}
    for program in (*(Path(p) for p in (chosen, on_path) if p), *plugins):
        if program.is_file():
            found.setdefault(f"compose v{_version(program)[0]}", program)
    return found


def program_of(form: Form) -> Path:
    """Return the program of a form of compose that `require` has found."""
    return _programs()[_needed(form)]


def version_of(form: Form) -> tuple[int, ...]:
    """Return the version of the compose that a form of it is."""
    return _version(program_of(form))


@cache
def _version(program: Path) -> tuple[int, ...]:
    done = subprocess.run(
        [program, "version", "--short"],
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=True,
    )
    numbers = done.stdout.strip().removeprefix("v").partition("-")[0]
    return tuple(map(int, numbers.split(".")))
