"""The containers that share with no other, by compose project, and what is selected."""

from __future__ import annotations

import pytest

from nstui.analysis.tree.arrangement import selected_with, sort_rows
from nstui.analysis.tree.filtering import filter_rows
from nstui.analysis.tree.tree import SortOrder, TreeRow, build_tree
from nstui.model.namespace import NamespaceKind
from tests.support.builders import cid, container, report
from tests.unit.analysis.tree.test_sorting import amounts, drawn

HOST = (
    container("vpn", compose="media/vpn"),
    container("dep", joins=cid("vpn"), compose="media/dep"),
    container("player", compose="media/player"),
    container("files", compose="media/files", state="exited"),
    container("blog", compose="web/blog", health="unhealthy"),
    container("db", compose="web/db"),
    container("proxy", compose="web/proxy", mode="host"),
    container("agent", mode="host"),
    container("lost", joins="gone"),
    container("alone"),
    container("sick", state="restarting"),
)
OF = report(*HOST)


def test_projects_come_first_the_worst_before_the_others() -> None:
    (unshared,) = [row for row in build_tree(OF) if row.kind == "unshared"]
    assert drawn((unshared,)) == [
        "[unshared]",
        "  web",
        *("    blog", "    db"),
        "  media",
        *("    files", "    player"),
        *("  sick", "  alone"),
    ]
    web, media, *loose = unshared.children
    assert [web.kind, media.kind] == ["project", "project"]
    assert {row.kind for row in loose} == {"container"}
    assert web.finding is not None
    assert (web.finding.code, media.finding) == ("unhealthy", None)
    keys = [row.key for top in build_tree(OF) for row in top.walk()]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (SortOrder.NAME, "media files player web blog db alone sick"),
        (SortOrder.STATE, "media files player web blog db sick alone"),
        (SortOrder.CPU, "web db blog media player files alone sick"),
    ],
)
def test_in_every_order_those_without_a_project_come_last(
    order: SortOrder, expected: str
) -> None:
    by = amounts(alone=90.0, db=20.0, player=5.0, blog=1.0)
    rows = sort_rows(build_tree(OF), OF, order, by)
    _, *lines = drawn(rows[-1:])
    assert [line.strip() for line in lines] == expected.split()


def test_a_filter_keeps_the_heading_above_what_matches() -> None:
    assert drawn(filter_rows(build_tree(OF), OF, "player")) == [
        *("[unshared]", "  media", "    player"),
    ]


def rows_of(kind: NamespaceKind = NamespaceKind.NET) -> dict[str, TreeRow]:
    rows = (row for top in build_tree(OF, kind) for row in top.walk())
    return {row.label or row.kind: row for row in rows}


@pytest.mark.parametrize(
    ("label", "selected"),
    [
        pytest.param("vpn", "vpn dep", id="an owner: its group"),
        pytest.param("dep", "vpn dep", id="a dependent: the same"),
        pytest.param("player", "vpn dep player files", id="its project, all of it"),
        pytest.param("media", "vpn dep player files", id="the heading of a project"),
        pytest.param("gone", "lost", id="an owner that is gone"),
        pytest.param("lost", "lost", id="an orphan"),
        pytest.param("alone", "alone", id="nothing but itself"),
        pytest.param("proxy", "blog db proxy", id="on the host: its project"),
        pytest.param("agent", "agent", id="on the host, without a project"),
        pytest.param("host network", "agent proxy", id="the host's network"),
        pytest.param("unshared", "", id="the fold is no group"),
    ],
)
def test_what_is_selected_together(label: str, selected: str) -> None:
    found = selected_with(OF, rows_of()[label])
    assert {OF.graph.name(one) for one in found} == set(selected.split())
    assert len(found) == len(set(found))


def test_a_group_is_that_of_the_kind_that_is_shown() -> None:
    row = rows_of(NamespaceKind.PID)["dep"]
    found = {OF.graph.name(one) for one in selected_with(OF, row)}
    assert found == {"vpn", "dep", "player", "files"}
