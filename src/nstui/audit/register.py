"""The register of the containers that were seen: one file for each engine."""

from __future__ import annotations

import hashlib
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
    optional_moment,
    read_regular,
    write_whole,
)
from nstui.audit.folders import check_folders, make_folders
from nstui.errors import AuditFailed
from nstui.model.container import ComposeService, ContainerId, is_id
from nstui.model.json import objects, text, texts
from nstui.model.snapshot import FormerContainer, FormerContainerSource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path


KEPT = 500
"""How many containers are remembered of one engine."""

MOST_ENGINES = 32
"""Of how many engines; those that were noted longest ago are dropped."""

LONGEST = 255
"""How many characters a name may have to be remembered."""

LARGEST = 8_000_000
"""A file has no more bytes, even if each character takes several."""

LOCK_LIMIT = 0.1
"""How many seconds to wait for another program: it is held for a few milliseconds."""


class FileRegister:
    """Implements `nstui.ports.Register` in a folder; safe among several programs."""

    def __init__(self, folder: Path, endpoint: str, keep: int = KEPT) -> None:
        """Take where to; nothing is read or made yet.

        Args:
            folder: Where everything is kept; made when it is first needed.
            endpoint: The engine of these containers. What one engine tells is
                not believed of another's.
            keep: How many containers are remembered.

        """
        self._folder = folder
        self._files = folder / "seen"
        self._endpoint = endpoint
        self._keep = keep
        digits = hashlib.sha256(endpoint.encode(errors="surrogatepass")).hexdigest()
        self._path = self._files / f"{digits[:16]}.json"

    def find(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        """Return what is known of some containers, as far as anything is."""
        known = self._read()
        return {one: known[one] for one in wanted if one in known}

    def note(self, seen: Iterable[FormerContainer]) -> None:
        """Remember containers; nothing is written if all of this is known."""
        fit = [one for one in seen if _is_fit(one)][-self._keep :]
        known = self._read()
        if all(newer(known.get(one.id), one) == known.get(one.id) for one in fit):
            return
        # Failing to remember a container is no reason to fail.
        with suppress(OSError, AuditFailed):
            make_folders(self._folder, self._files)
            with locked(self._files / "lock", LOCK_LIMIT):
                content = self._encoded(_merged(self._read(), fit))
                write_whole(self._path, content, is_lasting=False)
            self._clear_away()

    def _read(self) -> dict[ContainerId, FormerContainer]:
        """Return what is remembered; nothing if that cannot be read."""
        try:
            check_folders(self._folder, self._files)
            document = decode_object(read_regular(self._path, LARGEST))
        except (OSError, AuditFailed, ValueError):
            return {}
        if document.get("schema") != SCHEMA:
            return {}
        if document.get("endpoint") != self._endpoint:
            return {}
        found = map(_decoded, objects(document, "containers"))
        return {one.id: one for one in found if one is not None and _is_fit(one)}

    def _encoded(self, known: dict[ContainerId, FormerContainer]) -> bytes:
        newest = list(known.values())[-self._keep :]
        document = {
            "schema": SCHEMA,
            "endpoint": self._endpoint,
            "containers": [_entry(one) for one in newest],
        }
        return json.dumps(document).encode() + b"\n"

    def _clear_away(self) -> None:
        """Drop the files of too many engines, and abandoned drafts."""
        drop_old_drafts(self._files)
        others = []
        for path in self._files.glob("[!.]*.json"):
            with suppress(FileNotFoundError):
                if path != self._path:
                    others.append((path.lstat().st_mtime, path))
        for _, path in sorted(others, reverse=True)[MOST_ENGINES - 1 :]:
            drop(path)


def _merged(
    known: dict[ContainerId, FormerContainer], seen: Iterable[FormerContainer]
) -> dict[ContainerId, FormerContainer]:
    """Return what is known after more was seen; that comes last."""
    merged = dict(known)
    for one in seen:
        merged[one.id] = newer(merged.pop(one.id, None), one)
    return merged


def _is_fit(one: FormerContainer) -> bool:
    """Tell whether something is what an engine could have told, and small."""
    service = () if one.compose is None else (one.compose.project, one.compose.service)
    words = (one.name, *service, *one.earlier)
    return is_id(one.id) and all(0 < len(word) <= LONGEST for word in words)


def _entry(one: FormerContainer) -> dict[str, object]:
    entry: dict[str, object] = {"id": one.id, "name": one.name}
    if one.compose is not None:
        entry |= {"project": one.compose.project, "service": one.compose.service}
    if one.source is not FormerContainerSource.SEEN:
        entry["from"] = one.source.value
    if one.earlier:
        entry["earlier"] = list(one.earlier)
    if one.renamed_at is not None:
        entry["renamed_at"] = one.renamed_at.isoformat()
    return entry


def _decoded(entry: Mapping[str, object]) -> FormerContainer | None:
    """Return what an entry says; None if it is none."""
    project, service = text(entry, "project"), text(entry, "service")
    source = text(entry, "from") or FormerContainerSource.SEEN.value
    if source not in set(FormerContainerSource):
        return None
    return FormerContainer(
        ContainerId(text(entry, "id")),
        text(entry, "name"),
        ComposeService(project, service) if project and service else None,
        FormerContainerSource(source),
        texts(entry, "earlier"),
        optional_moment(entry, "renamed_at"),
    )
