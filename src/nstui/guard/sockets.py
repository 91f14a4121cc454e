"""The listening sockets of the guard: its own, or those that systemd holds for it."""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from nstui.guard.loop import say

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

    from nstui.guard.setup import Setup

FIRST_FD = 3
"""The first descriptor that systemd hands over; see sd_listen_fds(3)."""

BACKLOG = 4096
_MODE = 0o600
_PROBE_S = 1.0


class Listeners(NamedTuple):
    """The listening sockets of the guard."""

    plugin: socket.socket
    control: socket.socket | None
    """None if it could not be made; the engine is answered without it."""

    are_held: bool
    """Whether systemd holds the first one while there is no guard."""


class SocketTaken(Exception):
    """It cannot be listened at a path; the message says why, as a sentence."""


def inherited(environ: MutableMapping[str, str]) -> list[socket.socket]:
    """Return the sockets that systemd has handed over, and forget that it has.

    Args:
        environ: The environment; what says so is taken out of it.

    """
    pid, number = environ.pop("LISTEN_PID", ""), environ.pop("LISTEN_FDS", "")
    environ.pop("LISTEN_FDNAMES", None)
    if pid != str(os.getpid()) or not number.isdecimal():
        return []
    found = []
    for descriptor in range(FIRST_FD, FIRST_FD + int(number)):
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - the only argument it has
        found.append(socket.socket(fileno=descriptor))
    return found


def listen_at(path: Path) -> socket.socket:
    """Listen at a path, in place of a socket where nobody listens any more.

    Raises:
        SocketTaken: Somebody listens there, or it cannot be done.

    """
    try:
        return _bound(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise SocketTaken(f"{path} cannot be listened at: {why}") from error


def _bound(path: Path) -> socket.socket:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_room(path)
    listener = socket.socket(socket.AF_UNIX)
    # Renamed into its place, it is there with its mode and its listener at once.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        listener.bind(str(draft))
        draft.chmod(_MODE)
        listener.listen(BACKLOG)
        draft.rename(path)
    except BaseException:
        listener.close()
        draft.unlink(missing_ok=True)
        raise
    return listener


def _make_room(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise SocketTaken(f"{path} is there, and is no socket")
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_PROBE_S)
            try:
                probe.connect(str(path))
            except (ConnectionRefusedError, FileNotFoundError):
                return
            except OSError as error:
                raise SocketTaken(f"{path} may be in use: {error.strerror}") from error
        raise SocketTaken(f"somebody listens at {path} already")


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another at the same path; None if there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class SocketPlace(Enum):
    """What is at the path of a socket."""

    OURS = "ours"
    GONE = "gone"
    """It is to be made anew."""

    TAKEN = "taken"
    """It is another's, and stays that."""


class GuardSockets:
    """The guard's listening sockets, and what is at their paths.

    Attributes:
        listeners: What a front gets; another value once one was made anew.

    """

    def __init__(self, setup: Setup, listeners: Listeners) -> None:
        """Take the sockets, and see which files are theirs.

        Args:
            setup: The paths of the guard.
            listeners: Its listening sockets.

        """
        self.listeners = listeners
        self._plugin, self._control = setup.plugin_socket, setup.control_socket
        has_control = listeners.control is not None
        self._files = {
            self._plugin: identity(self._plugin),
            self._control: identity(self._control) if has_control else None,
        }
        """What the sockets' files are; None for one that is not the guard's."""

    def plugin_place(self) -> SocketPlace:
        """Tell what is where the engine asks."""
        known = self._files[self._plugin]
        if known is None:
            return SocketPlace.TAKEN
        return SocketPlace.OURS if identity(self._plugin) == known else SocketPlace.GONE

    def restore(self) -> bool:
        """Listen again where somebody has removed the guard's socket.

        Returns:
            Whether there was such a place.

        """
        plugin = None
        if not self.listeners.are_held:
            plugin = self._restored(self._plugin)
        if plugin is not None:
            self.listeners.plugin.close()
            self.listeners = self.listeners._replace(plugin=plugin)
        control = self._restored(self._control)
        if control is not None:
            if self.listeners.control is not None:
                self.listeners.control.close()
            self.listeners = self.listeners._replace(control=control)
        return plugin is not None or control is not None

    def close(self) -> None:
        """Listen no more; the files stay."""
        self.listeners.plugin.close()
        if self.listeners.control is not None:
            self.listeners.control.close()

    def remove(self) -> None:
        """Remove the sockets' files, as far as they are still those of the guard."""
        for path, known in self._files.items():
            is_held = self.listeners.are_held and path == self._plugin
            if known is not None and identity(path) == known and not is_held:
                path.unlink(missing_ok=True)

    def _restored(self, path: Path) -> socket.socket | None:
        """Return a new listener at a path that is not the guard's any more."""
        is_there = self._files[path] is not None
        if is_there and identity(path) == self._files[path]:
            return None
        try:
            listener = listen_at(path)
        except SocketTaken as problem:
            if is_there:
                say(f"{path} is not the guard's socket any more: {problem}")
                self._files[path] = None
            return None
        say(f"{path} is made anew")
        self._files[path] = identity(path)
        return listener
