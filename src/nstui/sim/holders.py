"""What keeps the namespaces of a simulated host alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.holders import ProcessHolder
from nstui.sim.programs import command_name, programs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.namespace import Namespace, NamespaceKind
    from nstui.sim.kernel import Kernel
    from nstui.sim.record import Record

FIRST_PID = 1


def holders_of(
    kind: NamespaceKind, kernel: Kernel, records: Iterable[Record]
) -> Iterator[ProcessHolder]:
    """Yield each namespace of a kind with the processes in it."""
    found: dict[Namespace, dict[int, str]] = {
        kernel.host(kind).value: {FIRST_PID: "systemd"}
    }
    for record in records:
        if record.pid is not None:
            inside = found.setdefault(record.namespaces[kind].value, {})
            for number, program in enumerate(programs_of(record.spec)):
                inside[record.pid + number] = program.name
    for namespace in kernel.visited:
        if namespace.kind is kind:
            inside = found.setdefault(namespace.value, {})
            for visitor in namespace.visitors:
                inside[visitor.pid] = command_name(visitor.command)
    for value, processes in found.items():
        first = min(processes)
        yield ProcessHolder(
            namespace=value, count=len(processes), pid=first, command=processes[first]
        )
