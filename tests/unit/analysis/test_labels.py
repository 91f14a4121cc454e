"""Which labels count: those that a container has and its image does not."""

from __future__ import annotations

import pytest

from nstui.analysis.managers import believed_labels, compose_service, steers
from nstui.model.container import ComposeService

C = "com.docker.compose."
HASH = {f"{C}config-hash": "c0ffee"}
BUILT = {f"{C}project": "p", f"{C}service": "web", f"{C}version": "2.26.1"}
"""What ``docker compose build`` writes into an image too."""

FOLDER = {f"{C}project.working_dir": "/srv/p"}
PLACE = FOLDER | {f"{C}project.config_files": "/srv/p/c.yml"}
NEEDS = {f"{C}depends_on": "vpn:service_started:false"}
ENV = {f"{C}project.environment_file": "/srv/p/my.env"}
ALL = HASH | BUILT | PLACE | NEEDS
V1 = {f"{C}version": "1.29.2"}
MANAGERS = {
    "PODMAN_SYSTEMD_UNIT": "web.service",
    "autoheal": "true",
    "autoheal.stop.timeout": "1",
    "com.docker.stack.namespace": "s",
    "com.docker.swarm.service.id": "s",
    "devcontainer.local_folder": "/srv",
    "io.kubernetes.pod.name": "pod",
    "io.podman.compose.config-hash": "c0ffee",
    "nstui.heal": "always",
}


@pytest.mark.parametrize(
    ("labels", "image", "believed"),
    [
        ({}, {}, {}),
        ({"maintainer": "x"}, {}, {}),
        (ALL, {}, ALL),
        (ALL, None, {}),
        # An image says it all, and compose has never seen the container.
        (ALL, ALL, {}),
        # The container says one thing of its own: not that compose made it.
        (ALL | {f"{C}project": "q"}, ALL, {}),
        (BUILT | PLACE, {}, {}),
        (BUILT | PLACE | {f"{C}config-hash": ""}, {}, {}),
        # Compose made both.
        (ALL, BUILT, ALL),
        (ALL, ALL | {f"{C}config-hash": "old"}, ALL),
        (ALL | ENV, ENV, ALL),
        (ALL | ENV, {**ENV, f"{C}project.environment_file": "/other"}, ALL | ENV),
        # Compose v1 does not always write these.
        (ALL | V1, NEEDS | PLACE, HASH | BUILT | V1 | FOLDER),
        (ALL | V1, {}, ALL | V1),
        (MANAGERS, {}, MANAGERS),
        (MANAGERS, MANAGERS, {}),
        (MANAGERS, None, {}),
        (MANAGERS, dict.fromkeys(MANAGERS, "other"), MANAGERS),
        (MANAGERS | ALL, MANAGERS, ALL),
        ({"nstui.heal": 1}, {}, {}),
    ],
)
def test_which_labels_are_believed(
    labels: dict[str, object],
    image: dict[str, object] | None,
    believed: dict[str, str],
) -> None:
    assert believed_labels(labels, image) == believed


@pytest.mark.parametrize("key", [*MANAGERS, *ALL])
def test_what_steers(key: str) -> None:
    assert steers(key)


@pytest.mark.parametrize("key", ["maintainer", "org.opencontainers.image.title", ""])
def test_what_does_not(key: str) -> None:
    assert not steers(key)


def test_what_compose_says_of_a_container() -> None:
    two = {f"{C}project.environment_file": "/a.env,/b.env", f"{C}oneoff": "True"}
    assert compose_service(ALL | two) == ComposeService(
        "p",
        "web",
        ("vpn",),
        "/srv/p",
        ("/srv/p/c.yml",),
        env_files=("/a.env", "/b.env"),
        config_hash="c0ffee",
        is_oneoff=True,
    )


@pytest.mark.parametrize("missing", [*HASH, f"{C}project", f"{C}service"])
def test_a_container_is_composes_only_with_its_hash_and_its_names(missing: str) -> None:
    assert compose_service({**ALL, missing: ""}) is None
    assert compose_service({k: v for k, v in ALL.items() if k != missing}) is None
