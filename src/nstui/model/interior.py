"""What is going on inside one container's network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId
    from nstui.model.inside import Interfaces, Listener, Routes
    from nstui.model.snapshot import ReadProblem


@dataclass(frozen=True, slots=True)
class NetworkProcess:
    """A process that is in a network."""

    pid: int
    command: str
    """As `nstui.model.usage.ProcessUsage.command`."""

    containers: tuple[ContainerId, ...]
    """Whose process it is by its cgroup, the outermost first, since a container may run
    in another; empty if it is no container's."""

    @property
    def container(self) -> ContainerId | None:
        """The innermost container it belongs to, if it does to any."""
        return self.containers[-1] if self.containers else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interior:
    """A network from within, each part as far as it could be read."""

    interfaces: Interfaces | ReadProblem
    routes: Routes | ReadProblem
    listeners: tuple[Listener, ...] | ReadProblem
    owners: Mapping[int, ContainerId]
    """Whose process each pid is that holds a listener; one that is missing is no
    container's."""

    processes: tuple[NetworkProcess, ...] | ReadProblem | None = None
    """Those that are in it, in the order of their pids, whoever they belong to: see
    `nstui.analysis.outsiders`. None if nobody looked, which nobody does where it is the
    network of the host itself."""

    hides_processes: bool = False
    """Whether there may be processes in it that this user is not shown."""

    taken_s: float = 0.0
    """When the interfaces were read, in seconds of a clock that never goes back: their
    traffic between two readings is that of the time between."""
