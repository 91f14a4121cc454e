"""Single fields of the engine's list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nstui.engine.decode import decode_container, decode_event, decode_state
from nstui.engine.inspect_cache import without_image_labels
from nstui.engine.times import decode_time
from nstui.model.container import (
    ContainerState,
    PublishedPort,
)
from tests.support.captured import ID, row_of


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("running", ContainerState.RUNNING),
        ("Running", ContainerState.RUNNING),
        ("exited", ContainerState.EXITED),
        ("removing", ContainerState.REMOVING),
        ("dead", ContainerState.DEAD),
        ("restarting", ContainerState.RESTARTING),
        ("configured", ContainerState.CREATED),
        ("initialized", ContainerState.CREATED),
        ("stopped", ContainerState.EXITED),
        ("stopping", ContainerState.RUNNING),
        ("on holiday", ContainerState.UNKNOWN),
        ("", ContainerState.UNKNOWN),
    ],
)
def test_states(word: str, state: ContainerState) -> None:
    assert decode_state(word) is state


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        (
            "2026-11-23T18:59:47.698079819Z",
            datetime(2026, 11, 23, 18, 59, 47, 698079, UTC),
        ),
        ("2026-11-23T18:59:47.5Z", datetime(2026, 11, 23, 18, 59, 47, 500000, UTC)),
        ("2026-11-23T18:59:47Z", datetime(2026, 11, 23, 18, 59, 47, 0, UTC)),
        (
            "2026-11-23T18:59:47.698079819+01:00",
            datetime(2026, 11, 23, 17, 59, 47, 698079, UTC),
        ),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times(stamp: str, moment: datetime | None) -> None:
    assert decode_time(stamp) == moment


@pytest.mark.parametrize(
    ("names", "name"),
    [
        (["/web"], "web"),
        (["web"], "web"),
        (["/other/alias", "/web"], "web"),
        (["/a/b", "/web", "/c/d"], "web"),
        (["/a/b"], ID[:12]),
        ([], ID[:12]),
        (["/"], ID[:12]),
        ([None], ID[:12]),
    ],
)
def test_names(names: list[object], name: str) -> None:
    assert decode_container({"Id": ID, "Names": names}, None).name == name


def test_ports_are_those_published_once_each() -> None:
    web = {"PrivatePort": 80, "PublicPort": 8080, "Type": "tcp", "IP": "0.0.0.0"}
    ports = [
        {"PrivatePort": 9000, "Type": "tcp"},
        {**web, "IP": "::"},
        web,
        dict(web),
        # Podman's way to say every address.
        {"PrivatePort": 22, "PublicPort": 2222, "IP": ""},
    ]

    assert decode_container({"Id": ID, "Ports": ports}, None).ports == (
        PublishedPort(22, "tcp", "0.0.0.0", 2222),
        PublishedPort(80, "tcp", "0.0.0.0", 8080),
        PublishedPort(80, "tcp", "::", 8080),
    )


@pytest.mark.parametrize(
    ("labels", "value"),
    [({}, ""), ({"nstui.ignore": "exited"}, "exited"), ({"nstui.ignore": 1}, "")],
)
def test_the_label_of_what_is_ignored(labels: dict[str, object], value: str) -> None:
    row = {**row_of("owner"), "Labels": labels}
    assert decode_container(row, None).ignore_label == value


def test_the_labels_for_a_watch_are_its_own_and_all_are_kept() -> None:
    labels = {"nstui.watch": "heal", "autoheal": "true", "team": "media", "odd": 1}
    of_image: dict[str, object] = {"autoheal": "true"}
    row = {**row_of("owner"), "Labels": labels, "ImageID": "sha256:" + ID}
    known = without_image_labels(row, lambda _: of_image)
    found = decode_container(known, None)
    assert found.steering == (("nstui.watch", "heal"),)
    assert found.labels == (
        ("autoheal", "true"),
        ("nstui.watch", "heal"),
        ("team", "media"),
    )
    plain = decode_container({**row, "Labels": {"team": "media"}}, None)
    assert (plain.steering, plain.labels) == ((), (("team", "media"),))


@pytest.mark.parametrize(
    ("kind", "attributes", "signal"),
    [
        ("container", {"name": "web", "signal": "15"}, "15"),
        ("container", {"name": "web"}, ""),
        ("network", {"container": ID, "signal": "15"}, ""),
    ],
)
def test_the_signal_of_a_kill(
    kind: str, attributes: dict[str, object], signal: str
) -> None:
    raw = {
        "Type": kind,
        "Action": "kill",
        "Actor": {"ID": ID, "Attributes": attributes},
        "timeNano": 7,
    }
    event = decode_event(raw, 0)
    assert event is not None
    assert (event.action, event.signal) == ("kill", signal)
