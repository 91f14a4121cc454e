"""The words of a log: between its lines, about its containers, and in a file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nstui.errors import EngineRefused
from nstui.render.logs import (
    RANGES,
    LogRange,
    file_name,
    fit_name,
    group_title,
    matching_text,
    restart_text,
    saved_line,
    unread_lines,
)
from tests.support.builders import NOON, cid

HERE = NOON.astimezone()
NOON_NS = int(NOON.timestamp()) * 10**9
DAY = 24 * 3600 * 10**9


def test_a_restart_has_a_date_only_on_another_day() -> None:
    assert restart_text(NOON_NS + 5, NOON_NS) == f"── restarted {HERE:%H:%M:%S} ──"
    assert restart_text(NOON_NS, NOON_NS + DAY) == (
        f"── restarted {HERE:%m-%d %H:%M:%S} ──"
    )


@pytest.mark.parametrize(
    ("name", "width", "fitted"),
    [
        ("vpn", 6, "vpn   "),
        ("sonarr", 6, "sonarr"),
        ("prowlarr", 7, "pro…arr"),
        ("media-sonarr-1", 8, "medi…r-1"),
        ("media-sonarr-2", 8, "medi…r-2"),
    ],
)
def test_names_are_cut_in_the_middle(name: str, width: int, fitted: str) -> None:
    assert fit_name(name, width) == fitted
    assert len(fitted) == width


@pytest.mark.parametrize(
    ("read", "most", "alone", "each"),
    [
        (RANGES[0], 2000, "the last 1,000 lines", "the last 1,000 lines of each"),
        (RANGES[0], 250, "the last 1,000 lines", "the last 250 lines of each"),
        (
            RANGES[2],
            1428,
            "the last hour",
            "the last hour, at most 1,428 lines of each",
        ),
    ],
)
def test_how_much_is_read(read: LogRange, most: int, alone: str, each: str) -> None:
    assert read.text(most, is_group=False) == alone
    assert read.text(most, is_group=True) == each


@pytest.mark.parametrize(
    ("count", "has_owner", "title"),
    [
        (7, True, "vpn and its 6 dependents"),
        (2, True, "vpn and its 1 dependent"),
        (1, True, "vpn"),
        (0, True, "vpn"),
        (2, False, "vpn and 1 other"),
        (3, False, "vpn and 2 others"),
    ],
)
def test_whose_log_it_is(count: int, has_owner: bool, title: str) -> None:  # noqa: FBT001 - a case
    assert group_title("vpn", count, has_owner=has_owner) == title


def test_what_cannot_be_read_takes_few_lines() -> None:
    names = {cid(name): name for name in "abcdefg"}
    problems = {cid(name): EngineRefused(f"no\x1b {name}") for name in "abcde"}
    assert unread_lines({}, (), names, 32) == ()
    some = dict(list(problems.items())[:2])
    assert unread_lines(some, (), names, 32) == (
        "the log of a cannot be read: no\\x1b a",
        "the log of b cannot be read: no\\x1b b",
    )
    assert unread_lines(problems, (), names, 32)[1:] == (
        "the log of b cannot be read: no\\x1b b",
        "3 more logs cannot be read",
    )
    waiting = tuple(map(cid, "cdefg"))
    assert unread_lines({}, waiting[:1], names, 32) == (
        "1 running container is not followed (at most 32 are): c",
    )
    assert unread_lines({}, waiting, names, 32) == (
        "5 running containers are not followed (at most 32 are): c, d, e, …",
    )


@pytest.mark.parametrize(
    ("shown", "total", "words"),
    [(0, 1, "0 of 1 line"), (12, 1204, "12 of 1,204 lines")],
)
def test_how_many_match(shown: int, total: int, words: str) -> None:
    assert matching_text(shown, total) == words


@pytest.mark.parametrize(
    ("time_ns", "name", "sign", "saved"),
    [
        (NOON_NS + 7, "", "", "2026-11-23T12:00:00.000000007Z text"),
        (NOON_NS, "vpn   ", "▌ ", "2026-11-23T12:00:00.000000000Z vpn    ▌ text"),
        (None, "", "", "- text"),
    ],
)
def test_a_saved_line(time_ns: int | None, name: str, sign: str, saved: str) -> None:
    assert saved_line(time_ns, name, sign, "text") == saved


@pytest.mark.parametrize(
    ("name", "start"),
    [("vpn", "vpn"), ("a/b \n../c", "a-b-..-c"), ("…", "log"), ("-.x", "x")],
)
def test_the_name_of_a_file_is_harmless(name: str, start: str) -> None:
    now = datetime(2026, 11, 23, 12, 3, 4, tzinfo=UTC)
    assert file_name(name, now) == f"{start}-20261123-120304.log"
