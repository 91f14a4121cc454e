"""Keeps the screen as the user last left it, in a file of the state folder."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from nstui.analysis.preferences.choices import LastLeft
from nstui.analysis.tree.tree import SortOrder
from nstui.audit.files import SCHEMA, decode_object, locked, read_regular, write_whole
from nstui.audit.folders import check_folders, make_folders
from nstui.errors import AuditFailed
from nstui.model.json import inner, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


MAX_BYTES = 1_000_000
LOCK_LIMIT = 0.1
"""How many seconds to wait for another program, which holds the lock briefly."""


class FileLastLeft:
    """Keeps one file; safe among several programs."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the state; nothing is read or created yet."""
        self._folder = folder
        self.path = folder / "last-left.json"

    def read(self) -> LastLeft:
        """Return what is kept; empty if there is nothing, or it cannot be read."""
        try:
            check_folders(self._folder)
            document = decode_object(read_regular(self.path, MAX_BYTES))
        except (OSError, AuditFailed, ValueError):
            return LastLeft()
        return _decode(document) if document.get("schema") == SCHEMA else LastLeft()

    def update(self, newer: LastLeft) -> None:
        """Add what was changed to what is kept, which others may have changed too.

        That this fails is not an error: nothing but a convenience is lost.
        """
        with suppress(OSError, AuditFailed):
            make_folders(self._folder)
            with locked(self._folder / "last-left.lock", LOCK_LIMIT):
                content = _encode(self.read().updated(newer))
                write_whole(self.path, content, is_lasting=False)


def _encode(left: LastLeft) -> bytes:
    document: dict[str, object] = {"schema": SCHEMA}
    if left.theme is not None:
        document["theme"] = left.theme
    if left.order is not None:
        document["order"] = left.order.value
    document["folds"] = dict(left.folds)
    return json.dumps(document, indent=1).encode() + b"\n"


def _decode(document: Mapping[str, object]) -> LastLeft:
    order = text(document, "order")
    folds = inner(document, "folds")
    return LastLeft(
        theme=text(document, "theme") or None,
        order=SortOrder(order) if order in set(SortOrder) else None,
        folds={
            endpoint: {
                name: is_open
                for name, is_open in inner(folds, endpoint).items()
                if isinstance(is_open, bool)
            }
            for endpoint in folds
        },
    )
