"""Whether compose or nstui recreates a container, and with which changes."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from nstui.analysis.ancestry import service_containers
from nstui.model.container import ContainerId
from nstui.model.frozen import dataclass
from nstui.model.healing import PathKind
from nstui.model.json import inner, objects, texts
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, Join
    from nstui.model.healing import ComposeJoin, Cost, PathFact, ProjectFacts
    from nstui.model.plan import Request


_COMPOSE_KEYS = {
    NamespaceKind.NET: "network_mode",
    NamespaceKind.PID: "pid",
    NamespaceKind.IPC: "ipc",
}
"""The configuration keys of compose for the kinds of joins."""

_SECRETS = "/run/secrets/"

PERHAPS = "perhaps "
"""The prefix of a change that is uncertain."""

STAYS_STOPPED = "compose would start it"
KEEPS_LAYER = "compose cannot keep what it wrote"

_OTHER_IMAGE = "(another one has that name now)"

_ROOT = 0
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_WORDS = {PathKind.FILE: "regular file", PathKind.FOLDER: "folder"}

_ENGINE_VARIABLES = frozenset({"HOSTNAME", "container"})
"""The variables that an engine sets by itself in each container."""


@dataclass(frozen=True, slots=True)
class RecreationMethod:
    """How one container is recreated."""

    by_compose: bool
    refused: str = ""
    """Why compose is not used although it made the container, as a sentence."""

    changes: tuple[str, ...] = ()
    """What compose changes, or would change, each in a few words."""


def choose_method(
    cost: Cost, request: Request, *, starts: bool, keeps_layer: bool
) -> RecreationMethod:
    """Return how a container is recreated: by compose only if it stays the same.

    Compose may change more only if the user wants it. Compose cannot be told which
    container to join, as the user may.

    Args:
        cost: What recreating it requires.
        request: The decisions of the user.
        starts: Whether the new container is started.
        keeps_layer: Whether the files it wrote are kept.

    """
    if request.onto is not None or request.chosen:
        return RecreationMethod(by_compose=False)
    if cost.compose is None:
        return RecreationMethod(by_compose=False, refused=cost.compose_refused)
    if not starts or keeps_layer:
        refused = KEEPS_LAYER if keeps_layer else STAYS_STOPPED
        return RecreationMethod(by_compose=False, refused=refused)
    is_agreed = request.compose or not cost.compose_changes
    return RecreationMethod(by_compose=is_agreed, changes=cost.compose_changes)


def image_change(name: str) -> str:
    """Return that compose would use a newer image of the same name, in a few words."""
    return f"image {name} {_OTHER_IMAGE}"


def without_image_change(changes: Iterable[str]) -> tuple[str, ...]:
    """Return what compose would change besides that."""
    return tuple(change for change in changes if not change.endswith(_OTHER_IMAGE))


def method_text(changes: Iterable[str], verb: str = "would change") -> str:
    """Return what compose changes, or may change, as the end of a sentence."""
    each = tuple(changes)
    known = [change for change in each if not change.startswith(PERHAPS)]
    unsure = [c.removeprefix(PERHAPS) for c in each if c.startswith(PERHAPS)]
    parts = ((verb, known), ("may change", unsure))
    return ", and ".join(f"{word} {', '.join(what)}" for word, what in parts if what)


def find_unwanted_joins(
    graph: Graph,
    container: Container,
    planned: Iterable[Join],
    by_compose: Iterable[ComposeJoin] | None,
) -> tuple[str, ...]:
    """Return compose's joins that differ from those of the plan, each in a few words.

    Args:
        graph: The dependencies.
        container: The container that is recreated.
        planned: The planned joins, by id or by name.
        by_compose: The joins that compose would make; None if they are not known.

    """
    if by_compose is None:
        return ()
    return tuple(_unwanted_joins(graph, container, planned, by_compose))


def _unwanted_joins(
    graph: Graph,
    container: Container,
    planned: Iterable[Join],
    by_compose: Iterable[ComposeJoin],
) -> Iterator[str]:
    wanted = {join.kind: join.reference for join in planned}
    found = {join.kind: join for join in by_compose}
    for kind, key in _COMPOSE_KEYS.items():
        join = found.get(kind)
        if join is None:
            if kind in wanted:
                yield f"{key} (it would join no container)"
            continue
        owner = graph.resolve(wanted[kind]) if kind in wanted else None
        if owner is None or not _is_same_owner(
            graph.containers[owner], container, join
        ):
            yield f"{key} (it would join {join.service or join.container})"


def _is_same_owner(owner: Container, container: Container, join: ComposeJoin) -> bool:
    """Tell whether a join of the container's service leads to an owner."""
    if join.container:
        return join.container == owner.name or owner.id == ContainerId(join.container)
    service, own = owner.compose, container.compose
    if service is None or own is None or service.is_oneoff:
        return False
    return (service.project, service.service) == (own.project, join.service)


def find_compose_files(
    container: Container, written: tuple[str, ...] | None, known: Iterable[str]
) -> tuple[str, ...]:
    """Return the files that compose wrote to a container's writable layer.

    In addition to the known files, all files in the folder for secrets are included:
    nothing else writes files there, and none may be lost or committed to an image.

    Args:
        container: The container.
        written: All files in its writable layer; None if they could not be read.
        known: The files that compose writes, as far as the project could be read.

    """
    if written is None:
        return tuple(known)
    put = {*known}
    if container.compose is None:
        return ()
    return tuple(p for p in written if p in put or p.startswith(_SECRETS))


def why_distrusted(facts: ProjectFacts) -> str:
    """Return why a project's files are not used, as a sentence; empty if they are.

    They must not be in a volume, must belong to root or the user, and must be writable
    by no other user; so must all folders above them and the links that lead there.
    """
    trusted = {_ROOT, facts.user}
    found = (_problem(fact, trusted) for fact in facts.paths)
    return next((problem for problem in found if problem), "")


def find_writer(facts: ProjectFacts) -> tuple[str, str]:
    """Return a container that can write to a project's files, and where.

    Both are empty if there is none.
    """
    found = ((fact.writer, fact.path) for fact in facts.paths if fact.writer)
    return next(found, ("", ""))


def _problem(fact: PathFact, trusted: set[int]) -> str:
    wanted = fact.wanted or PathKind.FOLDER
    is_link = fact.kind is PathKind.LINK
    checks = (
        (fact.kind is PathKind.MISSING, "is not there"),
        (fact.kind is PathKind.UNREADABLE, "cannot be read"),
        (fact.in_volume, "is a volume or the engine's own folder"),
        (
            fact.owner not in trusted,
            f"belongs to neither root nor you, but to uid {fact.owner}",
        ),
        (not is_link and fact.kind is not wanted, f"is not a {_WORDS[wanted]}"),
        (
            not is_link and _lets_others_write(fact),
            "is writable by others than its owner",
        ),
    )
    return next((f"{fact.path} {said}" for holds, said in checks if holds), "")


def _lets_others_write(fact: PathFact) -> bool:
    """Tell whether others may write; a sticky folder may protect its entries."""
    protects = fact.wanted is None and fact.mode & stat.S_ISVTX
    return bool(fact.mode & _OTHERS_WRITE) and not protects


def why_not_replaced(
    old: Container, before: Iterable[Container], after: Iterable[Container]
) -> str:
    """Return why compose did not replace a container; empty if it did.

    Args:
        old: The container that was to be replaced.
        before: All containers before the replacement.
        after: All containers now.

    """
    known = {each.id for each in before}
    now = tuple(after)
    made = [each.name for each in now if each.id not in known]
    others = f"; it made {', '.join(made)}" if made else ""
    if any(each.id == old.id for each in now):
        return f"compose did not replace {old.name}, which is there as before{others}"
    found = () if old.compose is None else service_containers(now, old.compose)
    if not found:
        return f"compose removed {old.name} and made no new one{others}"
    if len(found) > 1 or found[0].id in known:
        names = ", ".join(each.name for each in found)
        return f"{old.name} is gone, and {names} stands in its place{others}"
    (new,) = found
    if new.name != old.name:
        return f"compose recreated {old.name} under the name {new.name}"
    # Compose v1 gives a container with a stopped owner a network of its own: traffic
    # that should go through the owner would not.
    if not {j.kind for j in old.joins} <= {j.kind for j in new.joins}:
        return (
            f"compose recreated {new.name} without what it joined:"
            f" it is on {new.network_mode} now; stop it"
        )
    return ""


def why_different(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """Return what a container lacks that another one had; empty if nothing.

    Additions are ignored: an image may have gained some since.

    Args:
        before: The inspect of the old container.
        after: The inspect of the new container.

    """
    now = dict(_mounts(after))
    places = [place for place, what in _mounts(before) if now.get(place) != what]
    values = dict(_environment(after))
    names = [
        name
        for name, value in _environment(before)
        if name not in _ENGINE_VARIABLES and values.get(name) != value
    ]
    said = []
    if places:
        said.append(f"without what was mounted at {', '.join(places)}")
    if names:
        said.append(f"without the environment's {', '.join(names)} as it was")
    return " and ".join(said)


def _mounts(inspect: Mapping[str, object]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Yield each mount point with what is mounted there."""
    for one in objects(inspect, "Mounts"):
        if isinstance(place := one.get("Destination"), str):
            what = one.get("Name") or one.get("Source")
            yield place, (one.get("Type"), what, one.get("RW"))


def _environment(inspect: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for line in texts(inner(inspect, "Config"), "Env"):
        name, _, value = line.partition("=")
        yield name, value
