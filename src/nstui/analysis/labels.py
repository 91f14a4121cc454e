"""Which labels of a container are somebody's words, and which merely its image's.

An engine mixes the labels of an image into those of its containers. Whoever made the
image is nobody who may decide what becomes of a host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ComposeService

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMPOSE = "com.docker.compose."
CONFIG_HASH = f"{_COMPOSE}config-hash"
PROJECT = f"{_COMPOSE}project"
SERVICE = f"{_COMPOSE}service"
DEPENDS_ON = f"{_COMPOSE}depends_on"
FOLDER = f"{_COMPOSE}project.working_dir"
FILES = f"{_COMPOSE}project.config_files"
ENV_FILES = f"{_COMPOSE}project.environment_file"
ONEOFF = f"{_COMPOSE}oneoff"
VERSION = f"{_COMPOSE}version"

_STEERING_PREFIXES = (
    _COMPOSE,
    "autoheal.",
    "com.docker.stack.",
    "com.docker.swarm.",
    "devcontainer.",
    "io.kubernetes.",
    "io.podman.compose.",
    "nstui.",
)
_STEERING = frozenset({"PODMAN_SYSTEMD_UNIT", "autoheal"})

_ALWAYS_WRITTEN = (
    PROJECT,
    SERVICE,
    ONEOFF,
    FOLDER,
    VERSION,
    f"{_COMPOSE}container-number",
)
"""What every compose writes on every container: an image's value cannot be left."""

_WRITTEN_SINCE_V2 = (DEPENDS_ON, FILES)
"""Compose v1 knows nothing of the first, and leaves the second out if it reads
a pipe."""

_V1 = "1."


def steers(key: str) -> bool:
    """Tell whether a label says who manages a container, or what nstui shall do."""
    return key in _STEERING or key.startswith(_STEERING_PREFIXES)


def believed_labels(
    labels: Mapping[str, object], image_labels: Mapping[str, object] | None
) -> dict[str, str]:
    """Return those labels that steer and that are not merely the image's.

    A label is a container's own if its image does not have it, or has another value.
    One that compose has made, which its own hash proves, has what compose writes on
    every container even if it is equal: ``docker compose build`` puts the project and
    the service into the image too.

    Args:
        labels: All that the container has.
        image_labels: All that its image has; None if they could not be read: then
            nothing is believed.

    """
    steering = {
        key: value
        for key, value in labels.items()
        if isinstance(value, str) and steers(key)
    }
    if not steering or image_labels is None:
        return {}
    own = {k: v for k, v in steering.items() if image_labels.get(k) != v}
    if own.get(CONFIG_HASH):
        is_v1 = steering.get(VERSION, _V1).startswith(_V1)
        written = _ALWAYS_WRITTEN + (() if is_v1 else _WRITTEN_SINCE_V2)
        return own | {k: steering[k] for k in written if k in steering}
    return {k: v for k, v in own.items() if not k.startswith(_COMPOSE)}


def compose_service(labels: Mapping[str, str]) -> ComposeService | None:
    """Read what compose v1 and v2 write: ``pkg/api/labels.go`` of docker/compose.

    Args:
        labels: Those that are believed.

    """
    project, service = labels.get(PROJECT, ""), labels.get(SERVICE, "")
    config_hash = labels.get(CONFIG_HASH, "")
    if not project or not service or not config_hash:
        return None
    return ComposeService(
        project,
        service,
        # Each is ``service:condition:restart``.
        depends_on=tuple(need.partition(":")[0] for need in _list(labels, DEPENDS_ON)),
        folder=labels.get(FOLDER, ""),
        files=_list(labels, FILES),
        env_files=_list(labels, ENV_FILES),
        config_hash=config_hash,
        is_oneoff=labels.get(ONEOFF, "").lower() == "true",
    )


def _list(labels: Mapping[str, str], key: str) -> tuple[str, ...]:
    """Return what a label enumerates; a need without a name is none."""
    return tuple(part for part in labels.get(key, "").split(",") if part.strip(":"))
