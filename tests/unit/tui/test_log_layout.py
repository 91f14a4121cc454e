"""How a log is laid out, without a screen."""

from __future__ import annotations

import itertools
import random

import pytest

from nstui.analysis.logs import PlacedLine
from nstui.model.audit import LogLine, LogSource
from nstui.model.container import ContainerId
from nstui.render.logs import log_time_text, restart_text
from nstui.tui.widgets.log_buffer import KeptLine, LogBuffer, LogSearch
from nstui.tui.widgets.log_layout import LogLayout, LogRows, row_count, split_rows

A, B = ContainerId("a" * 64), ContainerId("b" * 64)
NUMBERS = itertools.count(1)


def line(
    text: str,
    source: LogSource = LogSource.STDOUT,
    *,
    of: ContainerId = A,
    at: int | None = None,
) -> PlacedLine:
    """Return a line that was written at a time, or after all before it."""
    number = next(NUMBERS)
    return PlacedLine((at or number, of, number), LogLine(source, at, text))


def lines(*texts: str) -> list[PlacedLine]:
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
    assert buffer.add(lines("e"), {A: 2}) == (0, 0)
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
    assert buffer.add(lines("6", "x7", "8")) == (6, 3)
    search.extend(6, buffer.lines[6 - buffer.first :])
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


def test_lines_that_arrive_late_are_put_in_their_places() -> None:
    chance = random.Random(2)  # noqa: S311 - the same each time
    for _ in range(60):
        sheet, whole = LogLayout(), LogLayout()
        for each in (sheet, whole):
            each.width = 12
            each.buffer = LogBuffer(lines=25)
        words = chance.choice(["", "x"])
        sheet.search.start("x1", sheet.buffer)
        sheet.show_only(words)
        new = [
            line(f"{'x' * chance.choice([0, 9])}{at % 3}", of=of, at=at + 1)
            for of in (A, B)
            for at in chance.choices(range(40), k=20)
        ]
        new = sorted(new, key=lambda each: each.key)
        chance.shuffle(new)
        while new:
            count = chance.randint(1, 9)
            sheet.add(new[:count])
            del new[:count]
        # However they arrived, they are laid out as if all had come at once.
        assert [k.key for k in sheet.buffer.lines] == sorted(
            k.key for k in sheet.buffer.lines
        )
        texts = [k.text for k in sheet.buffer.lines if words in k.text]
        whole.add([*map(_placed, sheet.buffer.lines)])
        whole.search.start("x1", whole.buffer)
        whole.show_only(words)
        assert shown(sheet) == shown(whole)
        assert sheet.search.position[1] == whole.search.position[1]
        assert sheet.only.position[1] == (len(texts) if words else 0)


def _placed(kept: KeptLine) -> PlacedLine:
    return PlacedLine(kept.key, LogLine(kept.source, kept.time_ns, kept.text))


def test_the_current_match_stays_where_lines_come_before_it() -> None:
    sheet = LogLayout()
    sheet.width = 40
    sheet.add([line("x1", at=10), line("x2", at=20), line("x3", at=30)])
    sheet.search.start("x", sheet.buffer)
    assert sheet.search.go_near(1) == 1
    sheet.add([line("late x", of=B, at=15)])
    assert sheet.search.current == 2
    assert sheet.search.position == (3, 4)
    assert sheet.buffer.line(2).text == "x2"
    sheet.show_only("x3")
    assert shown(sheet) == ["x3"]
    assert sheet.search.position == (0, 1)


def test_a_gap_drops_only_the_lines_of_its_container() -> None:
    sheet = LogLayout()
    sheet.width = 40
    sheet.add([line("a1", at=1), line("b1", of=B, at=2), line("a2", at=3)])
    sheet.add([line("a9", at=9)], {A: 5})
    assert shown(sheet) == ["b1", "a9"]
    assert sheet.buffer.first == 7
    assert sheet.buffer.last == 9


def test_names_stand_before_the_lines_and_a_restart_between_them() -> None:
    sheet = LogLayout()
    sheet.width = 30
    sheet.set_names({A: "a", B: "some-long-name"})
    mark = PlacedLine((2 * 10**9, A, -1), LogLine(LogSource.MARK, 2 * 10**9, ""))
    sheet.add([line("1", at=10**9), line("2", of=B, at=3 * 10**9), mark])
    rows = shown(sheet)
    assert [row[:8] for row in rows] == ["a       ", "a       ", "som…ame "]
    assert [row[8:] for row in rows] == ["1", restart_text(2 * 10**9, 0), "2"]
    assert [sheet.row(number).owner for number in range(3)] == [0, 0, 1]
    assert not sheet.prefix.has_signs
