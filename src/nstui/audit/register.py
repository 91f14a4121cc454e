"""Remembers the containers that were seen: one file for each address of an engine."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from nstui.analysis.ancestry import newer
from nstui.audit.files import (
    SCHEMA,
    decode_object,
    drop,
    drop_old_drafts,
    engine_id_of,
    locked,
    optional_time,
    read_regular,
    write_whole,
)
from nstui.audit.folders import (
    check_folders,
    digits_name,
    engine_file_name,
    make_folders,
)
from nstui.errors import AuditFailed
from nstui.model.container import ComposeService, ContainerId, is_id
from nstui.model.json import objects, text, texts
from nstui.model.snapshot import FormerContainer, FormerContainerSource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    _Seen = Mapping[ContainerId, FormerContainer]
    _Stamp = tuple[str, int, int]


MAX_CONTAINERS = 500
"""How many containers are remembered for each engine."""

MAX_ENGINES = 32
"""How many addresses have a file; the least recently written files are dropped."""

MAX_NAME_LENGTH = 255
"""The longest name that is remembered, in characters."""

MAX_REGISTER_BYTES = 8_000_000
"""The largest size of a file, even if each character takes several bytes."""

LOCK_LIMIT = 0.1
"""How many seconds to wait for another program, which holds the lock briefly."""

_SOURCES = frozenset(source.value for source in FormerContainerSource)


class FileRegister:
    """Implements `nstui.ports.Register` in a folder; safe among several programs."""

    def __init__(
        self,
        folder: Path,
        endpoint: str,
        keep: int = MAX_CONTAINERS,
        *,
        find_engine_id: Callable[[], str] | None = None,
    ) -> None:
        """Take the folder; nothing is read or created yet.

        Args:
            folder: The folder of the audit log; created when it is first needed.
            endpoint: The address of the engine of these containers. The containers of
                another engine are never returned.
            keep: How many containers are remembered.
            find_engine_id: Returns the id of the engine, empty if it is not known; None
                if it has none.

        """
        self._folder = folder
        self._files = folder / "seen"
        self._endpoint = endpoint
        self._keep = keep
        self._path = self._files / f"{engine_file_name(endpoint)}.json"
        self._find_engine_id = find_engine_id
        self._read_before: dict[Path, tuple[_Stamp, _Seen]] = {}

    def find(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return what is remembered of some containers; unknown ones are left out."""
        known, _ = self._read()
        return {former: known[former] for former in wanted if former in known}

    def find_elsewhere(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return what was seen of some containers at other addresses of the engine."""
        others: list[tuple[int, int, Path]] = []
        with suppress(OSError):
            others = sorted(self._other_files())
        if self._find_engine_id is None or not others:
            return {}
        engine_id = self._find_engine_id()
        found: dict[ContainerId, FormerContainer] = {}
        for known in self._read_elsewhere(others, engine_id) if engine_id else ():
            for one in known.keys() & wanted:
                found[one] = newer(found.get(one), known[one])
        return found

    def note(self, seen: Iterable[FormerContainer]) -> None:
        """Remember containers; nothing is written if that changes nothing."""
        plausible = [former for former in seen if _is_plausible(former)][-self._keep :]
        known, engine_id = self._read()
        if all(
            newer(known.get(former.id), former) == known.get(former.id)
            for former in plausible
        ):
            return
        is_other = known.keys().isdisjoint(former.id for former in plausible)
        if self._find_engine_id is not None and (engine_id is None or is_other):
            # The engine has not been asked yet, or may have been replaced.
            engine_id = self._find_engine_id() or engine_id
        # Failing to remember a container is not an error.
        with suppress(OSError, AuditFailed):
            make_folders(self._folder, self._files)
            with locked(self._files / "lock", LOCK_LIMIT):
                merged = _merge(self._read()[0], plausible)
                content = self._encoded(merged, engine_id or "")
                write_whole(self._path, content, is_lasting=False)
            self._remove_surplus()

    def _read(self) -> tuple[dict[ContainerId, FormerContainer], str | None]:
        """Return what is remembered, and the id of the engine.

        The former is empty if it cannot be read. The latter is None if the engine has
        not told it.
        """
        try:
            check_folders(self._folder, self._files)
            document = _read_document(self._newest())
        except (OSError, AuditFailed, ValueError):
            return {}, None
        if document.get("endpoint") != self._endpoint:
            return {}, None
        return _decode_entries(document), engine_id_of(document) or None

    def _read_elsewhere(
        self, files: list[tuple[int, int, Path]], engine_id: str
    ) -> Iterator[_Seen]:
        """Yield what the files of other addresses have of an engine, in their order.

        A file is read again only after it was changed.
        """
        before, self._read_before = self._read_before, {}
        with suppress(OSError, AuditFailed):
            check_folders(self._folder, self._files)
            for moment, inode, path in files:
                stamp = engine_id, moment, inode
                last = before.get(path)
                if last is None or last[0] != stamp:
                    last = stamp, _entries_of(path, engine_id)
                self._read_before[path] = last
                yield last[1]

    def _other_files(self) -> Iterator[tuple[int, int, Path]]:
        """Yield when the file of each other address was written, its inode and path."""
        for path in self._files.glob("[!.]*.json"):
            with suppress(OSError):
                if path != self._path:
                    status = path.lstat()
                    yield status.st_mtime_ns, status.st_ino, path

    def _newest(self) -> Path:
        """Return the file to read: the first version named all files by digits."""
        if self._path.exists():
            return self._path
        return self._files / f"{digits_name(self._endpoint)}.json"

    def _encoded(
        self, known: dict[ContainerId, FormerContainer], engine_id: str
    ) -> bytes:
        newest = list(known.values())[-self._keep :]
        document = {
            "schema": SCHEMA,
            "endpoint": self._endpoint,
            # An engine that has not told it may tell it the next time.
            "engine_id": engine_id or None,
            "containers": [_encode_entry(former) for former in newest],
        }
        return json.dumps(document).encode() + b"\n"

    def _remove_surplus(self) -> None:
        """Drop the files of too many engines, and abandoned drafts."""
        drop_old_drafts(self._files)
        others = sorted(self._other_files(), reverse=True)
        for _, _, path in others[MAX_ENGINES - 1 :]:
            drop(path)


def _read_document(path: Path) -> Mapping[str, object]:
    """Return what is in a file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is damaged.

    """
    document = decode_object(read_regular(path, MAX_REGISTER_BYTES))
    if document.get("schema") != SCHEMA:
        raise ValueError("it has another schema")
    return document


def _entries_of(path: Path, engine_id: str) -> _Seen:
    """Return what a file has of an engine; empty if that cannot be read."""
    with suppress(OSError, ValueError):
        document = _read_document(path)
        if engine_id_of(document) == engine_id:
            return _decode_entries(document)
    return {}


def _decode_entries(
    document: Mapping[str, object],
) -> dict[ContainerId, FormerContainer]:
    found = map(_decode_entry, objects(document, "containers"))
    return {
        former.id: former
        for former in found
        if former is not None and _is_plausible(former)
    }


def _merge(
    known: dict[ContainerId, FormerContainer], seen: Iterable[FormerContainer]
) -> dict[ContainerId, FormerContainer]:
    """Return what is known with another observation, the new containers last."""
    merged = dict(known)
    for former in seen:
        merged[former.id] = newer(merged.pop(former.id, None), former)
    return merged


def _is_plausible(former: FormerContainer) -> bool:
    """Return whether an engine could have reported this container, and it is small."""
    service = (
        ()
        if former.compose is None
        else (former.compose.project, former.compose.service)
    )
    words = (former.name, *service, *former.earlier)
    return is_id(former.id) and all(0 < len(word) <= MAX_NAME_LENGTH for word in words)


def _encode_entry(former: FormerContainer) -> dict[str, object]:
    entry: dict[str, object] = {"id": former.id, "name": former.name}
    if former.compose is not None:
        entry |= {
            "project": former.compose.project,
            "service": former.compose.service,
        }
    if former.source is not FormerContainerSource.SEEN:
        entry["from"] = former.source.value
    if former.earlier:
        entry["earlier"] = list(former.earlier)
    if former.renamed_at is not None:
        entry["renamed_at"] = former.renamed_at.isoformat()
    return entry


def _decode_entry(entry: Mapping[str, object]) -> FormerContainer | None:
    """Return the container of an entry; None if the entry is not valid."""
    project, service = text(entry, "project"), text(entry, "service")
    source = text(entry, "from") or FormerContainerSource.SEEN.value
    if source not in _SOURCES:
        return None
    return FormerContainer(
        ContainerId(text(entry, "id")),
        text(entry, "name"),
        ComposeService(project, service) if project and service else None,
        FormerContainerSource(source),
        texts(entry, "earlier"),
        optional_time(entry, "renamed_at"),
    )
