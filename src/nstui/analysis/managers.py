"""Who manages a container: what its labels claim, and what the kernel says of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.model.container import short_id
from nstui.model.manager import Manager, ManagerKind, ManagerProof

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container
    from nstui.model.manager import Pod
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
"""How the names begin that the kubelet gives: ``k8s_CONTAINER_POD_…``."""

UNIT = "PODMAN_SYSTEMD_UNIT"
"""What Podman makes of the environment of a unit, which children inherit."""


def claimed_manager(
    labels: Mapping[str, str], unproven: Mapping[str, str]
) -> Manager | None:
    """Return who manages a container as its labels have it.

    Args:
        labels: Those that are believed.
        unproven: Those that steer and that may be its image's.

    """
    found = _labelled(labels)
    if found is not None:
        return found
    claimed = _labelled(unproven)
    return None if claimed is None else replace(claimed, proof=ManagerProof.NONE)


def _labelled(labels: Mapping[str, str]) -> Manager | None:
    service, task = labels.get(SWARM_SERVICE, ""), labels.get(SWARM_TASK, "")
    if service and task and all(labels.get(key) for key in _SWARM_IDS):
        # ``service.part.task``: both of the others are known, and may hold dots.
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
    """Return containers with who manages them, by all that is known.

    Args:
        containers: As the engine describes them, with what their labels claim.
        host: What the kernel says of their processes.
        engine: Whose they are.

    """
    return tuple(_with_manager(one, host, engine) for one in containers)


def _with_manager(
    container: Container, host: HostReading, engine: EngineInfo
) -> Container:
    reading = host.processes.get(container.id)
    seen = None if reading is None else reading.manager
    if container.state.has_process and (seen is None or not seen.is_proven):
        seen = host.units.get(container.name, seen)
    found = _decided(container.manager, seen, engine)
    return (
        container if found == container.manager else replace(container, manager=found)
    )


def _decided(
    claimed: Manager | None, seen: Manager | None, engine: EngineInfo
) -> Manager | None:
    """Return who manages a container: the kernel's word, or labels with proof.

    Podman writes the label of a unit from its environment. On any other engine it is
    a word that somebody has typed.
    """
    if claimed is not None and claimed.is_proven:
        return claimed
    if seen is not None and seen.is_proven:
        return seen
    if claimed is None or claimed.kind is not ManagerKind.SYSTEMD:
        return claimed
    if seen is not None and seen.name == claimed.name:
        # Who supervises it is in a unit, and the label names that very unit.
        return replace(seen, proof=ManagerProof.CGROUP)
    return claimed if engine.name == "Podman" else None


def successor_of(graph: Graph, container: Container) -> Container | None:
    """Return the newest that its manager has put in the place of one that has ended.

    Swarm and Kubernetes never start a container again: they make another of the same
    task, or for the same container of the same pod, and keep some of the old ones.
    """
    task = _task(container)
    newer = [
        other
        for other in graph.containers.values()
        if task is not None and _task(other) == task and _is_newer(other, container)
    ]
    return max(newer, key=lambda one: (str(one.created_at), one.id), default=None)


def _task(container: Container) -> tuple[Manager, str] | None:
    """Return which of a manager's tasks a container is for; None if it is for none."""
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


def manager_words(manager: Manager) -> str:
    """Return what manages a container, such as ``systemd unit qbit.service``."""
    match manager.kind:
        case ManagerKind.SWARM:
            return f"swarm service {manager.name}"
        case ManagerKind.KUBERNETES:
            return f"Kubernetes pod {manager.name}"
    whose = f" of the user with id {manager.uid}" if manager.is_user else ""
    where = f" in container {short_id(manager.inside)}" if manager.inside else ""
    return f"systemd unit {manager.name}{whose}{where}"


def management_words(manager: Manager) -> str:
    """Return the same as far as it is known, to be shown of a container."""
    words = manager_words(manager)
    return words if manager.is_proven else f"perhaps {words}: only labels say so"


def pod_words(pod: Pod) -> str:
    """Return which pod a container is in, and whether it is what holds it together."""
    return (
        f"{pod.name}, of which it is the infra container" if pod.is_infra else pod.name
    )
