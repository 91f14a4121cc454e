"""Steps on containers that something else manages: through it, or not at all.

A manager makes a container anew by itself, and takes one for failed that somebody else
has stopped: a systemd unit removes its container then, and swarm starts another task.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.managers import manager_words, successor_of
from nstui.analysis.podman import joined_by
from nstui.analysis.shell import shell_line
from nstui.analysis.signals import SignalEnd, what_it_does
from nstui.model.manager import ManagerKind
from nstui.model.plan import Step, Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.manager import Manager
    from nstui.model.plan import Plan
    from nstui.model.snapshot import Snapshot


class Deed(StrEnum):
    """What is wanted of a manager."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    RM = "rm"


_DEEDS = {
    Verb.START: Deed.START,
    Verb.STOP: Deed.STOP,
    Verb.KILL: Deed.STOP,
    Verb.RESTART: Deed.RESTART,
    Verb.RECREATE: Deed.RESTART,
    Verb.COMPOSE: Deed.RESTART,
    Verb.RM: Deed.RM,
}
"""What is wanted where a step would do this; anything else that changes a container
comes to its being made anew, which is a manager's way to restart it."""

_TAKEN = {
    ManagerKind.SYSTEMD: frozenset(
        {Verb.STOP, Verb.RESTART, Verb.RECREATE, Verb.COMPOSE}
    ),
    ManagerKind.SWARM: frozenset({Verb.RESTART}),
    ManagerKind.KUBERNETES: frozenset[Verb](),
}
"""The steps that a manager takes as they are meant. To be stopped is for systemd to
remain so, while swarm starts another task; what none of them does is to remove one that
it goes on to manage."""


_PASSIVE = frozenset({Verb.WAIT, Verb.MANAGER, Verb.FINISH, Verb.UNDO})
"""The steps that are no manager's to take: they change nothing, or are its own, or end
what was begun before."""

_FATES = {Deed.RESTART: "has to join it anew"}
"""What becomes of those that joined a container which a manager acts on."""


@dataclass(frozen=True, slots=True)
class Managed:
    """What a manager has to do with the steps of a plan."""

    steps: tuple[Step, ...]
    """All, with the manager's own in the place of those on what it manages."""

    refusals: tuple[str, ...]
    """Why it cannot be done so, as sentences that name the manager's command."""


def through_managers(plan: Plan, snapshot: Snapshot, graph: Graph) -> Plan:
    """Return a plan whose steps leave to managers what is theirs."""
    found = _through(plan.steps, snapshot, graph, plan.program)
    back = _through(plan.recovery, snapshot, graph, plan.program)
    theirs = {step.container for step in found.steps if step.verb is Verb.MANAGER}
    return replace(
        plan,
        steps=found.steps,
        managed=found.refusals,
        recovery=() if back.refusals else back.steps,
        # What a manager makes anew is not nstui's to copy, nor is what it loses.
        recreations=tuple(r for r in plan.recreations if r.container not in theirs),
    )


def _through(
    steps: tuple[Step, ...], snapshot: Snapshot, graph: Graph, program: str
) -> Managed:
    verbs: dict[ContainerId, Verb] = {}
    for step in steps:
        if step.verb in _PASSIVE or _only_signals(step, graph):
            continue
        if graph.containers[step.container].manager is not None:
            # Of two steps on one container the last is the one that is wanted.
            verbs[step.container] = step.verb
    kept: list[Step] = []
    refusals: list[str] = []
    for step in steps:
        if step.container not in verbs:
            kept.append(step)
        elif step.verb is verbs[step.container]:
            container = graph.containers[step.container]
            words = why_not_through(snapshot, graph, container, step.verb, program)
            if words is not None:
                refusals.append(f"{container.name} {words}")
            else:
                kept.append(_manager_step(container, step))
    return Managed(tuple(kept), tuple(refusals))


def _only_signals(step: Step, graph: Graph) -> bool:
    """Tell whether a step sends a signal that is not meant to end the container."""
    if step.verb is not Verb.KILL:
        return False
    inspection = graph.containers[step.container].inspection
    own = "" if inspection is None else inspection.stop_signal
    return what_it_does(step.signal, own) is not SignalEnd.ENDS


def _manager_step(container: Container, step: Step) -> Step:
    command = None
    if container.manager is not None:
        deed = _DEEDS.get(step.verb, Deed.RESTART)
        command = manager_command(container.manager, deed)
    return Step(
        verb=Verb.MANAGER,
        container=container.id,
        name=container.name,
        command=command or (),
        needs=step.needs,
    )


def why_not_through(
    snapshot: Snapshot, graph: Graph, container: Container, verb: Verb, program: str
) -> str | None:
    """Return why a manager is not asked to do what a step would; None if it is.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        container: One that is, or may be, managed.
        verb: What the step would do.
        program: The command line program of the engine.

    Returns:
        A sentence without the container's name in front.

    """
    manager, deed = container.manager, _DEEDS.get(verb, Deed.RESTART)
    if manager is None:
        return None
    if not manager.is_proven:
        return _claim_words(container, manager, deed, verb, program)
    if not container.state.has_process:
        if manager.kind is ManagerKind.SWARM:
            return _ended_words(graph, container, manager, deed)
        if successor_of(graph, container) is not None:
            return _replaced_words(graph, container, manager)
    joined, tasks = joined_by(graph, container.id), _other_tasks(graph, container)
    is_theirs = verb in _TAKEN[manager.kind] and manager in snapshot.reached
    if is_theirs and not joined and not tasks:
        return None
    words = f"is run by {manager_words(manager)}: use {command_words(manager, deed)}"
    if tasks:
        words += f", which acts on {', '.join(tasks)} too"
    if joined:
        fate = _FATES.get(deed, "is left without it")
        words += f"; what joined it ({', '.join(joined)}) {fate}"
    return words


def why_left_alone(
    snapshot: Snapshot, graph: Graph, program: str
) -> Mapping[ContainerId, str]:
    """Return whom healing leaves alone for something else manages it, and why.

    Each reason is a sentence without the container's name in front.
    """
    found = {}
    for container in snapshot.containers:
        verb = Verb.RESTART if container.state.has_process else Verb.START
        words = why_not_through(snapshot, graph, container, verb, program)
        if words is not None:
            found[container.id] = words
    return found


def manager_command(manager: Manager, deed: Deed) -> tuple[str, ...] | None:
    """Return the manager's own command for a deed; None if it has none."""
    name = manager.name
    match manager.kind:
        case ManagerKind.SYSTEMD:
            whose = ("--user",) if manager.is_user else ()
            word = Deed.STOP if deed is Deed.RM else deed
            return ("systemctl", *whose, word.value, name)
        case ManagerKind.SWARM:
            service = ("docker", "service")
            if deed is Deed.STOP:
                return (*service, "scale", f"{name}=0")
            if deed is Deed.RM:
                return (*service, "rm", name)
            return (*service, "update", "--force", name)
    space, has_space, pod = name.rpartition("/")
    if not has_space:
        # The control group tells the pod's id alone, which no command takes.
        return None
    return ("kubectl", "delete", "pod", "--namespace", space, pod)


def command_words(manager: Manager, deed: Deed) -> str:
    """Return the manager's own command as a line, and who has to run it."""
    command = manager_command(manager, deed)
    if command is None:
        return f"kubectl to delete the pod with the id {manager.name}"
    line = shell_line(command)
    if line is None:
        return f"{command[0]}: its name cannot be written for a shell"
    who = f" as the user with id {manager.uid}" if manager.is_user else ""
    where = f" in container {manager.inside[:12]}" if manager.inside else ""
    return f"{line}{who}{where}"


def _claim_words(
    container: Container, manager: Manager, deed: Deed, verb: Verb, program: str
) -> str:
    """Say that only labels name a manager, and what to do in either case."""
    plain = {Verb.RECREATE: Verb.RESTART, Verb.COMPOSE: Verb.RESTART}.get(verb, verb)
    own = shell_line((program, plain.value, container.name))
    otherwise = f"; if it is not, {own}" if own else ""
    return (
        f"may be run by {manager_words(manager)}, which only labels say: if it is, use"
        f" {command_words(manager, deed)}{otherwise}"
    )


def _ended_words(
    graph: Graph, container: Container, manager: Manager, deed: Deed
) -> str:
    """Say that a task is not running, which swarm does not start again."""
    heir = successor_of(graph, container)
    words = f"is a task of {manager_words(manager)} that is not running"
    words += f", and {heir.name} has taken its place" if heir is not None else ""
    if deed is Deed.RM:
        return f"{words}; swarm removes it by itself, as its task history limit has it"
    if deed is Deed.STOP:
        return words
    way = f": use {command_words(manager, deed)}" if heir is None else ""
    return f"{words}; swarm never starts a task again{way}"


def _replaced_words(graph: Graph, container: Container, manager: Manager) -> str:
    """Say that a pod has another container in the place of one that has ended.

    A command for the pod would end that one as well.
    """
    heir = successor_of(graph, container)
    place = "" if heir is None else f", and {heir.name} has taken its place"
    return (
        f"was a container of {manager_words(manager)} that is not running{place};"
        " Kubernetes never starts it again and removes it by itself"
    )


def _other_tasks(graph: Graph, container: Container) -> tuple[str, ...]:
    """Return the names of those that swarm runs for the same service."""
    manager = container.manager
    if manager is None or manager.kind is not ManagerKind.SWARM:
        return ()
    return tuple(
        sorted(
            other.name
            for other in graph.containers.values()
            if other.id != container.id
            and other.state.has_process
            and other.manager is not None
            and (other.manager.kind, other.manager.name) == (manager.kind, manager.name)
        )
    )
