"""Only what differs is sent, and the terminal shows the same as with everything."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nstui.tui.screen_memory import ScreenMemory, parse_frame

COLUMNS, LINES = 20, 6
SIZE = (COLUMNS, LINES)
STYLES = (
    "0", "1", "31", "42", "4;31", "7;33;44", "38;2;1;2;3;48;2;9;9;9", "39;49",
    "2;38;5;9;48;5;200", "999",
)  # fmt: skip
WORDS = ("a", "bc", " ", "    ", "● ", "├─", "vpn running", "é", "\u4e2d", "e\u0301")
PIECES = st.builds("\x1b[{}m{}\x1b[0m".format, *map(st.sampled_from, (STYLES, WORDS)))
SPANS = st.builds(
    "\x1b[{};{}H{}{}".format,
    st.integers(1, LINES),
    st.integers(1, COLUMNS),
    st.lists(PIECES, max_size=3).map("".join),
    st.sampled_from(["", "\n"]),
)
FRAMES = st.lists(SPANS, min_size=1, max_size=6).map(lambda s: "".join(s) + "\x1b[1;1H")
OTHERS = st.sampled_from(
    ["\x1b[?25l", "\x1b[2J", "\x1b[?1049h", "loose", "\x1b]0;t\x07"]
)


class Screen:
    """A terminal."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(COLUMNS, LINES)
        # As Textual sets it: what is too long for a line does not go on in the next.
        self.screen.reset_mode(pyte.modes.DECAWM)
        self.stream = pyte.Stream(self.screen)

    def cells(self) -> list[list[tuple[object, ...]]]:
        """Return every cell; of a blank only what can be seen of it."""
        return [
            [seen(self.screen.buffer[line][column]) for column in range(COLUMNS)]
            for line in range(LINES)
        ]


def seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    lines = (cell.underscore, cell.strikethrough, cell.reverse)
    if cell.data == " " and not any(lines):
        return (cell.data, cell.bg)
    return (cell.data, cell.fg, cell.bg, cell.bold, cell.italics, *lines)


@given(st.lists(st.one_of(FRAMES, FRAMES, FRAMES, OTHERS), max_size=8))
def test_the_terminal_shows_the_same(writes: list[str]) -> None:
    memory, whole, reduced = ScreenMemory(), Screen(), Screen()
    for text in writes:
        whole.stream.feed(text)
        reduced.stream.feed(memory.reduce(text, SIZE))
        assert reduced.cells() == whole.cells()
        cursors = [(s.screen.cursor.y, s.screen.cursor.x) for s in (whole, reduced)]
        assert cursors[0] == cursors[1] or "\x1b[1;1H" not in text


@given(FRAMES)
def test_the_same_again_sends_nothing_where_the_widths_are_certain(frame: str) -> None:
    memory = ScreenMemory()
    parsed = parse_frame(frame, *SIZE)
    memory.reduce(frame, SIZE)
    places = [
        {(s.y, x) for x in range(s.x, s.end)} for s in (parsed.spans if parsed else ())
    ]
    overlaps = sum(map(len, places)) != len(set().union(*places))
    if parsed and all(s.is_simple for s in parsed.spans) and not overlaps:
        assert memory.reduce(frame, SIZE) == ""


FIRST = "\x1b[2;1H\x1b[31mab   cd\x1b[0m\x1b[1;1H"


@pytest.mark.parametrize(
    ("second", "spent"),
    [
        pytest.param(FIRST, "", id="nothing differs"),
        pytest.param(
            "\x1b[2;1H\x1b[31mab   xd\x1b[0m\x1b[1;1H",
            "\x1b[2;6H\x1b[31mx\x1b[0m\x1b[1;1H",
            id="one character",
        ),
        pytest.param(
            "\x1b[2;1H\x1b[31mxb   cx\x1b[0m\x1b[1;1H",
            "\x1b[2;1H\x1b[31mx\x1b[5Cx\x1b[0m\x1b[1;1H",
            id="two that are far apart",
        ),
        pytest.param(
            "\x1b[2;5H\x1b[31m ce\x1b[0m\x1b[3;1H",
            "\x1b[2;7H\x1b[31me\x1b[0m\x1b[3;1H",
            id="a part of a line",
        ),
        pytest.param("\x1b[3;1H", "\x1b[3;1H", id="only the cursor"),
        pytest.param(
            "\x1b[2;1H\x1b[31mab\u4e2d\x1b[0m\x1b[1;1H",
            "\x1b[2;1H\x1b[31mab\u4e2d\x1b[0m\x1b[1;1H",
            id="a character that takes two cells: all of it",
        ),
    ],
)
def test_what_is_sent_for_a_second_frame(second: str, spent: str) -> None:
    memory = ScreenMemory()
    memory.reduce(FIRST, SIZE)
    assert memory.reduce(second, SIZE) == spent


@pytest.mark.parametrize("other", ["\x1b[2J", "\x1b[?1049h", "x", "\x1b[?3;25l"])
def test_after_anything_unknown_all_is_sent_again(other: str) -> None:
    memory = ScreenMemory()
    before = memory.reduce(FIRST, SIZE)
    assert memory.reduce(other, SIZE) == other
    assert memory.reduce(FIRST, SIZE) == before


@pytest.mark.parametrize("other", ["\x1b[?25l", "\x1b[?2026$p", "\x1b]52;c;YQ==\x07"])
def test_what_changes_no_cell_is_passed_on(other: str) -> None:
    memory = ScreenMemory()
    memory.reduce(FIRST, SIZE)
    assert memory.reduce(other, SIZE) == other
    assert memory.reduce(FIRST, SIZE) == ""


def test_another_size_makes_the_screen_unknown() -> None:
    memory = ScreenMemory()
    before = memory.reduce(FIRST, SIZE)
    assert memory.reduce(FIRST, (COLUMNS, LINES + 1)) == before
