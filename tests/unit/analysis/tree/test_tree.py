"""The trees that a screen shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.analysis.tree.filtering import filter_rows
from nstui.analysis.tree.tree import build_tree
from nstui.model.namespace import NamespaceKind
from tests.support.builders import cid, container, report, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.tree.tree import TreeRow


def drawn(rows: Iterable[TreeRow], indent: str = "") -> list[str]:
    lines = []
    for row in rows:
        mark = "" if row.container else f"[{row.kind}] "
        lines.append(f"{indent}{mark}{row.label}".rstrip())
        lines += drawn(row.children, indent + "  ")
    return lines


HOST = (
    container("zen", health="unhealthy"),
    container("zen-dep", joins=cid("zen")),
    container("vpn", compose="media/vpn"),
    container("b", joins=cid("vpn"), image="linuxserver/sonarr:4"),
    container("a", joins=cid("b")),
    container("dep", joins="gone"),
    container("exporter", mode="host"),
    container("alone"),
    container("sick", state="restarting"),
)


def test_findings_first_then_names_then_the_host_then_the_fold() -> None:
    assert drawn(build_tree(report(*HOST))) == [
        "[gone] gone",
        "  dep",
        "zen",
        "  zen-dep",
        "vpn",
        "  b",
        "    a",
        "[host] host network",
        "  exporter",
        "[unshared]",
        "  sick",
        "  alone",
    ]


def test_a_line_that_is_no_container_carries_the_worst_beneath_it() -> None:
    tops = {row.kind.value: row for row in build_tree(report(*HOST))}
    unshared, gone = tops["unshared"].finding, tops["gone"].finding
    assert unshared is not None
    assert gone is not None
    assert (unshared.code.value, gone.code.value) == ("restarting", "owner-gone")


def test_keys_are_unique_and_stay_the_same() -> None:
    keys = [b.key for top in build_tree(report(*HOST)) for b in top.walk()]
    assert len(set(keys)) == len(keys)
    again = [b.key for top in build_tree(report(*reversed(HOST))) for b in top.walk()]
    assert again == keys


def test_members_that_nothing_declares_sit_under_the_owner() -> None:
    of = report(
        container("vpn"),
        container("dep", joins=cid("vpn")),
        container("stranger"),
        net={"vpn": 7, "dep": 7, "stranger": 7},
    )
    assert drawn(build_tree(of)) == ["vpn", "  dep", "  stranger"]


def test_each_kind_has_its_own_tree() -> None:
    of = Report(snapshot(container("shm"), container("worker", joins_ipc=cid("shm"))))
    assert drawn(build_tree(of, NamespaceKind.IPC)) == ["shm", "  worker"]
    assert drawn(build_tree(of)) == ["[unshared]", "  shm", "  worker"]


@pytest.mark.parametrize("kind", NamespaceKind)
def test_every_line_knows_the_kind_of_its_tree(kind: NamespaceKind) -> None:
    lines = [row for top in build_tree(report(*HOST), kind) for row in top.walk()]
    assert {line.shared for line in lines} == {kind}


def test_the_kinds_of_a_host() -> None:
    of = report(container("a"), container("b", joins_ipc=cid("a")))
    assert [kind.value for kind in of.kinds] == ["net", "pid", "ipc"]
    assert of.shared_kinds(cid("b")) == (NamespaceKind.IPC,)
    pod = report(container("a"), container("b", joins_uts=cid("a")))
    assert [kind.value for kind in pod.kinds] == ["net", "pid", "ipc", "uts"]
    assert pod.shared_kinds(cid("a")) == (NamespaceKind.UTS,)


def test_a_loop_is_shown_flat() -> None:
    of = report(
        container("me", joins="you", state="created"),
        container("you", joins="me", state="created"),
    )
    assert drawn(build_tree(of)) == ["[loop] loop", "  me", "  you"]


def test_nothing_at_all() -> None:
    assert build_tree(report()) == ()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("SONARR", ["vpn", "  b", "    a"], id="image, with those beneath"),
        pytest.param("media", ["vpn", "  b", "    a"], id="compose project"),
        pytest.param("unhealthy", ["zen", "  zen-dep"], id="finding"),
        pytest.param("zen dep", ["zen", "  zen-dep"], id="every word must match"),
        pytest.param("alone", ["[unshared]", "  alone"], id="keeps what is above"),
        pytest.param(cid("alone")[:12], ["[unshared]", "  alone"], id="id"),
        pytest.param("no such thing", [], id="nothing"),
    ],
)
def test_filter(text: str, lines: list[str]) -> None:
    of = report(*HOST)
    assert drawn(filter_rows(build_tree(of), of, text)) == lines


def test_an_empty_filter_shows_everything() -> None:
    of = report(*HOST)
    assert filter_rows(build_tree(of), of, "  ") == build_tree(of)


def test_one_that_is_gone_has_the_name_it_had_if_anybody_knows_it() -> None:
    dep = container("dep", joins=cid("vpn"))
    assert drawn(build_tree(report(dep))) == [f"[gone] {cid('vpn')[:12]}", "  dep"]
    known = Report(snapshot(dep, former_containers={"vpn": "vpn"}))
    assert drawn(build_tree(known)) == ["[gone] vpn", "  dep"]
