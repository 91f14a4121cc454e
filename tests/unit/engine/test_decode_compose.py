"""What compose writes on its containers, and why a start failed."""

from __future__ import annotations

import pytest

from nstui.engine.decode import decode_container, decode_inspection
from nstui.model.container import ComposeService
from tests.support.captured import ID

LABELS = {
    "com.docker.compose.project": "media",
    "com.docker.compose.service": "qbit",
    "com.docker.compose.config-hash": "c0ffee",
}


def composed(**more: object) -> ComposeService | None:
    """Return what is made of a service's labels and of more of compose's."""
    labels = {f"com.docker.compose.{k.replace('__', '.')}": v for k, v in more.items()}
    return decode_container({"Id": ID, "Labels": {**LABELS, **labels}}, None).compose


@pytest.mark.parametrize(
    ("label", "names", "restarting"),
    [
        ("vpn:service_started:true,db:service_healthy:false", ("vpn", "db"), ("vpn",)),
        # As compose 2.0 wrote it.
        ("vpn:service_started", ("vpn",), ()),
        ("vpn", ("vpn",), ()),
        ("vpn:service_started:true:true", ("vpn",), ()),
        ("", (), ()),
        (",", (), ()),
        (None, (), ()),
        (["vpn"], (), ()),
    ],
)
def test_what_a_service_depends_on_and_restarts_with(
    label: object, names: tuple[str, ...], restarting: tuple[str, ...]
) -> None:
    assert composed(depends_on=label) == ComposeService(
        "media", "qbit", names, config_hash="c0ffee", restarts_with=restarting
    )


@pytest.mark.parametrize(
    ("label", "files"),
    [
        ("/srv/media/compose.yml", ("/srv/media/compose.yml",)),
        ("/srv/a.yml,/srv/b.yml", ("/srv/a.yml", "/srv/b.yml")),
        ("", ()),
        (None, ()),
    ],
)
def test_where_a_project_is(label: object, files: tuple[str, ...]) -> None:
    found = composed(project__working_dir="/srv/media", project__config_files=label)
    assert found == ComposeService(
        "media", "qbit", (), "/srv/media", files, config_hash="c0ffee"
    )


def test_labels_of_compose_without_a_service_are_no_service() -> None:
    labels = {k: v for k, v in LABELS.items() if not k.endswith("service")}
    assert decode_container({"Id": ID, "Labels": labels}, None).compose is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"Error": "No such container: dead"}, "No such container: dead"),
        ({"Error": ""}, ""),
        ({"Error": None}, ""),
        ({}, ""),
    ],
)
def test_why_the_last_start_failed(state: dict[str, object], words: str) -> None:
    raw = {"State": state, "HostConfig": {"NetworkMode": "bridge"}}
    inspection = decode_inspection(raw)
    assert inspection is not None
    assert inspection.start_error == words
