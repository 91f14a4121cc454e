"""Which compose is used, with what, and what is said when it fails."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose import ComposeCli
from nstui.engine.compose_program import environment, find_failure_line
from nstui.engine.endpoint import Endpoint, Tls
from nstui.errors import EngineRefused, EngineUnreachable, Unreachable
from nstui.model.container import ComposeService
from tests.support.builders import cid, container
from tests.support.leftovers import is_alive
from tests.support.servers import ScriptedEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.model.container import Container

HASH = "ab" * 32
IMAGE = f"sha256:{'1d' * 32}"
MADE = {"Image": "alpine", "Env": ["A=1"], "Cmd": ["sleep", "9"]}
ENGINE: dict[str, object] = {
    "/version": {"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10.24"},
    "/containers/json": [],
    "/info": {"DockerRootDir": "/var/lib/docker"},
    "/volumes": {"Volumes": None, "Warnings": None},
    f"/containers/{cid('web')}/json": {
        "Name": "/media-web-1",
        "Image": IMAGE,
        "Config": MADE,
    },
    "/images/alpine/json": {"Id": IMAGE},
    f"/images/{IMAGE}/json": {"Id": IMAGE},
}
"""What an engine answers that lists nobody, but has one when it is asked for it."""

MODEL: dict[str, object] = {
    "services": {
        "web": {
            "command": ["sleep", "9"],
            "environment": {"A": "1"},
            "image": "alpine",
            "network_mode": "host",
        }
    }
}


def version_two(model: object = MODEL, config_hash: str = HASH) -> str:
    """Return the part of a program that makes it pass for compose v2."""
    return (
        f'case "$*" in *version*) echo 2.40.3; exit;;'
        f" *--hash*) echo web {config_hash}; exit;;"
        f" *config*) echo '{json.dumps(model)}'; exit;; esac\n"
    )


VERSION = version_two()

NOT_THIS = "echo 'unknown command: docker compose' >&2; exit 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Yield an empty folder for programs, beside an engine's socket."""
    folder = tmp_path / "bin"
    folder.mkdir()
    answers = {path: http_answer(said) for path, said in ENGINE.items()}
    with UnixServer(tmp_path / "engine.sock", ScriptedEngine(answers)):
        yield folder


@pytest.fixture
def service(tmp_path: Path) -> ComposeService:
    """Return a service of a project whose files are there."""
    home = tmp_path / "project"
    home.mkdir()
    home.joinpath("a.yml").touch()
    home.joinpath("b.yml").touch()
    files = ("a.yml", str(home / "b.yml"))
    return ComposeService("media", "web", (), str(home), files, config_hash=HASH)


def program(folder: Path, name: str, text: str) -> None:
    """Put a program into a folder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)


def local(folder: Path) -> Endpoint:
    """Return the engine that is beside a folder of programs."""
    return Endpoint(f"unix://{folder.with_name('engine.sock')}", None)


def of(service: ComposeService) -> Container:
    """Return the container of a service."""
    return replace(container("web"), compose=service)


def compose(folder: Path, *, patience: float = 30) -> ComposeCli:
    """Return the adapter on a machine that has only the programs of a folder."""
    programs = {"PATH": f"{folder}:/bin:/usr/bin"}
    return ComposeCli(local(folder), programs, patience=patience)


def only(folder: Path) -> ComposeCli:
    """Return the adapter where nothing else is called compose either."""
    return ComposeCli(local(folder), {"PATH": str(folder)})


def command_of(compose: ComposeCli, service: ComposeService) -> tuple[str, ...]:
    """Return the command that recreates a service, which there is."""
    command = compose.recreation(of(service)).command
    assert command is not None
    return command


@pytest.mark.parametrize(
    ("programs", "expected"),
    [
        ({"docker": VERSION}, ("docker", "compose")),
        ({"docker": VERSION, "docker-compose": VERSION}, ("docker", "compose")),
        ({"docker-compose": VERSION}, ("docker-compose",)),
        ({"docker": NOT_THIS, "docker-compose": VERSION}, ("docker-compose",)),
        ({"docker": NOT_THIS}, None),
        ({"docker": NOT_THIS, "docker-compose": NOT_THIS}, None),
        ({}, None),
    ],
)
def test_the_plugin_comes_before_the_program_of_the_other_name(
    folder: Path,
    service: ComposeService,
    programs: dict[str, str],
    expected: tuple[str, ...] | None,
) -> None:
    for name, text in programs.items():
        program(folder, name, text)

    command = only(folder).recreation(of(service)).command

    if expected is None:
        assert command is None
    else:
        assert command is not None
        assert command[: command.index("--project-directory")] == expected


def test_the_command_names_the_projects_files_in_their_order(
    folder: Path, service: ComposeService
) -> None:
    program(folder, "docker", VERSION)

    home = service.folder
    assert only(folder).recreation(of(service)).command == (
        *("docker", "compose", "--project-directory", home, "-p", "media"),
        *("-f", f"{home}/a.yml", "-f", f"{home}/b.yml"),
        *("up", "-d", "--no-deps", "--no-build", "--force-recreate"),
        *("--pull", "never", "web"),
    )


@pytest.mark.parametrize(
    "change",
    [
        {"folder": ""},
        {"folder": "project"},
        {"folder": "/no/such/folder"},
        {"files": ()},
        {"files": ("a.yml", "gone.yml")},
        {"files": ("-",)},
        {"files": (".",)},
        {"project": ""},
        {"project": "--verbose"},
        {"service": ""},
        {"service": "--renew-anon-volumes"},
        {"service": "-V"},
        {"service": "web db"},
    ],
    ids=str,
)
def test_there_is_no_command_for_what_is_not_here_or_is_no_name(
    folder: Path, service: ComposeService, change: dict[str, str | tuple[str, ...]]
) -> None:
    program(folder, "docker", VERSION)
    assert only(folder).recreation(of(service)).command is not None

    labelled = replace(service, **change)  # type: ignore[arg-type]  # as the table says

    assert only(folder).recreation(of(labelled)).command is None


def test_compose_is_looked_for_only_once(folder: Path, service: ComposeService) -> None:
    program(folder, "docker", f'echo "$*" >> {folder}/asked\n{VERSION}')
    found = only(folder)

    found.recreation(of(service))
    found.recreation(of(service))

    asked = folder.joinpath("asked").read_text().splitlines()
    assert [line for line in asked if "version" in line] == ["compose version --short"]


def test_the_command_runs_in_its_folder_without_input(
    folder: Path, service: ComposeService
) -> None:
    seen = folder / "seen"
    program(
        folder,
        "docker",
        # A shell finds out by itself where it is.
        f"{VERSION}(pwd; tr '\\0' '\\n' < /proc/$$/environ | grep ^PWD=; cat;"
        f" echo $DOCKER_HOST; echo $*) > {seen}\n",
    )
    found = compose(folder)
    command = command_of(found, service)

    found.recreate(of(service), command)

    home = service.folder
    said = seen.read_text().splitlines()
    assert said == [home, f"PWD={home}", local(folder).url, " ".join(command[1:])]


def test_what_does_not_end_is_ended_with_all_that_it_started(
    folder: Path, service: ComposeService
) -> None:
    pids = folder / "pids"
    program(folder, "docker", f"{VERSION}sleep 60 & echo $! $$ > {pids}; wait\n")
    found = compose(folder, patience=0.5)
    command = command_of(found, service)
    began = time.monotonic()

    with pytest.raises(EngineUnreachable, match=r"within 0\.5 s") as caught:
        found.recreate(of(service), command)

    assert caught.value.reason is Unreachable.TIMED_OUT
    assert time.monotonic() - began < 5
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) == 2
    deadline = time.monotonic() + 5
    while any(map(is_alive, started)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_alive, started))


def test_a_failure_is_told_in_composes_own_words(
    folder: Path, service: ComposeService
) -> None:
    program(
        folder, "docker", f"{VERSION}echo ' Container a  Started'; echo no >&2\nexit 3"
    )
    found = compose(folder)

    with pytest.raises(EngineRefused, match=r"^no$"):
        found.recreate(of(service), command_of(found, service))


def test_a_failure_without_a_word_is_told_by_its_exit_code(
    folder: Path, service: ComposeService
) -> None:
    program(folder, "docker", f"{VERSION}exit 3")
    found = compose(folder)

    with pytest.raises(EngineRefused, match=r"^docker compose ended with exit code 3$"):
        found.recreate(of(service), command_of(found, service))


def test_a_program_that_is_gone_when_it_is_needed(
    folder: Path, service: ComposeService
) -> None:
    program(folder, "docker", VERSION)
    found = only(folder)
    command = command_of(found, service)
    folder.joinpath("docker").unlink()

    with pytest.raises(EngineRefused, match=r"^docker cannot be run: No such file"):
        found.recreate(of(service), command)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("", ""),
        (" Container a-1  Started\n", "Container a-1 Started"),
        (
            " Container a-1  Starting\nError response from daemon: no\n",
            "Error response from daemon: no",
        ),
        (
            (
                'time="2026-11-24T15:55:12Z" level=warning msg="obsolete"\n'
                "no such service: x\n Network p_default  Created\n"
            ),
            "no such service: x",
        ),
        (
            (
                "Recreating p_web_1 ... \r\nRecreating p_web_1 ... error\r\n\n"
                "ERROR: for web  Cannot start service web: no\n"
                "Encountered errors while bringing up the project.\n"
            ),
            "ERROR: for web Cannot start service web: no",
        ),
        ("\x1b[31mERROR\x1b[0m: no\x1b[K\n", "ERROR: no"),
        (
            "unknown shorthand flag\n\nSee 'docker compose up --help'.\n",
            "unknown shorthand flag",
        ),
        ("KeyError: 'ContainerConfig'\n\n", "KeyError: 'ContainerConfig'"),
    ],
)
def test_the_last_line_that_says_something(output: str, said: str) -> None:
    assert find_failure_line(output) == said


USERS = {
    "DOCKER_HOST": "tcp://other:2375",
    "DOCKER_CONTEXT": "other",
    "DOCKER_TLS": "1",
    "DOCKER_TLS_VERIFY": "1",
    "DOCKER_CERT_PATH": "/other",
    "COMPOSE_ENV_FILES": "other.env",
    "COMPOSE_FILE": "other.yml",
    "COMPOSE_PROJECT_NAME": "other",
    "COMPOSE_PROFILES": "debug",
    "COMPOSE_REMOVE_ORPHANS": "1",
    "TAG": "3",
}

OURS = {
    "COMPOSE_ANSI": "never",
    "COMPOSE_PROFILES": "debug",
    "COMPOSE_PROGRESS": "plain",
    "COMPOSE_REMOVE_ORPHANS": "0",
    "TAG": "3",
}


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        (None, {}),
        (
            Tls("/c/ca.pem", "/c/cert.pem", "/c/key.pem", verify=True),
            {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/c"},
        ),
        (
            Tls(None, "/c/cert.pem", "/c/key.pem", verify=False),
            {"DOCKER_TLS": "1", "DOCKER_CERT_PATH": "/c"},
        ),
        (Tls(None, None, None, verify=False), {"DOCKER_TLS": "1"}),
    ],
)
def test_the_environment_says_which_engine_and_nothing_of_another(
    tls: Tls | None, expected: dict[str, str]
) -> None:
    endpoint = Endpoint("tcp://box:2376", "prod", tls)

    found = environment(endpoint, USERS)

    assert found == OURS | expected | {"DOCKER_HOST": endpoint.url}


def test_the_programs_own_environment_is_what_compose_gets(
    folder: Path, service: ComposeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("TAG", "3")
    program(folder, "docker", f"{VERSION}echo $TAG > {folder}/tag\n")
    found = ComposeCli(local(folder))

    found.recreate(of(service), command_of(found, service))

    assert folder.joinpath("tag").read_text() == "3\n"
