"""A machine with an engine, as an installation of the guard may find and leave it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from nstui.analysis.guarding.engine_command import read_command
from nstui.analysis.guarding.engine_config import PLUGIN, UnusableConfig, plugins_of
from nstui.analysis.guarding.installation import (
    KEPT_SUFFIX,
    EngineFacts,
    FileFacts,
    MachineFacts,
    Wanted,
)
from nstui.analysis.guarding.places import Places
from nstui.analysis.guarding.units import (
    RUNNING_UNITS,
    SERVICE_UNIT,
    STARTED_UNITS,
    Engine,
    unit_files,
    unit_paths,
)
from nstui.errors import GuardFailed

PLACES = Places()
CONFIG = "/etc/docker/daemon.json"
PID = 4242
PROGRAM = ("/opt/nstui/bin/python", "-m")


@dataclass
class FakeMachine:
    """Implements `nstui.ports.GuardedMachine` as Docker 20.10 and systemd behave.

    Attributes:
        files: The content of each file by its path.
        loaded: The plugins that the engine asks, as it has last read them.
        engine_runs: Whether the engine runs.
        guard_runs: Whether the guard answers.
        enabled: The units that the next boot starts.
        command: What the engine was started with.
        failing: The number of the change that fails, counted from 0.

    """

    files: dict[str, bytes] = field(default_factory=dict)
    loaded: tuple[str, ...] = ()
    engine_runs: bool = True
    guard_runs: bool = False
    enabled: set[str] = field(default_factory=set)
    has_systemd: bool = True
    command: tuple[str, ...] = ("dockerd", "-H", "fd://")
    is_hidden: bool = False
    """Whether the engine's process cannot be found."""

    failing: int | None = None
    calls: int = 0

    def look(self) -> MachineFacts:
        """Return what is there."""
        runs = self.engine_runs
        answers = runs and not self.is_strangled
        command = read_command(self.command)
        return MachineFacts(
            engine=EngineFacts(
                pid=PID if runs and not self.is_hidden else None,
                command=command if runs and not self.is_hidden else None,
                name="Docker" if answers else "",
                problem=""
                if answers
                else "the engine does not answer: it has no socket",
            ),
            config=self._facts(CONFIG),
            kept=self._facts(CONFIG + KEPT_SUFFIX),
            settings=self._facts(PLACES.settings),
            units=tuple(map(self._facts, unit_paths(PLACES))),
            has_systemd=self.has_systemd,
            is_enabled={*STARTED_UNITS} <= self.enabled,
            front_problem="" if self.guard_runs else "it has no socket",
            is_asked=PLUGIN in self.loaded if answers else None,
        )

    def wanted(self, mode: str = "enforce", version: str = "") -> Wanted:
        """Return what an installation is to leave."""
        engine = Engine(CONFIG, "/run/docker.pid", "docker.service", "dockerd")
        program = (*PROGRAM, version) if version else PROGRAM
        files = unit_files(PLACES, engine, program)
        if not self.has_systemd:
            files = {PLACES.rescue: files[PLACES.rescue]}
        return Wanted(
            settings=json.dumps({"mode": mode}).encode(),
            files=files,
            has_units=self.has_systemd,
        )

    @property
    def is_strangled(self) -> bool:
        """Whether the engine asks a guard that does not answer."""
        return self.engine_runs and PLUGIN in self.loaded and not self.guard_runs

    def write(self, path: str, content: bytes) -> None:
        """Replace a file."""
        self._begin()
        self.files[path] = content

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._begin()
        self.files.pop(path, None)

    def systemctl(self, words: tuple[str, ...]) -> None:
        """Start or stop the guard."""
        self._begin()
        verb, *units = words
        missing = [u for u in units if f"{PLACES.units}/{u}" not in self.files]
        if verb != "daemon-reload" and missing:
            raise GuardFailed(f"Unit {missing[0]} could not be found.")
        match verb:
            case "enable":
                self.enabled |= {*units}
            case "disable":
                self.enabled -= {*units}
            case "restart":
                self.guard_runs = SERVICE_UNIT in units or self.guard_runs
            case "stop":
                self.guard_runs = self.guard_runs and not {*RUNNING_UNITS} & {*units}

    def reload(self, pid: int | None) -> None:
        """Read the configuration again; end if a plugin in it does not answer."""
        self._begin()
        if pid != PID or not self.engine_runs:
            raise GuardFailed("the engine is not the process any more that it was")
        try:
            named = plugins_of(self.files.get(CONFIG, b""))
        except UnusableConfig:
            return
        self.engine_runs = PLUGIN not in named or self.guard_runs
        self.loaded = named

    def renew(self) -> None:
        """Do nothing, unless it fails."""
        self._begin()

    def require_front(self, pid: int | None) -> None:  # noqa: ARG002 - as the port
        """Fail unless the guard runs."""
        self._begin()
        if not self.guard_runs:
            raise GuardFailed("the guard does not answer")

    def await_asked(self) -> None:
        """Fail unless the engine asks the guard."""
        self._begin()
        if self.is_strangled or not self.engine_runs or PLUGIN not in self.loaded:
            raise GuardFailed("the engine does not ask the guard")

    def await_unasked(self) -> None:
        """Fail unless the engine answers by itself."""
        self._begin()
        if not self.engine_runs or PLUGIN in self.loaded:
            raise GuardFailed("the engine still asks the guard")

    def forget_drafts(self) -> None:
        """Do nothing: a write here is never cut in the middle."""

    def clear_away(self) -> None:
        """Do nothing: this guard has no files of its own."""

    def _begin(self) -> None:
        self.calls += 1
        if self.calls - 1 == self.failing:
            raise GuardFailed("a full disk")

    def _facts(self, path: str) -> FileFacts:
        return FileFacts(path=path, content=self.files.get(path))
