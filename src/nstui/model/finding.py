"""Something wrong with a container."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.container import ContainerId


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    @property
    def rank(self) -> int:
        """Its place in an order that puts the worst first."""
        return list(Severity).index(self)


class FindingCode(StrEnum):
    """What is wrong, in a word; the order is that of the design."""

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
    """One thing that is wrong with one container."""

    code: FindingCode
    severity: Severity
    container: ContainerId
    message: str
    """A sentence with the evidence, without the container's own name in front."""

    remedy: str
    """What to do: a command that can be pasted, or a sentence."""

    is_command: bool = False
    """Whether the remedy is a command, written so that sh, bash, zsh and fish read it
    alike."""
