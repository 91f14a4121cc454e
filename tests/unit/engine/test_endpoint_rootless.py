"""Which engine it is if nobody names one, and the machine's is missing or closed."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from nstui.engine import endpoint
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint, choose_local, resolve_endpoint
from nstui.errors import EngineUnreachable, Unreachable
from tests.support.context_store import add_host

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATH = "/var/run/docker.sock"
LOCAL = f"unix://{PATH}"
OWN = "/run/user/1000/docker.sock"
PODMAN = "/run/user/1000/podman/podman.sock"
GONE, CLOSED = "does not exist", "is closed to this user"
HINT = f"; for Podman give --host unix://{PODMAN}"


@pytest.mark.parametrize(
    ("folder", "problems", "expected"),
    [
        ("/run/user/1000", {}, Endpoint(LOCAL, "default")),
        (
            "/run/user/1000",
            {PATH: GONE},
            Endpoint(f"unix://{OWN}", None, None, f"{LOCAL} {GONE}"),
        ),
        (
            "/run/user/1000/",
            {PATH: CLOSED},
            Endpoint(f"unix://{OWN}", None, None, f"{LOCAL} {CLOSED}"),
        ),
        ("", {PATH: GONE}, Endpoint(LOCAL, "default")),
        ("run", {PATH: GONE}, Endpoint(LOCAL, "default")),
        (
            "/run/user/1000",
            {PATH: CLOSED, OWN: GONE, PODMAN: GONE},
            Endpoint(LOCAL, "default", None, f"unix://{OWN} {GONE}"),
        ),
        (
            "/run/user/1000",
            {PATH: GONE, OWN: CLOSED},
            Endpoint(LOCAL, "default", None, f"unix://{OWN} {CLOSED}{HINT}"),
        ),
    ],
)
def test_the_users_own_engine_comes_after_the_machines(
    folder: str, problems: Mapping[str, str], expected: Endpoint
) -> None:
    assert choose_local(folder, lambda path: problems.get(path, "")) == expected


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return an environment of a machine without an engine of its own."""
    monkeypatch.setattr(endpoint, "DEFAULT_URL", f"unix://{tmp_path}/machine.sock")
    return {"DOCKER_CONFIG": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}


def bind(path: Path) -> socket.socket:
    """Return a socket that is bound there, and does not listen."""
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(path))
    return bound


def test_a_socket_is_looked_for_where_it_is(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with bind(tmp_path / "docker.sock"):
        own = resolve_endpoint(None, None, environ)
        with bind(tmp_path / "machine.sock"):
            machine = resolve_endpoint(None, None, environ)

    assert own.url == f"unix://{tmp_path}/docker.sock"
    assert own.label == own.url
    assert machine == Endpoint(f"unix://{tmp_path}/machine.sock", "default")


def test_a_file_that_is_no_socket_is_no_engine(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    (tmp_path / "docker.sock").touch()

    found = resolve_endpoint(None, None, environ)

    assert found.url == f"unix://{tmp_path}/machine.sock"
    assert found.instead == f"unix://{tmp_path}/docker.sock is not a socket"


def test_who_names_an_engine_gets_that_one(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    add_host(tmp_path, "one", "unix:///one.sock")

    with bind(tmp_path / "docker.sock"):
        found = [
            resolve_endpoint("unix:///x.sock", None, environ),
            resolve_endpoint(None, "default", environ),
            resolve_endpoint(None, None, {**environ, "DOCKER_HOST": "unix:///x.sock"}),
            resolve_endpoint(None, None, {**environ, "DOCKER_CONTEXT": "default"}),
        ]
        (tmp_path / "config.json").write_text('{"currentContext": "one"}')
        found.append(resolve_endpoint(None, None, environ))

    urls = [each.url.replace(str(tmp_path), "") for each in found]
    machine = "unix:///machine.sock"
    assert urls == [
        "unix:///x.sock",
        machine,
        "unix:///x.sock",
        machine,
        "unix:///one.sock",
    ]
    assert not any(each.instead for each in found)


def test_if_neither_answers_one_sentence_names_both(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    engine = DockerEngine(resolve_endpoint(None, None, environ), timeout=2)

    with pytest.raises(EngineUnreachable) as missing:
        engine.info()
    with bind(tmp_path / "docker.sock"):
        own = DockerEngine(resolve_endpoint(None, None, environ), timeout=2)
        with pytest.raises(EngineUnreachable) as refused:
            own.info()

    assert missing.value.reason is Unreachable.MISSING_SOCKET
    assert str(missing.value) == (
        f"no Docker engine is listening: unix://{tmp_path}/machine.sock does not exist;"
        " is it running? Start it, or name another with --host or --context"
        f" (unix://{tmp_path}/docker.sock does not exist)"
    )
    assert refused.value.reason is Unreachable.REFUSED
    assert str(refused.value) == (
        f"no Docker engine is listening: unix://{tmp_path}/docker.sock refused the"
        " connection; is it running?"
        f" (unix://{tmp_path}/machine.sock does not exist)"
    )
