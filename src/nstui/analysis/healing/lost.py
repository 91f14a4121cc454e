"""Whom healing cannot help, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.candidates import possible_owners
from nstui.analysis.healing.barred import find_managed, find_unremovable
from nstui.analysis.healing.needs import find_needs, find_stopped_needs
from nstui.analysis.startable import HALF_REMOVED
from nstui.analysis.succession import (
    gone_references,
    kinds_of,
    why_unfit,
)
from nstui.model.container import ContainerState
from nstui.model.healing import Unhealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from nstui.analysis.candidates import Candidate
    from nstui.analysis.graph import Graph
    from nstui.analysis.succession import Succession
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot

NAMED_CANDIDATES = 4
"""More candidates than these are counted, not named."""


@dataclass(frozen=True, slots=True)
class _Reason:
    """Why a container stays broken."""

    words: str
    needs_decision: bool = False
    """Whether the user would only have to say whom to join."""


def find_lost(
    snapshot: Snapshot,
    graph: Graph,
    wanted: Collection[ContainerId],
    successions: Collection[Succession],
) -> tuple[Unhealed, ...]:
    """Return who stays broken, each with the reason nearest to it."""
    by_gone = {succession.gone: succession for succession in successions}
    heirs = {s.gone: s.successor for s in successions if s.successor is not None}
    managed = find_managed(snapshot, graph, wanted, heirs)
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
        reason = _own_reason(graph, container, by_gone, heirs)
        if reason is not None:
            reasons[container] = reason
    left = [c for c in wanted if c not in reasons]
    while True:
        followers = {c: _followed(graph, c, heirs, reasons) for c in left}
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


def _own_reason(
    graph: Graph,
    container: ContainerId,
    by_gone: Mapping[ContainerId, Succession],
    heirs: Mapping[ContainerId, ContainerId],
) -> _Reason | None:
    """Return why one container itself cannot be healed."""
    by_id, by_name = gone_references(graph, container)
    subject = graph.containers[container]
    if subject.inspection is None and by_id:
        return _Reason(f"it could not be inspected: {subject.inspection_problem}")
    known = {str(gone): succession for gone, succession in by_gone.items()}
    for gone in (*by_id, *by_name):
        if gone not in known:
            return _Reason(_by_name("it", gone), needs_decision=True)
        reason = _no_successor(graph, container, known[gone])
        if reason is not None:
            return reason
    return _cannot_start(graph, container, heirs)


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
    """Return why nobody takes the place of one that is gone, and who could."""
    if succession.proven:
        named = _candidates(graph, succession.proven)
        absent = f"it joined {' and '.join(succession.missing)}, which is gone; "
        first = absent if succession.is_disputed else ""
        return f"one proof contradicts another, {first}{named}: choose one with --onto"
    found = succession.hinted or possible_owners(graph, succession.joined_by)
    could = f"; {_candidates(graph, found)}, which is no proof" if found else ""
    if succession.missing:
        names = " and ".join(succession.missing)
        first = succession.missing[0]
        return (
            f"it joined {names}, and nothing proves what replaced it: create"
            f" {first} again, or name its new owner with --onto{could}"
        )
    return (
        f"nobody knows what the {succession.gone_name} it joined was called: name its"
        f" new owner with --onto{could}"
    )


def _candidates(graph: Graph, candidates: Collection[Candidate]) -> str:
    """Return who could be a new owner, and what speaks for each."""
    shown = tuple(candidates)[:NAMED_CANDIDATES]
    words = [f"{graph.name(one.container)} could be it ({one.why})" for one in shown]
    if len(candidates) > len(shown):
        words.append(f"{len(candidates) - len(shown)} more could be it")
    return ", ".join(words)


def _cannot_start(
    graph: Graph, container: ContainerId, heirs: Mapping[ContainerId, ContainerId]
) -> _Reason | None:
    """Return why one that a container needs cannot be started, if it has to be."""
    for need in find_stopped_needs(graph, (container,), heirs):
        missing = _not_replaced(gone_references(graph, need)[1], heirs)
        if missing:
            return _Reason(_by_name(graph.name(need), missing), needs_decision=True)
        reason = _state_reason(graph, need)
        if reason is not None:
            return _Reason(reason)
    return None


def _not_replaced(
    names: Iterable[str], heirs: Mapping[ContainerId, ContainerId]
) -> str:
    """Return the first of some names whose place nobody takes; "" if there is none."""
    taken = {str(gone) for gone in heirs}
    return next((name for name in names if name not in taken), "")


def _by_name(who: str, name: str) -> str:
    """Say what helps one that joined a name which nobody has."""
    return (
        f"{who} joins {name} by name: create {name} again, or name its new owner with"
        " --onto"
    )


def _state_reason(graph: Graph, container: ContainerId) -> str | None:
    subject = graph.containers[container]
    if subject.state is ContainerState.RESTARTING:
        return f"{subject.name} keeps exiting and being restarted: mend that first"
    if subject.state in HALF_REMOVED:
        return f"{subject.name} is {subject.state}: it cannot be started any more"
    return None


def _followed(
    graph: Graph,
    container: ContainerId,
    heirs: Mapping[ContainerId, ContainerId],
    lost: Collection[ContainerId],
) -> ContainerId | None:
    """Return whom a container joined, or shall join, that stays broken, if anybody."""
    direct = tuple(find_needs(graph, container, heirs))
    needs = (*direct, *find_stopped_needs(graph, (container,), heirs))
    return next((need for need in needs if need in lost), None)
