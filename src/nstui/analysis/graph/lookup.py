"""Finding a container, or the record of a removed one, by what the user typed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from nstui.errors import AmbiguousContainer, UnknownContainer
from nstui.model.container import HEX_DIGITS, short_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nstui.analysis.graph.graph import Graph
    from nstui.model.audit import RemovedContainer
    from nstui.model.container import Container, ContainerId


SHOWN_MATCHES = 5


def find_container(graph: Graph, text: str) -> Container:
    """Return the container with this name, id, or unique prefix of an id.

    Raises:
        UnknownContainer: there is none.
        AmbiguousContainer: several ids begin like that.

    """
    reference = text.removeprefix("/")
    found = graph.resolve(reference)
    if found is not None:
        return graph.containers[found]
    matches = graph.beginning_with(reference)
    if matches:
        raise AmbiguousContainer(_ambiguous(graph, text, matches))
    names = [container.name for container in graph.containers.values()]
    close = get_close_matches(reference, names, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise UnknownContainer(f"no container is called {text!r}{hint}")


def find_containers(graph: Graph, texts: Iterable[str]) -> tuple[ContainerId, ...]:
    """Return the named containers, each once, in that order."""
    return tuple(dict.fromkeys(find_container(graph, text).id for text in texts))


def _ambiguous(graph: Graph, text: str, matches: tuple[ContainerId, ...]) -> str:
    names = sorted(graph.name(match) for match in matches)
    more = len(names) - SHOWN_MATCHES
    shown = ", ".join(names[:SHOWN_MATCHES]) + (f" and {more} more" if more > 0 else "")
    return f"{text!r} could be any of {len(matches)} containers: {shown}"


def find_removed(records: Sequence[RemovedContainer], text: str) -> RemovedContainer:
    """Return the newest record with this name, id, or unique prefix of an id.

    Args:
        records: The records, the newest first.
        text: What was typed.

    Raises:
        UnknownContainer: there is none.
        AmbiguousContainer: several ids begin like that.

    """
    reference = text.removeprefix("/")
    for record in records:
        if reference and reference in {record.id, record.name}:
            return record
    is_prefix = bool(reference) and set(reference) <= HEX_DIGITS
    begin = [one for one in records if is_prefix and one.id.startswith(reference)]
    ids = dict.fromkeys(record.id for record in begin)
    if len(ids) == 1:
        return begin[0]
    if ids:
        shown = ", ".join(map(short_id, ids))
        raise AmbiguousContainer(f"{text!r} could be any of {len(ids)}: {shown}")
    close = get_close_matches(reference, [record.name for record in records], n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise UnknownContainer(f"no removed container is called {text!r}{hint}")
