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

_TICK = timedelta(microseconds=1)

_UNITS = (
    (1, 1, "Less than a second", ""),
    (60, 1, "1 second", "seconds"),
    (60 * 60, 60, "About a minute", "minutes"),
)
"""The limit in seconds, the unit in seconds, the text for one, that for several."""

_HOUR = 60 * 60
_LARGE_UNITS = (
    (48, 1, "hours"),
    (24 * 7 * 2, 24, "days"),
    (24 * 30 * 2, 24 * 7, "weeks"),
    (24 * 365 * 2, 24 * 30, "months"),
)
_HOURS_OF_A_YEAR = 24 * 365


@dataclass(frozen=True, slots=True)
class ForeignProcess:
    """A process outside of containers that has entered a namespace."""

    pid: int
    command: str
    started_at: datetime | None = None


@dataclass(slots=True, eq=False)
class SimNamespace:
    """One namespace while it exists."""

    kind: NamespaceKind
    inode: int
    interfaces: tuple[str, ...] = ()
    """The names of the interfaces, for a network namespace."""

    is_host: bool = False
    made_for: ContainerId | None = None
    """The container for which the engine created it, and with which it ends."""

    members: int = 0
    """How many containers and foreign processes are in it."""

    processes: list[ForeignProcess] = field(default_factory=list)

    @property
    def value(self) -> Namespace:
        """The namespace as a reader of ``/proc`` sees it."""
        return Namespace(self.kind, DEVICE, self.inode)


class Kernel:
    """Creates namespaces and process ids, always the same ones in the same order."""

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
        """The namespaces that foreign processes keep alive."""

        self.mounts: dict[str, SimNamespace] = {}
        """The mounted namespaces by path, without the engine's mounts for
        containers."""

    def host(self, kind: NamespaceKind) -> SimNamespace:
        """Return the namespace of the host's own processes."""
        return self._hosts[kind]

    def unshare(
        self, kind: NamespaceKind, interfaces: tuple[str, ...] = ()
    ) -> SimNamespace:
        """Create a namespace with the lowest free inode number.

        The kernel takes the lowest as well, so numbers are reused at once.
        """
        if self._free:
            inode = heapq.heappop(self._free)
        else:
            inode = self._next_inode
            self._next_inode += 1
        return SimNamespace(kind, inode, interfaces)

    def enter(self, namespace: SimNamespace) -> None:
        """Count a member into a namespace."""
        namespace.members += 1

    def add_process(
        self,
        namespace: SimNamespace,
        command: str,
        started_at: datetime | None = None,
    ) -> None:
        """Put a process of the host into a namespace, where it stays."""
        if not namespace.processes:
            self.occupied.append(namespace)
        namespace.processes.append(ForeignProcess(self.new_pid(), command, started_at))
        self.enter(namespace)

    def mount(self, path: str, namespace: SimNamespace) -> None:
        """Mount a namespace, which is kept alive by that."""
        self.mounts[path] = namespace
        self.enter(namespace)

    def leave(self, namespace: SimNamespace) -> None:
        """Count a member out of a namespace; the last one frees the inode number."""
        namespace.members -= 1
        if not namespace.members and not namespace.is_host:
            heapq.heappush(self._free, namespace.inode)

    def new_pid(self) -> int:
        """Return a new process id."""
        pid = self._next_pid
        self._next_pid += _PID_STEP
        return pid


def simulated_now() -> datetime:
    """Return the present time, in UTC."""
    return datetime.now(UTC)


class SimClock:
    """A clock that can be behind its source, so that a scene has a past."""

    def __init__(self, source: Callable[[], datetime] = simulated_now) -> None:
        self._source = source
        self.behind = timedelta()
        """By how much it is behind its source."""

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self._source() - self.behind

    def advance(self, by: timedelta) -> None:
        """Move it forward."""
        self.behind -= by


def duration_text(duration: timedelta) -> str:
    """Return a duration as the docker command writes it.

    It is rounded as ``HumanDuration`` in docker/go-units does.
    """
    seconds = max(0, int(duration.total_seconds()))
    for limit, unit, singular, plural in _UNITS:
        if seconds < limit:
            number = seconds // unit
            return f"{number} {plural}" if number > 1 else singular
    hours = (seconds + _HOUR // 2) // _HOUR
    if hours == 1:
        return "About an hour"
    for limit, unit, plural in _LARGE_UNITS:
        if hours < limit:
            return f"{hours // unit} {plural}"
    return f"{hours // _HOURS_OF_A_YEAR} years"


class Moments:
    """Times of a clock, each later than the one before.

    Two starts of a container must never have the same time, since nstui treats equal
    times as the same start.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last = datetime.min.replace(tzinfo=UTC)

    @property
    def last(self) -> datetime:
        """The time that was returned last."""
        return self._last

    def next(self) -> datetime:
        """Return the present time, or one just after the last if that is later."""
        self._last = max(self._clock(), self._last + _TICK)
        return self._last
