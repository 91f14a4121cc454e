"""The kernel of a simulated host: namespaces, process ids and time."""

from __future__ import annotations

import heapq
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.namespace import Namespace, NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import ContainerId


DEVICE = 4
"""The ``st_dev`` of nsfs; any number would do."""

_HOST_INODES = {
    NamespaceKind.PID: 4026531836,
    NamespaceKind.UTS: 4026531838,
    NamespaceKind.IPC: 4026531839,
    NamespaceKind.NET: 4026531840,
}
"""As on a Linux host."""

_FIRST_INODE = 4026532184
_FIRST_PID = 2004
_PID_STEP = 57
"""Other processes start between those of containers."""

LOOPBACK = ("lo",)


@dataclass(frozen=True, slots=True)
class ForeignProcess:
    """A process of no container that has entered a namespace."""

    pid: int
    command: str
    started_at: datetime | None = None


@dataclass(slots=True, eq=False)
class SimNamespace:
    """One namespace while it lives."""

    kind: NamespaceKind
    inode: int
    interfaces: tuple[str, ...] = ()
    """Of a network namespace."""

    is_host: bool = False
    made_for: ContainerId | None = None
    """The container with which the engine ends it."""

    members: int = 0
    """How many containers and foreign processes are in it."""

    processes: list[ForeignProcess] = field(default_factory=list)

    @property
    def value(self) -> Namespace:
        """Its identity as a reader of ``/proc`` sees it."""
        return Namespace(self.kind, DEVICE, self.inode)


class Kernel:
    """Hands out namespaces and process ids, always the same ones in the same order."""

    def __init__(self) -> None:
        self._hosts = {
            kind: SimNamespace(kind, inode, is_host=True)
            for kind, inode in _HOST_INODES.items()
        }
        self._hosts[NamespaceKind.NET].interfaces = ("lo", "eth0", "docker0")
        self._next_inode = _FIRST_INODE
        self._free: list[int] = []
        self._next_pid = _FIRST_PID
        self.occupied: list[SimNamespace] = []
        """The namespaces that foreign processes keep, whoever else has left them."""

        self.mounts: dict[str, SimNamespace] = {}
        """Those that are mounted, the engine's mounts for its containers aside."""

    def host(self, kind: NamespaceKind) -> SimNamespace:
        """Return the namespace that the host's own processes are in."""
        return self._hosts[kind]

    def unshare(
        self, kind: NamespaceKind, interfaces: tuple[str, ...] = ()
    ) -> SimNamespace:
        """Make a namespace, with the lowest inode number that is free.

        The kernel takes the lowest as well, so numbers come back at once.
        """
        if self._free:
            inode = heapq.heappop(self._free)
        else:
            inode = self._next_inode
            self._next_inode += 1
        return SimNamespace(kind, inode, interfaces)

    def enter(self, namespace: SimNamespace) -> None:
        """Count one into a namespace."""
        namespace.members += 1

    def add_process(
        self,
        namespace: SimNamespace,
        command: str,
        started_at: datetime | None = None,
    ) -> None:
        """Let a process of the host into a namespace, where it stays."""
        if not namespace.processes:
            self.occupied.append(namespace)
        namespace.processes.append(ForeignProcess(self.new_pid(), command, started_at))
        self.enter(namespace)

    def mount(self, path: str, namespace: SimNamespace) -> None:
        """Mount a namespace, which stays for as long as that is mounted."""
        self.mounts[path] = namespace
        self.enter(namespace)

    def leave(self, namespace: SimNamespace) -> None:
        """Count one out; the last one frees the number."""
        namespace.members -= 1
        if not namespace.members and not namespace.is_host:
            heapq.heappush(self._free, namespace.inode)

    def new_pid(self) -> int:
        """Return the id of a new process."""
        pid = self._next_pid
        self._next_pid += _PID_STEP
        return pid


def simulated_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


class SimClock:
    """A clock that can be behind another, so that a scene has a past."""

    def __init__(self, source: Callable[[], datetime] = simulated_now) -> None:
        self._source = source
        self.behind = timedelta()
        """By how much it is behind its source."""

    def __call__(self) -> datetime:
        """Return the moment it shows."""
        return self._source() - self.behind

    def advance(self, by: timedelta) -> None:
        """Move it forward."""
        self.behind -= by


_TICK = timedelta(microseconds=1)

_LADDER = (
    (1, 1, "Less than a second", ""),
    (60, 1, "1 second", "seconds"),
    (60 * 60, 60, "About a minute", "minutes"),
)
"""Below how many seconds, in which unit, how one is said, how several are."""

_HOUR = 60 * 60
_HOURS_LADDER = (
    (48, 1, "hours"),
    (24 * 7 * 2, 24, "days"),
    (24 * 30 * 2, 24 * 7, "weeks"),
    (24 * 365 * 2, 24 * 30, "months"),
)
_HOURS_OF_A_YEAR = 24 * 365


def duration_text(duration: timedelta) -> str:
    """Say a duration as the docker command does.

    The rounding is that of ``HumanDuration`` in docker/go-units.
    """
    seconds = max(0, int(duration.total_seconds()))
    for limit, unit, one, several in _LADDER:
        if seconds < limit:
            number = seconds // unit
            return f"{number} {several}" if number > 1 else one
    hours = (seconds + _HOUR // 2) // _HOUR
    if hours == 1:
        return "About an hour"
    for limit, unit, several in _HOURS_LADDER:
        if hours < limit:
            return f"{hours // unit} {several}"
    return f"{hours // _HOURS_OF_A_YEAR} years"


class Moments:
    """Moments of a clock, each later than the one before.

    Two starts of a container must never have one time: nstui takes equal times for
    the same start.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last = datetime.min.replace(tzinfo=UTC)

    @property
    def last(self) -> datetime:
        """The moment that was returned last."""
        return self._last

    def next(self) -> datetime:
        """Return the present moment, or the one after the last."""
        self._last = max(self._clock(), self._last + _TICK)
        return self._last
