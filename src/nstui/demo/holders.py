"""What keeps the namespaces of a simulated machine alive."""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.demo.fiction import command_name, programs_of
from nstui.model.holders import (
    FEW,
    HolderKind,
    Holders,
    HoldingProcess,
    MountHolder,
    MountScan,
    ProcessHolder,
    ProcessScan,
    Unread,
)
from nstui.model.namespace import NamespaceKind, NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.demo.containers import Record
    from nstui.demo.kernel import SimNamespace
    from nstui.demo.world import World
    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace


FIRST = HoldingProcess(1, "systemd")
"""The machine's first process."""

NAMED = "/run/netns"
SANDBOXES = "/run/docker/netns"

_SANDBOX_DIGITS = 12


def holders_of(
    world: World, kinds: Iterable[NamespaceKind], level: NamespacesRead
) -> Holders:
    """Return what a reader of the machine finds, depending on its privileges.

    Args:
        world: The machine; its lock must be held.
        kinds: The kinds of namespace.
        level: How well it can be read. An ordinary user sees the mounts, but is refused
            the namespaces of processes; on another machine neither is visible.

    """
    wanted = tuple(kinds)
    processes = list(_processes_of_host(world, wanted))
    if level is NamespacesRead.DECLARED:
        processes = [
            (namespace, process) for namespace, process in processes if process is FIRST
        ]
    refused = 0 if level is not NamespacesRead.FINGERPRINT else len(processes)
    unread = Unread(refused=refused)
    return Holders(
        ProcessScan(
            holders=() if refused else tuple(_process_holders(processes)),
            unread=MappingProxyType(dict.fromkeys(wanted, unread)),
            hides_others=False,
        ),
        MountScan(
            holders=() if level is NamespacesRead.DECLARED else _mounts(world),
            leftovers=(),
        ),
    )


def outsiders_of(
    world: World,
    namespaces: Collection[Namespace],
    containers: Collection[ContainerId],
) -> dict[Namespace, tuple[HoldingProcess, ...]]:
    """Return the processes in some namespaces that are in no container named."""
    found: dict[Namespace, list[HoldingProcess]] = {each: [] for each in namespaces}
    for namespace, process in _processes_of_host(world, NamespaceKind):
        if namespace.value in found and process.container not in containers:
            found[namespace.value].append(process)
    return {namespace: tuple(several) for namespace, several in found.items()}


def _processes_of_host(
    world: World, kinds: Iterable[NamespaceKind]
) -> Iterator[tuple[SimNamespace, HoldingProcess]]:
    """Yield every process once for each of its namespaces."""
    kernel = world.machine.kernel
    for kind in kinds:
        yield kernel.host(kind), FIRST
        for record in world.records:
            if record.pid is not None:
                for process in _processes(record, record.pid):
                    yield record.namespaces[kind], process
        for namespace in kernel.occupied:
            # A foreign process has entered one namespace; its others are the host's.
            current = namespace if namespace.kind is kind else kernel.host(kind)
            for foreign in namespace.processes:
                name = command_name(foreign.command)
                yield current, HoldingProcess(foreign.pid, name, foreign.started_at)


def _processes(record: Record, pid: int) -> Iterator[HoldingProcess]:
    for number, program in enumerate(programs_of(record.spec)):
        yield HoldingProcess(pid + number, program.name, record.started_at, record.id)


def _process_holders(
    occupied: Iterable[tuple[SimNamespace, HoldingProcess]],
) -> Iterator[ProcessHolder]:
    found: dict[SimNamespace, list[HoldingProcess]] = {}
    for namespace, process in occupied:
        found.setdefault(namespace, []).append(process)
    for namespace, processes in found.items():
        processes.sort(key=lambda process: process.pid)
        yield ProcessHolder(
            namespace=namespace.value,
            count=len(processes),
            first=tuple(processes[:FEW]),
        )


def _mounts(world: World) -> tuple[MountHolder, ...]:
    found = dict(world.machine.kernel.mounts)
    for record in world.records:
        if record.sandbox is not None:
            found[sandbox_path(record)] = record.sandbox
    return tuple(
        MountHolder(
            namespace=found[path].value,
            kind=(
                HolderKind.ENGINE if path.startswith(SANDBOXES) else HolderKind.NAMED
            ),
            path=path,
        )
        for path in sorted(found)
    )


def sandbox_path(record: Record) -> str:
    """Return the mount path of a container's network, which differs at every start."""
    if record.sandbox is None:
        return ""
    name = "default" if record.sandbox.is_host else _sandbox_name(record)
    return f"{SANDBOXES}/{name}"


def _sandbox_name(record: Record) -> str:
    text = f"{record.id}:{record.pid}"
    return hashlib.sha256(text.encode()).hexdigest()[:_SANDBOX_DIGITS]
