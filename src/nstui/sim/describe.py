"""A simulated container as an engine describes it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.analysis.labels import believed_labels, compose_service
from nstui.analysis.managers import claimed_manager
from nstui.model.container import (
    Container,
    ContainerState,
    Health,
    Inspection,
    Link,
    SharedFile,
)
from nstui.model.namespace import NamespaceKind
from nstui.sim.clock import duration_words
from nstui.sim.holders import sandbox_path

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.sim.record import Record

FILES = ("resolv.conf", "hosts", "hostname")
FOLDER = "/var/lib/docker/containers"

_HASTE = timedelta(milliseconds=1)
"""How far a world's moments may be ahead of a clock that stands still."""


def describe(record: Record, now: datetime, problem: str | None) -> Container:
    """Return the engine's view of a container.

    Args:
        record: The container.
        now: The moment from which its age is told.
        problem: Why it cannot be inspected, if it cannot.

    """
    return Container(
        id=record.id,
        name=record.name,
        image=record.spec.image,
        state=record.state,
        status=status(record, now),
        created_at=record.created_at,
        network_mode=record.modes[NamespaceKind.NET],
        networks=tuple(sorted(record.networks)),
        ports=tuple(sorted(record.spec.ports)) if record.state.has_process else (),
        compose=record.spec.compose or compose_service(_labels(record)),
        inspection=None if problem is not None else _inspection(record),
        inspection_problem=problem,
        manager=claimed_manager(_labels(record), {}),
        pod=record.spec.pod,
    )


def _labels(record: Record) -> dict[str, str]:
    """Return those of a container's labels that steer and are not its image's."""
    image_labels = dict(record.spec.image_labels)
    return believed_labels(image_labels | dict(record.spec.labels), image_labels)


def status(record: Record, now: datetime) -> str:
    """Return the engine's sentence, as moby's ``State.String`` builds it."""
    match record.state:
        case ContainerState.REMOVING:
            return "Removal In Progress"
        case ContainerState.DEAD:
            return "Dead"
        case ContainerState.CREATED:
            return "Created"
        case ContainerState.RUNNING | ContainerState.PAUSED:
            return f"Up {_age(record.started_at, now)}{_remark(record)}"
        case ContainerState.RESTARTING:
            word = "Restarting"
        case _:
            word = "Exited"
    return f"{word} ({record.exit_code}) {_age(record.finished_at, now)} ago"


def _age(since: datetime | None, now: datetime) -> str:
    return duration_words(now - (since or now) + _HASTE)


def _remark(record: Record) -> str:
    if record.state is ContainerState.PAUSED:
        return " (Paused)"
    if record.health is None:
        return ""
    prefix = "health: " if record.health is Health.STARTING else ""
    return f" ({prefix}{record.health})"


def _inspection(record: Record) -> Inspection:
    return Inspection(
        pid=record.pid,
        created_at=record.created_at,
        started_at=record.started_at,
        finished_at=record.finished_at,
        exit_code=_exit_code(record),
        health=record.health,
        oom_killed=record.oom_killed,
        restart_policy=record.spec.restart,
        restart_count=record.restart_count,
        joins=record.joins,
        links=tuple(Link(link.target.name, link.alias) for link in record.links),
        volumes_from=tuple(
            reference.partition(":")[0] for reference in record.spec.volumes_from
        ),
        shared_files=_shared_files(record),
        removes_itself=record.spec.removes_itself,
        publishes=bool(record.spec.ports),
        start_error=record.start_error,
        stop_signal=record.spec.stop_signal,
        sandbox=sandbox_path(record),
        host_kinds=tuple(
            kind
            for kind in (NamespaceKind.PID, NamespaceKind.IPC)
            if record.modes[kind] == "host"
        ),
    )


def _exit_code(record: Record) -> int | None:
    """Return how it ended; None while it runs, or if nothing ever ended."""
    never_ended = record.finished_at is None and not record.exit_code
    return None if record.state.has_process or never_ended else record.exit_code


def _shared_files(record: Record) -> tuple[SharedFile, ...]:
    owner = record.files_of
    if owner is None:
        return ()
    return tuple(SharedFile(name, f"{FOLDER}/{owner}/{name}", owner) for name in FILES)
