"""What manages a container, by its labels and by its control group.

An engine merges the labels of an image into those of its containers, but the author of
an image must not control what happens on a host. Labels are therefore only believed if
they are known not to come from the image.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.model.container import (
    ComposeService,
    Manager,
    ManagerKind,
    ManagerProof,
    short_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, Pod
    from nstui.model.snapshot import EngineInfo, HostReading


_SWARM = "com.docker.swarm."
SWARM_NODE = f"{_SWARM}node.id"
SWARM_SERVICE = f"{_SWARM}service.name"
SWARM_SERVICE_ID = f"{_SWARM}service.id"
SWARM_TASK = f"{_SWARM}task.id"
SWARM_TASK_NAME = f"{_SWARM}task.name"
_SWARM_IDS = (SWARM_NODE, SWARM_SERVICE_ID)
_POD = "io.kubernetes.pod."
POD_NAME = f"{_POD}name"
POD_SPACE = f"{_POD}namespace"
POD_ID = f"{_POD}uid"
POD_CONTAINER = "io.kubernetes.container.name"
_KUBELETS = "k8s_"
"""The prefix of the names that the kubelet gives: ``k8s_CONTAINER_POD_…``."""

UNIT = "PODMAN_SYSTEMD_UNIT"
"""The label that Podman copies from a unit's environment, which children inherit."""

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

IGNORE_LABEL = "nstui.ignore"
"""The label of a container with the codes of findings to ignore, separated by
commas."""

_WATCHES = ("nstui.", "autoheal")
"""How labels for a standing watch begin."""

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
"""The labels that every version of compose writes, replacing values of the image."""

_WRITTEN_SINCE_V2 = (DEPENDS_ON, FILES)
"""Compose v1 does not write the first, nor the second when it reads from a pipe."""

_V1 = "1."


def claimed_manager(
    labels: Mapping[str, str], unproven: Mapping[str, str]
) -> Manager | None:
    """Return the manager that a container's labels name, if any.

    Args:
        labels: The labels that are believed.
        unproven: The controlling labels that may come from the image.

    """
    found = _labelled_manager(labels)
    if found is not None:
        return found
    claimed = _labelled_manager(unproven)
    return None if claimed is None else replace(claimed, proof=ManagerProof.NONE)


def _labelled_manager(labels: Mapping[str, str]) -> Manager | None:
    service, task = labels.get(SWARM_SERVICE, ""), labels.get(SWARM_TASK, "")
    if service and task and all(labels.get(key) for key in _SWARM_IDS):
        # ``service.part.task``: the first and the last are known and may contain dots.
        name = labels.get(SWARM_TASK_NAME, "")
        part = name.removeprefix(f"{service}.").removesuffix(task).rstrip(".")
        return Manager(
            kind=ManagerKind.SWARM, name=service, proof=ManagerProof.LABELS, part=part
        )
    pod, uid = labels.get(POD_NAME, ""), labels.get(POD_ID, "")
    if pod and uid:
        space = labels.get(POD_SPACE, "")
        return Manager(
            kind=ManagerKind.KUBERNETES,
            name=f"{space}/{pod}" if space else pod,
            proof=ManagerProof.LABELS,
            part=labels.get(POD_CONTAINER, ""),
        )
    unit = labels.get(UNIT, "")
    if unit:
        return Manager(kind=ManagerKind.SYSTEMD, name=unit, proof=ManagerProof.NONE)
    return None


def with_managers(
    containers: Iterable[Container], host: HostReading, engine: EngineInfo
) -> tuple[Container, ...]:
    """Return containers with their managers, from all that is known.

    Args:
        containers: The containers with the managers that their labels claim.
        host: What the kernel says about their processes.
        engine: The engine of the containers.

    """
    return tuple(_with_manager(one, host, engine) for one in containers)


def _with_manager(
    container: Container, host: HostReading, engine: EngineInfo
) -> Container:
    reading = host.processes.get(container.id)
    seen = None if reading is None else reading.manager
    if container.state.has_process and (seen is None or not seen.is_proven):
        seen = host.units.get(container.name, seen)
    found = _believed_manager(container.manager, seen, engine)
    return (
        container if found == container.manager else replace(container, manager=found)
    )


def _believed_manager(
    claimed: Manager | None, seen: Manager | None, engine: EngineInfo
) -> Manager | None:
    """Return the manager that the kernel shows or that proven labels name.

    Podman sets the unit label from its environment; on any other engine it is only a
    claim.
    """
    if claimed is not None and claimed.is_proven:
        return claimed
    if seen is not None and seen.is_proven:
        return seen
    if claimed is None or claimed.kind is not ManagerKind.SYSTEMD:
        return claimed
    if seen is not None and seen.name == claimed.name:
        # The supervisor is in a unit, and the label names the same unit.
        return replace(seen, proof=ManagerProof.CGROUP)
    return claimed if engine.is_podman else None


def successor_of(graph: Graph, container: Container) -> Container | None:
    """Return the newest replacement that a manager made of a stopped container.

    Swarm and Kubernetes never restart a container: they make another one for the same
    task, or for the same container of the same pod, and keep some of the old ones.
    """
    task = _task_of(container)
    newer = [
        other
        for other in graph.containers.values()
        if task is not None and _task_of(other) == task and _is_newer(other, container)
    ]
    return max(newer, key=lambda one: (str(one.created_at), one.id), default=None)


def _task_of(container: Container) -> tuple[Manager, str] | None:
    """Return the manager and the task of a container; None if it has no task."""
    manager = container.manager
    if manager is None or manager.kind is ManagerKind.SYSTEMD:
        return None
    part = manager.part
    if manager.kind is ManagerKind.KUBERNETES and container.name.startswith(_KUBELETS):
        part = part or container.name.split("_")[1]
    return (manager, part) if part else None


def is_history(graph: Graph, container: Container) -> bool:
    """Tell whether a container has ended and its manager has replaced it."""
    is_up = container.state.has_process
    return not is_up and successor_of(graph, container) is not None


def _is_newer(one: Container, other: Container) -> bool:
    if one.created_at is None or other.created_at is None or one.id == other.id:
        return False
    return one.created_at > other.created_at


def manager_text(manager: Manager) -> str:
    """Return what manages a container, such as ``systemd unit qbit.service``."""
    match manager.kind:
        case ManagerKind.SWARM:
            return f"swarm service {manager.name}"
        case ManagerKind.KUBERNETES:
            return f"Kubernetes pod {manager.name}"
    user = f" of the user with id {manager.uid}" if manager.is_user else ""
    where = f" in container {short_id(manager.inside)}" if manager.inside else ""
    return f"systemd unit {manager.name}{user}{where}"


def management_text(manager: Manager) -> str:
    """Return the manager of a container for display, as far as it is known."""
    words = manager_text(manager)
    return words if manager.is_proven else f"perhaps {words}: only labels say so"


def pod_text(pod: Pod) -> str:
    """Return the pod of a container, and whether it is the infra container."""
    return (
        f"{pod.name}, of which it is the infra container" if pod.is_infra else pod.name
    )


def steers(key: str) -> bool:
    """Tell whether a label names a manager or controls nstui."""
    return key in _STEERING or key.startswith(_STEERING_PREFIXES)


def believed_labels(
    labels: Mapping[str, object], image_labels: Mapping[str, object] | None
) -> dict[str, str]:
    """Return the controlling labels that do not merely come from the image.

    A label is a container's own if its image lacks it or has another value. If compose
    made the container, which its config hash proves, the labels that compose always
    writes are its own even if they are equal to the image's: ``docker compose build``
    adds project and service to the image too.

    Args:
        labels: All labels of the container.
        image_labels: All labels of its image; None if they could not be read, in which
            case no label is believed.

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


def watch_labels(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the labels for a standing watch, in order of their names.

    Args:
        labels: The labels that are believed.

    """
    return tuple(sorted((k, v) for k, v in labels.items() if k.startswith(_WATCHES)))


def compose_service(labels: Mapping[str, str]) -> ComposeService | None:
    """Read the labels of compose v1 and v2: ``pkg/api/labels.go`` of docker/compose.

    Args:
        labels: The labels that are believed.

    """
    project, service = labels.get(PROJECT, ""), labels.get(SERVICE, "")
    config_hash = labels.get(CONFIG_HASH, "")
    if not project or not service or not config_hash:
        return None
    # Each is ``service:condition:restart``.
    needs = [need.split(":") for need in _list(labels, DEPENDS_ON)]
    return ComposeService(
        project,
        service,
        depends_on=tuple(need[0] for need in needs),
        folder=labels.get(FOLDER, ""),
        files=_list(labels, FILES),
        env_files=_list(labels, ENV_FILES),
        config_hash=config_hash,
        is_oneoff=labels.get(ONEOFF, "").lower() == "true",
        restarts_with=tuple(need[0] for need in needs if need[2:] == ["true"]),
    )


def _list(labels: Mapping[str, str], key: str) -> tuple[str, ...]:
    """Return the entries of a label, without those that have no name."""
    return tuple(part for part in labels.get(key, "").split(",") if part.strip(":"))
