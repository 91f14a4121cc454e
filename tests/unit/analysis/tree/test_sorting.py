"""The tree in every order."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.tree.arrangement import ages, sort_rows
from nstui.analysis.tree.tree import (
    NO_AMOUNTS,
    SortOrder,
    SortValue,
    UnknownValue,
    build_tree,
)
from nstui.model.namespace import NamespaceKind
from tests.support.builders import cid, container, report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import Amounts, TreeRow

AWAITED, UNREAD = UnknownValue.AWAITED, UnknownValue.UNREAD
MB = 1e6


def amounts(**of: float | UnknownValue) -> Amounts:
    """Return what containers use, by their names."""
    return MappingProxyType({cid(name): amount for name, amount in of.items()})


def drawn(rows: Iterable[TreeRow], indent: str = "") -> list[str]:
    """Return the lines by their names, indented."""
    lines = []
    for row in rows:
        lines.append(indent + (row.label or f"[{row.kind}]"))
        lines += drawn(row.children, indent + "  ")
    return lines


def ordered(
    of: Report, order: SortOrder, by: Amounts = NO_AMOUNTS
) -> tuple[TreeRow, ...]:
    """Return the lines of a report in some order."""
    return sort_rows(build_tree(of), of, order, by)


def measures(rows: Iterable[TreeRow]) -> dict[str, SortValue | None]:
    """Return what each line shows of what it is ordered by."""
    found = {}
    for top in rows:
        for row in top.walk():
            found[row.label or f"[{row.kind}]"] = row.measure
    return found


HOST = report(
    container("vpn"),
    container("b", joins=cid("vpn")),
    container("a", joins=cid("vpn")),
    container("deep", joins=cid("b")),
    container("Zen"),
    container("zen-dep", joins=cid("Zen"), health="unhealthy"),
    container("exporter", mode="host"),
    container("caddy", mode="host"),
    container("y"),
    container("x"),
)
BY_FINDING = [
    "Zen",
    "  zen-dep",
    "vpn",
    "  a",
    "  b",
    "    deep",
    "host network",
    "  caddy",
    "  exporter",
    "[unshared]",
    "  x",
    "  y",
]


def test_at_first_the_findings_decide() -> None:
    assert drawn(ordered(HOST, SortOrder.FINDINGS)) == BY_FINDING


def test_by_name_in_any_case_with_the_host_among_the_others() -> None:
    assert drawn(ordered(HOST, SortOrder.NAME)) == [
        "host network",
        "  caddy",
        "  exporter",
        "vpn",
        "  a",
        "  b",
        "    deep",
        "Zen",
        "  zen-dep",
        "[unshared]",
        "  x",
        "  y",
    ]
    assert set(measures(ordered(HOST, SortOrder.NAME)).values()) == {None}


def test_by_state_what_is_down_comes_first_and_takes_its_group_along() -> None:
    of = report(
        container("up"),
        container("up-dep", joins=cid("up")),
        container("own"),
        container("ok", joins=cid("own")),
        container("stopped", joins=cid("own"), state="exited"),
        container("odd", state="unknown"),
        container("dead", state="dead"),
        container("frozen", state="paused"),
        container("new", state="created"),
    )
    assert drawn(ordered(of, SortOrder.STATE)) == [
        "own",
        "  stopped",
        "  ok",
        "up",
        "  up-dep",
        "[unshared]",
        "  dead",
        "  new",
        "  frozen",
        "  odd",
    ]


AGED = report(
    container("old", started=-500, created=-600),
    container("old-dep", joins=cid("old"), started=-10, created=-600),
    container("new", started=-30, created=-600),
    container("new-dep", joins=cid("new"), started=-20, created=-600),
    container("never", state="created", started=None, created=-5),
    container("dark", is_inspected=False, created=-1),
)


def test_by_age_what_changed_last_comes_first_and_takes_its_group_along() -> None:
    found = ordered(AGED, SortOrder.AGE, ages(AGED))
    assert drawn(found) == [
        "old",
        "  old-dep",
        "new",
        "  new-dep",
        "[unshared]",
        "  never",
        "  dark",
    ]
    assert measures(found) == {
        "old": SortValue(SortOrder.AGE, 500 * 60),
        "old-dep": SortValue(SortOrder.AGE, 10 * 60),
        "new": SortValue(SortOrder.AGE, 30 * 60),
        "new-dep": SortValue(SortOrder.AGE, 20 * 60),
        "[unshared]": SortValue(SortOrder.AGE, None),
        "never": SortValue(SortOrder.AGE, 5 * 60),
        "dark": SortValue(SortOrder.AGE, UNREAD),
    }


@pytest.mark.parametrize(
    ("order", "one"), [(SortOrder.CPU, 1.0), (SortOrder.MEMORY, MB)]
)
def test_by_usage_groups_go_by_their_sums(order: SortOrder, one: float) -> None:
    by = amounts(
        vpn=20 * one,
        a=1 * one,
        b=2 * one,
        deep=9 * one,
        Zen=25 * one,
        **{"zen-dep": 5 * one},
        exporter=40 * one,
        caddy=UNREAD,
        y=90 * one,
    )
    found = ordered(HOST, order, by)
    assert drawn(found) == [
        "host network",
        "  exporter",
        "  caddy",
        "vpn",
        "  b",
        "    deep",
        "  a",
        "Zen",
        "  zen-dep",
        "[unshared]",
        "  y",
        "  x",
    ]
    shown = measures(found)
    assert shown["vpn"] == SortValue(order, 20 * one, 32 * one)
    assert shown["b"] == SortValue(order, 2 * one, 11 * one)
    assert shown["a"] == SortValue(order, 1 * one)
    assert shown["host network"] == SortValue(order, None, 40 * one, is_partial=True)
    assert shown["caddy"] == SortValue(order, UNREAD)
    assert shown["x"] == SortValue(order, None)
    assert shown["[unshared]"] == SortValue(order, None, 90 * one)


@pytest.mark.parametrize(
    ("by", "lines"),
    [
        pytest.param({}, ["a", "b", "c"], id="nothing runs"),
        pytest.param({"b": 3.0}, ["b", "a", "c"], id="none comes after some"),
        pytest.param({"a": UNREAD, "b": 0.0}, ["b", "c", "a"], id="unknown comes last"),
        pytest.param(
            {"a": AWAITED, "b": AWAITED, "c": AWAITED},
            ["a", "b", "c"],
            id="before there are any numbers",
        ),
        pytest.param(
            {"a": 0.04, "b": 0.01, "c": 0.03}, ["a", "b", "c"], id="the same to a digit"
        ),
        pytest.param({"a": 0.1, "b": 0.2}, ["b", "a", "c"], id="not quite the same"),
    ],
)
def test_the_place_of_a_number(
    by: dict[str, float | UnknownValue], lines: list[str]
) -> None:
    of = report(*(container(name) for name in "cab"))
    (fold,) = ordered(of, SortOrder.CPU, amounts(**by))
    assert [row.label for row in fold.children] == lines


def test_idle_is_nothing_and_not_less() -> None:
    of = report(container("own"), container("dep", joins=cid("own")))
    (top,) = ordered(of, SortOrder.CPU, amounts(own=0.0, dep=0.0))
    assert top.measure is not None
    assert str(top.measure.total) == "0.0"


def test_a_group_of_which_nothing_is_known_is_not_taken_for_idle() -> None:
    of = report(container("own"), container("dep", joins=cid("own"), state="exited"))
    (top,) = ordered(of, SortOrder.CPU, amounts(own=UNREAD))
    assert top.measure == SortValue(SortOrder.CPU, UNREAD)


def test_one_whose_cpu_is_idle_among_unknowns_has_a_partial_sum() -> None:
    of = report(container("own"), container("dep", joins=cid("own")))
    (top,) = ordered(of, SortOrder.CPU, amounts(own=AWAITED, dep=2.5))
    assert top.measure == SortValue(SortOrder.CPU, AWAITED, 2.5, is_partial=True)


@pytest.mark.parametrize("order", SortOrder)
@pytest.mark.parametrize("kind", NamespaceKind)
def test_no_line_is_lost_in_any_order(order: SortOrder, kind: NamespaceKind) -> None:
    before = build_tree(HOST, kind)
    after = sort_rows(before, HOST, order, ages(HOST))
    keys = {row.key for top in before for row in top.walk()}
    assert {row.key for top in after for row in top.walk()} == keys


def test_the_order_of_the_input_does_not_matter() -> None:
    turned = tuple(reversed(build_tree(HOST)))
    for order in set(SortOrder) - {SortOrder.FINDINGS}:
        by = ages(HOST)
        assert sort_rows(turned, HOST, order, by) == ordered(HOST, order, by)
