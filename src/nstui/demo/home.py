"""The simulated machine of the demo, and its namespaces outside of containers.

There is one group of each kind, two of them broken as happens in practice: `pihole` was
left behind by a restart, `soulseek` by a removal.
"""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.demo.faults import add_foreign_process, crash, loop, set_health
from nstui.demo.fiction import history
from nstui.demo.holders import NAMED, SANDBOXES
from nstui.demo.kernel import LOOPBACK, SimClock, simulated_now
from nstui.demo.world import World
from nstui.model.container import Health
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime


def unshare(world: World, kind: NamespaceKind, command: str) -> None:
    """Start a process in a new namespace, as ``unshare`` does."""
    with world.lock:
        kernel = world.machine.kernel
        kernel.add_process(kernel.unshare(kind), command, world.clock())


def name_network(world: World, name: str, *commands: str) -> None:
    """Create a named network with processes, as ``ip netns add`` and ``exec``.

    Args:
        world: The machine.
        name: The network's name.
        commands: The command lines of the processes in it.

    """
    with world.lock:
        kernel = world.machine.kernel
        network = kernel.unshare(NamespaceKind.NET, LOOPBACK)
        kernel.mount(f"{NAMED}/{name}", network)
        for command in commands:
            kernel.add_process(network, command, world.clock())


def leave_sandbox(world: World, name: str) -> None:
    """Leave the sandbox of a container that has gone, as a crash of the engine does.

    Args:
        world: The machine.
        name: The engine's name for it: 12 hexadecimal digits.

    """
    with world.lock:
        kernel = world.machine.kernel
        network = kernel.unshare(NamespaceKind.NET, LOOPBACK)
        kernel.mount(f"{SANDBOXES}/{name}", network)


def demo_world(now: Callable[[], datetime] = simulated_now) -> World:
    """Return the world of the demo, with a past of some weeks.

    Ids, inodes and pids are always the same; times are relative to `now`.
    """
    clock = SimClock(now)
    world = World(clock)
    for past in history():
        clock.behind = past.ago
        for spec in past.run:
            world.run(spec)
        for name, health in past.health:
            set_health(world, name, health)
        if past.act:
            _ACTIONS[past.act](world, past.on, past.argument)
    clock.behind = timedelta()
    # An engine remembers few events, and those of weeks ago are long gone.
    world.journal.forget()
    return world


_ACTIONS: Mapping[str, Callable[[World, str, str], None]] = MappingProxyType(
    {
        "enter-network": add_foreign_process,
        "exit": lambda world, name, _: crash(world, name, 0),
        "health": lambda world, name, word: set_health(world, name, Health(word)),
        "leave-sandbox": lambda world, name, _: leave_sandbox(world, name),
        "loop": lambda world, name, _: loop(world, name),
        "name-network": lambda world, name, commands: name_network(
            world, name, *commands.split()
        ),
        "remove": lambda world, name, _: world.remove(name, force=True),
        "restart": lambda world, name, _: world.restart(name),
        "unshare": lambda world, kind, command: unshare(
            world, NamespaceKind(kind), command
        ),
    }
)
"""The actions that ``fiction.toml`` names, as functions of world, target, argument."""
