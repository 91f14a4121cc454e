"""Who depends on whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.model.namespace import NamespaceKind
from nstui.model.step import ShareKind
from tests.support.builders import cid, container

if TYPE_CHECKING:
    from nstui.model.container import Container

NET = NamespaceKind.NET
A_ID = "a" * 63 + "1"
OTHER_A_ID = "a" * 63 + "2"
B_ID = "b" * 64


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        pytest.param(A_ID, "one", id="full id"),
        pytest.param("one", "one", id="name"),
        pytest.param("bbb", "three", id="unique prefix of an id"),
        pytest.param("aaa", None, id="prefix of two ids"),
        pytest.param("b", "b", id="a name before a prefix"),
        pytest.param("on", None, id="no prefix of a name"),
        pytest.param("c" * 64, None, id="id of none"),
        pytest.param("", None, id="nothing"),
        pytest.param("zzz", None, id="neither name nor digits"),
    ],
)
def test_reference_means_id_then_name_then_unique_prefix(
    reference: str, found: str | None
) -> None:
    graph = Graph(
        (
            container("one", id_=A_ID),
            container("two", id_=OTHER_A_ID),
            container("three", id_=B_ID),
            container("b"),
        )
    )
    resolved = graph.resolve(reference)
    assert (None if resolved is None else graph.name(resolved)) == found


def test_dependents_are_transitive_and_the_nearest_come_first() -> None:
    graph = Graph(
        (
            container("vpn"),
            container("zeta", joins=cid("vpn")),
            container("alpha", joins=cid("zeta")),
            container("beta", joins="vpn"),
            container("other"),
        )
    )
    names = [graph.name(c) for c in graph.dependents(cid("vpn"))]
    assert names == ["beta", "zeta", "alpha"]


def test_a_diamond_lists_each_dependent_once() -> None:
    graph = Graph(
        (
            container("top"),
            container("left", joins=cid("top")),
            container("right", joins_ipc=cid("top")),
            container("low", joins=cid("left"), joins_ipc=cid("right")),
        )
    )
    assert [graph.name(c) for c in graph.dependents(cid("top"))] == [
        "left",
        "right",
        "low",
    ]


def test_links_and_volumes_make_no_dependents_but_are_known() -> None:
    graph = Graph(
        (
            container("db"),
            container("web", links=("db",)),
            container("backup", volumes_from=("db",)),
        )
    )
    assert graph.dependents(cid("db")) == ()
    assert {d.kind for d in graph.users(cid("db"))} == {
        ShareKind.LINK,
        ShareKind.VOLUMES_FROM,
    }


def test_chain_ends_at_its_owner() -> None:
    graph = Graph(
        (
            container("vpn"),
            container("dep", joins=cid("vpn")),
            container("dep2", joins=cid("dep")),
        )
    )
    chain = graph.chain(cid("dep2"), NET)
    assert [graph.name(hop) for hop in chain.hops] == ["dep2", "dep", "vpn"]
    assert chain.owner == cid("vpn")


def test_chain_to_a_container_that_is_gone_has_no_owner() -> None:
    graph = Graph((container("dep", joins=cid("vpn")),))
    chain = graph.chain(cid("dep"), NET)
    assert chain.owner is None
    assert chain.gone is not None
    assert not chain.gone.by_name


@pytest.mark.parametrize(
    "containers",
    [
        pytest.param((container("me", joins="me"),), id="itself"),
        pytest.param(
            (container("me", joins="you"), container("you", joins="me")),
            id="each other",
        ),
    ],
)
def test_a_loop_ends(containers: tuple[Container, ...]) -> None:
    graph = Graph(containers)
    chain = graph.chain(cid("me"), NET)
    assert chain.loops
    assert chain.owner is None
    assert cid("me") not in graph.dependents(cid("me"))


def test_a_container_known_only_from_the_list_still_has_its_network_join() -> None:
    graph = Graph(
        (container("vpn"), container("dep", joins=cid("vpn"), is_inspected=False))
    )
    assert graph.dependents(cid("vpn")) == (cid("dep"),)
