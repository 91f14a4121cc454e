"""What a simulated engine reports of one container: its state, inspect and log."""

from __future__ import annotations

import threading
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.analysis.managers import (
    IGNORE_LABEL,
    believed_labels,
    claimed_manager,
    compose_service,
    watch_labels,
)
from nstui.analysis.secrets import masked_value, masked_words
from nstui.demo.fiction import programs_of
from nstui.demo.holders import sandbox_path
from nstui.demo.kernel import duration_text
from nstui.demo.logs import SECOND, nanoseconds, run_logs_of
from nstui.demo.usage import address_of
from nstui.errors import EngineRefused
from nstui.model.container import (
    Container,
    ContainerNetwork,
    ContainerState,
    Health,
    Inspection,
    Link,
    SharedFile,
)
from nstui.model.namespace import NamespaceKind
from nstui.model.particulars import Mount, Particulars, Probe, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nstui.demo.containers import Record
    from nstui.demo.world import World
    from nstui.model.audit import LogLine


FILES = ("resolv.conf", "hosts", "hostname")
FOLDER = "/var/lib/docker/containers"
VOLUMES = "/var/lib/docker/volumes"

_CLOCK_LEAD = timedelta(milliseconds=1)
"""How far the world's times may be ahead of a clock that stands still."""

_REFUSED = "wget: can't connect to remote host (127.0.0.1): Connection refused\n"
"""What health checks write that fail."""

_NEVER = "0001-01-01T00:00:00Z"


def describe(record: Record, now: datetime, problem: str | None) -> Container:
    """Return the engine's view of a container.

    Args:
        record: The container.
        now: The present time, for its age.
        problem: Why it cannot be inspected; None if it can.

    """
    return Container(
        id=record.id,
        name=record.name,
        image=record.spec.image,
        state=record.state,
        status=_status(record, now),
        created_at=record.created_at,
        network_mode=record.modes[NamespaceKind.NET],
        networks=tuple(sorted(record.networks)),
        ports=tuple(sorted(record.spec.ports)) if record.state.has_process else (),
        compose=record.spec.compose or compose_service(_labels(record)),
        inspection=None if problem is not None else _inspection(record),
        inspection_problem=problem,
        endpoints=_endpoints(record),
        manager=claimed_manager(_labels(record), {}),
        pod=record.spec.pod,
        ignore_label=_labels(record).get(IGNORE_LABEL, ""),
        steering=watch_labels(_labels(record)),
        labels=tuple(
            sorted((dict(record.spec.image_labels) | dict(record.spec.labels)).items())
        ),
    )


def _endpoints(record: Record) -> tuple[ContainerNetwork, ...]:
    """Return the networks of a container in the order of their names."""
    found = []
    for number, name in enumerate(record.networks):
        address = address_of(record, number) if record.state.has_process else ""
        found.append(ContainerNetwork(name, (address,) if address else ()))
    return tuple(sorted(found, key=lambda end: end.network))


def _labels(record: Record) -> dict[str, str]:
    """Return the labels of a container that are trusted, without those of its image."""
    image_labels = dict(record.spec.image_labels)
    return believed_labels(image_labels | dict(record.spec.labels), image_labels)


def _status(record: Record, now: datetime) -> str:
    """Return the engine's status sentence, as moby's ``State.String`` builds it."""
    match record.state:
        case ContainerState.REMOVING:
            return "Removal In Progress"
        case ContainerState.DEAD:
            return "Dead"
        case ContainerState.CREATED:
            return "Created"
        case ContainerState.RUNNING | ContainerState.PAUSED:
            return f"Up {_age(record.started_at, now)}{_status_suffix(record)}"
        case ContainerState.RESTARTING:
            word = "Restarting"
        case _:
            word = "Exited"
    return f"{word} ({record.exit_code}) {_age(record.finished_at, now)} ago"


def _age(since: datetime | None, now: datetime) -> str:
    return duration_text(now - (since or now) + _CLOCK_LEAD)


def _status_suffix(record: Record) -> str:
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
        particulars=_particulars(record),
    )


def _particulars(record: Record) -> Particulars:
    variables = (entry.partition("=") for entry in record.spec.environment)
    return Particulars(
        command=tuple(masked_words(_command(record))),
        mounts=tuple(map(_mount, sorted(record.spec.mounts, key=_destination))),
        environment=tuple(Variable(n, masked_value(n, v)) for n, _, v in variables),
        probe=_probe(record),
    )


def _command(record: Record) -> list[str]:
    return programs_of(record.spec)[0].command.split()


def _mount(text: str) -> Mount:
    source, destination, *options = text.split(":")
    kind = "bind" if source.startswith("/") else "volume"
    return Mount(source, destination, kind, options == ["ro"])


def _destination(text: str) -> str:
    return text.split(":")[1]


def _probe(record: Record) -> Probe | None:
    """Return the run of its health check that had the present result."""
    if not record.state.has_process or record.health in {None, Health.STARTING}:
        return None
    is_well = record.health is Health.HEALTHY
    return Probe(record.checked_at, 0 if is_well else 1, "" if is_well else _REFUSED)


def _exit_code(record: Record) -> int | None:
    """Return its exit code; None while it runs, or if it never ran."""
    never_ended = record.finished_at is None and not record.exit_code
    return None if record.state.has_process or never_ended else record.exit_code


def _shared_files(record: Record) -> tuple[SharedFile, ...]:
    owner = record.files_of
    if owner is None:
        return ()
    return tuple(SharedFile(name, f"{FOLDER}/{owner}/{name}", owner) for name in FILES)


def inspect_document(record: Record) -> dict[str, object]:
    """Return the fields of an inspect that the simulation knows."""
    spec, mounts = record.spec, record.spec.mounts
    return {
        "Id": record.id,
        "Created": _time(record.created_at),
        "Name": f"/{record.name}",
        "Image": record.image_id,
        "State": {
            "Status": record.state.value,
            "Running": record.state.has_process,
            "Paused": record.state is ContainerState.PAUSED,
            "Restarting": record.state is ContainerState.RESTARTING,
            "OOMKilled": record.oom_killed,
            "Pid": record.pid or 0,
            "ExitCode": record.exit_code,
            "StartedAt": _time(record.started_at),
            "FinishedAt": _time(record.finished_at),
        },
        "RestartCount": record.restart_count,
        "HostConfig": _host_config(record),
        "Config": {
            "Image": spec.image,
            "Labels": _inspected_labels(record),
            **({"Env": list(spec.environment)} if spec.environment else {}),
        },
        **({"Mounts": [_mount_fields(text) for text in mounts]} if mounts else {}),
        "NetworkSettings": {
            "Networks": {
                name: {"IPAddress": address_of(record, number)}
                for number, name in enumerate(record.networks)
            }
        },
    }


def _mount_fields(text: str) -> dict[str, object]:
    mount = _mount(text)
    is_volume = mount.kind == "volume"
    source = f"{VOLUMES}/{mount.source}/_data" if is_volume else mount.source
    return {
        "Type": mount.kind,
        **({"Name": mount.source, "Driver": "local"} if is_volume else {}),
        "Source": source,
        "Destination": mount.destination,
        "Mode": "ro" if mount.is_read_only else "rw",
        "RW": not mount.is_read_only,
    }


def _host_config(record: Record) -> dict[str, object]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in record.spec.ports:
        inside = f"{port.container_port}/{port.protocol}"
        binding = {"HostIp": port.host_ip, "HostPort": str(port.host_port)}
        bindings.setdefault(inside, []).append(binding)
    return {
        "NetworkMode": record.modes[NamespaceKind.NET],
        "PidMode": record.modes.get(NamespaceKind.PID, ""),
        "IpcMode": record.modes.get(NamespaceKind.IPC, ""),
        "UTSMode": record.modes.get(NamespaceKind.UTS, ""),
        "RestartPolicy": {"Name": record.spec.restart, "MaximumRetryCount": 0},
        "Links": [
            f"/{link.target.name}:/{record.name}/{link.alias}" for link in record.links
        ],
        **({"Binds": list(record.spec.mounts)} if record.spec.mounts else {}),
        "VolumesFrom": list(record.spec.volumes_from),
        "PortBindings": bindings,
        "AutoRemove": record.spec.removes_itself,
    }


def _inspected_labels(record: Record) -> dict[str, str]:
    labels = dict(record.spec.image_labels) | dict(record.spec.labels)
    compose = record.spec.compose
    if compose is None:
        return labels
    return labels | {
        "com.docker.compose.project": compose.project,
        "com.docker.compose.service": compose.service,
    }


def _time(moment: datetime | None) -> str:
    return _NEVER if moment is None else moment.isoformat().replace("+00:00", "Z")


class SimLogStream:
    """Implements `nstui.ports.LogStream`; ends with the run in which it began."""

    def __init__(
        self, world: World, record: Record, tail: int | None, since_ns: int | None
    ) -> None:
        """Open the log of a container.

        Raises:
            EngineRefused: The log cannot be read.

        """
        if record.spec.log_driver == "none":
            raise EngineRefused("configured logging driver does not support reading")
        self._world = world
        self._record = record
        self._run = record.runs[-1] if record.state.has_process else None
        self._closed = threading.Event()
        self._until = self._now()
        after = 0 if since_ns is None else since_ns - 1
        past = world.logbook.lines(record, after, self._until)
        self._past = deque(past, maxlen=tail)

    def __iter__(self) -> Iterator[LogLine]:
        """Yield the past lines, and those written until the run ends."""
        yield from self._past
        self._past.clear()
        while not self._closed.is_set():
            seen = self._world.journal.changes
            lines, is_over = self._more()
            yield from lines
            if is_over:
                self._closed.set()
            else:
                self._world.journal.await_change(seen, self._seconds_to_next())

    @property
    def is_closed(self) -> bool:
        """Whether it has been closed."""
        return self._closed.is_set()

    def close(self) -> None:
        """End the stream, even while another thread waits for its next line."""
        self._closed.set()
        self._world.journal.notify()

    def _more(self) -> tuple[tuple[LogLine, ...], bool]:
        """Return the lines written meanwhile, and whether they were the last."""
        with self._world.lock:
            end = None if self._run is None else self._run.finished_at
            is_over = self._run is None or end is not None
            until = self._now() if end is None else nanoseconds(end)
            lines = tuple(self._world.logbook.lines(self._record, self._until, until))
            self._until = max(self._until, until)
        return lines, is_over

    def _seconds_to_next(self) -> float | None:
        """Return the seconds to the next line if nothing happens; None if never."""
        now = self._now()
        run_logs = run_logs_of(self._record)
        moment = run_logs[-1].next_after(max(now, self._until)) if run_logs else None
        return None if moment is None else (moment - now) / SECOND

    def _now(self) -> int:
        """Return the present time, but not before the last change of the world."""
        return max(
            nanoseconds(self._world.clock()), nanoseconds(self._world.machine.latest())
        )
