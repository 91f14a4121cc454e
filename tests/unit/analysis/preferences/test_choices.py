"""Which source of a setting wins, and what is kept from one start to the next."""

from __future__ import annotations

import pytest

from nstui.analysis.preferences.choices import (
    MAX_ENGINES,
    MAX_FOLDS,
    Choices,
    Column,
    LastLeft,
    SettingSource,
    decide_preferences,
    fold_name,
)
from nstui.analysis.tree.tree import SortOrder, build_tree
from tests.support.builders import cid, container, report

THEMES = {source: Choices(theme=source.value) for source in SettingSource}


@pytest.mark.parametrize("strongest", list(SettingSource)[:-1])
def test_the_strongest_source_wins(strongest: SettingSource) -> None:
    order = list(SettingSource)
    weaker = order[order.index(strongest) :]
    decided = decide_preferences({source: THEMES[source] for source in weaker})
    assert decided.choices.theme == strongest.value
    assert decided.sources["theme"] is strongest


def test_each_setting_is_decided_by_itself() -> None:
    decided = decide_preferences(
        {
            SettingSource.OPTION: Choices(interval=1),
            SettingSource.FILE: Choices(interval=2, columns=()),
            SettingSource.LAST_LEFT: Choices(theme="nord", order=SortOrder.AGE),
        },
        ["a problem"],
        "/file",
    )
    assert decided.choices == Choices(
        interval=1, columns=(), theme="nord", order=SortOrder.AGE, keymap={}
    )
    assert {name: source.value for name, source in decided.sources.items()} == {
        "theme": "last left",
        "order": "last left",
        "interval": "option",
        "columns": "file",
        "keymap": "default",
        "ignore": "default",
        "watch": "default",
        "hosts": "default",
    }
    assert (decided.problems, decided.file) == (("a problem",), "/file")


def test_the_defaults() -> None:
    choices = decide_preferences({}).choices
    assert (choices.theme, choices.interval, choices.ignore) == (None, None, None)
    assert choices.order is SortOrder.FINDINGS
    assert choices.columns == tuple(Column)


A, B = {"a": True}, {"b": False}


@pytest.mark.parametrize(
    ("before", "newer", "after"),
    [
        (LastLeft(), LastLeft(), LastLeft()),
        (LastLeft(theme="x"), LastLeft(), LastLeft(theme="x")),
        (LastLeft(theme="x"), LastLeft(theme="y"), LastLeft(theme="y")),
        (
            LastLeft(theme="x"),
            LastLeft(order=SortOrder.AGE),
            LastLeft(theme="x", order=SortOrder.AGE),
        ),
        (
            LastLeft(folds={"one": A}),
            LastLeft(folds={"one": B}),
            LastLeft(folds={"one": A | B}),
        ),
        (
            LastLeft(folds={"one": A}),
            LastLeft(folds={"one": {"a": False}}),
            LastLeft(folds={"one": {"a": False}}),
        ),
        (
            LastLeft(folds={"one": A}),
            LastLeft(folds={"two": B}),
            LastLeft(folds={"one": A, "two": B}),
        ),
    ],
)
def test_what_is_kept_is_what_was_changed_last(
    before: LastLeft, newer: LastLeft, after: LastLeft
) -> None:
    assert before.updated(newer) == after


def test_only_the_latest_are_kept() -> None:
    many = {str(number): True for number in range(MAX_FOLDS)}
    left = LastLeft(folds={"e": many}).updated(LastLeft(folds={"e": {"new": False}}))
    assert len(left.folds["e"]) == MAX_FOLDS
    assert "new" in left.folds["e"]
    assert "0" not in left.folds["e"]
    for number in range(MAX_ENGINES):
        left = left.updated(LastLeft(folds={f"engine {number}": A}))
    assert len(left.folds) == MAX_ENGINES
    assert "e" not in left.folds


def test_a_fold_is_known_by_the_owners_name() -> None:
    def fold_names(id_: str) -> list[str]:
        owner = container("own", id_=cid(id_))
        rows = build_tree(report(owner, container("dep", joins=cid(id_)), LONER))
        return [fold_name(row) for row in rows]

    assert fold_names("one") == fold_names("two") == ["container:own", "unshared"]


LONER = container("loner")
