"""Readable ways to write down a host."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.report import Report
from nstui.model.container import (
    ComposeService,
    Container,
    ContainerId,
    ContainerState,
    Health,
    Inspection,
    Join,
    Link,
    PublishedPort,
)
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import (
    EngineInfo,
    FormerContainer,
    HostReading,
    ProcessReading,
    Snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import Manager, Pod
    from nstui.model.snapshot import MountedFile

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENGINE = EngineInfo(
    endpoint="unix:///var/run/docker.sock",
    context="default",
    name="Docker",
    version="28.5.2",
)


def cid(name: str) -> ContainerId:
    """Return the id of the container that tests call by a name."""
    return ContainerId(hashlib.sha256(name.encode()).hexdigest())


def container(  # noqa: PLR0913 - one for each thing a test may care about
    name: str,
    *,
    joins: str | None = None,
    joins_pid: str | None = None,
    joins_ipc: str | None = None,
    joins_uts: str | None = None,
    links: tuple[str, ...] = (),
    volumes_from: tuple[str, ...] = (),
    state: str = "running",
    started: int | None = 0,
    mode: str = "bridge",
    networks: tuple[str, ...] | None = None,
    ports: tuple[int, ...] = (),
    compose: str | None = None,
    health: str | None = None,
    oom_killed: bool = False,
    exit_code: int = 0,
    start_error: str = "",
    restart_count: int = 0,
    restart_limit: int = 0,
    publishes: bool = False,
    removes_itself: bool = False,
    restart: str = "no",
    created: int = 0,
    is_inspected: bool = True,
    image: str = "busybox:1",
    manager: Manager | None = None,
    pod: Pod | None = None,
    id_: str | None = None,
) -> Container:
    """Return a container.

    Args:
        name: Its name; its id follows from it unless `id_` says otherwise.
        joins: The reference whose network it joined. What is the name of no
            container here is used as it is; use `cid` for a join by id.
        joins_pid: The same for the pid namespace.
        joins_ipc: The same for the ipc namespace.
        joins_uts: The same for the uts namespace, which only Podman can.
        links: The names it links to.
        volumes_from: Whose volumes it uses.
        state: The engine's word.
        started: Minutes after noon; None: never.
        mode: The network mode of one that joins nobody.
        networks: What it is attached to; by default what `mode` says.
        ports: Published ports, the same inside and outside.
        compose: ``project/service``.
        health: The engine's word, if it has a check.
        oom_killed: Whether it ran out of memory.
        exit_code: How it ended, if it does not run.
        start_error: Why its last start failed.
        restart_count: How often the engine started it again.
        restart_limit: How often it does so at most.
        publishes: Whether ports are declared to be published.
        removes_itself: Whether it is removed when it stops.
        restart: Its restart policy.
        created: Minutes after noon.
        is_inspected: Whether an inspect succeeded.
        image: Its image.
        manager: What manages it.
        pod: The pod of Podman's that it is in.
        id_: Its id, if it matters.

    """
    declared = {
        NamespaceKind.NET: joins,
        NamespaceKind.PID: joins_pid,
        NamespaceKind.IPC: joins_ipc,
        NamespaceKind.UTS: joins_uts,
    }
    the_state = ContainerState(state)
    project, _, service = (compose or "").partition("/")
    started_at = None if started is None else NOON + timedelta(minutes=started)
    attached = () if joins else (mode,) if networks is None else networks
    return Container(
        id=ContainerId(id_) if id_ else cid(name),
        name=name,
        image=image,
        state=the_state,
        status="Up 3 hours" if the_state.has_process else "Exited (0) 2 hours ago",
        created_at=NOON + timedelta(minutes=created),
        network_mode=f"container:{joins}" if joins else mode,
        networks=attached,
        ports=tuple(PublishedPort(p, "tcp", "0.0.0.0", p) for p in ports),
        compose=ComposeService(project, service) if compose else None,
        inspection=Inspection(
            pid=1000 + len(name) if the_state.has_process else None,
            started_at=started_at,
            finished_at=None,
            exit_code=None if the_state.has_process else exit_code,
            health=Health(health) if health else None,
            oom_killed=oom_killed,
            restart_policy=restart,
            restart_count=restart_count,
            joins=tuple(Join(k, ref) for k, ref in declared.items() if ref),
            links=tuple(Link(target, target) for target in links),
            volumes_from=volumes_from,
            shared_files=(),
            removes_itself=removes_itself,
            start_error=start_error,
            restart_limit=restart_limit,
            publishes=publishes,
        )
        if is_inspected
        else None,
        inspection_problem=None if is_inspected else "the engine did not answer",
        manager=manager,
        pod=pod,
    )


def snapshot(  # noqa: PLR0913 - as above
    *containers: Container,
    net: Mapping[str, int] | None = None,
    ipc: Mapping[str, int] | None = None,
    interfaces: Mapping[str, tuple[str, ...]] | None = None,
    files: Mapping[str, tuple[MountedFile, ...]] | None = None,
    former_containers: Mapping[str, str] | None = None,
    minutes: int = 0,
) -> Snapshot:
    """Return a snapshot.

    Args:
        containers: In any order.
        net: The inode of the network namespace of containers, by their names. Without
            it the kernel could not be asked.
        ipc: The same for the ipc namespace.
        interfaces: The network interfaces of containers, by their names.
        files: What is mounted into their ``/etc``, by their names.
        former_containers: The names of containers that are gone, by the name that `cid`
            makes their ids of.
        minutes: How long after noon it was taken.

    """
    readings = {}
    told = (net or {}, ipc or {}, interfaces or {}, files or {})
    for name in dict.fromkeys(name for part in told for name in part):
        namespaces = {
            kind: Namespace(kind, 4, inodes[name])
            for kind, inodes in (
                (NamespaceKind.NET, net or {}),
                (NamespaceKind.IPC, ipc or {}),
            )
            if name in inodes
        }
        readings[cid(name)] = ProcessReading(
            pid=1000,
            namespaces=MappingProxyType(namespaces),
            interfaces=(interfaces or {}).get(name),
            files=(files or {}).get(name),
        )
    return Snapshot(
        taken_at=NOON + timedelta(minutes=minutes),
        engine=ENGINE,
        containers=tuple(sorted(containers, key=lambda c: c.name)),
        host=HostReading(
            level=NamespacesRead.INODE if readings else NamespacesRead.DECLARED,
            processes=MappingProxyType(readings),
        ),
        former_containers=MappingProxyType(
            {
                cid(gone): FormerContainer(cid(gone), name, None)
                for gone, name in (former_containers or {}).items()
            }
        ),
    )


def report(
    *containers: Container,
    net: Mapping[str, int] | None = None,
    ipc: Mapping[str, int] | None = None,
) -> Report:
    """Return a report on containers; `net` and `ipc` as for `snapshot`."""
    return Report(snapshot(*containers, net=net, ipc=ipc))
