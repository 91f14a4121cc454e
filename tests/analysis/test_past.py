"""What is remembered of the namespaces that containers were in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nstui.analysis.past import MOST, NO_PAST, remember
from nstui.analysis.report import Report
from nstui.model.holders import HoldingProcess
from nstui.model.namespace import NamespacesRead
from tests.builders import NOON, container, report, snapshot
from tests.machine import holders, mount, net

FIRST = Report(
    snapshot(container("vpn"), container("dep", joins="vpn"), net={"vpn": 7, "dep": 7})
)


def test_the_newest_look_at_a_namespace_counts() -> None:
    later = Report(snapshot(container("dep"), net={"dep": 7}, minutes=5))
    past = remember(remember(NO_PAST, FIRST), later)
    assert past[net(7)].names == ("dep",)
    assert past[net(7)].at == NOON + timedelta(minutes=5)


def test_what_nobody_is_in_any_more_stays_as_it_was() -> None:
    later = Report(snapshot(container("vpn"), net={"vpn": 8}, minutes=5))
    past = remember(remember(NO_PAST, FIRST), later)
    assert {n.inode: seen.names for n, seen in past.items()} == {
        7: ("dep", "vpn"),
        8: ("vpn",),
    }
    assert past[net(7)].at == NOON


def test_only_so_many_are_remembered_the_newest() -> None:
    past = NO_PAST
    for inode in range(MOST + 3):
        past = remember(past, report(container("c"), net={"c": inode}))
    inodes = [namespace.inode for namespace in past]
    assert inodes == list(range(2, MOST + 3))


def test_a_fingerprint_is_nothing_to_remember() -> None:
    assert remember(NO_PAST, report(container("own"))) == {}
    assert FIRST.snapshot.namespaces_read is NamespacesRead.INODE


@pytest.mark.parametrize(
    ("started_s", "is_same"),
    [(-60, True), (-2, True), (-1, False), (60, False), (None, False)],
)
def test_who_was_there_before_proves_that_it_is_the_same(
    started_s: int | None, *, is_same: bool
) -> None:
    at = None if started_s is None else NOON + timedelta(seconds=started_s)
    seen = remember(NO_PAST, FIRST)[net(7)]
    assert seen.is_of((HoldingProcess(9, "sh", at),), ()) is is_same


def test_mounts_are_known_only_where_somebody_looked() -> None:
    blue = mount(7, "/run/netns/blue")
    first = remember(NO_PAST, FIRST, holders(blue))
    assert first[net(7)].is_of((), (blue,))
    assert remember(first, FIRST)[net(7)].is_of((), (blue,))
    assert not remember(first, FIRST, holders())[net(7)].is_of((), (blue,))
    assert not remember(NO_PAST, FIRST)[net(7)].is_of((), (blue,))
