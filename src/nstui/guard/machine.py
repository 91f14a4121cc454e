"""This machine, as an installation of the guard reads and changes it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from pwd import getpwuid
from typing import TYPE_CHECKING

from nstui.analysis.guarding.engine_command import DEFAULT_CONFIG, read_command
from nstui.analysis.guarding.installation import KEPT_SUFFIX, EngineFacts, MachineFacts
from nstui.analysis.guarding.units import STARTED_UNITS
from nstui.errors import GuardFailed
from nstui.guard import files
from nstui.guard.asking import (
    listens,
)
from nstui.guard.engine_process import (
    command_line,
    find_process,
    process_name,
    sees,
    working_folder,
)
from nstui.guard.noted import noted_settings
from nstui.guard.probe import GuardProbe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.guarding.engine_command import EngineCommand
    from nstui.analysis.guarding.places import Places

SYSTEMCTL_S = 60.0
SETTINGS_MODE = 0o600
BOOTED = Path("/run/systemd/system")
"""Exists where systemd runs the machine; see sd_booted(3)."""

TICKETS = "tickets"
"""The folder beside the control socket."""

ENGINE_PROGRAMS = ("dockerd", "docker")
"""What the engine's program begins with."""


class Machine:
    """Implements `nstui.ports.GuardedMachine` for the engine at a socket.

    Args:
        places: The paths of the guard.
        socket: The path of the engine's socket.
        unit_paths: The files that an installation may write.

    """

    def __init__(self, places: Places, socket: str, unit_paths: Iterable[str]) -> None:
        self._places = places
        self._socket = socket
        self._unit_paths = tuple(unit_paths)
        self._probe = GuardProbe(places, socket)
        noted = noted_settings(places.settings).config_file
        self._config_path = noted or DEFAULT_CONFIG

    def look(self) -> MachineFacts:
        """Return what an installation depends on."""
        engine = self._engine()
        if engine.command is not None:
            self._config_path = engine.command.config_file
        config = self._config_path
        config_file = files.examine(config)
        return MachineFacts(
            engine=engine,
            config=config_file,
            kept=files.examine(config + KEPT_SUFFIX),
            settings=files.examine(self._places.settings),
            units=tuple(map(files.examine, self._unit_paths)),
            is_root=os.geteuid() == 0,
            has_systemd=has_systemd(),
            is_enabled=has_systemd() and self._is_enabled(),
            front_problem=self._probe.front_problem(),
            is_asked=None if engine.problem else self._probe.is_asked(),
            open_to=_open_to(),
        )

    def write(self, path: str, content: bytes) -> None:
        """Replace a file at once; one with that content stays as it is.

        So what could not be written on a full disk can be put back.

        Raises:
            GuardFailed: It could not be written; it is as before.

        """
        if files.examine(path).content == content:
            return
        is_secret = path == self._places.settings
        mode = SETTINGS_MODE if is_secret else files.FILE_MODE
        try:
            files.replace(path, content, mode)
        except OSError as error:
            raise GuardFailed(
                f"{path} could not be written: {error.strerror}"
            ) from error

    def remove(self, path: str) -> None:
        """Remove a file; one that is missing is removed already.

        Raises:
            GuardFailed: It could not be removed.

        """
        try:
            files.remove(path)
        except OSError as error:
            raise GuardFailed(
                f"{path} could not be removed: {error.strerror}"
            ) from error

    def systemctl(self, words: tuple[str, ...]) -> None:
        """Run systemctl.

        Raises:
            GuardFailed: It failed, or took too long.

        """
        command = ("systemctl", *words)
        try:
            done = subprocess.run(  # noqa: S603 - the words are nstui's own
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=SYSTEMCTL_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GuardFailed(
                f"{' '.join(command)} took longer than {SYSTEMCTL_S:g} s"
            ) from None
        except OSError as error:
            raise GuardFailed(
                f"systemctl could not be run: {error.strerror}"
            ) from error
        if done.returncode:
            said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
            raise GuardFailed(f"{' '.join(command)} failed: {said}")

    def reload(self, pid: int | None) -> None:
        """Make the engine read its configuration file again.

        Raises:
            GuardFailed: The engine is another process now, or none.

        """
        present = find_process(self._socket)
        if pid is None or present is None:
            raise GuardFailed("the engine has ended: start it again")
        if present != pid:
            raise GuardFailed(
                f"the engine was process {pid}, and is process {present} now"
            )
        try:
            os.kill(pid, signal.SIGHUP)
        except OSError as error:
            raise GuardFailed(
                f"the engine (process {pid}) could not be sent SIGHUP: {error.strerror}"
            ) from error

    def renew(self) -> None:
        """Make the guard read its settings again; `require_front` tells if it has."""
        self._probe.renew()

    def require_front(self, pid: int | None) -> None:
        """Return once the guard answers by its settings, and has looked once.

        Raises:
            GuardFailed: It does not answer where the engine asks it, has other
                settings, or cannot look.

        """
        self._probe.require_front(pid)

    def await_asked(self) -> None:
        """Return once the engine has answered, and has asked the guard for that.

        Raises:
            GuardFailed: It does not answer in time, or does not ask.

        """
        self._probe.await_asked(wanted=True)

    def await_unasked(self) -> None:
        """Return once the engine has answered, and has asked no guard for that.

        Raises:
            GuardFailed: It does not answer in time, or still asks.

        """
        self._probe.await_asked(wanted=False)

    def _is_enabled(self) -> bool:
        try:
            for unit in STARTED_UNITS:
                self.systemctl(("is-enabled", "--quiet", unit))
        except GuardFailed:
            return False
        return True

    def forget_drafts(self) -> None:
        """Remove what interrupted runs have left of files that they were writing."""
        kept = self._config_path + KEPT_SUFFIX
        paths = (self._places.settings, self._config_path, kept, *self._unit_paths)
        for path in paths:
            files.forget_draft(path)

    def clear_away(self) -> None:
        """Remove what a guard that has ended has left behind, but for its decisions.

        One that still runs keeps its sockets.
        """
        plugin, control = (Path(path) for path in self._places[:2])
        tickets = control.parent / TICKETS
        for socket in (plugin, control):
            with suppress(OSError):
                if socket.is_socket() and not listens(str(socket)):
                    socket.unlink()
        if not control.exists():
            with suppress(OSError):
                shutil.rmtree(tickets)
        for folder in (control.parent, Path(self._places.settings).parent):
            # Other files of nstui may be there.
            with suppress(OSError):
                folder.rmdir()

    def _engine(self) -> EngineFacts:
        pid = find_process(self._socket)
        command = None
        if pid is not None and process_name(pid).startswith(ENGINE_PROGRAMS):
            command = _command(pid)
        else:
            pid = None
        name, problem = self._probe.greet()
        return EngineFacts(
            pid=pid,
            command=command,
            name=name,
            problem=problem,
            sees_files=pid is None
            or command is None
            or sees(pid, os.path.dirname(command.config_file)),  # noqa: PTH120 - a string
        )


def has_systemd() -> bool:
    """Tell whether systemd runs this machine."""
    return BOOTED.is_dir() and shutil.which("systemctl") is not None


def _command(pid: int) -> EngineCommand:
    command = read_command(command_line(pid))
    return command._replace(
        config_file=os.path.normpath(
            os.path.join(working_folder(pid), command.config_file)  # noqa: PTH118 - a string
        )
    )


def _open_to() -> str:
    """Say whose files nstui runs from, if that is not root."""
    for place in (sys.executable, sys.prefix, __file__):
        try:
            owner = Path(place).stat().st_uid
        except OSError:
            # Only who is not root cannot look there.
            continue
        if owner:
            try:
                return getpwuid(owner).pw_name
            except KeyError:
                return f"user {owner}"
    return ""
