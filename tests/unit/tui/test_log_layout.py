"""How a log is laid out, without a screen."""

from __future__ import annotations

import random

import pytest

from nstui.model.audit import LogLine, LogSource
from nstui.tui.widgets.log_layout import (
    LogBuffer,
    LogLayout,
    LogRows,
    LogSearch,
    log_time_text,
    row_count,
    split_rows,
)


def line(text: str, source: LogSource = LogSource.STDOUT) -> LogLine:
    return LogLine(source, None, text)


def lines(*texts: str) -> list[LogLine]:
    return [line(text) for text in texts]


def shown(sheet: LogLayout) -> list[str]:
    rows = (sheet.row(number) for number in range(sheet.height))
    return [row.prefix + row.text for row in rows]


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("", 5, [""]),
        ("abc", 5, ["abc"]),
        ("abcde", 5, ["abcde"]),
        ("abcdefg", 5, ["abcde", "fg"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("a漢字b", 3, ["a漢", "字b"]),
        ("e\u0301" * 6, 5, ["e\u0301" * 5, "e\u0301"]),
        ("\u0301", 5, [""]),
    ],
)
def test_wrapping(text: str, width: int, cut: list[str]) -> None:
    assert split_rows(text, width) == cut
    assert row_count(text, width) == len(cut)


def test_rows_of_lines_that_come_and_go() -> None:
    chance = random.Random(1)  # noqa: S311 - the same each time
    rows, heights = LogRows(), list[int]()
    for _ in range(200):
        new = [chance.randint(1, 4) for _ in range(chance.randint(0, 5))]
        rows.extend(new)
        heights += new
        gone = chance.randint(0, len(heights))
        assert rows.drop(gone) == sum(heights[:gone])
        del heights[:gone]
        assert rows.total == sum(heights)
        places = [
            (i, part) for i, height in enumerate(heights) for part in range(height)
        ]
        assert [rows.at(row) for row in range(rows.total)] == places
        firsts = [rows.row_of(index) for index in range(len(heights))]
        assert firsts == [sum(heights[:index]) for index in range(len(heights))]


def test_only_the_newest_lines_are_kept() -> None:
    buffer = LogBuffer(lines=3)
    assert buffer.add(lines("a", "b"))[1] == 0
    assert buffer.add(lines("c", "d"))[1] == 1
    assert (buffer.first, buffer.last) == (1, 4)
    assert [kept.text for kept in buffer.lines] == ["b", "c", "d"]
    assert buffer.line(2).text == "c"
    buffer.add(lines(*"efghi"))
    assert [kept.text for kept in buffer.lines] == ["g", "h", "i"]
    assert (buffer.first, buffer.last) == (6, 9)


def test_only_so_many_characters_are_kept() -> None:
    buffer = LogBuffer(lines=100, characters=10)
    buffer.add(lines("aaaa", "bbbb"))
    buffer.add(lines("cccc"))
    assert [kept.text for kept in buffer.lines] == ["bbbb", "cccc"]
    buffer.add(lines("d" * 9))
    assert [kept.text for kept in buffer.lines] == ["d" * 9]
    buffer.add(lines("e" * 11))
    assert buffer.lines == []
    buffer.add(lines("f"))
    assert [kept.text for kept in buffer.lines] == ["f"]
    assert (buffer.first, buffer.last) == (5, 6)


def test_nothing_is_missing_between_two_lines() -> None:
    buffer = LogBuffer(lines=3)
    buffer.add(lines("a", "b"))
    assert buffer.add(lines("e"), skipped=2)[1] == 2
    assert [kept.text for kept in buffer.lines] == ["e"]
    assert (buffer.first, buffer.last) == (4, 5)


def test_searching_goes_around_the_ends() -> None:
    buffer = LogBuffer(lines=6)
    buffer.add(lines("x0", "1", "x2", "3", "x4", "5"))
    search = LogSearch()
    search.start("x", buffer)
    assert search.position == (0, 3)
    assert search.go_near(3) == 2
    assert search.position == (2, 3)
    assert [search.step(1, 0) for _ in range(3)] == [4, 0, 2]
    assert [search.step(-1, 0) for _ in range(3)] == [0, 4, 2]
    added, _ = buffer.add(lines("6", "x7", "8"))
    search.extend(6, added)
    search.forget_before(buffer.first)
    assert search.position == (0, 2)
    assert search.step(1, 5) == 7
    search.start("y", buffer)
    assert search.position == (0, 0)
    assert search.step(1, 0) is None
    assert search.go_near(0) is None


def test_a_search_from_before_the_first_place() -> None:
    buffer = LogBuffer()
    buffer.add(lines("0", "1", "x2"))
    search = LogSearch()
    search.start("x", buffer)
    assert search.go_near(0) == 2


def test_words_that_are_cut_by_the_end_of_a_row_are_marked_in_both() -> None:
    sheet = LogLayout()
    sheet.width = 10
    sheet.add(lines("0123456error9"))
    sheet.search.start("error", sheet.buffer)
    sheet.search.go_near(0)
    first, second = sheet.row(0), sheet.row(1)
    assert (first.text, first.found) == ("0123456err", ((7, 10),))
    assert (second.text, second.found) == ("or9", ((0, 2),))
    assert first.is_current
    assert second.is_continued


def test_signs_take_room_from_the_first_line_of_another_source_on() -> None:
    sheet = LogLayout()
    sheet.width = 12
    sheet.add(lines("0123456789ab"))
    assert shown(sheet) == ["0123456789ab"]
    sheet.add([line("err", LogSource.STDERR), line("why", LogSource.ENGINE)])
    assert shown(sheet) == ["  0123456789", "  ab", "▌ err", "! why"]
    assert sheet.number_at(2) == 1
    assert sheet.row_of(1) == 2


def test_wide_lines_that_are_not_wrapped() -> None:
    sheet = LogLayout()
    sheet.width = 12
    sheet.wraps = False
    sheet.add(lines("漢" * 10 + "x", "short"))
    assert shown(sheet) == ["漢" * 10 + "x", "short"]
    assert sheet.widest == 21
    sheet.search.start("x", sheet.buffer)
    assert sheet.found_columns(0) == (20, 21)
    assert sheet.found_columns(1) is None
    sheet.clear()
    assert (sheet.height, sheet.widest, sheet.search.words) == (0, 0, "x")


def test_times() -> None:
    assert log_time_text(None) == "?"
    assert len(log_time_text(1_795_435_200_123_456_789)) == len("11-23 12:00:00.123")
    assert log_time_text(1_795_435_200_123_456_789).endswith(":00.123")
