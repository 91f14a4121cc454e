"""Whom compose resolves a container to join, and whether that proves anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.candidates import serving
from nstui.model.container import ComposeService
from nstui.model.healing import Ground
from nstui.model.snapshot import AncestorSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.healing import ComposeJoin
    from nstui.model.snapshot import Ancestor


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What one answer of compose says of the one that is gone."""

    containers: tuple[ContainerId, ...]
    """Who it could be now; nobody if there is no such container."""

    why: str
    missing: str
    """Who that is, for the case that there is none."""

    is_proof: bool
    service: ComposeService | None = None
    """The service that it names; None if it names a container."""

    called: str | None = None
    """What that service's containers were called, if that is known."""


def read_answers(
    graph: Graph, container: ContainerId, answers: Iterable[ComposeJoin]
) -> Iterator[Resolved]:
    """Yield what compose says of the owner that a container has lost."""
    subject = graph.containers[container]
    for answer in answers:
        made = subject.compose
        if answer.service and made is not None:
            yield _of_service(graph, subject, made, answer)
            continue
        found = graph.resolve(answer.container)
        yield Resolved(
            containers=() if found is None else (found,),
            why=_why(subject.name, is_proof=answer.ground is Ground.AS_MADE),
            missing=answer.container,
            is_proof=answer.ground is Ground.AS_MADE,
        )


def has_compose_name(one: Resolved, names: Iterable[str]) -> bool:
    """Tell whether a container with some names may have been of the service."""
    if one.called is None or one.service is None:
        return True
    if one.called:
        return one.called in names
    project, service = re.escape(one.service.project), re.escape(one.service.service)
    given = re.compile(rf"{project}[-_]{service}[-_][0-9]+")
    return any(given.fullmatch(name) for name in names)


def may_be_denied(
    graph: Graph,
    ancestor: Ancestor | None,
    left_behind: Iterable[ContainerId],
    proven: Iterable[ContainerId],
) -> bool:
    """Tell whether only a name, which anybody can take, speaks for somebody.

    That is so if nobody knows of what service the one that is gone was. Compose may
    know, for those left behind that it made.
    """
    if ancestor is None or ancestor.compose is not None:
        return False
    if ancestor.source is AncestorSource.SEEN:
        return False
    found = {graph.containers[container].compose for container in proven}
    projects = {service.project for service in found if service is not None}
    lost = (graph.containers[container].compose for container in left_behind)
    return bool(found) and any(s and s.project not in projects for s in lost)


def service_words(service: ComposeService) -> str:
    """Return what a service is called in a sentence."""
    return f"the service {service.service} of {service.project}"


def _of_service(
    graph: Graph, subject: Container, made: ComposeService, answer: ComposeJoin
) -> Resolved:
    """Return what is said of a service of the same project.

    What was there already when the container joined its owner is not what has taken
    that one's place.
    """
    service = ComposeService(made.project, answer.service)
    there = tuple(c for c in serving(graph, service) if c != subject.id)
    later = tuple(c for c in there if not _is_older(graph, c, subject))
    is_proof = _is_as_made(graph, subject, made, answer) and bool(later or not there)
    return Resolved(
        containers=later if is_proof else there,
        why=_why(subject.name, is_proof=is_proof),
        missing=service_words(service),
        is_proof=is_proof,
        service=service,
        called=answer.called,
    )


def _is_as_made(
    graph: Graph, subject: Container, made: ComposeService, answer: ComposeJoin
) -> bool:
    """Tell whether a container was made to join the service that is named.

    It is if every other one that it could have joined is there still, and has been
    since before it was made.
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


def _why(name: str, *, is_proof: bool) -> str:
    why = f"compose resolves {name} to join it"
    return why if is_proof else f"{why} now, and nothing says that it always did"
