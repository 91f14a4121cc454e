"""Managers of containers, as tests know them."""

from __future__ import annotations

from nstui.analysis.managers import (
    POD_ID,
    POD_NAME,
    POD_SPACE,
    SWARM_NODE,
    SWARM_SERVICE,
    SWARM_SERVICE_ID,
    SWARM_TASK,
    SWARM_TASK_NAME,
    UNIT,
)
from nstui.model.container import Manager, ManagerKind, ManagerProof

UID = "0b8c0c6c-6f0a-4b3c-9d5e-0123456789ab"

SYSTEM_UNIT = Manager(
    kind=ManagerKind.SYSTEMD, name="qbit.service", proof=ManagerProof.CGROUP
)
USER_UNIT = Manager(
    kind=ManagerKind.SYSTEMD, name="qbit.service", proof=ManagerProof.CGROUP, uid=1000
)
CLAIMED_UNIT = Manager(
    kind=ManagerKind.SYSTEMD, name="qbit.service", proof=ManagerProof.NONE
)
SWARM = Manager(kind=ManagerKind.SWARM, name="web", proof=ManagerProof.LABELS, part="1")
POD = Manager(
    kind=ManagerKind.KUBERNETES, name="media/qbit-0", proof=ManagerProof.LABELS
)

POD_LABELS = {POD_NAME: "qbit-0", POD_SPACE: "media", POD_ID: UID}
UNIT_LABELS = {UNIT: "qbit.service"}


def swarm_labels(
    service: str = "web", part: str = "1", task: str = "t1"
) -> dict[str, str]:
    """Return what swarm writes on the container of a task."""
    return {
        SWARM_NODE: "n1",
        SWARM_SERVICE: service,
        SWARM_SERVICE_ID: "s1",
        SWARM_TASK: task,
        SWARM_TASK_NAME: f"{service}.{part}.{task}",
    }
