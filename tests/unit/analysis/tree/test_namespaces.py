"""Every namespace with all that holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.analysis.tree.namespaces import (
    NO_PAST,
    HeldNamespace,
    find_held,
    find_limitations,
    record_namespaces,
    without_container,
)
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading
from tests.support.builders import cid, container, report, snapshot
from tests.support.machine import BLIND, NET, holders, mount, process, sandbox, scan

if TYPE_CHECKING:
    from nstui.analysis.tree.namespaces import Past
    from nstui.model.holders import Holders

REPORT = report(container("own"), net={"own": 7})
PERMISSION = "needs root (in a container: SYS_PTRACE)"
NOTE = "reading namespace inodes needs root: run nstui with sudo"


def held(of: Report, found: Holders, past: Past = NO_PAST) -> dict[int, HeldNamespace]:
    """Return the namespaces of a machine by their numbers."""
    all_of_them = find_held(of, scan(of, found), past)
    return {one.namespace.inode: one for one in all_of_them}


def read_as(
    level: NamespacesRead, *, note: str | None = NOTE, endpoint: str = "unix:///d"
) -> Report:
    """Return a look that told no inodes."""
    seen = snapshot(container("own"))
    return Report(
        replace(
            seen,
            host=HostReading(level=level, note=note),
            engine=replace(seen.engine, endpoint=endpoint),
        )
    )


def test_all_that_holds_a_namespace_is_put_together() -> None:
    (one,) = held(REPORT, holders(process(7, 40, 2), mount(7, "/run/netns/a"))).values()
    assert one.containers == (cid("own"),)
    assert one.processes is not None
    assert (one.processes.count, len(one.mounts)) == (2, 1)
    assert not one.is_left


def test_those_with_the_lowest_pids_come_first_and_the_empty_last() -> None:
    of = holders(process(9, 80), process(8, 2), mount(5, "/run/netns/a"))
    assert list(held(REPORT, of)) == [8, 9, 5, 7]


def test_another_kind_is_left_out() -> None:
    of = scan(REPORT, holders(process(9, 80)), NamespaceKind.IPC)
    assert find_held(REPORT, of) == ()


def test_that_of_the_machine_itself() -> None:
    found = held(REPORT, holders(process(8, 1), process(9, 2)))
    assert [one.is_host for one in found.values()] == [True, False, False]


# Left by their containers


def test_a_network_that_only_the_engine_still_holds_is_left() -> None:
    found = held(REPORT, holders(sandbox(8), sandbox(7)))
    assert found[8].is_left
    assert found[8].was is None
    assert not found[7].is_left


def test_with_a_process_in_it_that_may_be_another_engines_network() -> None:
    assert not held(REPORT, holders(sandbox(8), process(8, 80)))[8].is_left
    other = process(8, 80, container=cid("other"), started=-5)
    found = held(REPORT, holders(other), SEEN)[8]
    assert (found.owners, found.is_left) == ((cid("other"),), False)


@pytest.mark.parametrize("missing", [{"refused": 1}, {"hides_others": True}])
def test_where_not_all_processes_are_seen_one_may_be_in_it(
    missing: dict[str, int],
) -> None:
    of = holders(sandbox(8), **missing)  # type: ignore[arg-type]  # one of these
    assert not held(REPORT, of)[8].is_left
    of = holders(process(8, 80, started=-5), **missing)  # type: ignore[arg-type]  # ditto
    assert held(REPORT, of, SEEN)[8].is_left


@pytest.mark.parametrize("name", ["default", "1-abcdefghij", "ingress_sbox"])
def test_the_engines_other_networks_are_no_containers(name: str) -> None:
    assert not held(REPORT, holders(sandbox(8, f"/run/docker/netns/{name}")))[8].is_left


def test_a_named_network_was_nobodys() -> None:
    assert not held(REPORT, holders(mount(8, "/run/netns/blue")))[8].is_left


SEEN = record_namespaces(NO_PAST, report(container("vpn"), net={"vpn": 8}), REPORT)


@pytest.mark.parametrize(
    ("started", "is_left"),
    [
        pytest.param(-5, True, id="it was there with the container"),
        pytest.param(5, False, id="it came later, so the number may be another's"),
        pytest.param(None, False, id="nobody knows"),
    ],
)
def test_a_process_that_outlived_the_containers(
    started: int | None, *, is_left: bool
) -> None:
    one = held(REPORT, holders(process(8, 80, started=started)), SEEN)[8]
    assert one.is_left is is_left
    assert (one.was is not None and one.was.names == ("vpn",)) is is_left


def test_a_mount_that_was_there_with_the_container() -> None:
    blue = holders(mount(8, "/run/netns/blue"))
    vpn = report(container("vpn"), net={"vpn": 8})
    for seen, is_left in ((blue, True), (holders(), False), (None, False)):
        past = record_namespaces(NO_PAST, vpn, REPORT, seen)
        assert held(REPORT, blue, past)[8].is_left is is_left


def test_the_machines_own_is_never_left() -> None:
    vpn = report(container("vpn", mode="host"), net={"vpn": 8})
    host = record_namespaces(NO_PAST, vpn, REPORT)
    assert not held(REPORT, holders(process(8, 1, started=-5)), host)[8].is_left


def test_what_a_container_was_in_when_the_scan_began_is_not_listed() -> None:
    of = scan(REPORT, holders(process(7, 40), process(9, 80)))
    later = report(container("other"), net={"other": 5})
    found = find_held(later, of, record_namespaces(NO_PAST, REPORT, later))
    assert [one.namespace.inode for one in found] == [9, 5]


def test_a_container_that_started_after_the_scan_is_not_a_stranger() -> None:
    of = scan(REPORT, holders(process(9, 80)))
    later = report(container("new"), net={"new": 9})
    assert without_container(find_held(later, of)) == ()


def test_while_a_container_could_not_be_placed_nothing_is_left() -> None:
    of = report(container("own"), container("dark"), net={"own": 7})
    found = scan(of, holders(sandbox(8)))
    assert not find_held(of, found)[0].is_left
    assert find_limitations(of, found, NET) == (
        "dark: could not be read, and may be in one of these",
    )


def test_those_that_are_left_come_first_among_the_strangers() -> None:
    of = holders(process(9, 80), process(7, 3), sandbox(8))
    found = without_container(held(REPORT, of).values())
    assert [one.namespace.inode for one in found] == [8, 9]


# What could not be looked at


def test_without_inodes_nobody_knows_which_are_the_containers() -> None:
    of = read_as(NamespacesRead.FINGERPRINT)
    found = scan(of, holders(sandbox(8)))
    (one,) = find_held(of, found)
    assert (one.containers, one.is_left) == (None, False)
    assert find_limitations(of, found, NET) == (
        f"could not read which are in use: {NOTE}",
    )


def test_of_another_machine_nothing_is_listed() -> None:
    of = read_as(NamespacesRead.DECLARED)
    found = scan(of, holders(process(8, 2)))
    assert find_held(of, found) == ()
    assert find_limitations(of, found, NET) == (NOTE,)


@pytest.mark.parametrize(
    ("endpoint", "listed"),
    [
        ("unix:///var/run/docker.sock", 1),
        ("ssh://nas", 1),
        ("tcp://10.0.0.7:2375", 0),
    ],
)
def test_without_a_container_only_the_address_tells_which_machine(
    endpoint: str, listed: int
) -> None:
    of = read_as(NamespacesRead.INODE, note=None, endpoint=endpoint)
    found = scan(of, holders(process(8, 2)))
    assert len(find_held(of, found)) == listed
    said = find_limitations(of, found, NET)
    words = f"cannot tell whether {endpoint} is this machine: no container is running"
    assert (said == (words,)) is not listed


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(holders(), (), id="nothing"),
        pytest.param(
            holders(refused=3, leftovers=("old",)),
            (
                f"3 processes could not be read: {PERMISSION}",
                "/run/netns/old is a name without a namespace",
            ),
            id="refused, and a name without a namespace",
        ),
        pytest.param(
            holders(refused=1),
            (f"1 process could not be read: {PERMISSION}",),
            id="one refused",
        ),
        pytest.param(
            holders(hides_others=True),
            ("other users' processes are hidden here: there may be more",),
            id="hidden",
        ),
        pytest.param(
            BLIND,
            (
                "the machine's processes could not be listed",
                "the mounts could not be read",
            ),
            id="blind",
        ),
    ],
)
def test_what_could_not_be_looked_at_is_said(
    found: Holders, said: tuple[str, ...]
) -> None:
    assert find_limitations(REPORT, scan(REPORT, found), NET) == said


def test_a_name_without_a_namespace_is_told_with_the_networks_only() -> None:
    ipc = NamespaceKind.IPC
    found = scan(REPORT, holders(leftovers=("old",)), NET, ipc)
    assert "old" not in "".join(find_limitations(REPORT, found, ipc))
