"""What compose's answer of today proves of the time when a container was made."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.labels import DEPENDS_ON
from nstui.engine._json import mapping, text
from nstui.model.healing import Ground
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from nstui.engine._compose_model import Model
    from nstui.model.container import Container
    from nstui.model.healing import ComposeJoin

_ELSEWHERE = ("include", "extends")
"""Words of a project that lead to files of which its labels say nothing."""

_VARIABLE = "$"
_RESTARTS_TOO = ":true"
"""The end of a dependency that compose v2 writes down for one who is joined."""


def with_grounds(
    model: Model,
    unread: Model | None,
    container: Container,
    raw: Mapping[str, object],
    *,
    is_as_made: bool,
) -> tuple[ComposeJoin, ...]:
    """Return what a service joins, each with what proves that it always did.

    Compose v1 counts the name of the service whose network is joined. V2 counts the id
    of an owner that is a service, which is the same for each service that it could be,
    and the name of one that is not.

    Args:
        model: The project as it is now.
        unread: The same with the names of variables instead of their values, if its
            files are as they were when the container was made; otherwise None.
        container: Who has lost an owner.
        raw: Its inspect.
        is_as_made: Whether compose's hash of the service is the container's.

    """
    if unread is not None and _is_literal(model, unread):
        return tuple(
            replace(join, called=_called(unread, join.service)) for join in model.joins
        )
    return tuple(
        replace(join, ground=_ground(model, join, container, raw, is_as_made))
        for join in model.joins
    )


def _ground(
    model: Model,
    join: ComposeJoin,
    container: Container,
    raw: Mapping[str, object],
    is_as_made: bool,  # noqa: FBT001 - named in the only call
) -> Ground:
    if model.is_v1:
        tells = is_as_made and join.kind is NamespaceKind.NET
        return Ground.AS_MADE if tells else Ground.TODAY
    if not join.service:
        return Ground.AS_MADE if is_as_made else Ground.TODAY
    needed = set() if container.compose is None else {*container.compose.depends_on}
    if needed == {join.service} and (is_as_made or _is_joined(raw)):
        return Ground.AS_MADE
    is_needed = is_as_made and join.service in needed
    return Ground.NEEDED if is_needed else Ground.TODAY


def _is_joined(raw: Mapping[str, object]) -> bool:
    """Tell whether what a container depends on is what it joined, by its label."""
    labels = mapping(mapping(raw.get("Config")).get("Labels"))
    return text(labels, DEPENDS_ON).endswith(_RESTARTS_TOO)


def _is_literal(model: Model, unread: Model) -> bool:
    """Tell whether no variable decides what a service joins."""
    said = [join.service or join.container for join in unread.joins]
    return unread.joins == model.joins and not any(_VARIABLE in name for name in said)


def _called(unread: Model, service: str) -> str | None:
    """Return the name that a project gives the container of another service of it."""
    services = mapping(unread.document.get("services"))
    if service not in services:
        return None
    name = text(mapping(services[service]), "container_name")
    return None if _VARIABLE in name else name


def are_older(paths: Iterable[str], moment: datetime | None) -> bool:
    """Tell whether files are as they were at a moment, for all that they say.

    The time of the last change of a file is that of its name and its links too, and
    nobody can put it back.
    """
    if moment is None:
        return False
    try:
        return all(_is_older(path, moment.timestamp()) for path in paths)
    except OSError:
        return False


def _is_older(path: str, moment: float) -> bool:
    times = [status.st_ctime for status in _statuses(path)]
    with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a string
        said = file.read()
    return max(times) < moment and not any(word in said for word in _ELSEWHERE)


def _statuses(path: str) -> Iterator[os.stat_result]:
    """Yield what there is at a path, and the links on the way there."""
    yield os.stat(path)  # noqa: PTH116 - a string
    while path not in {"", "/"}:
        if os.path.islink(path):  # noqa: PTH114 - a string
            yield os.lstat(path)
            target = os.readlink(path)  # noqa: PTH115 - a string
            yield from _statuses(
                os.path.normpath(os.path.join(os.path.dirname(path), target))  # noqa: PTH118, PTH120
            )
        path = os.path.dirname(path)  # noqa: PTH120 - a string
