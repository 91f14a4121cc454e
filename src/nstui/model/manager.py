"""Who else starts, stops and replaces a container."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.container import ContainerId


class ManagerKind(StrEnum):
    """What manages a container; compose, which does so only when asked, is none."""

    SWARM = "swarm"
    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"


class ManagerProof(StrEnum):
    """What says that a container is managed."""

    CGROUP = "cgroup"
    """The kernel: the manager has its process in a control group of its own."""

    SUPERVISOR = "supervisor"
    """The kernel says so of the process that supervises the container, which whoever
    has started the container can have inherited: it needs a label that agrees."""

    LABELS = "labels"
    """Labels with the manager's own ids, which the container's image does not have."""

    NONE = "none"
    """A label that anybody can have set, or labels that may be the image's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """What manages a container, and by which name the manager knows it."""

    kind: ManagerKind
    name: str
    """The systemd unit, the swarm service, or the pod with its namespace before it."""

    proof: ManagerProof
    part: str = ""
    """``swarm``: which of the service's tasks it is: a number, or a node's id;
    ``kubernetes``: which of the pod's containers."""

    uid: int | None = None
    """``systemd`` only: whose own manager runs the unit; None: the system's."""

    inside: ContainerId | None = None
    """``systemd`` only: the container in which that systemd runs, if it is in one."""

    @property
    def is_user(self) -> bool:
        """Whether it is a unit of a user's own."""
        return self.uid is not None

    @property
    def is_proven(self) -> bool:
        """Whether anything but a mere claim says so."""
        return self.proof in {ManagerProof.CGROUP, ManagerProof.LABELS}


@dataclass(frozen=True, slots=True)
class Pod:
    """The pod of Podman's that a container is in."""

    name: str
    is_infra: bool
    """Whether it is the container that holds the pod's namespaces."""
