"""The record of a removed container, and the containers that could replace it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from nstui.analysis.graph.presence import uses_host
from nstui.model.container import ComposeService, ContainerId, short_id
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.model.outcome import name_before
from nstui.model.snapshot import FormerContainer, FormerContainerSource

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container


MOST_EARLIER = 3
"""How many earlier names of a container are remembered."""

_TEMPORARY_NAME = re.compile(r".+-new-(?P<new>[0-9a-f]{12})|(?P<made>[0-9a-f]{12})_.+")
"""The temporary names that nstui and compose give to a new container."""

NO_NETWORK = "none"

NAME_WEIGHT, PROJECT_WEIGHT, OTHERS_WEIGHT, PORTS_WEIGHT = 8, 4, 2, 1
"""How much each sign says about a possible owner: each more than all after it."""


def as_seen(
    container: Container, there: Collection[ContainerId]
) -> FormerContainer | None:
    """Return what to remember of a container; None if its name is temporary.

    Args:
        container: The container.
        there: All containers that exist at the same time.

    """
    name = _own_name(container.name, container.id)
    replaced = _replaced_by(name)
    if replaced and any(one.startswith(replaced) for one in there):
        return None
    made = container.compose
    is_kept = made is not None and not made.is_oneoff
    service = ComposeService(made.project, made.service) if made and is_kept else None
    return FormerContainer(container.id, name, service)


def newer(old: FormerContainer | None, new: FormerContainer) -> FormerContainer:
    """Merge a new observation of a container into what is known of it.

    A label never changes, but cannot always be distinguished from one of the image, so
    what was proven once is kept.
    """
    if old is None or (old == new and not new.earlier):
        return new
    if old.name == new.name:
        return replace(
            new,
            compose=new.compose or old.compose,
            earlier=_distinct((*new.earlier, *old.earlier), new.name),
            renamed_at=new.renamed_at or old.renamed_at,
        )
    return replace(
        new,
        compose=new.compose or old.compose,
        earlier=_distinct((old.name, *old.earlier), new.name),
    )


def from_past(
    names: Iterable[tuple[ContainerId, str, datetime]],
) -> Mapping[ContainerId, FormerContainer]:
    """Return what is known of containers from their names over time, oldest first.

    Labels are not used, since those of an event may come from the image.
    """
    seen: dict[ContainerId, list[tuple[str, datetime]]] = {}
    for container, name, moment in names:
        if name:
            called = _own_name(name, container), moment
            seen.setdefault(container, []).append(called)
    found = {}
    for container, everything in seen.items():
        lasting = [one for one in everything if not _replaced_by(one[0])] or everything
        last = lasting[-1][0]
        earlier = _distinct((name for name, _ in reversed(lasting)), last)
        found[container] = FormerContainer(
            container,
            last,
            None,
            FormerContainerSource.EVENTS,
            earlier,
            _since(lasting, last) if earlier else None,
        )
    return found


def _since(called: list[tuple[str, datetime]], last: str) -> datetime:
    """Return when a container got the name that it kept until the end."""
    moments = takewhile(lambda one: one[0] == last, reversed(called))
    return min(moment for _, moment in moments)


def with_past(known: FormerContainer | None, past: FormerContainer) -> FormerContainer:
    """Merge the last events of a removed container into its record.

    An engine drops the oldest events first, so the last name in them is the final one.
    """
    if known is None:
        return past
    earlier = _distinct((*past.earlier, known.name, *known.earlier), past.name)
    if past.name == known.name:
        return replace(known, earlier=earlier, renamed_at=past.renamed_at)
    return replace(past, compose=known.compose, earlier=earlier)


def _own_name(name: str, container: ContainerId) -> str:
    """Return the name of a container without the marks of a replacement.

    Compose v1 puts the beginning of the id in front, nstui appends it.
    """
    return name_before(name, container).removeprefix(f"{short_id(container)}_")


def _replaced_by(name: str) -> str:
    """Return the short id of the container that a temporary name refers to."""
    match = _TEMPORARY_NAME.fullmatch(name)
    return "" if match is None else match["new"] or match["made"]


def _distinct(names: Iterable[str], last: str) -> tuple[str, ...]:
    kept = dict.fromkeys(name for name in names if name != last)
    return tuple(kept)[:MOST_EARLIER]


def service_containers(
    containers: Iterable[Container], service: ComposeService
) -> tuple[Container, ...]:
    """Return a service's own containers, without those of ``compose run``."""
    return tuple(
        each
        for each in containers
        if each.compose is not None
        and not each.compose.is_oneoff
        and (each.compose.project, each.compose.service)
        == (service.project, service.service)
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A container that could replace one that is gone."""

    container: ContainerId
    why: str
    """The evidence, as a sentence that calls the candidate "it"."""


def find_hinted(
    graph: Graph,
    former: FormerContainer | None,
    left_behind: tuple[ContainerId, ...],
    resolved: Iterable[Candidate] = (),
) -> Iterator[Candidate]:
    """Yield the candidates for which there is evidence but no proof.

    Args:
        graph: The dependencies.
        former: What is known of the container that is gone.
        left_behind: The containers that joined it.
        resolved: The containers that compose resolves for them today.

    """
    possible = [c for c in _possible(graph, left_behind) if _is_own(graph, c)]
    hints: dict[ContainerId, dict[str, None]] = {}
    for name in () if former is None else former.earlier:
        for one in find_by_name(graph, name):
            why = "it has a former name of the one that is gone"
            hints.setdefault(one, {})[why] = None
    for candidate in resolved:
        hints.setdefault(candidate.container, {})[candidate.why] = None
    for container in left_behind:
        for one in _needed(graph, container):
            why = f"{graph.name(container)} says that it depends on it"
            hints.setdefault(one, {})[why] = None
    found = [one for one in possible if one in hints]
    # Evidence from all left-behind containers outweighs evidence from a single one.
    most = max((len(hints[one]) for one in found), default=0)
    for one in found:
        if len(hints[one]) == most:
            yield Candidate(one, "; ".join(hints[one]))


def possible_owners(
    graph: Graph, left_behind: Collection[ContainerId], gone_name: str = ""
) -> tuple[Candidate, ...]:
    """Return running containers with their own network that were not left behind.

    The likeliest comes first, with what speaks for it; none of that is proof.

    Args:
        graph: The dependencies.
        left_behind: The containers that joined the one that is gone.
        gone_name: The name of that one; empty if it is not known.

    """
    found = [
        container
        for container in _possible(graph, left_behind)
        if graph.runs(container)
        and _is_own(graph, container)
        and set(graph.containers[container].networks) - {NO_NETWORK}
    ]
    only = "is the only one that " if len(found) == 1 else ""
    why = f"it {only}runs in a network of its own"
    signs = {one: tuple(_signs(graph, one, left_behind, gone_name)) for one in found}
    return tuple(
        Candidate(one, "; ".join(words for _, words in signs[one]) or why)
        for one in sorted(found, key=lambda one: -sum(w for w, _ in signs[one]))
    )


def _signs(
    graph: Graph,
    container: ContainerId,
    left_behind: Collection[ContainerId],
    gone_name: str,
) -> Iterator[tuple[int, str]]:
    """Yield what makes a container a likely owner, each with its weight."""
    subject = graph.containers[container]
    if gone_name and _is_like(subject.name, gone_name):
        yield NAME_WEIGHT, f"its name is like {gone_name}"
    lost = (graph.containers[one].compose for one in left_behind)
    projects = {service.project for service in lost if service is not None}
    if subject.compose is not None and subject.compose.project in projects:
        yield PROJECT_WEIGHT, f"same compose project, {subject.compose.project}"
    others = tuple(graph.dependents(container))
    if others:
        count = f"{graph.name(others[0])} has" if len(others) == 1 else "others have"
        yield OTHERS_WEIGHT, f"{count} joined it too"
    if subject.ports:
        yield PORTS_WEIGHT, "it publishes ports"


def _is_like(name: str, gone_name: str) -> bool:
    """Tell whether one name is the other one with something added."""
    shorter, longer = sorted((name.casefold(), gone_name.casefold()), key=len)
    return longer.startswith(shorter) or longer.endswith(shorter)


def _is_own(graph: Graph, container: ContainerId) -> bool:
    """Tell whether a container joined no other and does not use the host's network."""
    subject = graph.containers[container]
    return not subject.joins and not uses_host(subject, NamespaceKind.NET)


def _possible(graph: Graph, left_behind: Iterable[ContainerId]) -> list[ContainerId]:
    """Return all containers except those left behind and their dependents."""
    lost = set(left_behind)
    for container in left_behind:
        lost.update(graph.dependents(container))
    return [c for c in graph.containers if c not in lost]


def find_by_name(graph: Graph, name: str) -> Iterator[ContainerId]:
    """Yield the container with exactly this name."""
    found = graph.resolve(name)
    if found is not None and graph.name(found) == name:
        yield found


def serving(graph: Graph, service: ComposeService) -> tuple[ContainerId, ...]:
    """Return the containers of a service, without those of ``compose run``."""
    found = service_containers(graph.containers.values(), service)
    return tuple(container.id for container in found)


def _needed(graph: Graph, container: ContainerId) -> Iterator[ContainerId]:
    """Yield the containers of the services in a container's ``depends_on`` label."""
    compose = graph.containers[container].compose
    if compose is not None:
        for service in compose.depends_on:
            yield from serving(graph, ComposeService(compose.project, service))
