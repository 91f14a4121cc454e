"""What tests let happen to simulated containers, and the demo does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.demo.engine import set_interfaces
from nstui.demo.machine import KILLED
from nstui.errors import EngineRefused
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.demo.world import World


def oom_kill(world: World, reference: str) -> None:
    """Let the kernel kill a container for its memory."""
    with world.lock:
        record = world.records.get(reference)
        world.machine.note("oom", record)
        world.machine.end(record, KILLED, by_itself=True)
        world.machine.settle()
        record.oom_killed = record.state is ContainerState.EXITED


def enter(
    world: World,
    reference: str,
    whose: str,
    kind: NamespaceKind = NamespaceKind.NET,
) -> None:
    """Let a container's first process into another's namespace, as ``nsenter`` does.

    Nothing of that is declared. A process cannot change its own pid namespace.

    Raises:
        EngineRefused: one of the two does not run, or the kernel would not.

    """
    with world.lock:
        record, other = world.records.get(reference), world.records.get(whose)
        if record.pid is None or other.pid is None or kind is NamespaceKind.PID:
            raise EngineRefused("there is no such namespace to enter")
        if record.namespaces[kind] is not other.namespaces[kind]:
            world.machine.enter(record, other.namespaces[kind])


def half_remove(
    world: World, reference: str, state: ContainerState = ContainerState.REMOVING
) -> None:
    """Leave a container in the middle of its removal: ``removing`` or ``dead``."""
    with world.lock:
        record = world.records.get(reference)
        if record.state.has_process:
            world.machine.end(record, KILLED)
            world.machine.settle()
        record.state = state


def disconnect(world: World, reference: str) -> None:
    """Take a container off all networks, as ``docker network disconnect`` does.

    Engine 29 does the same by itself after a start that failed.
    """
    with world.lock:
        record = world.records.get(reference)
        set_interfaces(record, ())
        record.is_detached = True
        world.machine.note("disconnect", record)
