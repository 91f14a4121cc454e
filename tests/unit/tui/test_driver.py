"""Fewer bytes must draw the same: a terminal emulator is the judge."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nstui.tui.sgr import SgrMinimizer

COLUMNS, LINES = 20, 6
NUMBERS = (
    "0", "", "1", "2", "3", "4", "7", "9", "31", "42", "97", "103", "39", "49", "22",
    "38;5;9", "48;5;200", "38;2;1;2;3", "48;2;1;2;3", "48;2;9;9;9", "1;38;2;7;7;7",
    "0;4;44", "38;2;5;5;5;48;2;6;6;6",
)  # fmt: skip
PIECES = st.one_of(
    st.sampled_from([f"\x1b[{numbers}m" for numbers in NUMBERS]),
    st.sampled_from(["a", "bc", " ", "   ", "\r\n", "é", "\x1b[K", "\x1b[2J"]),
    st.builds("\x1b[{};{}H".format, st.integers(1, LINES), st.integers(1, COLUMNS - 3)),
)


def drawn(*writes: str) -> list[list[tuple[object, ...]]]:
    """Return every cell of a terminal; of a blank only what can be seen of it."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.Stream(screen)
    for text in writes:
        stream.feed(text)
    return [
        [seen(screen.buffer[line][column]) for column in range(COLUMNS)]
        for line in range(LINES)
    ]


def seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    lines = (cell.underscore, cell.strikethrough, cell.reverse)
    if cell.data == " " and not any(lines):
        return (cell.data, cell.bg)
    return (cell.data, cell.fg, cell.bg, cell.bold, cell.italics, *lines)


@given(st.lists(PIECES, max_size=30), st.integers(0, 30))
def test_it_draws_the_same_in_one_write_or_two(pieces: list[str], cut: int) -> None:
    # What is written is whole: every frame begins plain and ends so.
    first, second = "".join(pieces[:cut]) + "\x1b[0m", "".join(pieces[cut:])
    spent = SgrMinimizer().minimize(first), SgrMinimizer().minimize(second)
    assert drawn(*spent) == drawn(first, second + "\x1b[0m")


@pytest.mark.parametrize(
    ("text", "spent"),
    [
        ("plain", "plain"),
        ("\x1b[31ma\x1b[0m\x1b[31mb\x1b[0m", "\x1b[31mab\x1b[0m"),
        ("\x1b[31;42ma\x1b[0m\x1b[33;42mb\x1b[0m", "\x1b[31;42ma\x1b[33mb\x1b[0m"),
        ("\x1b[31;42ma\x1b[0m\x1b[33;42m \x1b[0m", "\x1b[31;42ma \x1b[0m"),
        ("\x1b[4;31ma\x1b[0m\x1b[31m \x1b[0m", "\x1b[4;31ma\x1b[0;31m \x1b[0m"),
        ("\x1b[1ma\x1b[0mb", "\x1b[1ma\x1b[0mb"),
        ("\x1b[31ma\x1b[0m\x1b[3;3H\x1b[31mb\x1b[0m", "\x1b[31ma\x1b[3;3Hb\x1b[0m"),
        ("\x1b[31m\x1b[0m", ""),
        ("\x1b[31;999ma\x1b[0mb", "\x1b[31;999ma\x1b[0mb"),
        ("\x1b[?25l", "\x1b[?25l"),
    ],
)
def test_what_is_spent(text: str, spent: str) -> None:
    assert SgrMinimizer().minimize(text) == spent
