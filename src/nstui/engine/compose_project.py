"""Reads where the files of a compose project are, and what could change them."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nstui.errors import ContainerVanished
from nstui.model.container import ContainerId, short_id
from nstui.model.frozen import dataclass
from nstui.model.healing import PathFact, PathKind, ProjectFacts
from nstui.model.json import inner, items, mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.engine.client import ApiClient
    from nstui.model.container import ComposeService


FileIdentity = tuple[int, int]
"""The device and inode of a file, which identify it under any path."""

_PROJECT = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_-]*")
_SERVICE = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]*")
"""Valid names. They are read from labels, and must not look like options."""

_MAX_LINKS = 40
"""The largest number of links that the kernel follows (path_resolution(7))."""

_ENV_FILE = ".env"
"""The file of variables in the project's folder that compose reads by default."""


@dataclass(frozen=True, slots=True)
class HostPath:
    """A path of the host, with what is needed to recognize it under other names."""

    paths: frozenset[str]
    """The path as given, and with all symbolic links resolved."""

    identity: FileIdentity | None
    """None if the path does not exist here, as with an engine on another machine."""

    def is_at(self, path: str, identity: FileIdentity) -> bool:
        """Tell whether this is the file at a path."""
        return path in self.paths or identity == self.identity

    def is_below(self, folder: str) -> bool:
        """Tell whether this is in a folder, at any depth."""
        return any(PurePosixPath(path).is_relative_to(folder) for path in self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostMounts:
    """The paths of the host that containers can write."""

    volumes: tuple[HostPath, ...] = ()
    """The volumes, and the engine's own folder."""

    binds: tuple[tuple[HostPath, str], ...] = ()
    """The writable bind mounts, each with the name of the container."""

    volumes_of: Mapping[ContainerId, frozenset[str]] = field(default_factory=dict)
    """The names of the volumes of each container."""

    def is_volume(self, path: str, identity: FileIdentity) -> bool:
        """Tell whether a path is a volume or the engine's own folder."""
        return any(place.is_at(path, identity) for place in self.volumes)

    def writer(self, path: str, identity: FileIdentity, *, is_project: bool) -> str:
        """Return the container that can write a path; empty if none can.

        Args:
            path: The path.
            identity: The identity of the file there.
            is_project: Whether the path is a project's folder, in which a writable
                mount at any depth counts too.

        """
        for place, name in self.binds:
            if place.is_at(path, identity) or (is_project and place.is_below(path)):
                return name
        return ""


def read_host_mounts(connection: ApiClient) -> HostMounts:
    """Return the paths of the host that an engine's containers can write.

    Raises:
        EngineRefused: the engine refused a request, so that the paths are unknown.
        EngineUnreachable: the engine does not answer, or not in time.

    """
    mounts = [
        (row, mount) for row in connection.rows() for mount in _mounts(connection, row)
    ]
    of_engine = text(mapping(connection.ask("info")), "DockerRootDir")
    listed = items(mapping(connection.ask("volumes")).get("Volumes"))
    volumes = [of_engine, *(p for v in listed for p in _volume_paths(mapping(v)))]
    volumes += [text(m, "Source") for _, m in mounts if text(m, "Type") != "bind"]
    names: dict[ContainerId, frozenset[str]] = {}
    for row, mount in mounts:
        if text(mount, "Type") == "volume":
            one = ContainerId(text(row, "Id"))
            names[one] = names.get(one, frozenset()) | {text(mount, "Name")}
    return HostMounts(
        volumes=tuple(_host_paths(volumes)),
        binds=tuple(
            (place, _name(row))
            for row, mount in mounts
            if text(mount, "Type") == "bind" and mount.get("RW") is not False
            for place in _host_paths([text(mount, "Source")])
        ),
        volumes_of=names,
    )


def identity_of(status: os.stat_result) -> FileIdentity:
    """Return the identity of a file."""
    return status.st_dev, status.st_ino


def _mounts(
    connection: ApiClient, row: Mapping[str, object]
) -> list[Mapping[str, object]]:
    """Return a container's mounts; Podman's list has only their targets."""
    listed = row.get("Mounts")
    if connection.info().is_podman or not isinstance(listed, list):
        try:
            raw = connection.inspect(ContainerId(text(row, "Id")))
        except ContainerVanished:
            return []
        listed = raw.get("Mounts")
    return [mapping(mount) for mount in items(listed)]


def _volume_paths(volume: Mapping[str, object]) -> Iterator[str]:
    """Yield the mount point of a volume, and the path of the host that backs it."""
    yield text(volume, "Mountpoint")
    yield text(inner(volume, "Options"), "device")


def _host_paths(paths: Iterable[str]) -> Iterator[HostPath]:
    for path in paths:
        if not path.startswith("/"):
            continue
        said = os.path.normpath(path)
        try:
            identity = identity_of(os.stat(said))  # noqa: PTH116 - a string
        except (OSError, ValueError):
            identity = None
        yield HostPath(frozenset({said, os.path.realpath(said)}), identity)


def _name(row: Mapping[str, object]) -> str:
    names = [name for name in items(row.get("Names")) if isinstance(name, str)]
    plain = (name.lstrip("/") for name in names)
    return min(plain, key=len, default="") or short_id(text(row, "Id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A service, and the files of its project as absolute paths without ``..``."""

    name: str
    service: str
    folder: str
    files: tuple[str, ...]
    env_files: tuple[str, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """The options of compose that select the project with its files."""
        named = (word for path in self.files for word in ("-f", path))
        variables = (word for path in self.env_files for word in ("--env-file", path))
        return (*self.location_options, *variables, *named)

    @property
    def location_options(self) -> tuple[str, ...]:
        """The options of compose that select the project's folder and name."""
        return ("--project-directory", self.folder, "-p", self.name)


def project_of(service: ComposeService) -> Project | None:
    """Return the project of a service; None if its labels are missing or invalid."""
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
        files=tuple(_absolute(folder, path) for path in service.files),
        env_files=tuple(_absolute(folder, path) for path in service.env_files),
    )


def read_facts(project: Project, mounts: HostMounts) -> ProjectFacts:
    """Read the state of a project's folder and files, and of all folders above them."""
    default = os.path.join(project.folder, _ENV_FILE)  # noqa: PTH118 - a string
    variables = [default] if _may_exist(default) else []
    wanted = [(project.folder, PathKind.FOLDER)]
    named = (*project.files, *project.env_files, *variables)
    wanted += [(path, PathKind.FILE) for path in named]
    found = (fact for path, kind in wanted for fact in _walk(path, kind, mounts))
    return ProjectFacts(os.geteuid(), tuple(dict.fromkeys(found)))


def _absolute(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))  # noqa: PTH118 - a string


def _may_exist(path: str) -> bool:
    """Tell whether there may be a file at a path."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError:
        pass
    return True


def _walk(path: str, wanted: PathKind, mounts: HostMounts) -> Iterator[PathFact]:
    """Yield the folders and links that the kernel resolves for a path, and its file."""
    at, links = "/", 0
    left = path.strip("/").split("/")[::-1] if path != "/" else []
    yield _fact(at, None if left else wanted, mounts)
    while left:
        name = left.pop()
        here = os.path.normpath(os.path.join(at, name))  # noqa: PTH118 - a string
        fact = _fact(here, None if left else wanted, mounts)
        links += fact.kind is PathKind.LINK
        if links > _MAX_LINKS:
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
            # The link leads to the root, or has been removed meanwhile.
            yield _fact(at, wanted, mounts)


def _target(link: str) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 - a string
    except OSError:
        return ""


def _fact(path: str, wanted: PathKind | None, mounts: HostMounts) -> PathFact:
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
        in_volume=mounts.is_volume(path, identity),
        writer=mounts.writer(path, identity, is_project=is_project),
    )


def _kind(mode: int) -> PathKind:
    if stat.S_ISLNK(mode):
        return PathKind.LINK
    if stat.S_ISREG(mode):
        return PathKind.FILE
    return PathKind.FOLDER if stat.S_ISDIR(mode) else PathKind.OTHER
