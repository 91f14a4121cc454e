"""Tells of a simulated container what a real engine's inspect tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind
from nstui.sim.network import address_of

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.sim.record import Record

_NEVER = "0001-01-01T00:00:00Z"


def inspect_document(record: Record) -> dict[str, object]:
    """Return the fields of an inspect that the simulation knows anything about."""
    return {
        "Id": record.id,
        "Created": _time(record.created_at),
        "Name": f"/{record.name}",
        "State": {
            "Status": record.state.value,
            "Running": record.state.has_process,
            "Paused": record.state is ContainerState.PAUSED,
            "Restarting": record.state is ContainerState.RESTARTING,
            "OOMKilled": record.oom_killed,
            "Pid": record.pid or 0,
            "ExitCode": record.exit_code,
            "StartedAt": _time(record.started_at),
            "FinishedAt": _time(record.finished_at),
        },
        "RestartCount": record.restart_count,
        "HostConfig": _host_config(record),
        "Config": {
            "Image": record.spec.image,
            "Labels": _labels(record),
        },
        "NetworkSettings": {
            "Networks": {
                name: {"IPAddress": address_of(record, number)}
                for number, name in enumerate(record.networks)
            }
        },
    }


def _host_config(record: Record) -> dict[str, object]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in record.spec.ports:
        inside = f"{port.container_port}/{port.protocol}"
        binding = {"HostIp": port.host_ip, "HostPort": str(port.host_port)}
        bindings.setdefault(inside, []).append(binding)
    return {
        "NetworkMode": record.modes[NamespaceKind.NET],
        "PidMode": record.modes.get(NamespaceKind.PID, ""),
        "IpcMode": record.modes.get(NamespaceKind.IPC, ""),
        "UTSMode": record.modes.get(NamespaceKind.UTS, ""),
        "RestartPolicy": {"Name": record.spec.restart, "MaximumRetryCount": 0},
        "Links": [
            f"/{link.target.name}:/{record.name}/{link.alias}" for link in record.links
        ],
        "VolumesFrom": list(record.spec.volumes_from),
        "PortBindings": bindings,
        "AutoRemove": record.spec.removes_itself,
    }


def _labels(record: Record) -> dict[str, str]:
    labels = dict(record.spec.image_labels) | dict(record.spec.labels)
    compose = record.spec.compose
    if compose is None:
        return labels
    return labels | {
        "com.docker.compose.project": compose.project,
        "com.docker.compose.service": compose.service,
    }


def _time(moment: datetime | None) -> str:
    return _NEVER if moment is None else moment.isoformat().replace("+00:00", "Z")
