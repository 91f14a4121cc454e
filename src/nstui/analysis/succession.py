"""The containers that may replace one that is gone, and what compose says about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.analysis.ancestry import Candidate, find_by_name, find_hinted, serving
from nstui.analysis.graph.graph import JOIN_KINDS
from nstui.analysis.graph.presence import uses_host
from nstui.model.container import ComposeService, ContainerId, short_id
from nstui.model.frozen import dataclass
from nstui.model.healing import Ground
from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import FormerContainerSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container
    from nstui.model.healing import ComposeJoin
    from nstui.model.plan import Request
    from nstui.model.snapshot import FormerContainer, Snapshot


SAID = "you named it"
HOW_KNOWN = {
    FormerContainerSource.SEEN: "when nstui saw it last",
    FormerContainerSource.REMOVED: "when nstui removed it",
    FormerContainerSource.EVENTS: "by the engine's own past events",
}
"""The source of what is known about a container that is gone, as a sentence's end."""

_KIND_WORDS = {
    NamespaceKind.NET: "network",
    NamespaceKind.PID: "processes",
    NamespaceKind.IPC: "shared memory",
    NamespaceKind.UTS: "host name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What one answer of compose says about the container that is gone."""

    containers: tuple[ContainerId, ...]
    """The containers that could have replaced it; empty if there are none."""

    why: str
    missing: str
    """The name of the missing container or service if `containers` is empty."""

    is_proof: bool
    service: ComposeService | None = None
    """The service that the answer names; None if it names a container."""

    called: str | None = None
    """The ``container_name`` of the service at that time, if it is known."""


def read_answers(
    graph: Graph, container: ContainerId, answers: Iterable[ComposeJoin]
) -> Iterator[Resolved]:
    """Yield what compose says about the owner that a container has lost."""
    subject = graph.containers[container]
    for answer in answers:
        made = subject.compose
        if answer.service and made is not None:
            yield _of_service(graph, subject, made, answer)
            continue
        found = graph.resolve(answer.container)
        yield Resolved(
            containers=() if found is None else (found,),
            why=_compose_evidence(
                subject.name, is_proof=answer.ground is Ground.AS_MADE
            ),
            missing=answer.container,
            is_proof=answer.ground is Ground.AS_MADE,
        )


def has_compose_name(one: Resolved, names: Iterable[str]) -> bool:
    """Tell whether a container with these names may have belonged to a service."""
    if one.called is None or one.service is None:
        return True
    if one.called:
        return one.called in names
    project, service = re.escape(one.service.project), re.escape(one.service.service)
    given = re.compile(rf"{project}[-_]{service}[-_][0-9]+")
    return any(given.fullmatch(name) for name in names)


def may_be_denied(
    graph: Graph,
    former: FormerContainer | None,
    left_behind: Iterable[ContainerId],
    proven: Iterable[ContainerId],
) -> bool:
    """Tell whether only a name, which any container can take, proves a replacement.

    This is so if the service of the container that is gone is not known. Compose may
    know it, for the left-behind containers that it made.
    """
    if former is None or former.compose is not None:
        return False
    if former.source is FormerContainerSource.SEEN:
        return False
    found = {graph.containers[container].compose for container in proven}
    projects = {service.project for service in found if service is not None}
    lost = (graph.containers[container].compose for container in left_behind)
    return bool(found) and any(s and s.project not in projects for s in lost)


def service_text(service: ComposeService) -> str:
    """Return the name of a service for use in a sentence."""
    return f"the service {service.service} of {service.project}"


def _of_service(
    graph: Graph, subject: Container, made: ComposeService, answer: ComposeJoin
) -> Resolved:
    """Return what an answer says about a service of the same project.

    A container that existed when this one joined its owner has not replaced that owner.
    """
    service = ComposeService(made.project, answer.service)
    there = tuple(c for c in serving(graph, service) if c != subject.id)
    later = tuple(c for c in there if not _is_older(graph, c, subject))
    is_proof = _is_as_made(graph, subject, made, answer) and bool(later or not there)
    return Resolved(
        containers=later if is_proof else there,
        why=_compose_evidence(subject.name, is_proof=is_proof),
        missing=service_text(service),
        is_proof=is_proof,
        service=service,
        called=answer.called,
    )


def _is_as_made(
    graph: Graph, subject: Container, made: ComposeService, answer: ComposeJoin
) -> bool:
    """Tell whether a container was made to join the named service.

    This is certain if all other containers that it could have joined still exist and
    are older than it.
    """
    if answer.ground is not Ground.NEEDED:
        return answer.ground is Ground.AS_MADE
    others = set(made.depends_on) - {answer.service}
    return all(
        any(
            _is_older(graph, container, subject)
            for container in serving(graph, ComposeService(made.project, other))
        )
        for other in others
    )


def _is_older(graph: Graph, container: ContainerId, subject: Container) -> bool:
    made, then = graph.containers[container].created_at, subject.created_at
    return made is not None and then is not None and made < then


def _compose_evidence(name: str, *, is_proof: bool) -> str:
    why = f"compose resolves {name} to join it"
    return why if is_proof else f"{why} now, and nothing says that it always did"


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """A container that is gone, and what is known about its replacement."""

    gone: ContainerId
    gone_name: str
    """Its name, or the beginning of its id if the name is not known."""

    is_known: bool
    """Whether `gone_name` is a name."""

    joined_by: tuple[ContainerId, ...]
    proven: tuple[Candidate, ...]
    """The proven candidates; several, if proofs contradict each other."""

    hinted: tuple[Candidate, ...] = ()
    """The candidates with evidence but without proof."""

    missing: tuple[str, ...] = ()
    """What is proven but does not exist: a name, or ``the service a of b``."""

    is_said: bool = False
    """Whether the user named the replacement."""

    is_disputed: bool = False
    """Whether there is proof that it was another container, which does not exist."""

    may_be_denied: bool = False
    """Whether compose could contradict the candidate, which only its name proves, by
    naming another service."""

    @property
    def successor(self) -> ContainerId | None:
        """The replacement, if it is beyond doubt."""
        is_clear = len(self.proven) == 1 and not self.is_disputed
        return self.proven[0].container if is_clear else None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The candidates to choose from if none is beyond doubt."""
        return self.proven or self.hinted


@dataclass(frozen=True, slots=True)
class _Claim:
    """One proof that the replacement is among the containers.

    There are no containers if the proof names one that is missing.
    """

    containers: tuple[ContainerId, ...]
    why: str
    missing: str
    """The name of what is missing, if there is no container."""

    is_service: bool = False
    """Whether the proof names a compose service rather than a container."""

    may_be: bool = False
    """Whether what it names may be the same container under another name."""


def find_succession(
    snapshot: Snapshot,
    graph: Graph,
    request: Request | None,
    gone: ContainerId,
    left_behind: tuple[ContainerId, ...],
) -> Succession:
    """Return the candidates for the place of a container that is gone.

    A choice of the user decides. Otherwise the last known name and service count, and
    what compose resolves for the containers left behind. A candidate is proven if they
    agree on it; if they do not, or there is none, the user has to choose.

    Args:
        snapshot: The state of the host, with what is known of removed containers.
        graph: The dependencies.
        request: The decisions of the user; None for none.
        gone: The container that no longer exists.
        left_behind: The containers that joined it.

    """
    former = snapshot.former_containers.get(gone)
    said = None if request is None else dict(request.chosen).get(gone, request.onto)
    seen: tuple[_Claim, ...] = ()
    resolved: tuple[_Claim, ...] = ()
    answers = tuple(_of_compose(snapshot, graph, gone, left_behind))
    if said is None:
        seen = tuple(_claims_of_record(graph, former, left_behind))
        resolved = tuple(
            _claim_of_compose(former, one) for one in answers if one.is_proof
        )
    claims = (*seen, *resolved)
    if said is not None and said in graph.containers:
        claims = (_Claim((said,), SAID, ""),)
    proven = tuple(_agreed_candidates(claims))
    return Succession(
        gone=gone,
        gone_name=short_id(gone) if former is None else former.name,
        is_known=former is not None,
        joined_by=left_behind,
        proven=proven,
        hinted=()
        if proven
        else tuple(
            find_hinted(graph, former, left_behind, _unproven_candidates(answers))
        ),
        missing=tuple(
            dict.fromkeys(c.missing for c in claims if c.missing and not c.containers)
        ),
        is_said=said is not None,
        is_disputed=_is_disputed(former, seen, resolved),
        may_be_denied=may_be_denied(
            graph, former, left_behind, (one.container for one in proven)
        ),
    )


def _is_disputed(
    former: FormerContainer | None, seen: Iterable[_Claim], resolved: Iterable[_Claim]
) -> bool:
    """Tell whether one proof names a missing container and another does not.

    Any container can take a name. If the service of the container that is gone is
    known, or compose resolves to one, the container with the name must belong to that
    service. If it is not known, one that compose resolves by its service may be the
    same container under another name, unless `called` contradicts that.
    """
    if former is None:
        return False
    if any(claim.containers for claim in seen):
        return any(c.is_service and not c.containers for c in (*seen, *resolved))
    names = {claim.missing for claim in seen}
    may_be_any = (
        former.compose is None and former.source is not FormerContainerSource.SEEN
    )
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
    """Return why one container cannot be the new owner of another; None if it can.

    Args:
        graph: The dependencies.
        container: The container that is to join.
        successor: The container that is to be joined.
        kinds: The kinds of namespaces to join.

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


def _agreed_candidates(claims: Iterable[_Claim]) -> Iterator[Candidate]:
    """Yield the candidates that all proofs allow; if none, those that any allows."""
    made = [claim for claim in claims if claim.containers]
    if not made:
        return
    every = dict.fromkeys(one for claim in made for one in claim.containers)
    common = [one for one in every if all(one in claim.containers for claim in made)]
    for one in common or every:
        reasons = dict.fromkeys(c.why for c in made if one in c.containers)
        yield Candidate(one, "; ".join(reasons))


def _claims_of_record(
    graph: Graph, former: FormerContainer | None, left_behind: Iterable[ContainerId]
) -> Iterator[_Claim]:
    """Yield what the name and the service of a container that is gone prove."""
    if former is None:
        return
    known = HOW_KNOWN[former.source]
    named = tuple(find_by_name(graph, former.name))
    why = "it has the name of the one that is gone"
    if not named:
        # Many tools rename the old container, create the new one, and remove the old
        # one.
        named = _find_by_earlier_name(graph, former, left_behind)
        why = "it has a former name of the one that is gone"
    yield _Claim(named, f"{why}, {known}", former.name)
    if former.compose is not None:
        service = former.compose
        yield _Claim(
            serving(graph, service),
            f"it is {service_text(service)}, as the one that is gone was, {known}",
            service_text(service),
            is_service=True,
        )


def _find_by_earlier_name(
    graph: Graph, former: FormerContainer, left_behind: Iterable[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return the container with the name the gone one had when it was joined.

    Only the engine's events tell that it was renamed later.
    """
    made = [graph.containers[container].created_at for container in left_behind]
    since = former.renamed_at
    if since is None or any(moment is None or moment > since for moment in made):
        return ()
    return tuple(
        one for name in former.earlier[:1] for one in find_by_name(graph, name)
    )


def _of_compose(
    snapshot: Snapshot,
    graph: Graph,
    gone: ContainerId,
    left_behind: Iterable[ContainerId],
) -> Iterator[Resolved]:
    """Yield what compose resolves for the left-behind containers."""
    for container in left_behind:
        kinds = kinds_of(graph, container, gone)
        answers = snapshot.compose_joins.get(container, ())
        asked = tuple(answer for answer in answers if answer.kind in kinds)
        yield from read_answers(graph, container, asked)


def _claim_of_compose(former: FormerContainer | None, one: Resolved) -> _Claim:
    names = () if former is None else (former.name, *former.earlier)
    is_service = one.service is not None
    may_be = is_service and has_compose_name(one, names)
    return _Claim(one.containers, one.why, one.missing, is_service, may_be)


def _unproven_candidates(answers: Iterable[Resolved]) -> Iterator[Candidate]:
    """Yield the containers that compose resolves today, which proves nothing."""
    for one in answers:
        if not one.is_proof:
            yield from (Candidate(container, one.why) for container in one.containers)


def gone_references(
    graph: Graph, container: ContainerId
) -> tuple[tuple[ContainerId, ...], tuple[str, ...]]:
    """Return the references that a container itself joined and that no longer resolve.

    Returns:
        The ids, which never come back, and the names, which can be created again.

    """
    missing = [
        dependency
        for dependency in graph.dependencies(container)
        if dependency.kind in JOIN_KINDS and dependency.target is None
    ]
    by_id = dict.fromkeys(ContainerId(d.reference) for d in missing if not d.by_name)
    by_name = dict.fromkeys(d.reference for d in missing if d.by_name)
    return tuple(by_id), tuple(by_name)


def replacements_of(
    successions: Iterable[Succession],
) -> Mapping[ContainerId, ContainerId]:
    """Return the certain replacement of each container that is gone and has one."""
    return {s.gone: s.successor for s in successions if s.successor is not None}


def joins_of_service(graph: Graph, gone: ContainerId) -> tuple[ContainerId, ...]:
    """Return all containers that directly joined one that is gone."""
    return tuple(
        container.id
        for container in graph.containers.values()
        if any(join.reference == gone for join in container.joins)
    )
