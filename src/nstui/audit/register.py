"""Remembers the containers that were seen: one file for each engine."""

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
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path


MAX_CONTAINERS = 500
"""How many containers are remembered for each engine."""

MAX_ENGINES = 32
"""How many engines have a file; the least recently written files are dropped."""

MAX_NAME_LENGTH = 255
"""The longest name that is remembered, in characters."""

MAX_REGISTER_BYTES = 8_000_000
"""The largest size of a file, even if each character takes several bytes."""

LOCK_LIMIT = 0.1
"""How many seconds to wait for another program, which holds the lock briefly."""

_SOURCES = frozenset(source.value for source in FormerContainerSource)


class FileRegister:
    """Implements `nstui.ports.Register` in a folder; safe among several programs."""

    def __init__(self, folder: Path, endpoint: str, keep: int = MAX_CONTAINERS) -> None:
        """Take the folder; nothing is read or created yet.

        Args:
            folder: The folder of the audit log; created when it is first needed.
            endpoint: The engine of these containers. The containers of another
                engine are never returned.
            keep: How many containers are remembered.

        """
        self._folder = folder
        self._files = folder / "seen"
        self._endpoint = endpoint
        self._keep = keep
        self._path = self._files / f"{engine_file_name(endpoint)}.json"

    def find(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return what is remembered of some containers; unknown ones are left out."""
        known = self._read()
        return {former: known[former] for former in wanted if former in known}

    def note(self, seen: Iterable[FormerContainer]) -> None:
        """Remember containers; nothing is written if that changes nothing."""
        plausible = [former for former in seen if _is_plausible(former)][-self._keep :]
        known = self._read()
        if all(
            newer(known.get(former.id), former) == known.get(former.id)
            for former in plausible
        ):
            return
        # Failing to remember a container is not an error.
        with suppress(OSError, AuditFailed):
            make_folders(self._folder, self._files)
            with locked(self._files / "lock", LOCK_LIMIT):
                content = self._encoded(_merge(self._read(), plausible))
                write_whole(self._path, content, is_lasting=False)
            self._remove_surplus()

    def _read(self) -> dict[ContainerId, FormerContainer]:
        """Return what is remembered; empty if that cannot be read."""
        try:
            check_folders(self._folder, self._files)
            document = decode_object(read_regular(self._newest(), MAX_REGISTER_BYTES))
        except (OSError, AuditFailed, ValueError):
            return {}
        if document.get("schema") != SCHEMA:
            return {}
        if document.get("endpoint") != self._endpoint:
            return {}
        found = map(_decode_entry, objects(document, "containers"))
        return {
            former.id: former
            for former in found
            if former is not None and _is_plausible(former)
        }

    def _newest(self) -> Path:
        """Return the file to read: the first version named all files by digits."""
        if self._path.exists():
            return self._path
        return self._files / f"{digits_name(self._endpoint)}.json"

    def _encoded(self, known: dict[ContainerId, FormerContainer]) -> bytes:
        newest = list(known.values())[-self._keep :]
        document = {
            "schema": SCHEMA,
            "endpoint": self._endpoint,
            "containers": [_encode_entry(former) for former in newest],
        }
        return json.dumps(document).encode() + b"\n"

    def _remove_surplus(self) -> None:
        """Drop the files of too many engines, and abandoned drafts."""
        drop_old_drafts(self._files)
        others = []
        for path in self._files.glob("[!.]*.json"):
            with suppress(FileNotFoundError):
                if path != self._path:
                    others.append((path.lstat().st_mtime, path))
        for _, path in sorted(others, reverse=True)[MAX_ENGINES - 1 :]:
            drop(path)


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
