"""The containers that healing cannot help or must not touch, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.ancestry import possible_owners
from nstui.analysis.exits import HALF_REMOVED
from nstui.analysis.healing.owners import find_needs, find_stopped_needs
from nstui.analysis.managers import successor_of
from nstui.analysis.plans.commands import command
from nstui.analysis.plans.managed import joined_by, only_after, why_left_alone
from nstui.analysis.succession import (
    gone_references,
    kinds_of,
    replacements_of,
    why_unfit,
)
from nstui.model.container import ContainerState
from nstui.model.frozen import dataclass
from nstui.model.healing import Unhealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from nstui.analysis.ancestry import Candidate
    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.succession import Succession
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot


NAMED_CANDIDATES = 4
"""The largest number of candidates that are named instead of counted."""


def find_managed(
    snapshot: Snapshot,
    graph: Graph,
    wanted: Collection[ContainerId],
    replacements: Mapping[ContainerId, ContainerId],
) -> Mapping[ContainerId, str]:
    """Return the containers left to a manager or needing one that is, with reasons.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        wanted: The containers to heal.
        replacements: The replacement of each container that is gone.

    """
    why = why_left_alone(snapshot, graph, command(snapshot.engine))
    found = {}
    for container in wanted if why else ():
        if container in why:
            found[container] = f"it {why[container]}"
            continue
        for need in find_stopped_needs(graph, (container,), replacements):
            if need in why and need not in replacements:
                replacement = successor_of(graph, graph.containers[need])
                choice = (
                    "" if replacement is None else ": choose its new owner with --onto"
                )
                found[container] = f"{graph.name(need)} {why[need]}{choice}"
                break
    return found


def find_unremovable(
    snapshot: Snapshot, graph: Graph, wanted: Collection[ContainerId]
) -> Mapping[ContainerId, str]:
    """Return the containers that Podman cannot replace, since others joined them."""
    found = {}
    for container in wanted if snapshot.engine.is_podman else ():
        left = joined_by(graph, container)
        if left and gone_references(graph, container)[0]:
            found[container] = f"it cannot be replaced: {only_after('it', left)}"
    return found


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why a container stays broken."""

    words: str
    needs_decision: bool = False
    """Whether the user only has to say which container to join."""


def find_unhealable(
    snapshot: Snapshot,
    graph: Graph,
    wanted: Collection[ContainerId],
    successions: Collection[Succession],
) -> tuple[Unhealed, ...]:
    """Return the containers that stay broken, each with the nearest reason."""
    by_gone = {succession.gone: succession for succession in successions}
    replacements = replacements_of(successions)
    managed = find_managed(snapshot, graph, wanted, replacements)
    reasons = {
        container: _Reason(words)
        for container, words in find_unremovable(snapshot, graph, wanted).items()
    } | {
        container: _Reason(words, needs_decision=True)
        for container, words in managed.items()
    }
    for container in wanted:
        if container in reasons:
            continue
        reason = _direct_reason(graph, container, by_gone, replacements)
        if reason is not None:
            reasons[container] = reason
    left = [c for c in wanted if c not in reasons]
    while True:
        followers = {c: _unhealable_need(graph, c, replacements, reasons) for c in left}
        more = {c: joined for c, joined in followers.items() if joined is not None}
        if not more:
            break
        for container, joined in more.items():
            words = f"it joined {graph.name(joined)}, which stays broken"
            reasons[container] = _Reason(words, reasons[joined].needs_decision)
        left = [c for c in left if c not in more]
    return tuple(
        Unhealed(container, graph.name(container), reason.words, reason.needs_decision)
        for container in wanted
        if (reason := reasons.get(container)) is not None
    )


def _direct_reason(
    graph: Graph,
    container: ContainerId,
    by_gone: Mapping[ContainerId, Succession],
    replacements: Mapping[ContainerId, ContainerId],
) -> _Reason | None:
    """Return why one container itself cannot be healed."""
    by_id, by_name = gone_references(graph, container)
    subject = graph.containers[container]
    if subject.inspection is None and by_id:
        return _Reason(f"it could not be inspected: {subject.inspection_problem}")
    known = {str(gone): succession for gone, succession in by_gone.items()}
    for gone in (*by_id, *by_name):
        if gone not in known:
            return _Reason(_missing_name_text("it", gone), needs_decision=True)
        reason = _no_successor(graph, container, known[gone])
        if reason is not None:
            return reason
    return _start_obstacle(graph, container, replacements)


def _no_successor(
    graph: Graph, container: ContainerId, succession: Succession
) -> _Reason | None:
    successor = succession.successor
    if successor is None:
        return _Reason(why_undecided(graph, succession), needs_decision=True)
    kinds = kinds_of(graph, container, succession.gone)
    words = why_unfit(graph, container, successor, kinds)
    if words is not None:
        return _Reason(words, needs_decision=not succession.is_said)
    words = _state_reason(graph, successor)
    return None if words is None else _Reason(words)


def why_undecided(graph: Graph, succession: Succession) -> str:
    """Return why no container replaces one that is gone, and which could."""
    if succession.proven:
        named = _candidates_text(graph, succession.proven)
        absent = f"it joined {' and '.join(succession.missing)}, which is gone; "
        first = absent if succession.is_disputed else ""
        return f"one proof contradicts another, {first}{named}: choose one with --onto"
    found = succession.hinted or _possible_owners(graph, succession)
    could = f"; not proven: {_candidates_text(graph, found)}" if found else ""
    if succession.missing:
        names = " and ".join(succession.missing)
        first = succession.missing[0]
        return (
            f"it joined {names}, and nothing proves what replaced it: create"
            f" {first} again, or choose its new owner with --onto{could}"
        )
    return (
        f"its owner {succession.gone_name} is gone and its name is unknown: choose a"
        f" new owner with --onto{could}"
    )


def _possible_owners(graph: Graph, succession: Succession) -> tuple[Candidate, ...]:
    known = succession.gone_name if succession.is_known else ""
    return possible_owners(graph, succession.joined_by, known)


def _candidates_text(graph: Graph, candidates: Collection[Candidate]) -> str:
    """Return the candidates for a new owner, with the evidence for each."""
    shown = tuple(candidates)[:NAMED_CANDIDATES]
    words = [f"{graph.name(one.container)} could be it ({one.why})" for one in shown]
    if len(candidates) > len(shown):
        words.append(f"{len(candidates) - len(shown)} more could be it")
    return ", ".join(words)


def _start_obstacle(
    graph: Graph,
    container: ContainerId,
    replacements: Mapping[ContainerId, ContainerId],
) -> _Reason | None:
    """Return why a needed container cannot be started, if it has to be."""
    for need in find_stopped_needs(graph, (container,), replacements):
        missing = _first_unreplaced(gone_references(graph, need)[1], replacements)
        if missing:
            return _Reason(
                _missing_name_text(graph.name(need), missing), needs_decision=True
            )
        reason = _state_reason(graph, need)
        if reason is not None:
            return _Reason(reason)
    return None


def _first_unreplaced(
    names: Iterable[str], replacements: Mapping[ContainerId, ContainerId]
) -> str:
    """Return the first of some names without a replacement; empty if there is none."""
    taken = {str(gone) for gone in replacements}
    return next((name for name in names if name not in taken), "")


def _missing_name_text(who: str, name: str) -> str:
    """Return the remedy for a container that joined a name which no container has."""
    return (
        f"{who} joins {name} by name: create {name} again, or choose its new owner"
        " with --onto"
    )


def _state_reason(graph: Graph, container: ContainerId) -> str | None:
    subject = graph.containers[container]
    if subject.state is ContainerState.RESTARTING:
        return f"{subject.name} keeps exiting and being restarted: fix that first"
    if subject.state in HALF_REMOVED:
        return f"{subject.name} is {subject.state}: it cannot be started again"
    return None


def _unhealable_need(
    graph: Graph,
    container: ContainerId,
    replacements: Mapping[ContainerId, ContainerId],
    unhealable: Collection[ContainerId],
) -> ContainerId | None:
    """Return the joined, or to be joined, container that stays broken, if any."""
    direct = tuple(find_needs(graph, container, replacements))
    needs = (*direct, *find_stopped_needs(graph, (container,), replacements))
    return next((need for need in needs if need in unhealable), None)
