"""Steps on managed containers: handed to the manager, or refused.

A manager recreates a container by itself, and treats a container that something else
has stopped as failed: a systemd unit then removes it, and swarm starts another task.

Podman is not a manager, but refuses some steps too: it removes no container that others
joined, even if forced, and the infra container of a pod only with the pod.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import JOIN_KINDS
from nstui.analysis.managers import manager_text, successor_of
from nstui.analysis.plans.commands import PROGRAM
from nstui.analysis.signals import SignalEnd, what_it_does
from nstui.analysis.text import shell_line
from nstui.model.container import ManagerKind
from nstui.model.frozen import dataclass
from nstui.model.plan import Policy
from nstui.model.step import Action, Step, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId, Manager
    from nstui.model.plan import Plan
    from nstui.model.snapshot import EngineInfo, Snapshot


_REMOVING = frozenset({Verb.RM, Verb.RECREATE})

_TAKEN = {
    ManagerKind.SYSTEMD: frozenset(
        {Verb.STOP, Verb.RESTART, Verb.RECREATE, Verb.COMPOSE}
    ),
    ManagerKind.SWARM: frozenset({Verb.RESTART}),
    ManagerKind.KUBERNETES: frozenset[Verb](),
}
"""The steps that each manager can take with the intended result. A unit that systemd
stops stays stopped, while swarm starts another task. No manager removes a container
that it continues to manage."""

_PASSIVE = frozenset(
    {
        *(Verb.WAIT, Verb.MANAGER, Verb.FINISH, Verb.UNDO),
        *(Verb.PAUSE, Verb.UNPAUSE),
    }
)
"""The steps that are never handed to a manager: they change nothing, are already the
manager's, finish an earlier plan, or freeze a container, which no manager can."""


def find_refusals(
    engine: EngineInfo, graph: Graph, steps: Iterable[Step], policy: Policy
) -> Iterator[str]:
    """Yield why Podman would refuse a step, as sentences that say what to do instead.

    Args:
        engine: The engine of the containers.
        graph: The dependencies.
        steps: The steps, in order.
        policy: What may happen to dependents. If they are protected, the harm to them
            is reported elsewhere.

    """
    if not engine.is_podman:
        return
    gone: set[ContainerId] = set()
    for step in steps:
        if step.verb in _REMOVING:
            container = graph.containers[step.container]
            left = joined_by(graph, step.container, gone)
            if container.pod is not None and container.pod.is_infra:
                yield of_infra(container, container.pod.name)
            elif left and policy is not Policy.PROTECT:
                words = only_after(container.name, left)
                yield f"{words}: --with-dependents removes them too"
        if step.removes:
            gone.add(step.container)


def joined_by(
    graph: Graph, container: ContainerId, gone: Collection[ContainerId] = ()
) -> tuple[str, ...]:
    """Return the names of the containers that joined one, running or not."""
    users = {
        d.container
        for d in graph.users(container)
        if d.kind in JOIN_KINDS and d.container not in {*gone, container}
    }
    return tuple(sorted(graph.name(user) for user in users))


def only_after(name: str, left: Iterable[str]) -> str:
    """Return a sentence that a container cannot be removed before others."""
    return f"Podman removes {name} only after what joined it ({', '.join(left)})"


def of_infra(container: Container, pod: str) -> str:
    """Return a sentence that a container can only be removed together with its pod."""
    removal = shell_line((PROGRAM, "pod", "rm", pod)) or f"{PROGRAM} pod rm"
    return f"{container.name} holds the pod {pod} together: use {removal}"


def can_be_forced(plan: Plan) -> bool:
    """Tell whether a plan becomes possible if harm to dependents is accepted."""
    is_removal = plan.request.action in {Action.RM, Action.PRUNE}
    return not (plan.program == PROGRAM and is_removal)


class ManagerAction(StrEnum):
    """What a manager is asked to do."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    RM = "rm"


_MANAGER_ACTIONS = {
    Verb.START: ManagerAction.START,
    Verb.STOP: ManagerAction.STOP,
    Verb.KILL: ManagerAction.STOP,
    Verb.RESTART: ManagerAction.RESTART,
    Verb.RECREATE: ManagerAction.RESTART,
    Verb.COMPOSE: ManagerAction.RESTART,
    Verb.RM: ManagerAction.RM,
}
"""The request to a manager that corresponds to a step. Any other change of a container
requires recreating it, which a manager does by a restart."""


_EFFECTS_ON_JOINERS = {ManagerAction.RESTART: "must join it again"}
"""What happens to the dependents of a container that a manager acts on."""


@dataclass(frozen=True, slots=True)
class Managed:
    """The parts of a plan's steps that managers take."""

    steps: tuple[Step, ...]
    """All steps, with those on managed containers replaced by requests to managers."""

    refusals: tuple[str, ...]
    """Why this is impossible, as sentences that name the manager's command."""


def through_managers(plan: Plan, snapshot: Snapshot, graph: Graph) -> Plan:
    """Return a plan with its steps on managed containers handed to their managers."""
    found = _hand_over(plan.steps, snapshot, graph, plan.program)
    back = _hand_over(plan.recovery, snapshot, graph, plan.program)
    theirs = {step.container for step in found.steps if step.verb is Verb.MANAGER}
    return replace(
        plan,
        steps=found.steps,
        managed=found.refusals,
        recovery=() if back.refusals else back.steps,
        # nstui neither copies nor loses anything of what a manager recreates.
        recreations=tuple(r for r in plan.recreations if r.container not in theirs),
    )


def _hand_over(
    steps: tuple[Step, ...], snapshot: Snapshot, graph: Graph, program: str
) -> Managed:
    taken: dict[ContainerId, tuple[Verb, Manager]] = {}
    for step in steps:
        manager = graph.containers[step.container].manager
        if manager is None or step.verb in _PASSIVE or only_signals(step, graph):
            continue
        # Of two steps on one container, the last one counts.
        taken[step.container] = step.verb, manager
    kept: list[Step] = []
    refusals: list[str] = []
    for step in steps:
        if step.container not in taken:
            kept.append(step)
            continue
        verb, manager = taken[step.container]
        if step.verb is verb:
            container = graph.containers[step.container]
            words = why_not_through(snapshot, graph, container, verb, program)
            if words is not None:
                refusals.append(f"{container.name} {words}")
            else:
                kept.append(_manager_step(container, manager, step))
    return Managed(tuple(kept), tuple(refusals))


def only_signals(step: Step, graph: Graph) -> bool:
    """Tell whether a step sends a signal that is not meant to end the container."""
    if step.verb is not Verb.KILL:
        return False
    inspection = graph.containers[step.container].inspection
    own = "" if inspection is None else inspection.stop_signal
    return what_it_does(step.signal, own) is not SignalEnd.ENDS


def _manager_step(container: Container, manager: Manager, step: Step) -> Step:
    action = _MANAGER_ACTIONS.get(step.verb, ManagerAction.RESTART)
    return Step(
        verb=Verb.MANAGER,
        container=container.id,
        name=container.name,
        command=manager_command(manager, action) or (),
        needs=step.needs,
    )


def why_not_through(
    snapshot: Snapshot, graph: Graph, container: Container, verb: Verb, program: str
) -> str | None:
    """Return why a manager is not asked to do what a step would; None if it is.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        container: A container that is, or may be, managed.
        verb: The verb of the step.
        program: The command line program of the engine.

    Returns:
        A sentence without the container's name in front.

    """
    manager, action = (
        container.manager,
        _MANAGER_ACTIONS.get(verb, ManagerAction.RESTART),
    )
    if manager is None:
        return None
    if not manager.is_proven:
        return _claim_text(container, manager, action, verb, program)
    if not container.state.has_process:
        if manager.kind is ManagerKind.SWARM:
            return _ended_text(graph, container, manager, action)
        if successor_of(graph, container) is not None:
            return _replaced_text(graph, container, manager)
    joined, tasks = joined_by(graph, container.id), _other_tasks(graph, container)
    is_theirs = verb in _TAKEN[manager.kind] and manager in snapshot.reached
    if is_theirs and not joined and not tasks:
        return None
    words = f"is run by {manager_text(manager)}: use {command_text(manager, action)}"
    if tasks:
        words += f", which acts on {', '.join(tasks)} too"
    if joined:
        fate = _EFFECTS_ON_JOINERS.get(action, "is left without it")
        words += f"; what joined it ({', '.join(joined)}) {fate}"
    return words


def why_not_recreated(container: Container, program: str) -> str | None:
    """Return whom a container is left to that is to be made anew; None if to nothing.

    Its manager would make it from what the manager knows, and takes a copy for none of
    its own.

    Args:
        container: The container.
        program: The command line program of the engine.

    Returns:
        A sentence without the container's name in front.

    """
    manager, action = container.manager, ManagerAction.RESTART
    if manager is not None and not manager.is_proven:
        return _claim_text(container, manager, action, Verb.RECREATE, program)
    if manager is not None:
        return f"is run by {manager_text(manager)}: use {command_text(manager, action)}"
    if container.pod is not None:
        return (
            f"is in the pod {container.pod.name}, which is made anew as a whole: use"
            " podman kube play --replace with the file of the pod"
        )
    return None


def why_left_alone(
    snapshot: Snapshot, graph: Graph, program: str
) -> Mapping[ContainerId, str]:
    """Return the containers that healing leaves to their managers, and why.

    The containers with which nstui itself would end are included.

    Each reason is a sentence without the container's name in front.
    """
    found = {c: own_end_text(words) for c, words in snapshot.own.items()}
    for container in snapshot.containers:
        verb = Verb.RESTART if container.state.has_process else Verb.START
        words = why_not_through(snapshot, graph, container, verb, program)
        if words is not None:
            found[container.id] = words
    return found


def own_end_text(words: str) -> str:
    """Return why nstui does not end a container, without the name in front.

    Args:
        words: What the container is to nstui; see `nstui.model.snapshot.Snapshot.own`.

    """
    return (
        f"{words}, which would be cut off half-way: run nstui on the host, or in"
        " another container"
    )


def manager_command(manager: Manager, action: ManagerAction) -> tuple[str, ...] | None:
    """Return the manager's own command for a request; None if there is none."""
    name = manager.name
    match manager.kind:
        case ManagerKind.SYSTEMD:
            user_option = ("--user",) if manager.is_user else ()
            word = ManagerAction.STOP if action is ManagerAction.RM else action
            return ("systemctl", *user_option, word.value, name)
        case ManagerKind.SWARM:
            service = ("docker", "service")
            if action is ManagerAction.STOP:
                return (*service, "scale", f"{name}=0")
            if action is ManagerAction.RM:
                return (*service, "rm", name)
            return (*service, "update", "--force", name)
    space, has_space, pod = name.rpartition("/")
    if not has_space:
        # The control group only has the pod's id, which no command accepts.
        return None
    return ("kubectl", "delete", "pod", "--namespace", space, pod)


def command_text(manager: Manager, action: ManagerAction) -> str:
    """Return the manager's own command as a line, and who has to run it."""
    command = manager_command(manager, action)
    if command is None:
        return f"kubectl to delete the pod with the id {manager.name}"
    line = shell_line(command)
    if line is None:
        return f"{command[0]}: its name cannot be written for a shell"
    who = f" as the user with id {manager.uid}" if manager.is_user else ""
    where = f" in container {manager.inside[:12]}" if manager.inside else ""
    return f"{line}{who}{where}"


def _claim_text(
    container: Container,
    manager: Manager,
    action: ManagerAction,
    verb: Verb,
    program: str,
) -> str:
    """Return a sentence that only labels name a manager, and what to do either way."""
    plain = {Verb.RECREATE: Verb.RESTART, Verb.COMPOSE: Verb.RESTART}.get(verb, verb)
    own = shell_line((program, plain.value, container.name))
    otherwise = f"; if it is not, {own}" if own else ""
    return (
        f"may be run by {manager_text(manager)}, which only labels say: if it is, use"
        f" {command_text(manager, action)}{otherwise}"
    )


def _ended_text(
    graph: Graph, container: Container, manager: Manager, action: ManagerAction
) -> str:
    """Return a sentence that a task is not running and is not restarted by swarm."""
    successor = successor_of(graph, container)
    words = f"is a task of {manager_text(manager)} that is not running"
    words += (
        f", and {successor.name} has taken its place" if successor is not None else ""
    )
    if action is ManagerAction.RM:
        return f"{words}; swarm removes it according to its task history limit"
    if action is ManagerAction.STOP:
        return words
    way = f": use {command_text(manager, action)}" if successor is None else ""
    return f"{words}; swarm never starts a task again{way}"


def _replaced_text(graph: Graph, container: Container, manager: Manager) -> str:
    """Return a sentence that a pod has replaced a container that has ended.

    A command for the pod would end the replacement as well.
    """
    successor = successor_of(graph, container)
    place = "" if successor is None else f", and {successor.name} has taken its place"
    return (
        f"was a container of {manager_text(manager)} that is not running{place};"
        " Kubernetes never starts it again and removes it by itself"
    )


def _other_tasks(graph: Graph, container: Container) -> tuple[str, ...]:
    """Return the names of the containers that swarm runs for the same service."""
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
