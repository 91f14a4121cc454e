"""The register as files: one for each engine, with ids, names and compose services."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from nstui.analysis.ancestry import newer
from nstui.errors import TraceFailed
from nstui.model.container import ComposeService, ContainerId, is_id
from nstui.model.snapshot import Ancestor, AncestorSource
from nstui.store._files import (
    DRAFT_PREFIX,
    drop,
    locked,
    read_regular,
    write_whole,
)
from nstui.store._folders import check_folder, make_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

SCHEMA = "nstui/1"
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

DRAFT_LIFE = 3600.0
"""Seconds after which a draft is what a program left behind that was killed."""


class FileRegister:
    """Implements `nstui.ports.Register` in a folder; safe among several programs."""

    def __init__(self, folder: Path, endpoint: str, keep: int = KEPT) -> None:
        """Take where to; nothing is read or made yet.

        Args:
            folder: Where everything is kept; made when it is first needed.
            endpoint: The engine whose containers these are. What one engine tells is
                not believed of another's.
            keep: How many containers are remembered.

        """
        self._folder = folder
        self._files = folder / "seen"
        self._endpoint = endpoint
        self._keep = keep
        digits = hashlib.sha256(endpoint.encode(errors="surrogatepass")).hexdigest()
        self._path = self._files / f"{digits[:16]}.json"

    def find(self, wanted: Collection[ContainerId]) -> Mapping[ContainerId, Ancestor]:
        """Return what is known of some containers, as far as anything is."""
        known = self._read()
        return {one: known[one] for one in wanted if one in known}

    def note(self, seen: Iterable[Ancestor]) -> None:
        """Remember containers; nothing is written if all of that is known."""
        fit = [one for one in seen if _is_fit(one)][-self._keep :]
        known = self._read()
        if all(newer(known.get(one.id), one) == known.get(one.id) for one in fit):
            return
        # What cannot be written is forgotten; that is no reason to fail.
        with suppress(OSError, TraceFailed):
            make_folder(self._folder)
            make_folder(self._files)
            with locked(self._files / "lock", LOCK_LIMIT):
                content = self._encoded(_merged(self._read(), fit))
                write_whole(self._path, content, is_lasting=False)
            self._clear_away()

    def _read(self) -> dict[ContainerId, Ancestor]:
        """Return what is remembered; nothing if that cannot be read."""
        try:
            check_folder(self._folder)
            check_folder(self._files)
            document: object = json.loads(read_regular(self._path, LARGEST))
        except (OSError, TraceFailed, ValueError, RecursionError):
            return {}
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            return {}
        if document.get("endpoint") != self._endpoint:
            return {}
        entries = document.get("containers")
        found = map(_decoded, entries if isinstance(entries, list) else ())
        return {one.id: one for one in found if one is not None and _is_fit(one)}

    def _encoded(self, known: dict[ContainerId, Ancestor]) -> bytes:
        newest = list(known.values())[-self._keep :]
        document = {
            "schema": SCHEMA,
            "endpoint": self._endpoint,
            "containers": [_entry(one) for one in newest],
        }
        return json.dumps(document).encode() + b"\n"

    def _clear_away(self) -> None:
        """Drop the files of too many engines, and drafts that nobody will finish."""
        others = []
        for path in self._files.iterdir():
            with suppress(FileNotFoundError):
                written = path.lstat().st_mtime
                is_draft = path.name.startswith(DRAFT_PREFIX)
                if is_draft and time.time() - written > DRAFT_LIFE:
                    drop(path)
                elif path.suffix == ".json" and not is_draft and path != self._path:
                    others.append((written, path))
        for _, path in sorted(others, reverse=True)[MOST_ENGINES - 1 :]:
            drop(path)


def _merged(
    known: dict[ContainerId, Ancestor], seen: Iterable[Ancestor]
) -> dict[ContainerId, Ancestor]:
    """Return what is known after more was seen; that comes last."""
    merged = dict(known)
    for one in seen:
        merged[one.id] = newer(merged.pop(one.id, None), one)
    return merged


def _is_fit(one: Ancestor) -> bool:
    """Tell whether something is what an engine could have told, and small."""
    service = () if one.compose is None else (one.compose.project, one.compose.service)
    words = (one.name, *service, *one.earlier)
    return is_id(one.id) and all(0 < len(word) <= LONGEST for word in words)


def _entry(one: Ancestor) -> dict[str, object]:
    entry: dict[str, object] = {"id": one.id, "name": one.name}
    if one.compose is not None:
        entry |= {"project": one.compose.project, "service": one.compose.service}
    if one.source is not AncestorSource.SEEN:
        entry["from"] = one.source.value
    if one.earlier:
        entry["earlier"] = list(one.earlier)
    if one.renamed_at is not None:
        entry["renamed_at"] = one.renamed_at.isoformat()
    return entry


def _decoded(entry: object) -> Ancestor | None:
    """Return what an entry says; None if it is none."""
    if not isinstance(entry, dict):
        return None
    texts = {key: word for key, word in entry.items() if isinstance(word, str)}
    earlier = entry.get("earlier")
    names = earlier if isinstance(earlier, list) else []
    project, service = texts.get("project", ""), texts.get("service", "")
    source = texts.get("from", AncestorSource.SEEN.value)
    if source not in set(AncestorSource):
        return None
    return Ancestor(
        ContainerId(texts.get("id", "")),
        texts.get("name", ""),
        ComposeService(project, service) if project and service else None,
        AncestorSource(source),
        tuple(name for name in names if isinstance(name, str)),
        _moment(texts.get("renamed_at")),
    )


def _moment(text: str | None) -> datetime | None:
    """Return a moment; None for what is none, or has no time zone."""
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
