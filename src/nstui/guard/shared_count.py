"""A number that survives the process which wrote it last."""

from __future__ import annotations

import mmap
import struct

_FORMAT = struct.Struct("=q")


class SharedCount:
    """A count in memory that a process shares with those that it forks."""

    def __init__(self) -> None:
        """Begin with 0."""
        self._memory = mmap.mmap(-1, _FORMAT.size)

    def add(self, number: int) -> None:
        """Add to it; one process at a time does so."""
        self._put(self._get() + number)

    @property
    def value(self) -> int:
        """The count, also after whoever wrote it has ended."""
        return self._get()

    def _get(self) -> int:
        found: int = _FORMAT.unpack_from(self._memory)[0]
        return found

    def _put(self, number: int) -> None:
        _FORMAT.pack_into(self._memory, 0, number)
