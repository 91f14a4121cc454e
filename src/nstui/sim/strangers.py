"""Namespaces that others than containers live in, on a simulated machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind
from nstui.sim.holders import NAMED, SANDBOXES
from nstui.sim.kernel import LOOPBACK

if TYPE_CHECKING:
    from nstui.sim.world import World


def unshare(world: World, kind: NamespaceKind, command: str) -> None:
    """Start a process in a namespace of its own, as ``unshare`` does."""
    with world.lock:
        kernel = world.machine.kernel
        kernel.visit(kernel.unshare(kind), command, world.clock())


def name_network(world: World, name: str, *commands: str) -> None:
    """Make a network with a name and processes in it, as ``ip netns add`` and ``exec``.

    Args:
        world: The machine.
        name: The network's name.
        commands: What runs in it.

    """
    with world.lock:
        kernel = world.machine.kernel
        network = kernel.unshare(NamespaceKind.NET, LOOPBACK)
        kernel.mount(f"{NAMED}/{name}", network)
        for command in commands:
            kernel.visit(network, command, world.clock())


def leave_sandbox(world: World, name: str) -> None:
    """Leave a network of the engine's behind whose container has gone, as a crash does.

    Args:
        world: The machine.
        name: What the engine calls it: 12 hexadecimal digits.

    """
    with world.lock:
        kernel = world.machine.kernel
        network = kernel.unshare(NamespaceKind.NET, LOOPBACK)
        kernel.mount(f"{SANDBOXES}/{name}", network)
