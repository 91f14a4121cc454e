"""How containers ended, why they could not start, and which are in a restart loop."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import start_needs
from nstui.analysis.signals import signal_name, signal_number
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId, Inspection
    from nstui.model.snapshot import Snapshot


BY_SIGNAL = 128
"""The offset of the exit code of a program that a signal ended."""

_STOP_SIGNALS = (
    *("HUP", "INT", "QUIT", "KILL", "TERM", "USR1", "USR2", "WINCH", "PWR"),
    "RTMIN+3",
)
"""The signals that stop a container on request: `docker stop` sends the image's stop
signal and in the end ``KILL``. Other signals come from a fault, such as ``SIGSEGV``."""

STOPPED = frozenset(
    {0, *(BY_SIGNAL + (signal_number(name) or 0) for name in _STOP_SIGNALS)}
)
"""The exit codes of containers that ended well or were stopped on request."""

_NEED = (
    r"non.running container|container \S+ is not running|No such container"
    r"|wait until the container is running"
    r"|/proc/\d+/ns/\w+: no such file"
)
"""The messages of the engine and the runtime when a container to be joined or linked to
was missing; see ``daemon/container_operations.go`` of Docker 20.10 to 29."""

_ENDED_BEFORE = r"cannot start a stopped process|write init-p: broken pipe"
"""The messages of containerd and runc when the first process was killed before its
program began: for a container with another's pid namespace, most likely because that
one ended."""

_PORT = r"Bind for \S*:(\d+) failed: port is already allocated"
"""The message of the engine's port allocator: another container has the port. If a
program of the host has it, nothing here would tell when the port is free again."""

HALF_REMOVED = frozenset({ContainerState.REMOVING, ContainerState.DEAD})
"""The states that a container cannot leave except by removal."""

ENOUGH = 2
"""The number of restarts by the engine that count as a loop. A single one may follow an
accident."""

LONG_RUN = timedelta(seconds=10)
"""The run time after which the engine resets its back-off before a restart."""

LONGEST_PERIOD = timedelta(minutes=10)
"""Exits that are further apart than this are unrelated accidents."""

BACK_OFF = timedelta(seconds=0.4)
"""The shortest time from an exit to the next start, including that start, that Docker
takes after several short runs. It waits 100 ms after a long run and doubles the delay
after each short one."""

_ENDS_WELL = frozenset({"no", "on-failure"})
"""The restart policies under which a container that ended well stays stopped."""


def ended_with_error(container: Container) -> bool:
    """Tell whether a container is not running because of an error.

    The same error may end it again as soon as it is started.
    """
    inspection = container.inspection
    if inspection is None or container.state is not ContainerState.EXITED:
        return False
    code = inspection.exit_code
    return inspection.oom_killed or (code is not None and code not in STOPPED)


def exit_text(container: Container) -> str:
    """Return the exit code of a container, with the signal if one ended it."""
    code = container.inspection and container.inspection.exit_code
    name = signal_name((code or 0) - BY_SIGNAL)
    return f"{code} ({name})" if name else str(code)


def start_error(container: Container) -> str:
    """Return why the last start of a stopped container failed; empty if it did not.

    The engine stores the reason of a failed removal in the same field; that is ignored.
    """
    if container.inspection is None or container.state.has_process:
        return ""
    return "" if container.state in HALF_REMOVED else container.inspection.start_error


def is_about_joined(error: str) -> bool:
    """Tell whether a start was refused because of a joined or linked container."""
    return re.search(_NEED, error) is not None


def is_cause_gone(graph: Graph, container: ContainerId) -> bool:
    """Tell whether the cause of a container's failed start is known to be gone.

    It is known if the joined container runs now, or if no other container has the port
    any more. Of several containers that want one port, only the first can have it.
    Other causes, such as a program missing in the image, can only be tested by a start.
    """
    error = start_error(graph.containers[container])
    port = re.search(_PORT, error)
    if port is not None:
        taken = {p.host_port for c in graph.containers.values() for p in c.ports}
        return int(port[1]) not in taken and container == _first_refused(graph, port[0])
    ends_with_another = graph.join(container, NamespaceKind.PID) is not None
    ended_before = re.search(_ENDED_BEFORE, error) is not None
    return is_about_joined(error) or (ends_with_another and ended_before)


def _first_refused(graph: Graph, refusal: str) -> ContainerId:
    """Return the first of the containers that were refused the same port.

    Containers that the engine starts by itself come before those tried by hand.
    """
    wanting = (
        container
        for container in graph.containers.values()
        if (wanted := re.search(_PORT, start_error(container))) and wanted[0] == refusal
    )
    return min(
        wanting, key=lambda one: (_has_gone_join(one, graph), not _restarts(one))
    ).id


def _has_gone_join(container: Container, graph: Graph) -> bool:
    """Tell whether a container joined one that is gone, so that it can never start."""
    joins = (graph.join(container.id, kind) for kind in NamespaceKind)
    return any(join is not None and join.target is None for join in joins)


def _restarts(container: Container) -> bool:
    policy = (
        "no" if container.inspection is None else container.inspection.restart_policy
    )
    return policy not in {"", "no"}


def may_start(
    graph: Graph, container: ContainerId, passed: frozenset[ContainerId] = frozenset()
) -> bool:
    """Tell whether a container could be started as far as is known.

    This is so if the containers it needs run or could be started before it.

    Args:
        graph: The dependencies.
        container: The container to start.
        passed: The containers already examined, each needed by the one before.

    """
    subject = graph.containers[container]
    if subject.state.has_process:
        return True
    if subject.state not in {ContainerState.CREATED, ContainerState.EXITED}:
        return False
    if start_error(subject) and not is_cause_gone(graph, container):
        return False
    passed |= {container}
    return all(
        need.target is not None
        and need.target not in passed
        and may_start(graph, need.target, passed)
        for need in start_needs(graph, container)
    )


def is_looping(snapshot: Snapshot, container: Container) -> bool:
    """Tell whether a container is in a restart loop.

    The engine's state ``restarting`` proves it. It is reported only between two runs,
    so it is often missed. Otherwise the restart count must be at least `ENOUGH`, and
    the present run must be too short to tell it from the earlier ones.

    How long these lasted is known if they were observed. A single look gives an upper
    bound: the restart count began with the last start by hand, which was not before the
    creation. A container that has run twice as long as that average is well again. For
    a container created long ago the bound is useless. There the engine's delay before
    the last start decides: it grows after each run shorter than 10 seconds and is reset
    only when the present run has lasted that long.

    Args:
        snapshot: The state of the host.
        container: A container of the snapshot.

    """
    if container.state is ContainerState.RESTARTING:
        return True
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return False
    if not container.state.has_process or inspection.restart_count < ENOUGH:
        return False
    age = snapshot.taken_at - inspection.started_at
    if age < LONG_RUN and _was_delayed(snapshot, inspection):
        return True
    period = snapshot.restart_periods.get(container.id, _longest_average(container))
    if period is None or period > LONGEST_PERIOD:
        return False
    return age < max(LONG_RUN, 2 * period)


def _was_delayed(snapshot: Snapshot, inspection: Inspection) -> bool:
    """Tell whether the engine delayed a start as it does after short runs."""
    started, finished = inspection.started_at, inspection.finished_at
    if started is None or finished is None or not snapshot.engine.is_docker:
        return False
    return started - finished >= BACK_OFF


def _longest_average(container: Container) -> timedelta | None:
    """Return the longest possible average of all runs before the present one."""
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return None
    if container.created_at is None or inspection.restart_count < 1:
        return None
    return (inspection.started_at - container.created_at) / inspection.restart_count


def is_finished_job(graph: Graph, container: Container) -> bool:
    """Tell whether a container has done its job and is not meant to run again.

    Its log and exit code would be lost if it were recreated. A container that others
    use is not a job.
    """
    inspection = container.inspection
    return (
        container.state is ContainerState.EXITED
        and inspection is not None
        and inspection.exit_code == 0
        and inspection.restart_policy in _ENDS_WELL
        and not start_error(container)
        and not graph.users(container.id)
    )


def is_failed_job(graph: Graph, container: Container) -> bool:
    """Tell whether a container has ended with an error and nothing starts it again.

    Its log and exit code tell why and are worth keeping. This is not the case if it was
    stopped on request or with its owner, which shows as the exit code of a signal, or
    if it could not be started because its owner was missing.
    """
    inspection = container.inspection
    return (
        inspection is not None
        and ended_with_error(container)
        and is_over(inspection)
        and not start_error(container)
        and not graph.users(container.id)
    )


def is_over(inspection: Inspection) -> bool:
    """Tell whether the engine will not restart a container that ended by itself."""
    if inspection.restart_policy == "on-failure":
        limit = inspection.restart_limit
        return 0 < limit <= inspection.restart_count
    return inspection.restart_policy == "no"
