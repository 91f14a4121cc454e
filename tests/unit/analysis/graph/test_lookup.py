"""From what somebody typed to a container."""

from __future__ import annotations

import pytest

from nstui.analysis.graph.graph import Graph, find_container, find_containers
from nstui.errors import AmbiguousContainer, UnknownContainer
from tests.support.builders import cid, container

GRAPH = Graph(
    (
        container("web", id_="ab1" + "0" * 61),
        container("web-2", id_="ab2" + "0" * 61),
        container("vpn"),
    )
)


@pytest.mark.parametrize(
    ("text", "name"),
    [("web", "web"), ("/web", "web"), ("web-2", "web-2"), ("ab1", "web")],
)
def test_a_name_or_the_beginning_of_one_id(text: str, name: str) -> None:
    assert find_container(GRAPH, text).name == name


def test_equal_prefixes_are_named() -> None:
    with pytest.raises(AmbiguousContainer) as caught:
        find_container(GRAPH, "ab")
    assert str(caught.value) == "'ab' could be any of 2 containers: web, web-2"


def test_many_equal_prefixes_are_counted() -> None:
    graph = Graph(container(f"c{n}", id_=f"ab{n}" + "0" * 61) for n in range(8))
    with pytest.raises(AmbiguousContainer, match=r"of 8 .*c4 and 3 more$"):
        find_container(graph, "ab")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vpm", "no container is called 'vpm'; did you mean vpn?"),
        ("nothing like it", "no container is called 'nothing like it'"),
        ("", "no container is called ''"),
    ],
)
def test_an_unknown_name_says_what_may_have_been_meant(text: str, message: str) -> None:
    with pytest.raises(UnknownContainer) as caught:
        find_container(GRAPH, text)
    assert str(caught.value) == message


def test_a_container_named_twice_is_meant_once() -> None:
    assert find_containers(GRAPH, ("vpn", cid("vpn"), "web"))[0] == cid("vpn")
    assert len(find_containers(GRAPH, ("vpn", cid("vpn"), "web"))) == 2
