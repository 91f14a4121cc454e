"""Groups of containers that share a namespace, and findings about containers."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

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
    """A sentence with the evidence, without the container's own name in front, and
    without a time: see `since`."""

    remedy: str
    """The remedy: a command to paste, or a sentence."""

    is_command: bool = False
    """Whether the remedy is a command, quoted so that sh, bash, zsh and fish read it
    alike."""

    since: datetime | None = None
    """When the event happened that the message ends with; None if it tells of none, or
    if the time is not known."""

    kind: NamespaceKind | None = None
    """The kind of namespace that it is about; None if it is about none."""

    owner: ContainerId | None = None
    """The container that is the cause, such as the owner that was restarted; None if
    none is, or if that is gone."""

    gone: str = ""
    """The reference to the container that is gone and therefore the cause; empty if
    none is."""

    network: str = ""
    """The network that no longer exists and therefore is the cause; empty if none
    is."""


class IncidentCause(StrEnum):
    """What the findings of an incident have in common."""

    OWNER_RESTARTED = "owner-restarted"
    """The owner was started again after its dependents."""

    OWNER_REPLACED = "owner-replaced"
    """The owner was created after its dependents had started."""

    OWNER_ELSEWHERE = "owner-elsewhere"
    """The owner is in another namespace, and what came first is not known."""

    OWNER_STOPPED = "owner-stopped"
    OWNER_GONE = "owner-gone"
    NETWORK_GONE = "network-gone"
    """The network that the containers were made for no longer exists."""

    NO_UPLINK = "no-uplink"
    """The owner of the network has no connection."""

    INTERRUPTED = "interrupted"
    """An action of nstui was cut off."""

    RESTART_MISMATCH = "restart-mismatch"
    """The owner's restart policy is weaker than those of its dependents."""

    OWN = "own"
    """The findings of one container, which no other causes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The findings that have one cause.

    Read as a sentence it is: subject, event, the time, a colon, effect, a colon, names.
    """

    cause: IncidentCause
    severity: Severity
    """That of its worst finding."""

    owner: ContainerId | None
    """The container that is the cause; None if it is gone, or if it is a network."""

    containers: tuple[ContainerId, ...]
    """The containers that have the findings, ordered by name."""

    all_names: tuple[str, ...]
    """The name of each of them."""

    findings: tuple[Finding, ...]
    """The findings that the cause explains: what tells of the cause itself, then the
    worst."""

    perhaps: tuple[Finding, ...] = ()
    """Findings of the same containers that may be due to it, which is not known."""

    subject: str
    """Whom or what it happened to: the name of a container or of a network."""

    event: str
    """What happened, such as ``was restarted``; for `IncidentCause.OWN` the messages of
    the findings."""

    since: datetime | None
    """When that happened; None if it is not known."""

    effect: str = ""
    """What that means for the containers, with their number in front; empty if they are
    the subject."""

    glance: str = ""
    """The effect in a few words."""

    remedy: str
    """One command that heals all of it, or a sentence."""

    is_command: bool
    """Whether the remedy is a command, as for a finding."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the containers that it hits: of all, but not of the owner."""
        pairs = zip(self.containers, self.all_names, strict=True)
        return tuple(n for c, n in pairs if c != self.owner) or self.all_names

    @property
    def code(self) -> str:
        """The code of its first finding, which tells of the cause or is the worst."""
        return self.findings[0].code.value


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
