"""The nearest line with a finding, in both directions and around the end."""

from __future__ import annotations

import pytest

from nstui.analysis.tree.tree import TreeRow, build_tree
from nstui.tui.widgets.browser import next_with_finding
from tests.support.builders import cid, container, report

REPORT = report(*(container(name) for name in "abcde"))


def lines() -> list[TreeRow]:
    """Return the lines of five containers that share no network, and their fold."""
    (fold,) = build_tree(REPORT)
    return [fold, *fold.children]


@pytest.mark.parametrize(
    ("at", "step", "wrong", "found"),
    [
        ("a", 1, "bd", "b"),
        ("b", 1, "bd", "d"),
        ("d", 1, "bd", "b"),
        ("b", -1, "bd", "d"),
        ("c", -1, "bd", "b"),
        ("b", 1, "b", "b"),
        ("b", -1, "b", "b"),
        ("", 1, "ae", "a"),
        ("", -1, "ae", "e"),
        ("a", 1, "", None),
    ],
)
def test_the_next_line_with_a_finding(
    at: str, step: int, wrong: str, found: str | None
) -> None:
    shown = lines()
    start = next((b for b in shown if at and b.container == cid(at)), None)
    result = next_with_finding(shown, start, {cid(name) for name in wrong}, step)
    assert result == (None if found is None else cid(found))


def test_without_lines_there_is_nowhere_to_go() -> None:
    assert next_with_finding((), None, {cid("a")}, 1) is None
