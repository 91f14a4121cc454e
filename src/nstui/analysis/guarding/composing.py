"""Which dependents of a container the compose command that ends it takes along.

The engine is asked for one container at a time, and not told what command that is part
of. What compose does is told from what it has asked before, at the same time, and from
what its own labels say that it will ask next. ``docs/guard.md`` has the calls of each
version.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from nstui.analysis.guarding.question import is_compose
from nstui.analysis.guarding.requests import Change, read_request
from nstui.analysis.managers import CONFIG_HASH, PROJECT
from nstui.model.container import SHORT_ID_LENGTH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.guarding.question import Call, Question
    from nstui.model.container import ComposeService, Container, ContainerId


AT_ONCE_S = 1.0
"""Calls that are no further apart, in seconds, belong to one command."""

BEGIN_S = 5.0
"""A command reads the images of its services within so many seconds of the list of its
project's containers, or it is not known which services it is about."""

_IMAGE = re.compile(r"/images/(.+)/json")
_LIST = "/containers/json"
_CREATE = "/containers/create"
_V1 = "docker-compose/1."


def taken_along(
    graph: Graph, question: Question, owner: Container, broken: Iterable[ContainerId]
) -> frozenset[ContainerId]:
    """Return which dependents compose ends, restarts or makes anew in any case.

    Args:
        graph: The dependencies.
        question: The call, and those that were seen before and with it.
        owner: The container that it is about.
        broken: The dependents that the call alone would break.

    """
    client, made = question.asked.user_agent, _service(owner)
    if not is_compose(client) or made is None:
        return frozenset()
    calls = [call for call in question.recent if call.user_agent == client]
    members = {
        one: graph.containers[one]
        for one in broken
        if (its := _service(graph.containers[one])) is not None
        and its.project == made.project
    }
    taken = set(_asked_too(graph, question, calls))
    if not client.startswith(_V1):
        taken |= set(_restarted_after(graph, question, made))
        taken |= set(_made_anew(graph, question, calls, owner, members))
    return frozenset(taken & members.keys())


def _service(container: Container) -> ComposeService | None:
    """Return the service of a container that compose keeps up; None if it has none."""
    made = container.compose
    return None if made is None or made.is_oneoff else made


def _asked_too(
    graph: Graph, question: Question, calls: Iterable[Call]
) -> Iterator[ContainerId]:
    """Yield the containers that the same is asked of at the same time."""
    for call in calls:
        asked = read_request(call.method, call.uri)
        if asked is None or asked.reference is None or abs(call.ago) > AT_ONCE_S:
            continue
        found = graph.resolve(asked.reference)
        if found is not None and asked.change is question.asked.change:
            yield found


def _restarted_after(
    graph: Graph, question: Question, made: ComposeService
) -> Iterator[ContainerId]:
    """Yield what compose restarts after a service, by the labels it made them with."""
    if question.asked.change is not Change.RESTART:
        return
    services = {made.service}
    left = [
        (one.id, its)
        for one in graph.containers.values()
        if (its := _service(one)) is not None and its.project == made.project
    ]
    while more := [pair for pair in left if services & set(pair[1].restarts_with)]:
        left = [pair for pair in left if pair not in more]
        services |= {its.service for _, its in more}
        yield from (container for container, _ in more)


def _made_anew(
    graph: Graph,
    question: Question,
    calls: list[Call],
    owner: Container,
    members: dict[ContainerId, Container],
) -> Iterator[ContainerId]:
    """Yield what the ``up`` that replaces a container makes anew after it.

    Compose has created the new one under a passing name before it ends the old one, and
    at its beginning it has read the image of each service that the command is about.
    """
    made = _service(owner)
    if question.asked.change not in {Change.STOP, Change.RM} or made is None:
        return
    passing = f"{owner.id[:SHORT_ID_LENGTH]}_{owner.name}"
    starts = [call.ago for call in calls if _lists(call, made.project)]
    created = [call.ago for call in calls if _creates(call, passing)]
    if not starts or not created or min(created) > min(starts):
        return
    start = min(starts)
    read = {
        image
        for call in calls
        if abs(call.ago - start) <= BEGIN_S and (image := _image_read(call))
    }
    others = _images_beside(graph, made.project, members)
    for one in members.values():
        image = _image_name(one)
        if image in read and image not in others:
            yield one.id


def _images_beside(
    graph: Graph, project: str, members: Collection[ContainerId]
) -> set[str]:
    """Return the images of a project's other services, whose reading tells nothing."""
    return {
        _image_name(one)
        for one in graph.containers.values()
        if one.id not in members
        and (its := _service(one)) is not None
        and its.project == project
    }


def _image_name(container: Container) -> str:
    """Return an image as compose names it, which is as it was named at its making."""
    inspection = container.inspection
    return (inspection.image_name if inspection else "") or container.image


def _path(call: Call) -> str:
    return unquote(call.uri.partition("?")[0])


def _query(call: Call, key: str) -> str:
    return parse_qs(call.uri.partition("?")[2]).get(key, [""])[0]


def _image_read(call: Call) -> str | None:
    found = _IMAGE.search(_path(call))
    return found[1] if found is not None and call.method == "GET" else None


def _creates(call: Call, name: str) -> bool:
    return _path(call).endswith(_CREATE) and _query(call, "name") == name


def _lists(call: Call, project: str) -> bool:
    """Tell whether a call lists the containers of a project, to compare their hashes.

    Each command of compose does that once at its beginning, or twice in a row.
    """
    if not _path(call).endswith(_LIST):
        return False
    try:
        wanted = set(json.loads(_query(call, "filters"))["label"])
    except (KeyError, TypeError, ValueError):
        return False
    return {CONFIG_HASH, f"{PROJECT}={project}"} <= wanted
