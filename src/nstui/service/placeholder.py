"""Starting a container again whose join leads to a container that is gone."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

from nstui.errors import EngineRefused, NstuiError
from nstui.model.container import is_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.ports import ContainerEngine

MOST_IMAGES = 8
"""How many images to try for something that can sleep."""


@contextmanager
def standing_in(
    engine: ContainerEngine, graph: Graph, old: Container
) -> Iterator[None]:
    """Let something stand in for what a container joined and what is gone.

    While a container has the id of the one that is gone for its name, the engine takes
    it for that one.

    Args:
        engine: Makes the placeholders.
        graph: Tells which joins lead nowhere, and which images there are.
        old: The container, which can be started meanwhile.

    """
    gone = [
        join.reference
        for join in old.joins
        if is_id(join.reference) and graph.resolve(join.reference) is None
    ]
    with ExitStack() as places:
        for reference in dict.fromkeys(gone):
            places.enter_context(_held(engine, graph, old, reference))
        yield


@contextmanager
def _held(
    engine: ContainerEngine, graph: Graph, old: Container, name: str
) -> Iterator[None]:
    """Keep a name taken by something that runs."""
    place = _hold_place(engine, graph, old, name)
    try:
        yield
    finally:
        with suppress(NstuiError):
            engine.remove(place, force=True)


def _hold_place(
    engine: ContainerEngine, graph: Graph, old: Container, name: str
) -> ContainerId:
    """Start something under a name, from any image that can sleep."""
    problem: NstuiError | None = None
    for image in islice(_images(graph, old), MOST_IMAGES):
        try:
            place = engine.create_placeholder(name, image)
        except EngineRefused as error:
            problem = error
            continue
        try:
            engine.start(place)
        except EngineRefused as error:
            problem = error
            engine.remove(place, force=True)
            continue
        return place
    raise EngineRefused(
        f"what it joined no longer exists, and nothing could stand in for it: {problem}"
    )


def _images(graph: Graph, old: Container) -> Iterator[str]:
    """Yield images that may have a program that sleeps: those in use, its own first."""
    yield from dict.fromkeys((old.image, *(c.image for c in graph.containers.values())))
