"""What is remembered of the namespaces that containers were in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nstui.analysis.report import Report
from nstui.analysis.tree.namespaces import MOST, NO_PAST, record_namespaces
from nstui.model.holders import HoldingProcess
from tests.support.builders import NOON, container, report, snapshot
from tests.support.machine import holders, mount, net, process

BOTH = report(container("vpn"), container("dep", joins="vpn"), net={"vpn": 7, "dep": 7})
ONE = Report(snapshot(container("dep"), net={"dep": 7}, minutes=5))
NONE = report(container("dep", state="exited"), net={})


def test_what_a_container_is_still_in_is_no_past() -> None:
    assert record_namespaces(NO_PAST, BOTH, BOTH) == {}
    assert record_namespaces(NO_PAST, BOTH, ONE) == {}


def test_who_was_in_it_when_it_was_last_seen() -> None:
    past = record_namespaces(record_namespaces(NO_PAST, BOTH, ONE), ONE, NONE)
    assert list(past) == [net(7)]
    assert past[net(7)].names == ("dep",)
    assert past[net(7)].at == NOON + timedelta(minutes=5)
    assert record_namespaces(NO_PAST, BOTH, NONE)[net(7)].names == ("dep", "vpn")


def test_what_was_left_earlier_stays_as_it_was() -> None:
    first = record_namespaces(NO_PAST, BOTH, NONE)
    web = report(container("web"), net={"web": 9})
    assert list(record_namespaces(first, web, NONE)) == [net(7), net(9)]
    assert record_namespaces(first, web, web) == first


def test_a_number_that_comes_back_is_that_of_the_last_one() -> None:
    first = record_namespaces(NO_PAST, BOTH, NONE)
    web = report(container("web"), net={"web": 7})
    assert record_namespaces(first, web, NONE)[net(7)].names == ("web",)


def test_only_so_many_are_remembered_the_newest() -> None:
    past = NO_PAST
    for inode in range(MOST + 3):
        past = record_namespaces(past, report(container("c"), net={"c": inode}), NONE)
    inodes = [namespace.inode for namespace in past]
    assert inodes == list(range(2, MOST + 3))


def test_without_inodes_there_is_nothing_to_remember() -> None:
    assert record_namespaces(NO_PAST, report(container("own")), NONE) == {}


@pytest.mark.parametrize(
    ("started_s", "is_same"),
    [(-60, True), (-2, True), (-1, False), (60, False), (None, False)],
)
def test_who_was_there_before_proves_that_it_is_the_same(
    started_s: int | None, *, is_same: bool
) -> None:
    at = None if started_s is None else NOON + timedelta(seconds=started_s)
    seen = record_namespaces(NO_PAST, BOTH, NONE)[net(7)]
    assert seen.is_of((HoldingProcess(9, "sh", at),), ()) is is_same


def test_mounts_are_known_only_where_somebody_looked() -> None:
    blue = mount(7, "/run/netns/blue")
    for found, is_same in ((holders(blue), True), (holders(), False), (None, False)):
        seen = record_namespaces(NO_PAST, BOTH, NONE, found)[net(7)]
        assert seen.is_of((), (blue,)) is is_same


@pytest.mark.parametrize(
    ("pid", "started_s", "is_same"),
    [
        pytest.param(9, 60, True, id="it was seen there with them"),
        pytest.param(9, 61, True, id="a start is known to a second or so"),
        pytest.param(9, 90, False, id="another one with its pid"),
        pytest.param(8, 60, False, id="another one"),
        pytest.param(9, None, False, id="nobody knows"),
    ],
)
def test_who_was_seen_there_with_them_proves_it_too(
    pid: int, started_s: int | None, *, is_same: bool
) -> None:
    at = None if started_s is None else NOON + timedelta(seconds=started_s)
    there = holders(process(7, 9, started=1))
    seen = record_namespaces(NO_PAST, BOTH, NONE, there)[net(7)]
    assert seen.is_of((HoldingProcess(pid, "sh", at),), ()) is is_same


def test_a_container_was_there_until_it_ended() -> None:
    own = container("own")
    assert own.inspection is not None
    ended = replace(own.inspection, finished_at=NOON + timedelta(minutes=3))
    after = report(replace(own, inspection=ended), net={})
    before = report(own, net={"own": 7})
    assert record_namespaces(NO_PAST, before, after)[net(7)].at == NOON + timedelta(
        minutes=3
    )
    again = replace(ended, started_at=NOON + timedelta(minutes=2))
    restarted = report(replace(own, inspection=again), net={"own": 8})
    assert record_namespaces(NO_PAST, before, restarted)[net(7)].at == NOON
    gone = report(net={})
    assert record_namespaces(NO_PAST, before, gone)[net(7)].at == NOON
