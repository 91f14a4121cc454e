"""What the terminal of the benchmark shows."""

from __future__ import annotations

import sys

import pytest

from bench.measure.emulator import Emulator
from bench.measure.terminal import Terminal


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        pytest.param(b"plain", "plain", id="text"),
        pytest.param(b"\x1b[>1ua\x1b[?2026$pb", "ab", id="questions are not shown"),
        pytest.param(b"\x1b]11;?\x07a", "a", id="nor are colours that are asked for"),
        pytest.param(b"a\x1b[3bc", "aaaac", id="a repeated character"),
        pytest.param("\x1b[31m●\x1b[0m up".encode(), "● up", id="colour"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_what_is_shown_however_it_is_cut(sent: bytes, shown: str, size: int) -> None:
    emulator = Emulator(20, 2)
    for start in range(0, len(sent), size):
        emulator.feed(sent[start : start + size])
    assert emulator.lines() == [shown, ""]


def test_colour_is_a_difference_that_text_is_not() -> None:
    one, other = Emulator(5, 1), Emulator(5, 1)
    one.feed(b"ab")
    other.feed(b"\x1b[1mab")
    assert one.text() == other.text()
    assert one.cells() != other.cells()


def test_ages_are_left_out() -> None:
    emulator = Emulator(40, 2)
    emulator.feed(b"web  running  Up 3 seconds\r\nExited (1) 2 hours ago")
    assert emulator.steady_text() == "web  running  \n"


ASKS = r"""
import sys, termios, tty
tty.setraw(0)
print("\x1b[?2026$p", end="", flush=True)
answer = sys.stdin.buffer.raw.read(11)
print(answer.hex(), flush=True)
sys.stdin.buffer.raw.read(1)
print("pressed", flush=True)
"""


def test_a_program_is_answered_and_its_words_are_dated() -> None:
    with Terminal((sys.executable, "-c", ASKS), {"TERM": "xterm"}) as terminal:
        expected = b"\x1b[?2026;2$y".hex()
        answered = terminal.wait_until(lambda s: expected in s.text(), 10)
        assert answered is not None
        assert answered > terminal.began
        moment = terminal.moment
        pressed = terminal.press("x")
        shown = terminal.wait_until(lambda s: "pressed" in s.text(), 10)
        assert shown is not None
        assert shown >= pressed
        assert b"pressed" in b"".join(r.data for r in terminal.since(moment))
    assert not terminal.is_running
