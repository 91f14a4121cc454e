"""What a container joins: how it is stored at creation and found at start.

The sentences are those of Docker Engine 28.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import EngineRefused
from nstui.model.container import JOIN_PREFIX, ContainerState, join_reference
from nstui.model.namespace import NamespaceKind
from nstui.sim.record import LinkRecord

if TYPE_CHECKING:
    from nstui.model.container import ContainerId, Join
    from nstui.sim.kernel import SimNamespace
    from nstui.sim.record import Record, Records
    from nstui.sim.spec import Spec

_CHECK_ORDER = (NamespaceKind.NET, NamespaceKind.IPC, NamespaceKind.PID)


def stored_modes(spec: Spec, records: Records) -> dict[NamespaceKind, str]:
    """Return the namespace modes as the engine stores them.

    A reference becomes an id if it means a container now. Otherwise the network's
    stays as it is; the other kinds are refused.

    Raises:
        ContainerVanished: a container to join is not there.
        EngineRefused: the options contradict each other.

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
        EngineRefused: nobody has it.

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
    """Return the namespaces that a container joins when it starts now.

    Raises:
        EngineRefused: what it joins is not there, or does not run.

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
        raise EngineRefused(prefix + is_restarting(target))
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
            f"cannot join network namespace of container: {is_restarting(target)}"
        )
    if not target.state.has_process:
        raise EngineRefused(
            "cannot join network namespace of a non running container: "
            f"container {target.name} is {target.state}"
        )
    return target


def files_of(record: Record, records: Records) -> ContainerId | None:
    """Return whose ``/etc/hosts`` a container gets: that of the end of its chain."""
    target = _joined_network(record, records)
    return record.id if target is None else target.files_of


def joined_pids(record: Record, records: Records) -> dict[NamespaceKind, int]:
    """Return the first process of what a container joins when it starts now."""
    targets = {join.kind: records.find(join.reference) for join in record.joins}
    return {
        kind: target.pid
        for kind, target in targets.items()
        if target is not None and target.pid is not None
    }


def _joined_network(record: Record, records: Records) -> Record | None:
    reference = join_reference(record.modes[NamespaceKind.NET])
    return None if reference is None else records.find(reference)


def is_restarting(target: Record) -> str:
    """Say that a container is between two starts."""
    return f"Container {target.id} is restarting, wait until the container is running"


def require_links(record: Record) -> None:
    """Make sure that everything a container links to runs.

    Raises:
        EngineRefused: something does not.

    """
    for link in record.links:
        if not link.target.state.has_process:
            raise EngineRefused(
                "Cannot link to a non running container: "
                f"/{link.target.name} AS /{record.name}/{link.alias}"
            )
