"""What Podman's Docker API does not tell, or does not take back.

The answers are written by hand, as ``libpod/define/container_inspect.go`` and
``pkg/api/handlers/compat`` of Podman 5 have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.container import ContainerId, Join
from nstui.model.namespace import NamespaceKind
from tests.support.captured import ID, OTHER
from tests.support.servers import CreatingEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.captured import Json

INSPECT: Json = {
    "Id": ID,
    "Image": "d" * 64,
    "Config": {"Image": "app:1", "Cmd": ["run", "--sysctl", "no.such=1"]},
    "HostConfig": {
        "NetworkMode": f"container:{OTHER}",
        "MemorySwappiness": 0,
        "Annotations": {"io.example": "x"},
        "Devices": [
            {"PathOnHost": "/dev/a", "PathInContainer": "/dev/a"},
            {"PathOnHost": "/dev/b", "CgroupPermissions": "r"},
        ],
    },
    "NetworkSettings": {"Networks": {}},
}
COMMAND = ["podman", "run", "--umask", "0077", "--sysctl", "a.b=1", "--sysctl=c.d=2 3"]
JOIN = Join(NamespaceKind.NET, "ab" * 32)


class Podman:
    """Answers as Podman does."""

    def __init__(self) -> None:
        self.own: Json | None = {
            "Umask": "0077",
            "Cmd": ["run", "--sysctl", "no.such=1"],
            "CreateCommand": [*COMMAND, "app:1", "run", "--sysctl", "no.such=1"],
        }

    def __call__(self, path: str) -> bytes:
        """Answer a question."""
        match path.split("/"):
            case ["version"]:
                components = [{"Name": "Podman Engine"}]
                return http_answer({"ApiVersion": "1.41", "Components": components})
            case [_, "containers", "create"]:
                return http_answer({"Id": OTHER, "Warnings": []}, "201 Created")
            case ["v1.41", "containers", _, "json"]:
                return http_answer(INSPECT)
            case ["v4.0.0", "libpod", "containers", _, "json"] if self.own is not None:
                return http_answer({"Id": ID, "Config": self.own})
            case [_, "images", *_]:
                return http_answer({"Id": "d" * 64})
        return http_answer({"message": "no"}, "404 Not Found")


@pytest.fixture
def podman() -> Podman:
    """Return what answers."""
    return Podman()


@pytest.fixture
def server(tmp_path: Path, podman: Podman) -> Iterator[UnixServer]:
    """Yield what listens."""
    with UnixServer(tmp_path / "d.sock", CreatingEngine(podman)) as server:
        yield server


@pytest.fixture
def engine(server: UnixServer) -> Iterator[DockerEngine]:
    """Yield the adapter to it."""
    engine = DockerEngine(Endpoint(server.url, None))
    yield engine
    engine.close()


def host_of(inspect: object) -> Json:
    assert isinstance(inspect, dict)
    host = inspect["HostConfig"]
    assert isinstance(host, dict)
    return host


def test_sysctls_are_those_of_the_command_that_made_it(engine: DockerEngine) -> None:
    found = engine.inspect(ContainerId(ID))
    assert host_of(found)["Sysctls"] == {"a.b": "1", "c.d": "2 3"}
    assert host_of(found) == {**host_of(INSPECT), "Sysctls": {"a.b": "1", "c.d": "2 3"}}


@pytest.mark.parametrize(
    "own",
    [None, {}, {"Umask": "0022", "CreateCommand": None}, {"CreateCommand": ["x"]}],
)
def test_what_is_not_told_changes_nothing(
    engine: DockerEngine, podman: Podman, own: Json | None
) -> None:
    podman.own = own
    assert engine.inspect(ContainerId(ID)) == INSPECT
    assert engine.left_out(ContainerId(ID), (JOIN,)) == ()


def test_a_umask_is_left_out_and_that_is_said(engine: DockerEngine) -> None:
    assert engine.left_out(ContainerId(ID), (JOIN,)) == ("umask 0077",)
    assert engine.left_out(ContainerId(ID), ()) == ("umask 0077",)


def test_a_copy_has_what_podman_takes(tmp_path: Path, podman: Podman) -> None:
    asked = CreatingEngine(podman)
    with UnixServer(tmp_path / "d.sock", asked) as server:
        engine = DockerEngine(Endpoint(server.url, None))
        assert engine.create_like(ContainerId(ID), "copy", (JOIN,)) == OTHER
        engine.close()

    (body,) = asked.bodies
    host = host_of(body)
    assert host["Sysctls"] == {"a.b": "1", "c.d": "2 3"}
    assert host["Annotations"] == {"io.example": "x"}
    assert host["MemorySwappiness"] is None
    assert host["Devices"] == [
        {
            "PathOnHost": "/dev/a",
            "PathInContainer": "/dev/a",
            "CgroupPermissions": "rwm",
        },
        {"PathOnHost": "/dev/b", "CgroupPermissions": "r"},
    ]
