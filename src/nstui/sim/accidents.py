"""What happens to simulated containers without anybody asking for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ContainerState
from nstui.sim.machine import KILLED

if TYPE_CHECKING:
    from nstui.model.container import Health
    from nstui.sim.world import World

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
