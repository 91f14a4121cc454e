"""Commands that remedy a finding without doing harm."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from nstui.analysis.exits import (
    HALF_REMOVED,
    ended_with_error,
    is_looping,
    may_start,
    start_error,
)
from nstui.analysis.graph.graph import JOIN_KINDS, is_behind_gone, running
from nstui.analysis.plans.commands import (
    Remedy,
    after,
    command,
    commands,
    quoted_name,
    word_for,
    words_for,
)
from nstui.analysis.plans.order import is_up, owners_first
from nstui.analysis.startable import needed_by
from nstui.model.step import Action

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding
    from nstui.model.snapshot import Snapshot


WITH_DEPENDENTS = "--with-dependents"


def bring_back(
    snapshot: Snapshot, graph: Graph, containers: Iterable[ContainerId]
) -> Remedy:
    """Return the remedy that starts containers, or restarts those that run.

    The containers they need are started before them, and containers that would be left
    behind in an old namespace are restarted after them. The engine stops a container
    before it finds out whether it can be started again. Therefore a command is returned
    only if no known problem would prevent a start. Otherwise the remedy is a sentence
    about what to mend first, which does nothing if it is pasted into a shell.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        containers: The containers to bring back.

    """
    order = _find_started(snapshot, graph, containers)
    words = tuple(_command_words(snapshot, graph, order))
    hindrance = next(_find_hindrances(snapshot, graph, order, set(containers)), None)
    return commands(*words) if hindrance is None else after(hindrance, *words)


def dependents_option(
    snapshot: Snapshot, graph: Graph, recreated: Collection[ContainerId]
) -> tuple[str, ...]:
    """Return the option for healing if it would harm a container that is well.

    Without a terminal, healing is refused unless that container is taken along.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        recreated: The containers along a chain to one that is gone.

    """
    from nstui.analysis.plans.effects import find_effects  # noqa: PLC0415
    from nstui.analysis.plans.targets import without_harm  # noqa: PLC0415

    for effect in find_effects(snapshot, graph, Action.RM, recreated):
        harms = without_harm(graph, effect).harms
        if harms and not is_behind_gone(graph, effect.container):
            return (WITH_DEPENDENTS,)
    return ()


def heal_remedy(
    snapshot: Snapshot, graph: Graph, owner: ContainerId, findings: Iterable[Finding]
) -> Remedy | None:
    """Return the command that heals an owner's dependents; None if none heals all.

    Healing does what the findings' own remedies do, if these are the engine's commands.
    A manager's command, or a sentence, means that something else has to be done.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        owner: The owner.
        findings: The findings about its dependents.

    """
    from nstui.analysis.plans.effects import find_effects  # noqa: PLC0415
    from nstui.analysis.plans.targets import without_harm  # noqa: PLC0415

    found = tuple(findings)
    program = command(snapshot.engine)
    if not all(f.is_command and f.remedy.startswith(f"{program} ") for f in found):
        return None
    broken = {finding.container for finding in found}
    effects = find_effects(snapshot, graph, Action.RESTART, tuple(broken))
    harms = any(
        without_harm(graph, effect).harms and effect.container not in broken
        for effect in effects
    )
    options = (WITH_DEPENDENTS,) if harms else ()
    return commands(("nstui", "heal", *options, word_for(graph.containers[owner])))


def joint_remedy(graph: Graph, findings: Iterable[Finding]) -> Remedy:
    """Return the remedies of several findings as one.

    Remedies that differ only in the container at their end become one that names all of
    them. Others are put one after the other: commands with ``&&``, sentences with a
    semicolon.

    Args:
        graph: The dependencies.
        findings: The findings.

    """
    found = tuple(findings)
    times = Counter(finding.remedy for finding in found)
    words: dict[str, list[str]] = {}
    for finding in found:
        word = word_for(graph.containers[finding.container]) or ""
        start = finding.remedy.removesuffix(f" {word}")
        is_for_one = start == finding.remedy or " network connect " in start
        if times[finding.remedy] > 1 or is_for_one:
            words.setdefault(finding.remedy, [])
        else:
            words.setdefault(start, []).append(word)
    are_commands = all(finding.is_command for finding in found)
    texts = [" ".join((start, *names)) for start, names in words.items()]
    return Remedy((" && " if are_commands else "; ").join(texts), are_commands)


def _find_started(
    snapshot: Snapshot, graph: Graph, containers: Iterable[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return the containers to start or restart, owners first.

    Containers that remove themselves and end with another before their turn are left
    out.
    """
    from nstui.analysis.plans.targets import find_ended  # noqa: PLC0415

    acted_on = set(containers)
    for container in tuple(acted_on):
        if graph.runs(container):
            joined = graph.dependents(container, JOIN_KINDS)
            acted_on.update(c for c in joined if graph.runs(c))
    restarted = tuple(c for c in acted_on if graph.runs(c))
    ended = find_ended(snapshot, graph, restarted=restarted, recreated=())
    acted_on -= {effect.container for effect in ended}
    for container in tuple(acted_on):
        acted_on.update(
            c for c in needed_by(graph, container) if not is_up(graph.containers[c])
        )
    return owners_first(graph, acted_on)


def _command_words(
    snapshot: Snapshot, graph: Graph, order: Iterable[ContainerId]
) -> Iterator[tuple[str | None, ...]]:
    docker = command(snapshot.engine)
    for runs, together in groupby(order, key=graph.runs):
        yield (docker, "restart" if runs else "start", *words_for(graph, together))


def _find_hindrances(
    snapshot: Snapshot,
    graph: Graph,
    order: Collection[ContainerId],
    wanted: Collection[ContainerId],
) -> Iterator[str]:
    """Yield what has to be done first, such as ``fix own, which keeps exiting``."""
    from nstui.analysis.plans.preconditions import restart_blockers  # noqa: PLC0415

    for container in order:
        for need in needed_by(graph, container):
            if is_looping(snapshot, graph.containers[need]) and need not in wanted:
                yield f"fix {_quoted(graph, need)}, which keeps exiting"
        subject = graph.containers[container]
        if subject.state in HALF_REMOVED:
            yield f"create {_quoted(graph, container)} again, which is {subject.state}"
        elif not graph.runs(container) and not may_start(graph, container):
            yield f"fix what keeps {_quoted(graph, container)} from starting"
        elif ended_with_error(subject) and not start_error(subject):
            yield f"fix what ended {_quoted(graph, container)}"
    up = running(graph)
    for _ in restart_blockers(graph, order, up):
        yield "fix what it needs and what depends on it"


def _quoted(graph: Graph, container: ContainerId) -> str:
    return quoted_name(graph.name(container))
