"""The lines for namespaces that no container is in."""

from __future__ import annotations

import pytest

from nstui.analysis.tree.filtering import filter_rows
from nstui.analysis.tree.tree import RowKind, build_held_rows, held_row
from nstui.model.namespace import NamespaceKind
from tests.support.builders import cid, container, report
from tests.support.machine import NET, holders, mount, process, sandbox, scan

PERMISSION = "needs root (in a container: SYS_PTRACE)"
REPORT = report(container("own"), net={"own": 7})
FOUND = holders(
    process(7, 40),
    process(8, 80, command="Dnsmasq"),
    process(6, 90, container=cid("own")),
    mount(8, "/run/netns/lab"),
    sandbox(9),
    refused=2,
    leftovers=("old",),
)


def test_a_line_for_each_namespace_then_for_what_could_not_be_read() -> None:
    top = build_held_rows(REPORT, NET, scan(REPORT, FOUND))
    assert (top.key, top.kind, top.container) == ("held", RowKind.HELD, None)
    assert [(line.kind.value, line.label) for line in top.children] == [
        ("namespace", "net:[8]"),
        ("namespace", "net:[6]"),
        ("namespace", "net:[9]"),
        ("unread", f"2 processes could not be read: {PERMISSION}"),
        ("unread", "/run/netns/old is a name without a namespace"),
    ]
    keys = [line.key for line in top.walk()]
    assert len(set(keys)) == len(keys)


def test_another_kind_has_lines_of_its_own() -> None:
    of = scan(REPORT, FOUND, NET, NamespaceKind.IPC)
    of_both = report(container("own"), net={"own": 7}, ipc={"own": 5})
    top = build_held_rows(of_both, NamespaceKind.IPC, of)
    assert (top.shared, top.children) == (NamespaceKind.IPC, ())


def test_a_line_that_says_why_there_are_none() -> None:
    top = held_row(NET, "reading")
    assert (top.label, top.children) == ("reading", ())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dnsmasq", ["net:[8]"]),
        ("80", ["net:[8]"]),
        ("net:[9]", ["net:[9]"]),
        ("lab dnsmasq", ["net:[8]"]),
        ("netns", ["net:[8]", "net:[9]"]),
        ("own", ["net:[6]"]),
        ("root", []),
        ("", None),
    ],
)
def test_the_filter(text: str, shown: list[str] | None) -> None:
    top = build_held_rows(REPORT, NET, scan(REPORT, FOUND))
    kept = filter_rows([top], REPORT, text)
    if shown is None:
        assert kept == (top,)
    else:
        assert [line.label for one in kept for line in one.children] == shown
