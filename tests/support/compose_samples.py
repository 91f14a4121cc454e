"""A service as compose and an engine describe it, to be changed by tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nstui.engine.compose_container import ServiceContainers
from nstui.engine.compose_model import ComposeModel, read_model

if TYPE_CHECKING:
    from collections.abc import Mapping

IMAGE = f"sha256:{'1d' * 32}"

SERVICE: Mapping[str, object] = {
    "command": ["sleep", "9"],
    "environment": {"KEY": "a$$b", "UNSET": None},
    "image": "alpine",
    "labels": {"mine": "1"},
    "network_mode": "service:own",
    "restart": "unless-stopped",
    "user": "7",
    "cap_add": ["NET_ADMIN"],
    "volumes": [
        {"type": "bind", "source": "/p/prod", "target": "/data"},
        {"type": "volume", "source": "vol", "target": "/vol/"},
        {"type": "volume", "target": "/anon"},
        {"type": "tmpfs", "target": "/tmp"},  # noqa: S108 - in a container
    ],
}
PROJECT: Mapping[str, object] = {"volumes": {"vol": {"name": "p_vol"}}}

CONFIG: Mapping[str, object] = {
    "Image": "alpine",
    "Cmd": ["sleep", "9"],
    "Entrypoint": None,
    "Env": ["KEY=a$b", "PATH=/bin"],
    "Labels": {"mine": "1", "of": "image", "com.docker.compose.version": "2.26.1"},
    "User": "7",
    "WorkingDir": "",
}
HOST: Mapping[str, object] = {
    "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
    "Privileged": False,
    "ReadonlyRootfs": False,
    "CapAdd": ["CAP_NET_ADMIN"],
    "CapDrop": None,
}
MOUNTS = (
    {"Type": "bind", "Source": "/p/prod", "Destination": "/data"},
    {"Type": "volume", "Name": "p_vol", "Source": "/v/p", "Destination": "/vol"},
    {"Type": "volume", "Name": "0" * 64, "Source": "/v/0", "Destination": "/anon"},
    {"Type": "volume", "Name": "1" * 64, "Source": "/v/1", "Destination": "/of-image"},
    {"Type": "tmpfs", "Source": "", "Destination": "/tmp"},  # noqa: S108 - as above
)
OF_IMAGE: Mapping[str, object] = {
    "Cmd": ["sh"],
    "Env": ["PATH=/bin"],
    "Labels": {"of": "image"},
    "Volumes": {"/of-image": {}},
}
VOLUME: Mapping[str, object] = {"Driver": "local", "Options": None}
NETWORK: Mapping[str, object] = {
    "Driver": "bridge",
    "Internal": False,
    "Options": {},
    "IPAM": {"Config": [{"Subnet": "10.1.0.0/24", "Gateway": "10.1.0.1"}]},
}


def model(
    service: Mapping[str, object] | None = None,
    project: Mapping[str, object] | None = None,
    *,
    without: tuple[str, ...] = (),
) -> ComposeModel:
    """Return the sample project with some of it changed."""
    said = {k: v for k, v in SERVICE.items() if k not in without} | {**(service or {})}
    document = {**PROJECT, **(project or {}), "services": {"dep": said, "own": {}}}
    found = read_model(json.dumps(document), "p", "dep", is_v1=False)
    assert found is not None
    return found


def present(
    config: Mapping[str, object] | None = None,
    host: Mapping[str, object] | None = None,
    *,
    mounts: tuple[Mapping[str, object], ...] = MOUNTS,
    attached: tuple[str, ...] = (),
    **fields: object,
) -> ServiceContainers:
    """Return the container that compose made of the sample, with some of it changed."""
    raw = {
        "Name": "/p-dep-1",
        "Image": IMAGE,
        "Config": {**CONFIG, **(config or {})},
        "HostConfig": {**HOST, **(host or {})},
        "Mounts": list(mounts),
        "NetworkSettings": {"Networks": dict.fromkeys(attached)},
    }
    given: dict[str, object] = {
        "image": {"Id": IMAGE, "Config": OF_IMAGE},
        "image_now": IMAGE,
        "volumes": {"p_vol": VOLUME},
        **fields,
    }
    return ServiceContainers(container=raw, **given)  # type: ignore[arg-type]  # as tests say
