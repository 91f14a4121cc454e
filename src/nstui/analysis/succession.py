"""Who takes the place of a container that no longer exists: proof, or a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.candidates import Candidate, called, find_hinted, serving
from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.groups import uses_host
from nstui.analysis.resolving import (
    Resolved,
    has_compose_name,
    may_be_denied,
    read_answers,
    service_words,
)
from nstui.model.container import ContainerId, short_id
from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import AncestorSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.plan import Request
    from nstui.model.snapshot import Ancestor, Snapshot

SAID = "you named it"
HOW_KNOWN = {
    AncestorSource.SEEN: "when nstui saw it last",
    AncestorSource.REMOVED: "when nstui removed it",
    AncestorSource.EVENTS: "by the engine's own past events",
}
"""From where something is known of one that is gone, as the end of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """A container that is gone, and what is known of who could stand in for it."""

    gone: ContainerId
    gone_name: str
    """Its name, or the beginning of its id if nobody knows the name."""

    is_known: bool
    """Whether `gone_name` is a name."""

    joined_by: tuple[ContainerId, ...]
    proven: tuple[Candidate, ...]
    """Those for whom there is proof; several, if one proof contradicts another."""

    hinted: tuple[Candidate, ...] = ()
    """Those for whom something speaks that is no proof."""

    missing: tuple[str, ...] = ()
    """Who would be proven and does not exist: a name, or ``the service a of b``."""

    is_said: bool = False
    """Whether the user named it."""

    is_disputed: bool = False
    """Whether it was seen to be somebody else, who does not exist."""

    may_be_denied: bool = False
    """Whether compose could say that it was of a service, whose containers the one
    that is proven by nothing but its name is none of."""

    @property
    def successor(self) -> ContainerId | None:
        """Who takes its place, if that is beyond doubt."""
        is_clear = len(self.proven) == 1 and not self.is_disputed
        return self.proven[0].container if is_clear else None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Between whom to choose where nobody's claim is beyond doubt."""
        return self.proven or self.hinted


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one proof says: any of some containers; none if whom it names is absent."""

    containers: tuple[ContainerId, ...]
    why: str
    missing: str
    """Who that is, for the case that there is none."""

    is_service: bool = False
    """Whether it names a service of compose's, and no container."""

    may_be: bool = False
    """Whether it may be somebody who is known by another name."""


def find_succession(
    snapshot: Snapshot,
    graph: Graph,
    request: Request | None,
    gone: ContainerId,
    left_behind: tuple[ContainerId, ...],
) -> Succession:
    """Return who could take the place of one that is gone.

    What the user says decides. Then its name and service when it was seen last, and
    what compose resolves for those left behind. Where these agree on one it is proven;
    where they do not, or there are none, it is for the user to choose.

    Args:
        snapshot: What is known, of those that are gone too.
        graph: Who depends on whom.
        request: What the user said; None: nothing.
        gone: Who no longer exists.
        left_behind: Those that joined it.

    """
    ancestor = snapshot.ancestors.get(gone)
    said = None if request is None else dict(request.chosen).get(gone, request.onto)
    seen: tuple[_Claim, ...] = ()
    resolved: tuple[_Claim, ...] = ()
    answers = tuple(_of_compose(snapshot, graph, gone, left_behind))
    if said is None:
        seen = tuple(_of_ancestor(graph, ancestor, left_behind))
        resolved = tuple(_claimed(ancestor, one) for one in answers if one.is_proof)
    claims = (*seen, *resolved)
    if said is not None and said in graph.containers:
        claims = (_Claim((said,), SAID, ""),)
    proven = tuple(_agreed(claims))
    return Succession(
        gone=gone,
        gone_name=short_id(gone) if ancestor is None else ancestor.name,
        is_known=ancestor is not None,
        joined_by=left_behind,
        proven=proven,
        hinted=()
        if proven
        else tuple(find_hinted(graph, ancestor, left_behind, _hints(answers))),
        missing=tuple(
            dict.fromkeys(c.missing for c in claims if c.missing and not c.containers)
        ),
        is_said=said is not None,
        is_disputed=_is_disputed(ancestor, seen, resolved),
        may_be_denied=may_be_denied(
            graph, ancestor, left_behind, (one.container for one in proven)
        ),
    )


def _is_disputed(
    ancestor: Ancestor | None, seen: Iterable[_Claim], resolved: Iterable[_Claim]
) -> bool:
    """Tell whether one proof names somebody who is absent, and another one does not.

    A name is anybody's to take: where the service is known of the one that is gone, or
    compose resolves to one, whoever has the name has to be of that service. Where its
    service is not known, one that compose resolves by its service may be it under
    another name, unless it was called otherwise.
    """
    if ancestor is None:
        return False
    if any(claim.containers for claim in seen):
        return any(c.is_service and not c.containers for c in (*seen, *resolved))
    names = {claim.missing for claim in seen}
    may_be_any = ancestor.compose is None and ancestor.source is not AncestorSource.SEEN
    return any(
        claim.containers
        and claim.missing not in names
        and not (may_be_any and claim.may_be)
        for claim in resolved
    )


def why_unfit(
    graph: Graph,
    container: ContainerId,
    successor: ContainerId,
    kinds: Iterable[NamespaceKind],
) -> str | None:
    """Return why somebody cannot be the new owner of a container, if so.

    Args:
        graph: Who depends on whom.
        container: Who is to join.
        successor: Who is to be joined.
        kinds: The namespaces that it is to join.

    """
    name, own = graph.name(successor), graph.name(container)
    if successor == container:
        return f"{name} cannot be its own owner"
    if successor in graph.dependents(container):
        return f"{name} depends on it, so it cannot be its new owner"
    for kind in kinds:
        root = graph.chain(successor, kind).hops[-1]
        if uses_host(graph.containers[root], kind):
            return (
                f"{name} uses the {_KIND_WORDS[kind]} of the host itself,"
                f" and {own} would too"
            )
    return None


def kinds_of(
    graph: Graph, container: ContainerId, reference: str
) -> tuple[NamespaceKind, ...]:
    """Return the namespaces that a container joined by a reference."""
    joins = graph.containers[container].joins
    return tuple(join.kind for join in joins if join.reference == reference)


_KIND_WORDS = {
    NamespaceKind.NET: "network",
    NamespaceKind.PID: "processes",
    NamespaceKind.IPC: "shared memory",
    NamespaceKind.UTS: "host name",
}


def _agreed(claims: Iterable[_Claim]) -> Iterator[Candidate]:
    """Yield those that all proofs allow; if there are none, those that any does."""
    made = [claim for claim in claims if claim.containers]
    if not made:
        return
    every = dict.fromkeys(one for claim in made for one in claim.containers)
    common = [one for one in every if all(one in claim.containers for claim in made)]
    for one in common or every:
        reasons = dict.fromkeys(c.why for c in made if one in c.containers)
        yield Candidate(one, "; ".join(reasons))


def _of_ancestor(
    graph: Graph, ancestor: Ancestor | None, left_behind: Iterable[ContainerId]
) -> Iterator[_Claim]:
    """Yield what the name and the service of one that is gone say."""
    if ancestor is None:
        return
    known = HOW_KNOWN[ancestor.source]
    named = tuple(called(graph, ancestor.name))
    why = "it has the name of the one that is gone"
    if not named:
        # Many a tool renames the old one, makes the new one, and removes the old one.
        named = _called_before(graph, ancestor, left_behind)
        why = "it has the name that the one that is gone had before it was renamed"
    yield _Claim(named, f"{why}, {known}", ancestor.name)
    if ancestor.compose is not None:
        service = ancestor.compose
        yield _Claim(
            serving(graph, service),
            f"it is {service_words(service)}, as the one that is gone was, {known}",
            service_words(service),
            is_service=True,
        )


def _called_before(
    graph: Graph, ancestor: Ancestor, left_behind: Iterable[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return who has the name that one that is gone had when it was joined.

    That it was renamed later is known only by the engine's events.
    """
    made = [graph.containers[container].created_at for container in left_behind]
    since = ancestor.renamed_at
    if since is None or any(moment is None or moment > since for moment in made):
        return ()
    return tuple(one for name in ancestor.earlier[:1] for one in called(graph, name))


def _of_compose(
    snapshot: Snapshot,
    graph: Graph,
    gone: ContainerId,
    left_behind: Iterable[ContainerId],
) -> Iterator[Resolved]:
    """Yield whom compose resolves those left behind to join, where it was asked."""
    for container in left_behind:
        kinds = kinds_of(graph, container, gone)
        answers = snapshot.compose_joins.get(container, ())
        asked = tuple(answer for answer in answers if answer.kind in kinds)
        yield from read_answers(graph, container, asked)


def _claimed(ancestor: Ancestor | None, one: Resolved) -> _Claim:
    names = () if ancestor is None else (ancestor.name, *ancestor.earlier)
    is_service = one.service is not None
    may_be = is_service and has_compose_name(one, names)
    return _Claim(one.containers, one.why, one.missing, is_service, may_be)


def _hints(answers: Iterable[Resolved]) -> Iterator[Candidate]:
    """Yield those whom compose resolves to join today, which proves nothing."""
    for one in answers:
        if not one.is_proof:
            yield from (Candidate(container, one.why) for container in one.containers)


def gone_references(
    graph: Graph, container: ContainerId
) -> tuple[tuple[ContainerId, ...], tuple[str, ...]]:
    """Return what a container itself joined and what no longer exists.

    Returns:
        Those it joined by id, which never come back; and those by name, which can be
        created again.

    """
    missing = [
        dependency
        for dependency in graph.dependencies(container)
        if dependency.kind in JOIN_KINDS and dependency.target is None
    ]
    by_id = dict.fromkeys(ContainerId(d.reference) for d in missing if not d.by_name)
    by_name = dict.fromkeys(d.reference for d in missing if d.by_name)
    return tuple(by_id), tuple(by_name)


def joined_by(graph: Graph, gone: ContainerId) -> tuple[ContainerId, ...]:
    """Return all that have joined one that is gone themselves."""
    return tuple(
        container.id
        for container in graph.containers.values()
        if any(join.reference == gone for join in container.joins)
    )
