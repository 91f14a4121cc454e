"""This machine, as an installation of the guard reads and changes it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from pwd import getpwuid
from secrets import token_hex
from typing import TYPE_CHECKING

from nstui.analysis.guarding.engine_command import DEFAULT_CONFIG, read_command
from nstui.analysis.guarding.installation import KEPT_SUFFIX, EngineFacts, MachineFacts
from nstui.analysis.guarding.places import Places
from nstui.analysis.guarding.settings import read_settings
from nstui.analysis.guarding.units import STARTED_UNITS
from nstui.errors import GuardFailed
from nstui.guard import files
from nstui.guard.asking import (
    NoAnswer,
    ask_control,
    ask_front,
    call,
    listens,
    ping_front,
)
from nstui.guard.engine_process import (
    command_line,
    find_process,
    is_socket_of,
    parent_of,
    process_name,
    sees,
    working_folder,
)
from nstui.model.json import inner, mapping, number, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.guarding.engine_command import EngineCommand

ENGINE_S = 5.0
"""How many seconds a call to the engine may take."""

FRONT_S = 5.0
PROOF_S = 30.0
"""How many seconds an engine may take until it has read its configuration."""

PAUSE_S = 0.1
SYSTEMCTL_S = 60.0
SETTINGS_MODE = 0o600
BOOTED = Path("/run/systemd/system")
"""Exists where systemd runs the machine; see sd_booted(3)."""

TICKETS = "tickets"
"""The folder beside the control socket."""

FRONT = "nstui.guard"
"""The word that the guard's process was started with."""

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
        self._config_path = _noted_config(places.settings) or DEFAULT_CONFIG

    def look(self) -> MachineFacts:
        """Return what an installation depends on."""
        engine = self._engine()
        if engine.command is not None:
            self._config_path = engine.command.config_file
        config = self._config_path
        config_file = files.examine(config)
        problem = self._front_problem()
        return MachineFacts(
            engine=engine,
            config=config_file,
            kept=files.examine(config + KEPT_SUFFIX),
            settings=files.examine(self._places.settings),
            units=tuple(map(files.examine, self._unit_paths)),
            is_root=os.geteuid() == 0,
            has_systemd=has_systemd(),
            is_enabled=has_systemd() and self._is_enabled(),
            front_problem=problem,
            is_asked=None if engine.problem else self._is_asked(),
            open_to=_open_to(),
        )

    def write(self, path: str, content: bytes) -> None:
        """Replace a file at once.

        Raises:
            GuardFailed: It could not be written; it is as before.

        """
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
        """Make the guard read its settings again.

        Whether it has, `require_front` tells.
        """
        with suppress(NoAnswer, OSError):
            front = number(self._status(), "pid")
            supervisor = None if front is None else parent_of(front)
            if supervisor is not None and FRONT in command_line(supervisor):
                os.kill(supervisor, signal.SIGHUP)

    def require_front(self, pid: int | None) -> None:
        """Return once the guard answers by its settings, and has looked once.

        Raises:
            GuardFailed: It does not answer where the engine asks it, has other
                settings, or cannot look.

        """
        deadline = time.monotonic() + PROOF_S
        while problem := self._front_problem() or self._settings_problem():
            if time.monotonic() > deadline:
                raise GuardFailed(f"the guard does not answer: {problem}")
            time.sleep(PAUSE_S)
        socket = self._places.plugin_socket
        if pid is not None and not is_socket_of(pid, socket, Places().plugin_socket):
            raise GuardFailed(
                f"the engine does not see {socket} as {Places().plugin_socket}"
            )
        uri = f"/containers/{_nobody()}"
        try:
            answer = ask_front(socket, "DELETE", uri, FRONT_S)
        except NoAnswer as error:
            raise GuardFailed(
                f"the guard does not answer what it has to look at: {error}"
            ) from error
        if answer.get("Allow") is not True:
            raise GuardFailed(f"the guard cannot look: {answer.get('Msg')}")

    def await_asked(self) -> None:
        """Return once the engine has answered, and has asked the guard for that.

        Raises:
            GuardFailed: It does not answer in time, or does not ask.

        """
        self._await(wanted=True)

    def await_unasked(self) -> None:
        """Return once the engine has answered, and has asked no guard for that.

        Raises:
            GuardFailed: It does not answer in time, or still asks.

        """
        self._await(wanted=False)

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

    def _await(self, *, wanted: bool) -> None:
        deadline = time.monotonic() + PROOF_S
        while True:
            found = self._is_asked()
            if found is wanted:
                return
            if time.monotonic() > deadline:
                break
            time.sleep(PAUSE_S)
        if found is None:
            raise GuardFailed(
                f"the engine did not answer within {PROOF_S:g} s of reading its"
                " configuration"
            )
        verb = "does not ask" if wanted else "still asks"
        raise GuardFailed(f"the engine answers, but {verb} the guard")

    def _engine(self) -> EngineFacts:
        pid = find_process(self._socket)
        command = None
        if pid is not None and process_name(pid).startswith(ENGINE_PROGRAMS):
            command = _command(pid)
        else:
            pid = None
        name, problem = self._greet()
        return EngineFacts(
            pid=pid,
            command=command,
            name=name,
            problem=problem,
            sees_files=pid is None
            or command is None
            or sees(pid, os.path.dirname(command.config_file)),  # noqa: PTH120 - a string
        )

    def _greet(self) -> tuple[str, str]:
        """Return what the engine is, and why it does not answer."""
        try:
            status, version = call(self._socket, "GET", "/version", timeout_s=ENGINE_S)
        except NoAnswer as problem:
            return "", f"the engine at {self._socket} does not answer: {problem}"
        if status != 200 or not isinstance(version, dict):  # noqa: PLR2004 - OK
            return "", f"what listens at {self._socket} is no engine"
        components = version.get("Components")
        rows = components if isinstance(components, list) else []
        names = [row.get("Name") for row in rows if isinstance(row, dict)]
        if "Podman Engine" in names:
            return "Podman", ""
        return ("Docker" if "Engine" in names or "Version" in version else ""), ""

    def _front_problem(self) -> str:
        try:
            ping_front(self._places.plugin_socket, FRONT_S)
            self._count()
        except NoAnswer as problem:
            return str(problem)
        return ""

    def _settings_problem(self) -> str:
        """Say that the guard has not read its settings; empty if it has."""
        content = files.examine(self._places.settings).content or b"{}"
        wanted, _ = read_settings(content)
        try:
            told = inner(self._status(), "settings")
        except NoAnswer as problem:
            return str(problem)
        if told != wanted.to_json():
            return "it has other settings than its file: restart it"
        return ""

    def _status(self) -> Mapping[str, object]:
        return ask_control(self._places.control_socket, {"do": "status"}, FRONT_S)

    def _count(self) -> int:
        """Return how often the guard was asked so far."""
        count = number(self._status(), "asked")
        if count is None:
            raise NoAnswer("it does not say how often it was asked")
        return count

    def _is_asked(self) -> bool | None:
        """Tell whether the engine asks the guard; None if it does not answer.

        An engine that asks a guard which does not answer does not answer either.
        """
        before = self._count_or_none()
        try:
            call(self._socket, "GET", "/version", timeout_s=ENGINE_S)
        except NoAnswer:
            return None
        after = self._count_or_none()
        return None not in {before, after} and before != after

    def _count_or_none(self) -> int | None:
        try:
            return self._count()
        except NoAnswer:
            return None


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


def _noted_config(settings: str) -> str:
    """Return the engine's configuration file as an installation has noted it.

    An engine that does not run does not tell.
    """
    try:
        return text(mapping(json.loads(Path(settings).read_bytes())), "engine_config")
    except (OSError, ValueError):
        return ""


def _nobody() -> str:
    """Return a name that no container has."""
    return f"nstui-guard-check-{token_hex(8)}"


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
