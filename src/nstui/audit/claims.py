"""Keeps two programs from acting on one group: locks that end with their holder."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from zlib import crc32

from nstui.audit.files import FILE_MODE
from nstui.audit.folders import engine_file_name, make_folders
from nstui.audit.watch_state import real_endpoint
from nstui.errors import AuditFailed, GroupInUse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nstui.model.container import ContainerId


_HELD = frozenset({errno.EAGAIN, errno.EACCES})
"""What the kernel answers if somebody else holds a lock."""


class FileClaims:
    """Implements `nstui.ports.Claims` by one file for each address of an engine.

    There is another for the id of the engine, if that is known: by it programs meet
    that use different addresses. Each container has a byte of a file, found by a
    checksum of its id, that is locked while a plan acts on it. Nothing is ever written.
    The locks belong to the opened file ("open file description locks", see fcntl(2)),
    so that two plans of one program exclude each other as well, and the kernel releases
    them when the program ends.
    """

    def __init__(
        self,
        folder: Path,
        endpoint: str,
        find_engine_id: Callable[[], str] | None = None,
    ) -> None:
        """Take the folder of the state; nothing is created yet.

        Args:
            folder: The folder of the audit log; created when it is first needed.
            endpoint: The address of the engine.
            find_engine_id: Returns the id of the engine, empty if it is not known; None
                if it has none.

        """
        self._folder = folder
        self._files = folder / "acting"
        self._find_engine_id = find_engine_id
        self.path = self._path_for(real_endpoint(endpoint))

    @contextmanager
    def hold(self, containers: Mapping[ContainerId, str]) -> Iterator[None]:
        """Return a context manager that keeps other programs from some containers."""
        engine_id = "" if self._find_engine_id is None else self._find_engine_id()
        paths = [self.path, self._path_for(f"id:{engine_id}")]
        with ExitStack() as held:
            for path in paths if engine_id else paths[:1]:
                descriptor = self._open(path)
                held.callback(os.close, descriptor)
                for container, name in containers.items():
                    self._lock(descriptor, path, container, name)
            yield

    def _path_for(self, engine: str) -> Path:
        # No address begins like an id.
        return self._files / f"{engine_file_name(engine)}.lock"

    def _open(self, path: Path) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
        try:
            make_folders(self._folder, self._files)
            return os.open(path, flags, FILE_MODE)
        except OSError as problem:
            raise _failure(path, problem) from problem

    def _lock(
        self, descriptor: int, path: Path, container: ContainerId, name: str
    ) -> None:
        wanted = struct.pack(
            "hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, crc32(container.encode()), 1, 0
        )
        try:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, wanted)
        except OSError as problem:
            if problem.errno not in _HELD:
                raise _failure(path, problem) from problem
            raise GroupInUse(
                f"another nstui is at work on {name}: nothing was done; try again when"
                " it has finished"
            ) from None


def _failure(path: Path, problem: OSError) -> AuditFailed:
    reason = problem.strerror or str(problem)
    return AuditFailed(
        f"nothing was done, since another nstui could be at work: cannot lock"
        f" {path}: {reason[:1].lower()}{reason[1:]}"
    )
