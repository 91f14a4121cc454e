"""A storm: things that happen to containers, in an order that a seed decides."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from nstui.demo import faults
from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.model.container import ContainerState, Health

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.demo.containers import Record

GROUPS = 4
DEPENDENTS = 3


class Storm:
    """Does one thing after the other to a world of groups."""

    def __init__(self, seed: int) -> None:
        """Build the groups: owners, who joined them, and who joined those."""
        self._random = random.Random(seed)  # noqa: S311 - a seed, not a secret
        self.world = World(seed=f"storm-{seed}")
        self._made = 0
        for group in range(GROUPS):
            owner = f"own{group}"
            self.world.run(Spec(owner, ipc="shareable", restart="always"))
            for number in range(DEPENDENTS):
                self._join(f"dep{group}-{number}", owner)
            self._join(f"far{group}", f"dep{group}-0")

    def blow(self, times: int) -> None:
        """Let that many things happen; what the engine refuses does not."""
        for _ in range(times):
            happening = self._random.choice(self._happenings())
            records = list(self.world.records)
            try:
                if records:
                    happening(self._random.choice(records))
            except EngineRefused:
                continue

    def _happenings(self) -> tuple[Callable[[Record], object], ...]:
        world = self.world
        return (
            lambda record: world.start(record.id),
            lambda record: world.start(record.id),
            lambda record: world.stop(record.id),
            lambda record: world.restart(record.id),
            lambda record: world.kill(record.id),
            lambda record: world.remove(record.id, force=True),
            lambda record: world.rename(record.id, self._new_name("renamed")),
            lambda record: faults.crash(world, record.id),
            self._change_health,
            self._recreate,
            lambda record: self._join(self._new_name("late"), record.name),
            lambda _: world.run(Spec(self._new_name("apart"), ipc="shareable")),
        )

    def _change_health(self, record: Record) -> None:
        if record.state is ContainerState.RUNNING:
            health = self._random.choice(list(Health))
            faults.set_health(self.world, record.id, health)

    def _recreate(self, record: Record) -> None:
        """Do what compose does to a container whose image is new."""
        self.world.remove(record.id, force=True)
        is_own = record.name == record.spec.name
        spec = record.spec if is_own else Spec(record.name, ipc="shareable")
        self.world.run(spec)

    def _join(self, name: str, owner: str) -> None:
        kinds = self._random.choice(({"network"}, {"network", "ipc"}, {"ipc"}, {"pid"}))
        modes = dict.fromkeys(kinds, f"container:{owner}")
        self.world.run(
            Spec(
                name,
                network=modes.get("network", "bridge"),
                ipc=modes.get("ipc", "shareable"),
                pid=modes.get("pid", ""),
                restart=self._random.choice(("no", "always")),
            )
        )

    def _new_name(self, word: str) -> str:
        self._made += 1
        return f"{word}{self._made}"
