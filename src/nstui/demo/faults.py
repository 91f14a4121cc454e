"""What happens to simulated containers by itself: crashes, loops, health checks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.model.container import ContainerState, Health
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.demo.world import World


_FIRST_CHECK = timedelta(seconds=2)
"""How long after a start a health check has its result."""

_RESTART_COUNT = 7
"""How often a container in a restart loop has been restarted."""


def crash(world: World, reference: str, code: int = 1) -> None:
    """End a container by itself; its restart policy may start it again."""
    with world.lock:
        world.machine.end(world.records.get(reference), code, by_itself=True)
        world.machine.settle()


def loop(world: World, reference: str, code: int = 1) -> None:
    """Put a container between two starts of a restart loop."""
    with world.lock:
        record = world.records.get(reference)
        world.machine.end(record, code)
        record.state = ContainerState.RESTARTING
        record.restart_count = _RESTART_COUNT


def set_health(world: World, reference: str, health: Health) -> None:
    """Set the result of a container's health check."""
    with world.lock:
        record = world.records.get(reference)
        record.health = health
        record.checked_at = world.clock()
        world.machine.note("health_status", record)


def add_foreign_process(world: World, reference: str, command: str) -> None:
    """Put a process of the host into a container's network, as ``nsenter -n``."""
    with world.lock:
        network = world.records.get(reference).namespaces[NamespaceKind.NET]
        world.machine.kernel.add_process(network, command, world.clock())


def settle_health_checks(world: World, now: datetime) -> bool:
    """Let health checks that have been running for long enough succeed.

    Return whether any health check is still running.
    """
    is_any_running = False
    with world.lock:
        for record in world.records:
            started = record.started_at
            if record.health is not Health.STARTING or started is None:
                continue
            if now - started >= _FIRST_CHECK:
                is_sick = world.image_store.take(record.image_id).is_sick
                health = Health.UNHEALTHY if is_sick else Health.HEALTHY
                set_health(world, record.id, health)
            else:
                is_any_running = True
    return is_any_running
