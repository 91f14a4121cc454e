"""What happens to simulated containers without anybody asking for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.errors import EngineRefused
from nstui.model.container import ContainerState, Health
from nstui.model.namespace import NamespaceKind
from nstui.sim.machine import KILLED

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.sim.world import World

_FIRST_CHECK = timedelta(seconds=2)
"""How long after a start a health check has its result."""

_LOOPED = 7
"""How often a container in a loop has been restarted."""


def crash(world: World, reference: str, code: int = 1) -> None:
    """End a container by itself; its restart policy may start it again."""
    with world.lock:
        world.machine.end(world.records.get(reference), code, by_itself=True)
        world.machine.settle()


def oom_kill(world: World, reference: str) -> None:
    """Let the kernel kill a container for its memory."""
    with world.lock:
        record = world.records.get(reference)
        world.machine.note("oom", record)
        world.machine.end(record, KILLED, by_itself=True)
        world.machine.settle()
        record.oom_killed = record.state is ContainerState.EXITED


def loop(world: World, reference: str, code: int = 1) -> None:
    """Put a container between two starts of a restart loop."""
    with world.lock:
        record = world.records.get(reference)
        world.machine.end(record, code)
        record.state = ContainerState.RESTARTING
        record.restart_count = _LOOPED


def set_health(world: World, reference: str, health: Health) -> None:
    """Let a container's health check report."""
    with world.lock:
        record = world.records.get(reference)
        record.health = health
        world.machine.note("health_status", record)


def visit(world: World, reference: str, command: str) -> None:
    """Let a process of the host into a container's network, as ``nsenter -n``."""
    with world.lock:
        network = world.records.get(reference).namespaces[NamespaceKind.NET]
        world.machine.kernel.visit(network, command, world.clock())


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


def come_of_age(world: World, now: datetime) -> bool:
    """Let health checks that have been running for a while succeed.

    Return whether others have not been running for that long.
    """
    is_early = False
    with world.lock:
        for record in world.records:
            started = record.started_at
            if record.health is not Health.STARTING or started is None:
                continue
            if now - started >= _FIRST_CHECK:
                set_health(world, record.id, Health.HEALTHY)
            else:
                is_early = True
    return is_early
