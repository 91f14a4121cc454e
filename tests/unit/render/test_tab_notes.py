"""What a tab says of a line where there is nothing that could be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.certainty import NOT_YET
from nstui.analysis.report import Report
from nstui.analysis.tree.members import members_of
from nstui.analysis.tree.tree import RowKind, build_held_rows, build_tree
from nstui.model.namespace import NamespaceKind
from nstui.render.member_sections import member_sections
from nstui.render.network_sections import (
    NO_NETWORK,
    no_network_text,
    no_process_text,
)
from nstui.render.text import words_of
from tests.support.builders import cid, container, report, snapshot
from tests.support.machine import NET, holders, process, scan

VPN = container("vpn")
DEP = container("dep", joins=cid("vpn"))
STOPPED = container("stopped", joins=cid("vpn"), state="exited")
BLIND = container("blind", is_inspected=False)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vpn", None),
        ("dep", None),
        ("stopped", "not running; it would join the network of vpn"),
        ("blind", "could not be inspected: the engine did not answer"),
        ("alone", "not running"),
    ],
)
def test_a_container_without_a_network(name: str, words: str | None) -> None:
    alone = container("alone", state="created", started=None)
    of = report(VPN, DEP, STOPPED, BLIND, alone, net={"vpn": 7, "dep": 7})
    lines = (line for top in build_tree(of) for line in top.walk())
    line = next(line for line in lines if line.label == name)
    assert no_network_text(of, line) == words
    assert (no_process_text(of, cid(name)) is None) is (words is None)


def test_every_line_that_is_no_container_has_a_sentence() -> None:
    of = report(
        container("orphan", joins=cid("gone")),
        container("a", joins="b", state="exited"),
        container("b", joins="a", state="exited"),
        container("one", mode="host"),
        VPN,
        container("alone"),
        container("other"),
        container("blog", compose="web/blog"),
        net={"vpn": 7, "alone": 9, "other": 9},
    )
    rows = [row for top in build_tree(of) for row in top.walk()]
    tops = {row.kind: row for row in rows if row.container is None}
    of_namespaces = {RowKind.HELD, RowKind.NAMESPACE, RowKind.UNREAD}
    assert set(tops) == set(RowKind) - {RowKind.CONTAINER} - of_namespaces
    # The network of the undeclared group can be read.
    assert no_network_text(of, tops.pop(RowKind.UNDECLARED)) is None
    said = {no_network_text(of, top) for top in tops.values()}
    assert len(said) == len(tops)
    assert all(words and words.endswith(".") for words in said)


def test_nothing_is_said_of_what_is_still_to_be_read() -> None:
    seen = snapshot(VPN, BLIND, STOPPED)
    of = Report(replace(seen, is_glimpse=True))
    for top in build_tree(of):
        for line in top.walk():
            if line.container is not None:
                assert no_network_text(of, line) == NOT_YET
    (table, *remarks) = member_sections(
        of, members_of(of, cid("blind"), {}, {}), width=99
    )
    assert remarks == []
    assert "inspected" not in words_of(table.rows[1].value)


@pytest.mark.parametrize("kind", [NamespaceKind.PID, NamespaceKind.IPC])
def test_in_the_tree_of_another_kind_a_line_above_others_has_no_network(
    kind: NamespaceKind,
) -> None:
    of = report(VPN, container("one", mode="host"), net={"vpn": 7})
    (top,) = build_tree(of, kind)
    assert no_network_text(of, top) == NO_NETWORK


def test_a_namespace_without_a_container_is_no_container() -> None:
    of = report(VPN, net={"vpn": 7})
    top = build_held_rows(of, NET, scan(of, holders(process(9, 80))))
    assert [no_network_text(of, line) for line in top.walk()] == [NO_NETWORK] * 2
