"""An owner and its dependents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace, NamespaceKind


class GroupBond(StrEnum):
    """What holds the members of a group together."""

    OWNER = "owner"
    """They joined a container that exists, directly or through others."""

    GONE = "gone"
    """They joined a container that no longer exists."""

    HOST = "host"
    """They use the namespace of the engine's host."""

    UNDECLARED = "undeclared"
    """The kernel shows them in one namespace; no declaration says so."""

    LOOP = "loop"
    """They joined each other, or themselves: none of them can start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The containers that are in one namespace, or that should be."""

    kind: NamespaceKind
    bond: GroupBond
    owner: ContainerId | None
    """The root of every chain in it; None unless `bond` is ``owner``."""

    gone_reference: str | None
    """What the members joined, if that no longer exists."""

    namespace: Namespace | None
    """The namespace they should be in; None where that could not be read."""

    members: tuple[ContainerId, ...]
    """The owner first, then those nearest to it, then by name."""
