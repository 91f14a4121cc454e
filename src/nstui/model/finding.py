"""Groups of containers that share a namespace, and findings about containers."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace, NamespaceKind


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    @property
    def rank(self) -> int:
        """The position in an order with the worst first."""
        return list(Severity).index(self)


class FindingCode(StrEnum):
    """What is wrong, as a code; in the order of the documentation."""

    STALE_JOIN = "stale-join"
    OWNER_GONE = "owner-gone"
    OWNER_STOPPED = "owner-stopped"
    NO_UPLINK = "no-uplink"
    INTERRUPTED = "interrupted"
    START_FAILED = "start-failed"
    EXITED = "exited"
    UNHEALTHY = "unhealthy"
    OOM_KILLED = "oom-killed"
    RESTARTING = "restarting"
    UNREADABLE = "unreadable"
    UNDECLARED_SHARE = "undeclared-share"
    RESTART_MISMATCH = "restart-mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem of one container."""

    code: FindingCode
    severity: Severity
    container: ContainerId
    message: str
    """A sentence with the evidence, without the container's own name in front."""

    remedy: str
    """The remedy: a command to paste, or a sentence."""

    is_command: bool = False
    """Whether the remedy is a command, quoted so that sh, bash, zsh and fish read it
    alike."""


class GroupBond(StrEnum):
    """What holds the members of a group together."""

    OWNER = "owner"
    """They joined an existing container, directly or through others."""

    GONE = "gone"
    """They joined a container that no longer exists."""

    HOST = "host"
    """They use the namespace of the engine's host."""

    UNDECLARED = "undeclared"
    """The kernel shows them in one namespace that none of them declares."""

    LOOP = "loop"
    """They joined each other, or themselves, so none of them can start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The containers that are, or should be, in one namespace."""

    kind: NamespaceKind
    bond: GroupBond
    owner: ContainerId | None
    """The container that all chains of joins end at; None unless `bond` is
    ``owner``."""

    gone_reference: str | None
    """The reference that the members joined, if its container no longer exists."""

    namespace: Namespace | None
    """The namespace they should be in; None if it could not be read."""

    members: tuple[ContainerId, ...]
    """The owner first, then the nearest to it, then by name."""
