"""From what somebody typed to a container."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from nstui.errors import AmbiguousContainer, UnknownContainer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId

SHOWN_MATCHES = 5


def find_container(graph: Graph, text: str) -> Container:
    """Return the container with this name, id, or beginning of exactly one id.

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
    """Return the containers that were named, each once, in that order."""
    return tuple(dict.fromkeys(find_container(graph, text).id for text in texts))


def _ambiguous(graph: Graph, text: str, matches: tuple[ContainerId, ...]) -> str:
    names = sorted(graph.name(match) for match in matches)
    more = len(names) - SHOWN_MATCHES
    shown = ", ".join(names[:SHOWN_MATCHES]) + (f" and {more} more" if more > 0 else "")
    return f"{text!r} could be any of {len(matches)} containers: {shown}"
