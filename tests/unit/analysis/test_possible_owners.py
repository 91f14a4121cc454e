"""The candidates for the place of an owner of which nothing is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.ancestry import possible_owners
from nstui.analysis.graph.graph import Graph
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container

DEP = container("dep", joins="f" * 64, compose="media/dep")
ONLY = "it is the only one that runs in a network of its own"
PLAIN = "it runs in a network of its own"


def found(*containers: Container, gone_name: str = "") -> list[tuple[str, str]]:
    """Return the candidates for what one container joined, and the reasons."""
    graph = Graph(snapshot(DEP, *containers).containers)
    candidates = possible_owners(graph, (cid("dep"),), gone_name)
    return [(graph.name(one.container), one.why) for one in candidates]


@pytest.mark.parametrize(
    ("likely", "why"),
    [
        (
            (container("z", compose="media/vpn"),),
            "same compose project, media",
        ),
        ((container("z", ports=(8080,)),), "it publishes ports"),
        (
            (container("z"), container("y", joins="z")),
            "y has joined it too",
        ),
        (
            (container("z"), container("x", joins="z"), container("y", joins="z")),
            "others have joined it too",
        ),
        ((container("media-gluetun"),), "its name is like gluetun"),
        ((container("gluetun-2"),), "its name is like gluetun"),
        (
            (container("z", compose="media/vpn", ports=(1,)),),
            "same compose project, media; it publishes ports",
        ),
    ],
)
def test_the_likeliest_is_first_and_says_why(
    likely: tuple[Container, ...], why: str
) -> None:
    other = container("a", compose="web/a")
    first, *rest = found(other, *likely, gone_name="gluetun")
    assert first == (likely[0].name, why)
    assert rest == [("a", PLAIN)]


def test_each_sign_says_more_than_all_after_it() -> None:
    hosts = (
        container("a", ports=(1,)),
        container("b"),
        container("in-b", joins="b"),
        container("c", compose="media/c"),
        container("gluetun-new"),
    )
    names = [name for name, _ in found(*hosts, gone_name="gluetun")]
    assert names == ["gluetun-new", "c", "b", "a"]


def test_without_a_sign_they_go_by_name() -> None:
    assert found(container("b"), container("a")) == [("a", PLAIN), ("b", PLAIN)]
    assert found(container("b")) == [("b", ONLY)]
