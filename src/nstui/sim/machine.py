"""How containers start and end, and what their end does to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import EngineRefused
from nstui.model.container import ContainerState, Health
from nstui.model.namespace import NamespaceKind
from nstui.sim.joining import files_of, joined_namespaces, joined_pids, require_links
from nstui.sim.kernel import LOOPBACK
from nstui.sim.record import Run

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.sim.clock import Moments
    from nstui.sim.journal import Journal
    from nstui.sim.kernel import Kernel, SimNamespace
    from nstui.sim.record import Record, Records

KILLED = 137
"""The exit code of a process that SIGKILL ended: 128 + 9."""

_START_FAILED = 128
_HOST_MODE = "host"


class Machine:
    """Carries out what is decided, without asking whether it is allowed."""

    def __init__(
        self, records: Records, kernel: Kernel, journal: Journal, moments: Moments
    ) -> None:
        self._records = records
        self.kernel = kernel
        self._journal = journal
        self._moments = moments
        self._to_restart: list[Record] = []
        self._to_remove: list[Record] = []

    def now(self) -> datetime:
        """Return the moment of the next change."""
        return self._moments.next()

    def latest(self) -> datetime:
        """Return the moment of the last change; it can be ahead of a clock at rest."""
        return self._moments.last

    def note(self, action: str, record: Record) -> None:
        """Write an event."""
        moment = self.now()
        time_ns = int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
        self._journal.write(action, record.id, time_ns, record.name)

    def launch(self, record: Record) -> None:
        """Start a container's process in its own and in joined namespaces.

        Raises:
            EngineRefused: what it joins or links to is not there.

        """
        try:
            namespaces = joined_namespaces(record, self._records)
            require_links(record)
        except EngineRefused as refusal:
            record.exit_code = record.exit_code or _START_FAILED
            record.start_error = str(refusal)
            raise
        for kind in NamespaceKind:
            namespace = namespaces.get(kind)
            if namespace is None:
                namespace = self._own_namespace(record, kind)
                namespace.made_for = None if namespace.is_host else record.id
            self.kernel.enter(namespace)
            record.namespaces[kind] = namespace
        record.pid = self.kernel.new_pid()
        record.joined_pids = joined_pids(record, self._records)
        record.files_of = files_of(record, self._records)
        record.state = ContainerState.RUNNING
        record.started_at = self.now()
        record.runs.append(Run(record.started_at))
        record.exit_code = 0
        record.start_error = ""
        record.oom_killed = False
        record.health = Health.STARTING if record.spec.has_health_check else None
        self.note("start", record)

    def halt(self, record: Record, code: int) -> None:
        """End a container's process because somebody asked for it."""
        if record.state is ContainerState.RESTARTING:
            # Between two starts there is no process: it keeps its exit code.
            record.state = ContainerState.EXITED
            return
        self.note("kill", record)
        self.end(record, code)

    def end(self, record: Record, code: int, *, by_itself: bool = False) -> None:
        """End a container's process, and those that cannot live without it."""
        doomed = self._in_pid_namespace_of(record)
        self.vacate(record)
        record.state = ContainerState.EXITED
        record.exit_code = code
        self.note("die", record)
        if record.spec.removes_itself:
            self._to_remove.append(record)
        if by_itself and _restarts_after(code, record.spec.restart):
            self._to_restart.append(record)
        for other in doomed:
            self.end(other, KILLED, by_itself=True)

    def vacate(self, record: Record) -> None:
        """Take a container out of its namespaces and its sandbox down."""
        own_net = self._own_net(record)
        if own_net is not None:
            own_net.interfaces = LOOPBACK
        for namespace in (*record.namespaces.values(), *record.left.values()):
            self.kernel.leave(namespace)
        record.namespaces, record.left = {}, {}
        record.pid = None
        record.finished_at = self.now()
        if record.runs:
            record.runs[-1].finished_at = record.finished_at
        if record.health is not None:
            # "unhealthy when the monitor has stopped for compatibility reasons":
            # moby's container/health.go.
            record.health = Health.UNHEALTHY

    def enter(self, record: Record, namespace: SimNamespace) -> None:
        """Let a container's process into a namespace that it did not join.

        The engine keeps the network that it made for it; nobody keeps the others.
        """
        kind = namespace.kind
        before = record.namespaces[kind]
        if before is record.sandbox:
            record.left[kind] = before
        else:
            self.kernel.leave(before)
        if record.left.get(kind) is namespace:
            del record.left[kind]
        else:
            self.kernel.enter(namespace)
        record.namespaces[kind] = namespace

    def settle(self) -> None:
        """Restart what ended by itself and has a restart policy, once each.

        What was to be removed at its end goes, unless it was started again.
        """
        while self._to_remove:
            record = self._to_remove.pop(0)
            is_there = self._records.find(record.id) is record
            if is_there and record.state is ContainerState.EXITED:
                self._records.discard(record)
                self.note("destroy", record)
        while self._to_restart:
            record = self._to_restart.pop(0)
            if record.state is not ContainerState.EXITED:
                continue
            record.restart_count += 1
            try:
                self.launch(record)
            except EngineRefused:
                continue

    def _own_namespace(self, record: Record, kind: NamespaceKind) -> SimNamespace:
        mode = record.modes.get(kind, "")
        if mode == _HOST_MODE:
            return self.kernel.host(kind)
        if kind is not NamespaceKind.NET:
            return self.kernel.unshare(kind)
        if mode == "none":
            return self.kernel.unshare(kind, LOOPBACK)
        names = (*LOOPBACK, *record.cards, *record.spec.devices)
        return self.kernel.unshare(kind, names)

    def _own_net(self, record: Record) -> SimNamespace | None:
        namespace = record.sandbox
        return None if namespace is None or namespace.is_host else namespace

    def _in_pid_namespace_of(self, record: Record) -> tuple[Record, ...]:
        """Find whom the kernel kills when the first process of a namespace ends."""
        namespace = record.namespaces.get(NamespaceKind.PID)
        joined = any(join.kind is NamespaceKind.PID for join in record.joins)
        if namespace is None or namespace.is_host or joined:
            return ()
        return tuple(
            other
            for other in self._records
            if other is not record
            and other.namespaces.get(NamespaceKind.PID) is namespace
        )


def _restarts_after(code: int, policy: str) -> bool:
    return policy in {"always", "unless-stopped"} or (
        policy == "on-failure" and code != 0
    )
