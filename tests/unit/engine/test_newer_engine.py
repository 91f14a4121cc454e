"""A copy on an engine that is newer than the newest version of the API that is spoken.

Docker 29 rounds whole numbers in answers below API 1.52, and its image ids are those of
all platforms of an image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.container import ContainerId, Join
from nstui.model.namespace import NamespaceKind
from tests.support.captured import ID, OTHER
from tests.support.servers import CreatingEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.captured import Json

ODD = 2**53 + 1
LARGEST = 2**63 - 1
INDEX = "sha256:" + "d" * 64
PLATFORM = {"architecture": "arm", "os": "linux", "variant": "v7"}


def inspect(odd: int, largest: int) -> Json:
    """Return an inspect of a container with two limits."""
    return {
        "Id": ID,
        "Name": "/dep",
        "Image": INDEX,
        "Platform": "linux",
        "State": {"Running": True},
        "ImageManifestDescriptor": {"digest": "sha256:a", "platform": PLATFORM},
        "Config": {"Image": "app:1", "Env": ["A=1", "UNSET"], "ToCome": [1]},
        "HostConfig": {
            "NetworkMode": f"container:{OTHER}",
            "Memory": 100000001,
            "MemorySwap": -1,
            "ShmSize": odd,
            "Ulimits": [{"Name": "fsize", "Soft": odd, "Hard": largest}],
            "Sysctls": {"kernel.msgmax": "9000"},
            "Annotations": {"a": "b"},
            "Umask": "0077",
        },
        "NetworkSettings": {"Networks": {}},
    }


def answer(path: str) -> bytes:
    """Answer as Docker 29 does."""
    match path.split("/"):
        case ["version"]:
            told: Json = {"ApiVersion": "1.55", "MinAPIVersion": "1.44"}
            return http_answer(told)
        case ["v1.51", "containers", "create"]:
            return http_answer({"Id": OTHER, "Warnings": []}, "201 Created")
        case ["v1.51", "containers", _, "json"]:
            # As a float is written: with the fewest digits that mean it.
            return http_answer(inspect(2**53, 9223372036854776000))
        case ["v1.52", "containers", _, "json"]:
            return http_answer(inspect(ODD, LARGEST))
        case ["v1.51", "images", *_]:
            return http_answer({"Id": INDEX, "Architecture": "amd64"})
    return http_answer({"message": path}, "500 Internal Server Error")


def test_numbers_are_exact_and_the_platform_is_said(tmp_path: Path) -> None:
    newer = CreatingEngine(answer)
    join = Join(NamespaceKind.NET, "ab" * 32)
    with UnixServer(tmp_path / "d.sock", newer) as server:
        engine = DockerEngine(Endpoint(server.url, None))
        new = engine.create_like(ContainerId(ID), "copy", (join,))
        engine.close()

    assert new == OTHER
    (body,) = newer.bodies
    assert isinstance(body, dict)
    exact = inspect(ODD, LARGEST)
    host = exact["HostConfig"]
    assert isinstance(host, dict)
    copied = body.pop("HostConfig")
    network = {"NetworkMode": f"container:{'ab' * 32}"}
    assert {k: v for k, v in copied.items() if v is not None} == {**host, **network}
    assert body == {
        "Image": "app:1",
        "Env": ["A=1", "UNSET"],
        "ToCome": [1],
        "NetworkingConfig": {"EndpointsConfig": {}},
    }
    assert newer.asked[-1] == (
        "POST /v1.51/containers/create?name=copy&platform=linux%2Farm%2Fv7"
    )
