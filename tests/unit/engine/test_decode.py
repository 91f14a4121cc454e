"""What an engine said of real containers, and what nstui understands."""

from __future__ import annotations

from datetime import UTC

import pytest

from nstui.engine.decode import decode_container, decode_inspection
from nstui.model.container import (
    ContainerId,
    ContainerState,
    Health,
    Join,
    Link,
    PublishedPort,
    SharedFile,
)
from nstui.model.json import mapping
from nstui.model.namespace import NamespaceKind
from tests.support.captured import CAPTURED, ID, id_of, inspect_of, row_of


@pytest.mark.parametrize(
    ("name", "state", "status", "networks", "pid", "exit_code", "health"),
    [
        ("owner", "running", "Up 3 seconds", ("bridge",), True, None, None),
        ("dependent", "running", "Up 3 seconds", (), True, None, None),
        ("created", "created", "Created", ("bridge",), False, None, None),
        ("exited", "exited", "Exited (3) 2 seconds ago", ("bridge",), False, 3, None),
        ("paused", "paused", "Up 1 second (Paused)", ("bridge",), True, None, None),
        (
            "unhealthy",
            "running",
            "Up 2 seconds (unhealthy)",
            ("bridge",),
            True,
            None,
            Health.UNHEALTHY,
        ),
    ],
)
def test_captured_containers(  # noqa: PLR0913, PLR0917 - the columns of the table
    name: str,
    state: str,
    status: str,
    networks: tuple[str, ...],
    pid: bool,  # noqa: FBT001 - a column of the table
    exit_code: int | None,
    health: Health | None,
) -> None:
    inspection = decode_inspection(inspect_of(name))
    assert inspection is not None
    container = decode_container(row_of(name), inspection)

    assert container.name == name
    assert container.image == "bb:1"
    assert container.state == state
    assert container.status == status
    assert container.networks == networks
    assert (container.pid is not None) is pid
    assert inspection.exit_code == exit_code
    assert inspection.health == health


def test_a_captured_owner() -> None:
    inspection = decode_inspection(inspect_of("owner"))
    container = decode_container(row_of("owner"), inspection)

    # Its names are /linked/alias and /owner: the former is what a link calls it.
    assert container.name == "owner"
    assert container.ports == (
        PublishedPort(53, "udp", "0.0.0.0", 53),
        PublishedPort(53, "udp", "::", 53),
        PublishedPort(80, "tcp", "127.0.0.1", 8080),
    )
    # Somebody gave it labels of compose, without the hash that compose writes.
    assert container.compose is None
    assert container.network_mode == "default"
    assert container.created_at is not None
    assert container.created_at.tzinfo is UTC
    assert inspection is not None
    assert inspection.restart_policy == "unless-stopped"
    assert inspection.joins == ()
    assert inspection.started_at is not None
    assert inspection.finished_at is None


def test_of_two_made_in_the_same_second_the_younger_is_known_by_their_inspects() -> (
    None
):
    row = {**row_of("owner"), "Created": 1_790_000_002}
    made = []
    for part in ("345248837", "987923823"):
        stamp = f"2026-09-21T14:13:22.{part}Z"
        inspection = decode_inspection({**inspect_of("owner"), "Created": stamp})
        made.append(decode_container(row, inspection).created_at)
    unread = decode_container(row, None).created_at

    assert all(made)
    assert [str(moment)[-15:-6] for moment in made] == ["22.345248", "22.987923"]
    assert str(unread).endswith("22+00:00")


def test_a_captured_dependent() -> None:
    owner = ContainerId(id_of("owner"))
    inspection = decode_inspection(inspect_of("dependent"))

    assert inspection is not None
    assert inspection.joins == (
        Join(NamespaceKind.NET, owner),
        Join(NamespaceKind.PID, owner),
        Join(NamespaceKind.IPC, owner),
    )
    assert inspection.volumes_from == ("owner",)
    folder = f"/var/lib/docker/containers/{owner}"
    assert inspection.shared_files == tuple(
        SharedFile(name, f"{folder}/{name}", owner)
        for name in ("resolv.conf", "hosts", "hostname")
    )
    assert decode_container(row_of("dependent"), None).joins == (
        Join(NamespaceKind.NET, owner),
    )


def test_a_captured_link_and_a_host_namespace() -> None:
    inspection = decode_inspection(inspect_of("linked"))

    assert inspection is not None
    assert inspection.links == (Link("owner", "alias"),)
    assert inspection.host_kinds == (NamespaceKind.UTS,)


@pytest.mark.parametrize("name", sorted(CAPTURED["containers"]))
def test_any_field_may_be_absent_null_or_odd(name: str) -> None:
    for odd in (None, [], {}, "", 0, 1.5, True, "odd", ["odd"], {"odd": "odd"}):
        for key in row_of(name):
            row = {**row_of(name), key: odd}
            decode_container(row, None)
        for key in inspect_of(name):
            decode_inspection({**inspect_of(name), key: odd})
        for part in ("State", "HostConfig", "Config", "NetworkSettings"):
            inner = dict(mapping(inspect_of(name)[part]))
            for key in inner:
                decode_inspection({**inspect_of(name), part: {**inner, key: odd}})


def test_a_row_of_nulls_is_a_container_by_its_short_id() -> None:
    container = decode_container({**dict.fromkeys(row_of("owner")), "Id": ID}, None)

    assert container.name == ID[:12]
    assert container.state is ContainerState.UNKNOWN
    assert container.ports == ()
    assert container.networks == ()
    assert container.compose is None
    assert container.created_at is None


def test_an_inspect_of_nulls_says_nothing_but_that() -> None:
    raw = dict.fromkeys(inspect_of("owner"))
    raw["HostConfig"] = dict.fromkeys(mapping(inspect_of("owner")["HostConfig"]))

    inspection = decode_inspection(raw)

    assert inspection is not None
    assert inspection.pid is None
    assert inspection.restart_policy == "no"
    assert inspection.joins == ()


def test_without_the_configuration_joins_are_unknown_not_none() -> None:
    assert decode_inspection({**inspect_of("dependent"), "HostConfig": None}) is None
