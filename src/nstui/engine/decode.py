"""Decodes the engine's answers: from JSON to values of the model.

Every field may be null or absent: ``Config.Env`` after a plain ``docker import``,
``Networks`` of a dependent, and many fields in Podman's Docker API.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from posixpath import normpath
from typing import TYPE_CHECKING

from nstui.analysis.managers import (
    IGNORE_LABEL,
    claimed_manager,
    compose_service,
    watch_labels,
)
from nstui.engine.inspect_cache import ALL_LABELS, UNPROVEN
from nstui.engine.times import decode_time
from nstui.model.container import (
    Container,
    ContainerEvent,
    ContainerId,
    ContainerNetwork,
    ContainerState,
    Health,
    Inspection,
    Join,
    Link,
    PublishedPort,
    SharedFile,
    join_reference,
    short_id,
)
from nstui.model.json import (
    inner,
    items,
    mapping,
    moderate,
    number,
    strings,
    text,
    texts,
)
from nstui.model.namespace import NamespaceKind
from nstui.model.particulars import NO_PARTICULARS
from nstui.model.snapshot import EngineInfo, EngineMachine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.model.particulars import Particulars


PODMAN_STATES = {
    "configured": ContainerState.CREATED,
    "initialized": ContainerState.CREATED,
    "stopped": ContainerState.EXITED,
    # The container was told to stop and still has its process.
    "stopping": ContainerState.RUNNING,
}
"""The states that only Podman has (``libpod/define/containerstate.go``)."""

_STATES = {state.value: state for state in ContainerState} | PODMAN_STATES

PODMAN_EVENTS = {"died": "die", "remove": "destroy"}
"""The Docker names of Podman's events (``libpod/events/config.go``)."""

_JOIN_MODES = (
    (NamespaceKind.NET, "NetworkMode"),
    (NamespaceKind.PID, "PidMode"),
    (NamespaceKind.IPC, "IpcMode"),
    (NamespaceKind.UTS, "UTSMode"),
)
_ADDRESS_KEYS = ("IPAddress", "GlobalIPv6Address")
_SHARED_FILES = (
    ("resolv.conf", "ResolvConfPath"),
    ("hosts", "HostsPath"),
    ("hostname", "HostnamePath"),
)
_CONTAINER_FOLDER = re.compile(r"containers/([0-9a-f]{64})/(?:userdata/)?[^/]+$")
"""Docker: ``…/containers/<id>/hosts``; Podman has an additional folder."""

_NANOSECONDS = 1_000_000_000
_MAX_INT = (1 << 63) - 1
"""The largest integer of an engine; greater numbers are invalid."""

_MAX_PID = 1 << 22
"""The largest pid on Linux (``PID_MAX_LIMIT``, proc_sys_kernel(5))."""

_MOST_SIGNALS = 64
_MOST_PORTS = (1 << 16) - 1
_MOST_LETTERS = 80
"""The length of what an engine calls its system or kernel, with room to spare."""

_MAX_SECONDS = 253_370_764_800
"""The start of the year 9999: later times may be out of range in some time zones."""

_REMOVED_KIND = 2
"""The kind of a change; 0 is modified and 1 added (moby ``pkg/archive``)."""

_ENGINES_OWN = frozenset(
    {
        "/.dockerenv",
        "/dev",
        "/etc/hostname",
        "/etc/hosts",
        "/etc/mtab",
        "/etc/resolv.conf",
        "/proc",
        "/run/.containerenv",
        "/run/podman-init",
        "/sbin/docker-init",
        "/sys",
    }
)
"""The paths that engines create in containers, including everything below them."""


def decode_state(word: str) -> ContainerState:
    """Return the state for an engine's name of it."""
    return _STATES.get(word.lower(), ContainerState.UNKNOWN)


def decode_container(
    row: Mapping[str, object],
    inspection: Inspection | None,
    problem: str | None = None,
) -> Container:
    """Return the container in a row of the engine's list.

    Args:
        row: The row, without the labels that may come from an image.
        inspection: The inspection; None if there is none yet.
        problem: Why the container could not be inspected; None if it could.

    """
    identity = ContainerId(text(row, "Id"))
    networks = inner(inner(row, "NetworkSettings"), "Networks")
    labels = strings(row.get("Labels"))
    return Container(
        id=identity,
        name=_name(texts(row, "Names")) or short_id(identity),
        image=text(row, "Image"),
        state=decode_state(text(row, "State")),
        status=text(row, "Status"),
        created_at=(inspection.created_at if inspection else None) or _created(row),
        network_mode=text(inner(row, "HostConfig"), "NetworkMode"),
        ports=_ports(row),
        compose=compose_service(labels),
        inspection=inspection,
        inspection_problem=problem,
        networks=tuple(sorted(networks)),
        endpoints=_endpoints(networks),
        manager=claimed_manager(labels, strings(row.get(UNPROVEN))),
        ignore_label=labels.get(IGNORE_LABEL, ""),
        steering=watch_labels(labels),
        labels=tuple(sorted(strings(row.get(ALL_LABELS, row.get("Labels"))).items())),
    )


def _endpoints(networks: Mapping[str, object]) -> tuple[ContainerNetwork, ...]:
    """Return the networks of a container in the order of their names."""
    return tuple(
        ContainerNetwork(
            name, tuple(filter(None, (text(end, key) for key in _ADDRESS_KEYS)))
        )
        for name, end in ((name, inner(networks, name)) for name in sorted(networks))
    )


def decode_inspection(
    raw: Mapping[str, object], *, has_particulars: bool = True
) -> Inspection | None:
    """Return the inspection; None if the fields are missing that declare joins.

    Without particulars, what only the details of a container show is left out: most
    commands need it of no container.
    """
    if not inner(raw, "HostConfig"):
        return None
    host_config = inner(raw, "HostConfig")
    state = inner(raw, "State")
    policy = inner(host_config, "RestartPolicy")
    return Inspection(
        pid=moderate(state, "Pid", _MAX_PID) or None,
        created_at=decode_time(text(raw, "Created")),
        started_at=decode_time(text(state, "StartedAt")),
        finished_at=decode_time(text(state, "FinishedAt")),
        exit_code=_exit_code(state),
        health=_health(state),
        oom_killed=state.get("OOMKilled") is True,
        restart_policy=text(policy, "Name") or "no",
        restart_count=moderate(raw, "RestartCount", _MAX_INT) or 0,
        joins=_joins(host_config),
        links=_links(host_config),
        volumes_from=tuple(
            reference.partition(":")[0].lstrip("/")
            for reference in texts(host_config, "VolumesFrom")
        ),
        shared_files=_shared_files(raw),
        removes_itself=host_config.get("AutoRemove") is True,
        host_kinds=tuple(
            kind
            for kind, key in _JOIN_MODES
            if kind is not NamespaceKind.NET and text(host_config, key) == "host"
        ),
        start_error=text(state, "Error"),
        restart_limit=moderate(policy, "MaximumRetryCount", _MAX_INT) or 0,
        publishes=bool(inner(host_config, "PortBindings")),
        stop_signal=_stop_signal(inner(raw, "Config")),
        sandbox=text(inner(raw, "NetworkSettings"), "SandboxKey"),
        image_name=text(inner(raw, "Config"), "Image"),
        particulars=_particulars(raw) if has_particulars else NO_PARTICULARS,
    )


def _particulars(raw: Mapping[str, object]) -> Particulars:
    from nstui.engine.particulars import decode_particulars  # noqa: PLC0415

    return decode_particulars(raw)


def _stop_signal(config: Mapping[str, object]) -> str:
    """Return the stop signal of a container, which Podman gives as a number."""
    number = moderate(config, "StopSignal", _MOST_SIGNALS)
    return text(config, "StopSignal") or ("" if number is None else str(number))


def decode_event(raw: Mapping[str, object], latest_ns: int) -> ContainerEvent | None:
    """Return the container's event; None if the event names no container.

    Args:
        raw: The event.
        latest_ns: The time for an event without one, which Podman may send.

    """
    actor = inner(raw, "Actor")
    attributes = inner(actor, "Attributes")
    name = signal = ""
    if text(raw, "Type") == "network":
        # The name in the event is that of the network.
        container = text(attributes, "container")
    else:
        container = text(actor, "ID") or text(raw, "id", "ID")
        name = text(attributes, "name").lstrip("/")
        signal = text(attributes, "signal")
    # The action of a change of health is ``health_status: healthy``.
    word = text(raw, "Action", "status", "Status").partition(":")[0]
    if not container or not word:
        return None
    time_ns = moderate(raw, "timeNano", _MAX_INT)
    if time_ns is None:
        seconds = moderate(raw, "time", _MAX_INT // _NANOSECONDS)
        time_ns = latest_ns if seconds is None else seconds * _NANOSECONDS
    action = PODMAN_EVENTS.get(word, word)
    return ContainerEvent(action, ContainerId(container), time_ns, name, signal)


def decode_info(
    raw: Mapping[str, object], endpoint: str, context: str | None
) -> EngineInfo:
    """Return the engine described by an answer to a request for its version."""
    components = (mapping(item) for item in items(raw.get("Components")))
    is_podman = any(text(part, "Name").startswith("Podman") for part in components)
    return EngineInfo(
        endpoint=endpoint,
        context=context,
        name="Podman" if is_podman else "Docker",
        version=text(raw, "Version"),
        kernel=_short(text(raw, "KernelVersion")),
    )


def decode_machine(
    raw: Mapping[str, object], *, is_podman: bool = False
) -> EngineMachine:
    """Return what an answer to a request for the engine's info says of its machine.

    Podman has no id of its own: it makes up another one for each answer.
    """
    return EngineMachine(
        system=_short(text(raw, "OperatingSystem")),
        name=_short(text(raw, "Name")),
        cgroup_driver=_short(text(raw, "CgroupDriver")),
        engine_id="" if is_podman else _short(text(raw, "ID")),
    )


def _short(words: str) -> str:
    """Return words for a sentence; empty if they are not fit for one."""
    return words if words.isprintable() and len(words) <= _MOST_LETTERS else ""


def _name(names: tuple[str, ...]) -> str:
    """Return a container's own name; ``/other/alias`` is an alias of a link."""
    plain = (name.lstrip("/") for name in names)
    return min(
        (name for name in plain if name and "/" not in name), key=len, default=""
    )


def _created(row: Mapping[str, object]) -> datetime | None:
    seconds = moderate(row, "Created", _MAX_SECONDS)
    if seconds is None:
        return decode_time(text(row, "Created"))
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None


def _ports(row: Mapping[str, object]) -> tuple[PublishedPort, ...]:
    found = set()
    for item in items(row.get("Ports")):
        port = mapping(item)
        inside = moderate(port, "PrivatePort", _MOST_PORTS)
        outside = moderate(port, "PublicPort", _MOST_PORTS)
        if inside and outside:
            protocol = text(port, "Type") or "tcp"
            address = text(port, "IP") or "0.0.0.0"  # noqa: S104 - shown, not bound
            found.add(PublishedPort(inside, protocol, address, outside))
    return tuple(sorted(found))


def _exit_code(state: Mapping[str, object]) -> int | None:
    """Return the exit code; None if the container runs or has never run.

    Engines give 0 in these cases as well.
    """
    code = number(state, "ExitCode")
    if decode_state(text(state, "Status")).has_process:
        return None
    never_ran = decode_time(text(state, "FinishedAt")) is None
    return None if never_ran and code == 0 else code


def _health(state: Mapping[str, object]) -> Health | None:
    # Podman's key is Healthcheck, with "" or "none" if there is no check.
    check = inner(state, "Health") or inner(state, "Healthcheck")
    if not check:
        return None
    try:
        return Health(text(check, "Status").lower())
    except ValueError:
        return None


def _joins(host_config: Mapping[str, object]) -> tuple[Join, ...]:
    found = (
        (kind, join_reference(text(host_config, key))) for kind, key in _JOIN_MODES
    )
    return tuple(Join(kind, reference) for kind, reference in found if reference)


def _links(host_config: Mapping[str, object]) -> tuple[Link, ...]:
    """Return links from entries such as ``/target:/own-name/alias``."""
    found = []
    for entry in texts(host_config, "Links"):
        target, _, alias = entry.partition(":")
        if target.strip("/"):
            name = target.lstrip("/")
            found.append(Link(name, alias.rpartition("/")[2] or name))
    return tuple(found)


def _shared_files(raw: Mapping[str, object]) -> tuple[SharedFile, ...]:
    found = []
    for name, key in _SHARED_FILES:
        path = text(raw, key)
        if path:
            folder = _CONTAINER_FOLDER.search(path)
            belongs_to = None if folder is None else ContainerId(folder[1])
            found.append(SharedFile(name, path, belongs_to))
    return tuple(found)


def written_paths(answer: object, raw: Mapping[str, object]) -> tuple[str, ...]:
    """Return the paths that differ from the image, in order.

    Args:
        answer: The engine's list of changes; None for no changes.
        raw: The inspect of the container, for its mounts.

    """
    reported = {
        path: number(change, "Kind")
        for change in map(mapping, items(answer))
        if (path := text(change, "Path"))
    }
    places = _ENGINES_OWN | set(_mounted(raw))
    # The engine creates the folders above mounts, and the working directory.
    workdir = normpath(text(inner(raw, "Config"), "WorkingDir") or "/")
    passed = {workdir}
    for path in (*reported, *places, workdir):
        passed.update(_above(path))
    return tuple(
        path
        for path, kind in sorted(reported.items())
        if path not in places
        and places.isdisjoint(_above(path))
        and (kind == _REMOVED_KIND or path not in passed)
    )


def _mounted(raw: Mapping[str, object]) -> Iterator[str]:
    host = inner(raw, "HostConfig")
    found: Iterable[str] = (
        *(text(mapping(mount), "Destination") for mount in items(raw.get("Mounts"))),
        *(text(mapping(mount), "Target") for mount in items(host.get("Mounts"))),
        *inner(host, "Tmpfs"),
    )
    yield from (normpath(place) for place in found if place)


def _above(path: str) -> Iterator[str]:
    """Yield all folders above a path."""
    while "/" in path[1:]:
        path = path.rpartition("/")[0]
        yield path
