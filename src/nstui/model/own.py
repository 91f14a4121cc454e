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


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What decides how much of the kernel nstui may read where it runs."""

    kernel: str = ""
    """The release of the kernel, as ``uname -r`` prints it; empty if not known."""

    owners: tuple[ContainerId, ...] = ()
    """The containers that own the files mounted into its ``/etc``."""

    is_container: bool = False
    """Whether an engine has marked its file system as that of a container."""

    has_own_pids: bool = False
    """Whether ``/proc`` shows a pid namespace that is not the machine's first one."""

    has_own_users: bool = False
    """Whether its user namespace is not the machine's first one."""

    is_root: bool = True
    may_trace: bool = True
    """Whether it has, or would have as root, the capability SYS_PTRACE."""

    profile: str = ""
    """The AppArmor profile that is enforced on it; empty if none is."""

    @property
    def is_inside(self) -> bool:
        """Whether it is in a container."""
        return self.is_container or bool(self.owners)


NOWHERE = OwnProcess()
"""Of an nstui that runs in no container."""
