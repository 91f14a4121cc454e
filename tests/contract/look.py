"""What a host looks like through the ports."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.demo.containers import Spec
    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace, NamespaceKind
    from nstui.model.snapshot import HostReading, ProcessReading
    from tests.contract.host import ContractHost

PATIENCE = 60.0
"""Seconds within which a real engine has noticed what happened."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that the ports tell at one moment."""

    containers: Mapping[str, Container]
    reading: HostReading

    def state(self, name: str) -> str:
        """Return a container's state and exit code as the truth table writes them."""
        container = self.containers.get(name)
        if container is None:
            return "gone"
        inspection = container.inspection
        assert inspection is not None
        exited = container.state is ContainerState.EXITED
        return f"{container.state}/{inspection.exit_code if exited else 0}"

    def is_running(self, name: str) -> bool:
        """Tell whether a container's processes exist and are not frozen."""
        return self.state(name) == "running/0"

    def interfaces(self, name: str) -> tuple[str, ...] | None:
        """Return a container's interfaces; None if it does not run."""
        process = self._process(name)
        return None if process is None else process.interfaces

    def namespace(self, name: str, kind: NamespaceKind) -> Namespace | None:
        """Return one of a container's namespaces; None if it does not run."""
        process = self._process(name)
        return None if process is None else process.namespaces.get(kind)

    def share(self, kind: NamespaceKind, *names: str) -> bool:
        """Tell whether all of some containers run in one namespace."""
        found = {self.namespace(name, kind) for name in names}
        return len(found) == 1 and None not in found

    def _process(self, name: str) -> ProcessReading | None:
        container = self.containers.get(name)
        return None if container is None else self.reading.processes.get(container.id)


def look_at(host: ContractHost) -> Look:
    """Look at a host once, with fresh eyes: see `ContainerEngine.forget`."""
    host.engine.forget()
    containers = host.engine.containers()
    pids = {each.id: each.pid for each in containers if each.pid is not None}
    return Look(
        containers={container.name: container for container in containers},
        reading=host.namespaces.read(pids),
    )


def await_look(host: ContractHost, holds: Callable[[Look], bool]) -> Look:
    """Look until something holds, or patience is at an end; return the last look."""
    deadline = time.monotonic() + PATIENCE
    while True:
        look = look_at(host)
        if holds(look) or time.monotonic() > deadline:
            return look
        time.sleep(0.05)


def run(host: ContractHost, spec: Spec) -> ContainerId:
    """Create and start a container."""
    container = host.create(spec)
    host.start(container)
    return container
