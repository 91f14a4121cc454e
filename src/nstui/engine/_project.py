"""A compose project as files of this machine, and what there is to say of them."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.engine._reach import identity_of
from nstui.model.project_files import PathFact, PathKind, ProjectFacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.engine._reach import Reach
    from nstui.model.container import ComposeService

_PROJECT = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_-]*")
_SERVICE = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]*")
"""Names come from labels: none may be an option."""

_MOST_LINKS = 40
"""As many the kernel follows: ``man 7 path_resolution``."""

_VARIABLES = ".env"
"""The file of variables that compose reads without having been told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A service of a project, by full paths without ``..``, as compose reads them."""

    name: str
    service: str
    folder: str
    files: tuple[str, ...]
    env_files: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The options that tell compose which project is meant."""
        named = (word for path in self.files for word in ("-f", path))
        variables = (word for path in self.env_files for word in ("--env-file", path))
        return (*self.place, *variables, *named)

    @property
    def place(self) -> tuple[str, ...]:
        """Those that say where it is and what it is called, without its files."""
        return ("--project-directory", self.folder, "-p", self.name)


def project_of(service: ComposeService) -> Project | None:
    """Return the project of a service; None if its labels name none that could be."""
    is_named = _PROJECT.fullmatch(service.project) and _SERVICE.fullmatch(
        service.service
    )
    folder = service.folder
    said = (folder, *service.files, *service.env_files)
    if not is_named or not folder.startswith("/") or not service.files:
        return None
    if any("\0" in path for path in said):
        return None
    return Project(
        name=service.project,
        service=service.service,
        folder=os.path.normpath(folder),
        files=tuple(_full(folder, path) for path in service.files),
        env_files=tuple(_full(folder, path) for path in service.env_files),
    )


def read_facts(project: Project, reach: Reach) -> ProjectFacts:
    """Look at a project's folder and files, and at all that leads there."""
    default = os.path.join(project.folder, _VARIABLES)  # noqa: PTH118 - a string
    variables = [default] if _is_anything(default) else []
    wanted = [(project.folder, PathKind.FOLDER)]
    named = (*project.files, *project.env_files, *variables)
    wanted += [(path, PathKind.FILE) for path in named]
    found = (fact for path, kind in wanted for fact in _walk(path, kind, reach))
    return ProjectFacts(os.geteuid(), tuple(dict.fromkeys(found)))


def _full(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))  # noqa: PTH118 - a string


def _is_anything(path: str) -> bool:
    """Tell whether there may be something at a path."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError:
        pass
    return True


def _walk(path: str, wanted: PathKind, reach: Reach) -> Iterator[PathFact]:
    """Yield what the kernel passes on its way to a path, and what is there."""
    at, links = "/", 0
    left = path.strip("/").split("/")[::-1] if path != "/" else []
    yield _fact(at, None if left else wanted, reach)
    while left:
        name = left.pop()
        here = os.path.normpath(os.path.join(at, name))  # noqa: PTH118 - a string
        fact = _fact(here, None if left else wanted, reach)
        links += fact.kind is PathKind.LINK
        if links > _MOST_LINKS:
            yield PathFact(path=path, kind=PathKind.OTHER, wanted=wanted)
            return
        yield fact
        if fact.kind in {PathKind.MISSING, PathKind.UNREADABLE}:
            return
        if fact.kind is not PathKind.LINK:
            at = here
            continue
        target = _target(here)
        at = "/" if target.startswith("/") else at
        left += [part for part in target.split("/") if part not in {"", "."}][::-1]
        if not left:
            # The link leads to the root, or is none any more.
            yield _fact(at, wanted, reach)


def _target(link: str) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 - a string
    except OSError:
        return ""


def _fact(path: str, wanted: PathKind | None, reach: Reach) -> PathFact:
    try:
        status = os.lstat(path)
    except OSError as problem:
        is_gone = problem.errno in {errno.ENOENT, errno.ENOTDIR}
        kind = PathKind.MISSING if is_gone else PathKind.UNREADABLE
        return PathFact(path=path, kind=kind, wanted=wanted)
    identity = identity_of(status)
    is_project = wanted is PathKind.FOLDER
    return PathFact(
        path=path,
        kind=_kind(status.st_mode),
        owner=status.st_uid,
        mode=stat.S_IMODE(status.st_mode),
        wanted=wanted,
        in_volume=reach.is_volume(path, identity),
        writer=reach.writer(path, identity, is_project=is_project),
    )


def _kind(mode: int) -> PathKind:
    if stat.S_ISLNK(mode):
        return PathKind.LINK
    if stat.S_ISREG(mode):
        return PathKind.FILE
    return PathKind.FOLDER if stat.S_ISDIR(mode) else PathKind.OTHER
