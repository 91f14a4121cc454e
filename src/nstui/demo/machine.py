"""What a container joins: how it is stored at creation and resolved at start.

The messages are those of Docker Engine 28.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.demo.containers import LinkRecord, LoggedRun
from nstui.demo.kernel import LOOPBACK
from nstui.errors import EngineRefused
from nstui.model.container import JOIN_PREFIX, ContainerState, Health, join_reference
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.demo.containers import Record, Records, Spec
    from nstui.demo.events import Journal
    from nstui.demo.kernel import Kernel, Moments, SimNamespace
    from nstui.model.container import ContainerId, Join


_CHECK_ORDER = (NamespaceKind.NET, NamespaceKind.IPC, NamespaceKind.PID)

KILLED = 137
"""The exit code of a process that SIGKILL ended: 128 + 9."""

_START_FAILED = 128
_HOST_MODE = "host"


def stored_modes(spec: Spec, records: Records) -> dict[NamespaceKind, str]:
    """Return the namespace modes as the engine stores them.

    A reference is replaced by the id of the container that it names now. If there is
    none, that of a network is kept; the other kinds are refused.

    Raises:
        ContainerVanished: A container to join does not exist.
        EngineRefused: The options contradict each other.

    """
    target = join_reference(spec.network)
    if target is not None and spec.ports:
        raise EngineRefused(
            "conflicting options: port publishing and the container type network mode"
        )
    if target is not None and spec.links:
        raise EngineRefused(
            "conflicting options: container type network can't be used with links. "
            "This would result in undefined behavior"
        )
    network = spec.network
    if target is not None and (found := records.find(target)) is not None:
        network = JOIN_PREFIX + found.id
    return {
        NamespaceKind.NET: network,
        NamespaceKind.PID: _stored_mode(spec.pid, records),
        NamespaceKind.IPC: _stored_mode(spec.ipc, records),
    }


def _stored_mode(mode: str, records: Records) -> str:
    target = join_reference(mode)
    return mode if target is None else JOIN_PREFIX + records.get(target).id


def stored_links(spec: Spec, records: Records) -> tuple[LinkRecord, ...]:
    """Return the links, each tied to the container that has the name now.

    Raises:
        EngineRefused: There is no such container.

    """
    links = []
    for text in spec.links:
        reference, _, alias = text.partition(":")
        target = records.find(reference)
        if target is None:
            raise EngineRefused(
                f"could not get container for {reference}: "
                f"No such container: {reference}"
            )
        links.append(LinkRecord(target, alias or reference))
    return tuple(links)


def joined_namespaces(
    record: Record, records: Records
) -> dict[NamespaceKind, SimNamespace]:
    """Return the namespaces that a container would join if it started now.

    Raises:
        EngineRefused: A container it joins does not exist, or does not run.

    """
    joins = {join.kind: join for join in record.joins}
    return {
        kind: _target(record, joins[kind], records).namespaces[kind]
        for kind in _CHECK_ORDER
        if kind in joins
    }


def _target(record: Record, join: Join, records: Records) -> Record:
    target = records.find(join.reference)
    if join.kind is NamespaceKind.NET:
        return _network_target(record, join.reference, target)
    prefix = f"failed to join {join.kind.upper()} namespace: "
    if target is None:
        raise EngineRefused(f"{prefix}No such container: {join.reference}")
    if target.state is ContainerState.RESTARTING:
        raise EngineRefused(prefix + restarting_message(target))
    if not target.state.has_process:
        raise EngineRefused(f"{prefix}container {target.id} is not running")
    if join.kind is NamespaceKind.IPC and target.modes[join.kind] == "private":
        raise EngineRefused(
            f"{prefix}container {target.id}: non-shareable IPC "
            "(hint: use IpcMode:shareable for the donor container)"
        )
    return target


def _network_target(record: Record, reference: str, target: Record | None) -> Record:
    if target is None:
        raise EngineRefused(
            f"joining network namespace of container: No such container: {reference}"
        )
    if target is record:
        raise EngineRefused("cannot join own network namespace")
    if target.state is ContainerState.RESTARTING:
        raise EngineRefused(
            f"cannot join network namespace of container: {restarting_message(target)}"
        )
    if not target.state.has_process:
        raise EngineRefused(
            "cannot join network namespace of a non running container: "
            f"container {target.name} is {target.state}"
        )
    return target


def files_of(record: Record, records: Records) -> ContainerId | None:
    """Return the container whose ``/etc/hosts`` is used: the end of the chain."""
    target = _joined_network(record, records)
    return record.id if target is None else target.files_of


def joined_pids(record: Record, records: Records) -> dict[NamespaceKind, int]:
    """Return the first processes of the containers that a container joins."""
    targets = {join.kind: records.find(join.reference) for join in record.joins}
    return {
        kind: target.pid
        for kind, target in targets.items()
        if target is not None and target.pid is not None
    }


def _joined_network(record: Record, records: Records) -> Record | None:
    reference = join_reference(record.modes[NamespaceKind.NET])
    return None if reference is None else records.find(reference)


def restarting_message(target: Record) -> str:
    """Return the engine's message about a container between two starts."""
    return f"Container {target.id} is restarting, wait until the container is running"


def require_links(record: Record) -> None:
    """Require that every container in the links of another one runs.

    Raises:
        EngineRefused: A container does not run.

    """
    for link in record.links:
        if not link.target.state.has_process:
            raise EngineRefused(
                "Cannot link to a non running container: "
                f"/{link.target.name} AS /{record.name}/{link.alias}"
            )


class SimMachine:
    """Carries out changes, without checking whether they are allowed."""

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
        """Return the time of the next change."""
        return self._moments.next()

    def latest(self) -> datetime:
        """Return the time of the last change, which can be ahead of a stopped clock."""
        return self._moments.last

    def note(self, action: str, record: Record, signal: str = "") -> None:
        """Write an event."""
        moment = self.now()
        time_ns = int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
        self._journal.write(action, record.id, time_ns, record.name, signal)

    def launch(self, record: Record) -> None:
        """Start a container's process in its own and in joined namespaces.

        Raises:
            EngineRefused: A container it joins or links to does not exist or run.

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
        record.runs.append(LoggedRun(record.started_at))
        record.exit_code = 0
        record.start_error = ""
        record.oom_killed = False
        record.health = Health.STARTING if record.spec.has_health_check else None
        self.note("start", record)

    def halt(self, record: Record, code: int) -> None:
        """End a container's process on request."""
        if record.state is ContainerState.RESTARTING:
            # Between two starts there is no process: it keeps its exit code.
            record.state = ContainerState.EXITED
            return
        self.note("kill", record)
        self.end(record, code)

    def end(self, record: Record, code: int, *, by_itself: bool = False) -> None:
        """End a container's process, and those that cannot live without it."""
        doomed = self._in_pid_namespace_of(record)
        self.leave_namespaces(record)
        record.state = ContainerState.EXITED
        record.exit_code = code
        self.note("die", record)
        if record.spec.removes_itself:
            self._to_remove.append(record)
        if by_itself and _restarts_after(code, record.spec.restart):
            self._to_restart.append(record)
        for other in doomed:
            self.end(other, KILLED, by_itself=True)

    def leave_namespaces(self, record: Record) -> None:
        """Take a container out of its namespaces, and remove its sandbox."""
        own_network = self._own_network(record)
        if own_network is not None:
            own_network.interfaces = LOOPBACK
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
        """Move a container's process to a namespace that it did not join.

        The engine keeps the network that it created for it; other namespaces end.
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
        """Remove and restart the containers that have ended by themselves, once each.

        A container to be removed at its end stays if it was started again.
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
        names = (*LOOPBACK, *record.interface_names, *record.spec.devices)
        return self.kernel.unshare(kind, names)

    def _own_network(self, record: Record) -> SimNamespace | None:
        namespace = record.sandbox
        return None if namespace is None or namespace.is_host else namespace

    def _in_pid_namespace_of(self, record: Record) -> tuple[Record, ...]:
        """Return the containers that end with the first process of a pid namespace."""
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
