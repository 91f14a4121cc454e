"""What is known of the files that a compose project is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PathKind(StrEnum):
    """What is at a path."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"
    """A pipe, a device, a socket; also a chain of links without an end."""

    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFact:
    """A file or a folder, a folder on the way to it, or a link on the way."""

    path: str
    kind: PathKind
    owner: int = 0
    """The user's number."""

    mode: int = 0
    """Who may do what, as ``chmod`` takes it."""

    wanted: PathKind | None = None
    """What it has to be; None for what is only on the way to that."""

    in_volume: bool = False
    """Whether it is a volume, or a folder of the engine's own."""

    writer: str = ""
    """The name of a container that can write there, or below a project's folder,
    because that is mounted into it from the host; empty if there is none."""


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """All paths that lead to a project, and who looks at them."""

    user: int
    """The number of the user that nstui runs as."""

    paths: tuple[PathFact, ...]
