"""What an installation of the guard finds, what it is to leave, and its steps."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.guarding.engine_command import EngineCommand

KEPT_SUFFIX = ".before-nstui"
"""What the name of the old configuration file ends with, which is kept beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file, as it was found."""

    path: str
    content: bytes | None = None
    """None if there is none, or it could not be read."""

    problem: str = ""
    """Why it cannot be changed, as the end of a sentence; empty if it can be."""

    is_unread: bool = False
    """Whether there is one, and it could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """The engine that listens at a socket, as far as it is known."""

    pid: int | None = None
    """Its process, which the kernel names; None if that is not known."""

    command: EngineCommand | None = None
    name: str = ""
    """``Docker`` or ``Podman Engine``; empty if it does not answer."""

    problem: str = ""
    """Why it does not answer, as a sentence; empty if it does."""

    sees_files: bool = True
    """Whether it sees the same files under the same paths as this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """What installing depends on, as it was found."""

    engine: EngineFacts
    config: FileFacts
    kept: FileFacts
    """The configuration file as it was before the guard was installed."""

    settings: FileFacts
    units: tuple[FileFacts, ...] = ()
    """The units and the script, those that may be there from an older version too."""

    is_root: bool = True
    has_systemd: bool = True
    is_enabled: bool = False
    """Whether the next boot starts the guard's units."""

    front_problem: str = ""
    """Why the guard does not answer, as the end of a sentence; empty if it does."""

    is_asked: bool | None = None
    """Whether the engine asks the guard; None if that could not be told."""

    open_to: str = ""
    """Whose files nstui runs from, if that is not root; empty if it is root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The state that an installation leaves."""

    settings: bytes
    files: Mapping[str, str]
    """The text of the script, and of each unit, by path."""

    has_units: bool
    """Whether systemd keeps the guard running; otherwise somebody else does."""


class StepKind(StrEnum):
    """What a step does."""

    WRITE = "write"
    REMOVE = "remove"
    SYSTEMCTL = "systemctl"
    RENEW = "renew"
    """Make the guard read its settings again."""

    FRONT = "front"
    """See that the guard answers by its settings, and can look."""

    RELOAD = "reload"
    """Make the engine read its configuration file again."""

    ASKED = "asked"
    """See that the engine answers, and asks the guard."""

    UNASKED = "unasked"
    """See that the engine answers, and does not ask the guard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallStep:
    """One step; what it is to bring about is there already or not at all."""

    kind: StepKind
    path: str = ""
    content: bytes = b""
    words: tuple[str, ...] = ()
    """The arguments of systemctl."""

    may_fail: bool = False
    """Whether the rest goes on if it fails."""

    pid: int | None = None
    """The engine that reads its file again."""
