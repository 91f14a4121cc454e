"""Which containers are in one namespace, or should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.groups import find_groups
from nstui.analysis.report import Report
from nstui.model.finding import Group, GroupBond
from nstui.model.namespace import NamespaceKind
from tests.support.builders import cid, container, report, snapshot

if TYPE_CHECKING:
    from nstui.model.snapshot import Snapshot


def names(group: Group, of: Report) -> list[str]:
    return [of.graph.name(member) for member in group.members]


def groups_of(one: Snapshot) -> tuple[Group, ...]:
    return find_groups(one, Report(one).graph, NamespaceKind.NET)


def test_an_owner_leads_its_dependents() -> None:
    of = report(
        container("vpn"),
        container("b", joins=cid("vpn")),
        container("a", joins=cid("b")),
        container("alone"),
        net={"vpn": 7, "a": 7, "b": 7, "alone": 8},
    )
    (group,) = of.groups()
    assert names(group, of) == ["vpn", "b", "a"]
    assert (group.bond, group.owner) == (GroupBond.OWNER, cid("vpn"))
    assert str(group.namespace) == "net:[7]"


def test_a_stale_member_stays_in_its_group() -> None:
    of = report(
        container("vpn"), container("dep", joins=cid("vpn")), net={"vpn": 8, "dep": 7}
    )
    (group,) = of.groups()
    assert names(group, of) == ["vpn", "dep"]
    assert str(group.namespace) == "net:[8]"


def test_orphans_of_one_owner_are_a_group_even_alone() -> None:
    of = report(
        container("dep", joins=cid("gone")),
        container("dep2", joins=cid("dep")),
        container("other", joins=cid("gone too")),
        net={"dep": 7, "dep2": 7, "other": 8},
    )
    first, second = of.groups()
    assert (first.bond, first.owner, names(first, of)) == (
        GroupBond.GONE,
        None,
        ["dep", "dep2"],
    )
    assert first.gone_reference == cid("gone")
    assert names(second, of) == ["other"]


def test_the_hosts_namespace_has_no_owner() -> None:
    of = report(
        container("exporter", mode="host"), container("dep", joins=cid("exporter"))
    )
    (group,) = of.groups()
    assert (group.bond, group.owner) == (GroupBond.HOST, None)
    assert names(group, of) == ["exporter", "dep"]


def test_none_and_bridge_are_no_groups() -> None:
    of = report(container("a", mode="none"), container("b", mode="none"))
    assert of.groups() == ()


def test_the_kernel_shows_who_shares_without_saying_so() -> None:
    of = report(container("a"), container("b"), container("c"), net={"a": 7, "b": 7})
    (group,) = of.groups()
    assert (group.bond, group.owner) == (GroupBond.UNDECLARED, None)
    assert names(group, of) == ["a", "b"]


def test_who_is_found_in_an_owners_namespace_joins_its_group() -> None:
    of = report(
        container("vpn"),
        container("dep", joins=cid("vpn")),
        container("stranger"),
        net={"vpn": 7, "dep": 7, "stranger": 7},
    )
    (group,) = of.groups()
    assert group.owner == cid("vpn")
    assert names(group, of) == ["vpn", "dep", "stranger"]


def test_an_inode_that_another_container_reuses_joins_nobody() -> None:
    # The owner has stopped; its inode went to a container that started since.
    one = snapshot(
        container("vpn", state="exited"),
        container("dep", joins=cid("vpn")),
        container("new"),
        net={"dep": 7, "new": 9},
    )
    (group,) = groups_of(one)
    assert [Report(one).graph.name(m) for m in group.members] == ["vpn", "dep"]


def test_loops_are_a_group_that_nobody_owns() -> None:
    of = report(container("me", joins="me", state="created"))
    (group,) = of.groups()
    assert (group.bond, group.owner) == (GroupBond.LOOP, None)


def test_ipc_groups_are_separate() -> None:
    one = snapshot(
        container("shm"),
        container("worker", joins_ipc=cid("shm")),
        ipc={"shm": 5, "worker": 5},
    )
    of = Report(one)
    assert of.groups() == ()
    (group,) = of.groups(NamespaceKind.IPC)
    assert str(group.namespace) == "ipc:[5]"
