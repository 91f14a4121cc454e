"""What another program may see of a standing watch, and ask of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.audit.watch_state import WatchStateFile
from nstui.errors import AuditFailed
from nstui.model.watch import WatchReading

if TYPE_CHECKING:
    from pathlib import Path


class FileWatchView:
    """Implements `nstui.ports.WatchView` by the files of the watch's state."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        """Take the folder of the state; nothing is read yet.

        Args:
            folder: The folder of the audit log.
            endpoint: The address of the engine.

        """
        self._state = WatchStateFile(folder, endpoint)
        self._files = self._state.path.parent
        self._requests = self._state.path.with_suffix(".reset")

    def read(self) -> WatchReading:
        """Read what the watch does, and whether it runs."""
        try:
            status, is_held = self._state.read(), self._state.is_watched()
        except (OSError, AuditFailed) as problem:
            return self._unread(str(problem))
        except ValueError as problem:
            return self._unread(f"{self._state.path} cannot be used: {problem}")
        return WatchReading(status=status, is_held=is_held, place=str(self._files))

    def _unread(self, problem: str) -> WatchReading:
        return WatchReading(
            status=None, is_held=None, place=str(self._files), problem=problem
        )

    def request_reset(self, name: str) -> None:
        """Ask the watch to close the circuit of a container."""
        try:
            self._state.request_reset((name,))
        except OSError as problem:
            reason = problem.strerror or str(problem)
            raise AuditFailed(f"the watch cannot be asked: {reason}") from problem

    def has_taken_requests(self) -> bool:
        """Tell whether the watch has taken all requests."""
        try:
            return self._requests.stat().st_size == 0
        except OSError:
            return True
