"""Whom a line of the tree is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.tree.arrangement import grouped_with, row_network
from nstui.analysis.tree.tree import TreeRow, build_tree
from nstui.model.namespace import NamespaceKind
from tests.support.builders import cid, container, report

if TYPE_CHECKING:
    from nstui.analysis.report import Report

VPN = container("vpn")
DEP = container("dep", joins=cid("vpn"))
FAR = container("far", joins=cid("dep"))
ALONE = container("alone")
ALONE_TOO = container("too")


def line(of: Report, label: str) -> TreeRow:
    """Return a line by what it says."""
    lines = (row for top in build_tree(of) for row in top.walk())
    return next(line for line in lines if label in {line.label, line.key})


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("vpn", ["vpn", "dep", "far"]),
        ("far", ["vpn", "dep", "far"]),
        ("alone", ["alone"]),
        ("unshared", ["alone", "too"]),
    ],
)
def test_a_group_is_the_same_from_each_of_its_lines(
    label: str, names: list[str]
) -> None:
    of = report(VPN, DEP, FAR, ALONE, ALONE_TOO)
    assert [of.graph.name(c) for c in grouped_with(of, line(of, label))] == names


@pytest.mark.parametrize(
    ("net", "label", "whose"),
    [
        pytest.param({"vpn": 7, "dep": 7}, "vpn", "vpn", id="an owner's own"),
        pytest.param({"vpn": 7, "dep": 7}, "dep", "vpn", id="where its owner is"),
        pytest.param({"vpn": 8, "dep": 7}, "dep", "dep", id="where it was left"),
        pytest.param(None, "dep", "dep", id="where nobody knows"),
        pytest.param({"alone": 9}, "alone", "alone", id="of one that shares it not"),
        pytest.param({}, "unshared", None, id="several"),
    ],
)
def test_whose_network_a_line_means(
    net: dict[str, int] | None, label: str, whose: str | None
) -> None:
    of = report(VPN, DEP, ALONE, net=net)
    found = row_network(of, line(of, label))
    assert found == (None if whose is None else cid(whose))


def test_the_network_of_an_undeclared_group_is_that_of_one_that_runs() -> None:
    of = report(ALONE, ALONE_TOO, net={"alone": 9, "too": 9})
    (top,) = build_tree(of)
    assert row_network(of, top) == cid("alone")


def test_the_network_of_what_is_gone_is_gone_too() -> None:
    of = report(DEP, net={"dep": 7})
    (top,) = build_tree(of)
    assert row_network(of, top) is None
    assert row_network(of, top.children[0]) == cid("dep")


def test_the_group_is_that_of_the_kind_the_tree_is_of() -> None:
    shm = container("shm", joins_ipc=cid("vpn"))
    of = report(VPN, DEP, shm, ipc={"vpn": 3, "shm": 3})
    (top, _) = build_tree(of, NamespaceKind.IPC)
    assert [of.graph.name(c) for c in grouped_with(of, top)] == ["vpn", "shm"]
    assert [of.graph.name(c) for c in grouped_with(of, line(of, "vpn"))] == [
        "vpn",
        "dep",
    ]


def test_what_is_undeclared_in_another_kind_says_nothing_of_a_network() -> None:
    of = report(ALONE, ALONE_TOO, ipc={"alone": 9, "too": 9})
    (top,) = build_tree(of, NamespaceKind.IPC)
    assert row_network(of, top) is None
