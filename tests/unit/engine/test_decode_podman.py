"""What Podman says otherwise, events, and who answers."""

from __future__ import annotations

import pytest

from nstui.engine.decode import decode_event, decode_info, decode_inspection
from nstui.model.container import (
    ContainerEvent,
    ContainerId,
    Health,
    SharedFile,
)
from nstui.model.json import mapping
from tests.support.captured import CAPTURED, ID, OTHER, Json, id_of


def podman_inspect() -> Json:
    """Return an inspect as Podman's Docker API answers for a member of a pod."""
    return {
        "Id": ID,
        "State": {
            "Status": "running",
            "Pid": 77,
            "ExitCode": 0,
            "StartedAt": "2026-11-23T18:59:47.698079819Z",
            "FinishedAt": "0001-01-01T00:00:00Z",
            "Health": {"Status": "", "FailingStreak": 0, "Log": None},
            "Healthcheck": {"Status": "healthy"},
        },
        "HostConfig": {
            "NetworkMode": f"container:{OTHER}",
            "IpcMode": f"container:{OTHER}",
            "UTSMode": f"container:{OTHER}",
            "PidMode": "private",
            "RestartPolicy": {"Name": "", "MaximumRetryCount": 0},
            "VolumesFrom": None,
            "Links": None,
        },
        "ResolvConfPath": f"/run/c/overlay-containers/{OTHER}/userdata/resolv.conf",
        "HostsPath": f"/run/c/overlay-containers/{OTHER}/userdata/hosts",
        "HostnamePath": "",
        "NetworkSettings": {"Networks": None},
    }


def test_podman_pods_share_uts_and_name_their_files_otherwise() -> None:
    raw = podman_inspect()
    raw["State"] = {**mapping(raw["State"]), "Health": None}

    inspection = decode_inspection(raw)

    assert inspection is not None
    assert [join.kind for join in inspection.joins] == ["net", "ipc", "uts"]
    assert {join.reference for join in inspection.joins} == {OTHER}
    assert inspection.health is Health.HEALTHY
    assert inspection.restart_policy == "no"
    assert [file.belongs_to for file in inspection.shared_files] == [OTHER, OTHER]


@pytest.mark.parametrize("word", ["none", "", None])
def test_no_health_check_is_no_health(word: str | None) -> None:
    raw = podman_inspect()
    raw["State"] = {"Status": "running", "Health": {"Status": word}}

    inspection = decode_inspection(raw)

    assert inspection is not None
    assert inspection.health is None


def test_a_file_elsewhere_belongs_to_nobody() -> None:
    raw = {**podman_inspect(), "ResolvConfPath": "/etc/resolv.conf"}

    inspection = decode_inspection(raw)

    assert inspection is not None
    assert inspection.shared_files[0] == SharedFile(
        "resolv.conf", "/etc/resolv.conf", None
    )


@pytest.mark.parametrize(
    ("declared", "references"),
    [
        (["vol"], ("vol",)),
        (["vol:ro"], ("vol",)),
        (["/vol:rw,z", "other"], ("vol", "other")),
        (None, ()),
    ],
)
def test_volumes_from(declared: object, references: tuple[str, ...]) -> None:
    inspection = decode_inspection({"HostConfig": {"VolumesFrom": declared, "x": 1}})

    assert inspection is not None
    assert inspection.volumes_from == references


def test_a_failed_start_leaves_its_exit_code() -> None:
    state = {"Status": "created", "ExitCode": 128}

    inspection = decode_inspection({"HostConfig": {"x": 1}, "State": state})

    assert inspection is not None
    assert inspection.exit_code == 128


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        (
            CAPTURED["events"]["die"],
            ContainerEvent(
                "die", ContainerId(id_of("exited")), 1795462647986454518, "exited"
            ),
        ),
        (
            {"Action": "health_status: healthy", "Actor": {"ID": ID}, "timeNano": 5},
            ContainerEvent("health_status", ContainerId(ID), 5),
        ),
        (
            {"status": "died", "id": ID, "time": 3},
            ContainerEvent("die", ContainerId(ID), 3_000_000_000),
        ),
        (
            {"Action": "remove", "Actor": {"ID": ID}},
            ContainerEvent("destroy", ContainerId(ID), 42),
        ),
        (
            {
                "Action": "create",
                "Actor": {"ID": ID, "Attributes": {"name": "/web", "oldName": "x"}},
            },
            ContainerEvent("create", ContainerId(ID), 42, "web"),
        ),
        (
            {
                "Type": "network",
                "Action": "connect",
                "Actor": {"ID": "n", "Attributes": {"container": ID, "name": "net"}},
            },
            ContainerEvent("connect", ContainerId(ID), 42, ""),
        ),
        ({"Action": "start", "Actor": None, "id": None}, None),
        ({"Actor": {"ID": ID}}, None),
        ({}, None),
    ],
)
def test_events(raw: Json, event: ContainerEvent | None) -> None:
    assert decode_event(raw, 42) == event


def test_who_answers() -> None:
    docker = decode_info(CAPTURED["version"], "unix:///d.sock", "default")
    podman = decode_info(
        {"Version": "4.3.1", "Components": [{"Name": "Podman Engine"}, None]}, "", None
    )

    assert (docker.name, docker.version) == ("Docker", "20.10.24+dfsg1")
    assert (docker.endpoint, docker.context) == ("unix:///d.sock", "default")
    assert (podman.name, podman.version) == ("Podman", "4.3.1")
    assert decode_info({"Components": None}, "", None).name == "Docker"
