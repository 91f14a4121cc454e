"""Podman behind the Docker adapter: its pods, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId, Manager, ManagerKind, ManagerProof, Pod
from tests.support.busy import PATIENT_S
from tests.support.servers import ScriptedEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INFRA, MEMBER, ALONE = ("a" * 64, "b" * 64, "c" * 64)
POD = "d" * 64
JOINED = (
    f"container {INFRA} has dependent containers which must be removed before it:"
    f" {MEMBER}, {ALONE}: container already exists"
)
HOLDS_POD = (
    f"container {INFRA} is the infra container of pod {POD} and cannot be removed"
    " without removing the pod"
)
VERSION = {
    "Version": "5.4.2",
    "ApiVersion": "1.41",
    "MinAPIVersion": "1.24",
    "Components": [{"Name": "Podman Engine"}],
}
OWN_LIST = [
    {"Id": INFRA, "IsInfra": True, "Pod": POD, "PodName": "media"},
    {"Id": MEMBER, "IsInfra": False, "Pod": POD, "PodName": "media"},
    {"Id": ALONE, "IsInfra": False, "Pod": "", "PodName": None},
    None,
]


def row(identity: str, name: str, labels: object = None) -> dict[str, object]:
    """Return a row of Podman's list, which has no ``HostConfig``."""
    return {
        "Id": identity,
        "Names": [f"/{name}"],
        "Image": "x",
        "ImageID": "e" * 64,
        "State": "running",
        "Labels": labels,
    }


ROWS = [row(INFRA, "dddddddddddd-infra"), row(MEMBER, "web"), row(ALONE, "alone")]
INSPECT = {"HostConfig": {"NetworkMode": "bridge"}, "State": {"Status": "running"}}


@pytest.fixture
def podman(tmp_path: Path) -> Iterator[tuple[ScriptedEngine, DockerEngine]]:
    """Yield a Podman with a pod, and the adapter to it."""
    script = ScriptedEngine(
        {
            "/version": http_answer(VERSION),
            "/libpod/containers/json": http_answer(OWN_LIST),
            "/containers/json": http_answer(ROWS),
            f"/images/{'e' * 64}/json": http_answer({"Id": "e" * 64}),
            "/json": http_answer(INSPECT),
        }
    )
    with UnixServer(tmp_path / "d.sock", script) as server:
        engine = DockerEngine(Endpoint(server.url, None), timeout=PATIENT_S)
        yield script, engine
        engine.close()


def pods(engine: DockerEngine) -> dict[str, Pod | None]:
    """Return the pod of each container."""
    return {one.name: one.pod for one in engine.containers()}


def test_who_is_in_a_pod_and_who_holds_it_together(
    podman: tuple[ScriptedEngine, DockerEngine],
) -> None:
    _, engine = podman

    assert pods(engine) == {
        "dddddddddddd-infra": Pod("media", is_infra=True),
        "web": Pod("media", is_infra=False),
        "alone": None,
    }


def test_where_there_is_no_pod_nobody_is_asked(
    podman: tuple[ScriptedEngine, DockerEngine],
) -> None:
    script, engine = podman
    script.answers["/containers/json"] = http_answer(ROWS[2:])
    del script.answers["/libpod/containers/json"]

    assert pods(engine) == {"alone": None}
    assert not [request for request in script.requests if "libpod" in request]


@pytest.mark.parametrize("answer", [{"message": "no"}, "x", None])
def test_without_an_answer_nothing_is_known_of_pods(
    podman: tuple[ScriptedEngine, DockerEngine], answer: object
) -> None:
    script, engine = podman
    status = "500 Oops" if isinstance(answer, dict) else "200 OK"
    script.answers["/libpod/containers/json"] = http_answer(answer, status)

    assert set(pods(engine).values()) == {None}


def test_a_unit_that_a_label_names_is_a_claim(
    podman: tuple[ScriptedEngine, DockerEngine],
) -> None:
    script, engine = podman
    labels = {"PODMAN_SYSTEMD_UNIT": "qbit.service"}
    script.answers["/containers/json"] = http_answer([row(ALONE, "qbit", labels)])

    assert [one.manager for one in engine.containers()] == [
        Manager(kind=ManagerKind.SYSTEMD, name="qbit.service", proof=ManagerProof.NONE)
    ]


@pytest.mark.parametrize(
    ("status", "message", "kind", "sentence"),
    [
        (
            "500 Internal Server Error",
            JOINED,
            EngineRefused,
            "Podman removes it only after what joined it: bbbbbbbbbbbb, cccccccccccc",
        ),
        (
            "500 Internal Server Error",
            f"removing container {INFRA}: {HOLDS_POD}",
            EngineRefused,
            "it holds a pod together: use podman pod rm dddddddddddd",
        ),
        (
            "404 Not Found",
            f'no container with ID or name "{INFRA}" found: no such container',
            ContainerVanished,
            f'no container with ID or name "{INFRA}" found: no such container',
        ),
    ],
)
def test_what_podman_refuses(
    podman: tuple[ScriptedEngine, DockerEngine],
    status: str,
    message: str,
    kind: type[EngineRefused],
    sentence: str,
) -> None:
    script, engine = podman
    script.answers[f"/containers/{INFRA}"] = http_answer({"message": message}, status)

    with pytest.raises(EngineRefused) as caught:
        engine.remove(ContainerId(INFRA), force=True)

    assert type(caught.value) is kind
    assert str(caught.value) == sentence
