"""What is known about the process that is nstui itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProcess:
    """What tells in which container nstui runs, if it runs in one."""

    pids: tuple[int, ...] = ()
    """Its pid and those of its ancestors, the nearest first, as ``/proc`` has them."""

    cgroups: tuple[ContainerId, ...] = ()
    """The containers in the path of its control group, the outermost first. Empty if it
    has a cgroup namespace of its own, as most containers do."""

    uts: Namespace | None = None
    """Its UTS namespace, which no two containers of Docker share."""

    files: tuple[ContainerId, ...] = ()
    """The containers that own the files mounted into its ``/etc``. A container that
    joined another's network has that one's."""

    hostname: str = ""
    """By default a short id, of the container that has the network."""


NOWHERE = OwnProcess()
"""Of an nstui that runs in no container."""
