"""Whose logs are read together."""

from __future__ import annotations

import pytest

from nstui.analysis.tree.log_group import LogGroup, follow_group, log_group
from nstui.analysis.tree.tree import build_tree
from nstui.model.namespace import NamespaceKind
from tests.support.builders import cid, container, report

OWN = container("own")
DEP = container("dep", joins=cid("own"))
DEEP = container("deep", joins=cid("dep"))
ORPHANS = (container("o1", joins="gone"), container("o2", joins="gone"))
ALONE = container("alone")
REPORT = report(OWN, DEP, DEEP, ALONE, *ORPHANS)
BEFORE = LogGroup(
    kind=NamespaceKind.NET,
    owner=cid("own"),
    name="own",
    members=(cid("own"), cid("dep"), cid("deep")),
)


@pytest.mark.parametrize(
    ("label", "members"),
    [
        ("own", "own dep deep"),
        ("dep", "own dep deep"),
        ("deep", "own dep deep"),
        ("gone", "o1 o2"),
        ("o2", "o1 o2"),
        ("alone", ""),
        # The fold of those that share with nobody is no group.
        ("", ""),
    ],
)
def test_the_group_of_a_row(label: str, members: str) -> None:
    (row,) = (
        row
        for top in build_tree(REPORT)
        for row in top.walk()
        if row.label == label and (row.container is not None or row.children)
    )
    group = log_group(REPORT, row)
    names = [] if group is None else [REPORT.graph.name(m) for m in group.members]
    assert names == members.split()
    if group is not None:
        assert group.name == names[0]
        assert group.owner == (cid("own") if names[0] == "own" else None)


def test_one_that_joins_later_is_followed() -> None:
    new = container("new", joins=cid("own"))
    group = follow_group(report(OWN, DEP, DEEP, new), BEFORE)
    assert set(group.members) == {*BEFORE.members, new.id}
    assert group.owner == OWN.id


def test_an_owner_that_was_made_anew() -> None:
    own = container("own", id_="f" * 64)
    dep = container("dep", joins="f" * 64, id_="e" * 64)
    group = follow_group(report(own, dep), BEFORE)
    assert (group.owner, group.members) == (own.id, (own.id, dep.id))


def test_dependents_whose_owner_is_gone() -> None:
    group = follow_group(report(DEP, DEEP), BEFORE)
    assert group.owner is None
    assert set(group.members) == {DEP.id, DEEP.id}


def test_what_is_left_when_the_group_is_gone() -> None:
    group = follow_group(report(OWN, ALONE), BEFORE)
    assert group.members == (OWN.id,)
    assert follow_group(report(ALONE), group).members == ()
