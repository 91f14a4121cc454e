"""Asks the managers on this machine to act: systemd and swarm."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.engine.compose_program import environment, find_failure_line, run_program
from nstui.errors import EngineRefused, EngineUnreachable
from nstui.model.container import ManagerKind
from nstui.model.json import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.engine.endpoint import Endpoint
    from nstui.model.container import Manager

PATIENCE_S = 300.0
"""Limit in seconds for a manager's action; swarm updates a service task by task."""

SWARM_CACHE_S = 60.0
"""Seconds for which it is cached whether the engine manages a swarm."""

SYSTEMD_FOLDER = Path("/run/systemd/system")
"""The folder that exists while systemd runs the machine (sd_booted(3))."""

_SYSTEMCTL = "systemctl"
_DOCKER = "docker"
_NON_INTERACTIVE = "--no-ask-password"
"""The option of systemctl to fail rather than ask for a password on the terminal."""


class ManagerPrograms:
    """Implements `nstui.ports.Managers` with ``systemctl`` and ``docker``."""

    def __init__(
        self,
        endpoint: Endpoint,
        ask: Callable[[str], object],
        *,
        environ: Mapping[str, str] | None = None,
        booted: Path = SYSTEMD_FOLDER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Store how to reach the managers; nothing is run yet.

        Args:
            endpoint: The engine that may manage a swarm.
            ask: Sends that engine a GET request for a path; returns its answer.
            environ: The environment of the programs; None for that of nstui.
            booted: The folder that exists while systemd runs the machine.
            clock: Returns a time in seconds.

        """
        known = os.environ if environ is None else environ
        self._environ = environment(endpoint, known)
        self._ask = ask
        self._is_elsewhere = endpoint.ssh is not None
        self._booted = booted
        self._clock = clock
        self._swarm: tuple[float, bool] | None = None

    def reaches(self, manager: Manager) -> bool:
        """Tell whether a manager can be asked to act."""
        match manager.kind:
            case ManagerKind.SYSTEMD:
                if self._is_elsewhere:
                    return False
                # A systemd user manager accepts requests of that user only.
                me = os.geteuid()
                is_mine = manager.uid == me if manager.is_user else me == 0
                is_here = self._has(_SYSTEMCTL) and self._booted.is_dir()
                return is_mine and is_here and manager.inside is None
            case ManagerKind.SWARM:
                return self._has(_DOCKER) and self._is_swarm_manager()
        return False

    def run(self, command: tuple[str, ...]) -> None:
        """Run a manager's command and wait for its end.

        Raises:
            EngineRefused: the command failed; the message is its own.
            EngineUnreachable: the command did not end in time.

        """
        words = command
        if command[0] == _SYSTEMCTL:
            words = (_SYSTEMCTL, _NON_INTERACTIVE, *command[1:])
        # systemctl --user needs it, and it is not set in the environment of cron jobs.
        runtime = {"XDG_RUNTIME_DIR": f"/run/user/{os.geteuid()}"}
        environ = runtime | self._environ
        result = run_program(words, environ=environ, folder="/", limit_s=PATIENCE_S)
        if result.code != 0:
            why = find_failure_line(result.said) or f"it ended with code {result.code}"
            raise EngineRefused(f"{command[0]}: {why}")

    def _has(self, program: str) -> bool:
        return shutil.which(program, path=self._environ.get("PATH")) is not None

    def _is_swarm_manager(self) -> bool:
        """Tell whether the engine is a swarm manager, which can change services."""
        now = self._clock()
        if self._swarm is None or now >= self._swarm[0] + SWARM_CACHE_S:
            try:
                swarm = mapping(mapping(self._ask("info")).get("Swarm"))
            except (EngineRefused, EngineUnreachable):
                return False
            self._swarm = now, swarm.get("ControlAvailable") is True
        return self._swarm[1]
