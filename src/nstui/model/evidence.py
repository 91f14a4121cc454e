"""What each source says of the namespaces that one container shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.namespace import NamespaceKind
    from nstui.model.snapshot import MountedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeJoin:
    """A namespace that the runtime was told to join, by its ``config.json``."""

    kind: NamespaceKind
    path: str
    """As it was told, such as ``/proc/14702/ns/net``."""

    pid: int | None
    """The process in the path; None if it names none."""

    is_there: bool
    """Whether a process has that pid now."""

    container: ContainerId | None
    """Whose process that is now; None if it is no container's, or could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the kernel and the runtime say of one container, beside its namespaces."""

    config: str | None
    """Where the runtime's ``config.json`` is."""

    joins: tuple[RuntimeJoin, ...] | None
    """What the runtime was told to join; None if that could not be read."""

    joins_problem: str | None
    """Why not, and what would make it readable, as a sentence."""

    files: tuple[MountedFile, ...] | None
    """Whose files are mounted into its ``/etc``; None if that could not be read."""

    files_problem: str | None
    """Why not, as a sentence."""
