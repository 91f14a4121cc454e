"""nstui on a simulated host of any size, with a storm if one is wanted.

It is the program that ``nstui --demo`` runs, with another world.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from typing import TYPE_CHECKING

from nstui.cli.wiring import connect_demo
from nstui.demo import faults
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.model.container import ContainerState, Health
from nstui.service.host import open_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from nstui.demo.containers import Record

DEPENDENTS = 4
START = "the storm begins"


def populate(world: World, groups: int) -> None:
    """Run owners, each with four dependents."""
    for number in range(groups):
        owner = f"g{number:03}-own"
        world.run(Spec(owner, ipc="shareable", restart="always"))
        for dependent in range(DEPENDENTS):
            name = f"g{number:03}-d{dependent}"
            world.run(Spec(name, network=f"container:{owner}"))


class SteadyStorm:
    """Random events of containers, in an order determined by a seed.

    The number of containers stays the same, so that any growth is not the world's.
    """

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)  # noqa: S311 - a seed, not a secret
        self._events: tuple[Callable[[Record], object], ...] = (
            lambda record: world.start(record.id),
            lambda record: world.stop(record.id),
            lambda record: world.restart(record.id),
            lambda record: world.kill(record.id),
            lambda record: faults.crash(world, record.id),
            self._change_health,
            self._recreate,
        )

    def blow(self) -> None:
        """Cause one event; an event that the engine refuses is left out."""
        record = self._random.choice(list(self._world.records))
        try:
            self._random.choice(self._events)(record)
        except EngineRefused:
            return

    def _change_health(self, record: Record) -> None:
        if record.state is ContainerState.RUNNING:
            health = self._random.choice(list(Health))
            faults.set_health(self._world, record.id, health)

    def _recreate(self, record: Record) -> None:
        """Recreate a container as compose does when its image is new."""
        self._world.remove(record.id, force=True)
        self._world.run(record.spec)


def blow(world: World, events: int, seconds: float) -> None:
    """Cause many events, evenly over some time."""
    storm = SteadyStorm(world, seed=1)
    began = time.monotonic()
    for number in range(events):
        storm.blow()
        due = began + seconds * (number + 1) / events
        time.sleep(max(0.0, due - time.monotonic()))


def main() -> NoReturn:
    """Run the text UI on a simulated host."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=200)
    parser.add_argument("--events", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    world = World()
    populate(world, given.groups)
    # Imported late, as in nstui itself.
    from nstui.tui.app import NstuiApp  # noqa: PLC0415 - as above

    host = open_host(SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="sim")
    if given.events:
        threading.Thread(
            target=blow, args=(world, given.events, given.seconds), daemon=True
        ).start()
    app = NstuiApp(host, connect_demo=connect_demo, interval=None)
    app.run()
    raise SystemExit(app.return_code or 0)


if __name__ == "__main__":
    main()
