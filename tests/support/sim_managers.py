"""Simulated managers, for the containers of a simulated engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.managers import SWARM_SERVICE, SWARM_TASK, SWARM_TASK_NAME
from nstui.errors import EngineRefused
from nstui.model.container import ManagerKind

if TYPE_CHECKING:
    from nstui.demo.containers import Record
    from nstui.demo.world import World
    from nstui.model.container import Manager


class SimManagers:
    """Implements `nstui.ports.Managers` for a `World`.

    systemd removes the container of a unit that it stops, and makes another one when it
    starts it, as a quadlet has it; swarm leaves its old tasks.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.asked: list[tuple[str, ...]] = []
        """The commands that were run, in order."""

        self._stopped: dict[str, Record] = {}
        self._tasks = 0

    def reaches(self, manager: Manager) -> bool:
        """Tell whether a manager can be asked to act."""
        return manager.kind is not ManagerKind.KUBERNETES

    def run(self, command: tuple[str, ...]) -> None:
        """Have a manager act, by the words of its command.

        Raises:
            EngineRefused: it manages nothing of that name.

        """
        self.asked.append(command)
        name = command[-1]
        with self._world.lock:
            if command[0] == "docker":
                self._update(name)
            else:
                self._systemctl(command[-2], name)

    def _systemctl(self, word: str, unit: str) -> None:
        found = [r for r in self._world.records if _unit(r) == unit]
        if not found and unit not in self._stopped:
            raise EngineRefused(f"systemctl: Unit {unit} not found.")
        for record in found:
            self._stopped[unit] = record
            self._world.remove(record.id, force=True)
        if word != "stop":
            old = self._stopped.pop(unit)
            self._world.run(replace(old.spec, name=old.name))

    def _update(self, service: str) -> None:
        tasks = [r for r in self._world.records if _label(r, SWARM_SERVICE) == service]
        if not tasks:
            raise EngineRefused(f"docker: service {service} not found")
        for record in tasks:
            if not record.state.has_process:
                continue
            self._world.stop(record.id)
            self._tasks += 1
            task = f"new{self._tasks}"
            name = f"{record.name.rpartition('.')[0]}.{task}"
            labels = dict(record.spec.labels)
            labels |= {SWARM_TASK: task, SWARM_TASK_NAME: name}
            spec = replace(record.spec, name=name, labels=tuple(labels.items()))
            self._world.run(spec)


def _unit(record: Record) -> str:
    manager = record.spec.runs_in
    return "" if manager is None else manager.name


def _label(record: Record, key: str) -> str:
    return dict(record.spec.labels).get(key, "")
