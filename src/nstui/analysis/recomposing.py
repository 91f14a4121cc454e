"""Whether compose replaces a container, or nstui makes a copy of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.container import ContainerId
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, Join
    from nstui.model.healing import ComposeJoin, Cost
    from nstui.model.plan import Request

_KEYS = {
    NamespaceKind.NET: "network_mode",
    NamespaceKind.PID: "pid",
    NamespaceKind.IPC: "ipc",
}
"""What compose calls a join of each kind that it knows."""

_SECRETS = "/run/secrets/"

PERHAPS = "perhaps "
"""What a change begins with that nobody can be sure of."""

STAYS_STOPPED = "compose would start it"
KEEPS_LAYER = "compose cannot keep what it wrote"


@dataclass(frozen=True, slots=True)
class Way:
    """How one container is made anew."""

    by_compose: bool
    refused: str = ""
    """Why not by compose although compose made it, as a sentence."""

    changes: tuple[str, ...] = ()
    """What compose changes of it, or would change, each in a few words."""


def choose_way(cost: Cost, request: Request, *, starts: bool, keeps_layer: bool) -> Way:
    """Return how a container is made anew: by compose only if it stays the same.

    What compose would change besides it changes only if the user wants it so. Whom to
    join, which the user may say, compose cannot be told.

    Args:
        cost: What is known of it.
        request: What the user decided.
        starts: Whether it is to run.
        keeps_layer: Whether what it wrote is kept.

    """
    if request.onto is not None or request.chosen:
        return Way(by_compose=False)
    if cost.compose is None:
        return Way(by_compose=False, refused=cost.compose_refused)
    if not starts or keeps_layer:
        refused = KEEPS_LAYER if keeps_layer else STAYS_STOPPED
        return Way(by_compose=False, refused=refused)
    is_agreed = request.compose or not cost.compose_changes
    return Way(by_compose=is_agreed, changes=cost.compose_changes)


def in_words(changes: Iterable[str], verb: str = "would change") -> str:
    """Return what compose changes, or may change, as the end of a sentence."""
    each = tuple(changes)
    known = [change for change in each if not change.startswith(PERHAPS)]
    unsure = [c.removeprefix(PERHAPS) for c in each if c.startswith(PERHAPS)]
    parts = ((verb, known), ("may change", unsure))
    return ", and ".join(f"{word} {', '.join(what)}" for word, what in parts if what)


def other_owners(
    graph: Graph,
    container: Container,
    planned: Iterable[Join],
    by_compose: Iterable[ComposeJoin] | None,
) -> tuple[str, ...]:
    """Return what compose would join that is not what healing wants, in a few words.

    Args:
        graph: Who there is.
        container: Who is made anew.
        planned: What it is to join, each by an id or a name.
        by_compose: What compose would have it join; None if that is not known.

    """
    if by_compose is None:
        return ()
    return tuple(_other_owners(graph, container, planned, by_compose))


def _other_owners(
    graph: Graph,
    container: Container,
    planned: Iterable[Join],
    by_compose: Iterable[ComposeJoin],
) -> Iterator[str]:
    wanted = {join.kind: join.reference for join in planned}
    found = {join.kind: join for join in by_compose}
    for kind, key in _KEYS.items():
        join = found.get(kind)
        if join is None:
            if kind in wanted:
                yield f"{key} (it would join nobody)"
            continue
        owner = graph.resolve(wanted[kind]) if kind in wanted else None
        if owner is None or not _is_meant(graph.containers[owner], container, join):
            yield f"{key} (it would join {join.service or join.container})"


def _is_meant(owner: Container, container: Container, join: ComposeJoin) -> bool:
    """Tell whether an owner is what a service of the container's project joins."""
    if join.container:
        return join.container == owner.name or owner.id == ContainerId(join.container)
    service, own = owner.compose, container.compose
    if service is None or own is None or service.is_oneoff:
        return False
    return (service.project, service.service) == (own.project, join.service)


def put_by_compose(
    container: Container, written: tuple[str, ...] | None, known: Iterable[str]
) -> tuple[str, ...]:
    """Return the files in a container's own file system that compose put there.

    Where the project cannot be asked, what is in the folder for secrets is compose's:
    nobody else puts files there, and none of it may be lost or come into an image.

    Args:
        container: Who has them.
        written: All that it has there; None if that could not be read.
        known: What compose says that it puts there.

    """
    if written is None:
        return tuple(known)
    put = {*known}
    if container.compose is None:
        return ()
    return tuple(p for p in written if p in put or p.startswith(_SECRETS))
