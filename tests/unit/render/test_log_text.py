"""Nothing that a container writes acts on the terminal."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nstui.render.logs import plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain", "plain"),
        ("", ""),
        ("grün 漢字 👍", "grün 漢字 👍"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;5;196;1mred\x1b[m", "red"),
        ("\x1b[38:2::1:2:3mred", "red"),
        ("\x9b31mred", "red"),
        ("a\x1b[2J\x1b[1;1Hb\x1b[?25l\x1b[>4;1m", "ab"),
        ("half a colour\x1b[3", "half a colour"),
        ("half\x1b", "half"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;aGk=\x07", ""),
        ("\x9d0;title\x9ctext", "text"),
        ("\x1b]0;no end: still to be read", "0;no end: still to be read"),
        ("\x1bPq#0;1\x1b\\text", "text"),
        ("\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\text", "text"),
        ("\x1b(B\x1b=\x1b7\x1bctext", "text"),
        ("10 %\r20 %\r30 %", "30 %"),
        ("10 %\r\x1b[Kdone", "done"),
        ("text\r", "text"),
        ("\r\r", ""),
        ("|\b/\b-\bdone", "done"),
        ("\b\bx", "x"),
        ("a\tb", "a       b"),
        ("\x1b[1ma\x1b[0m\tb", "a       b"),
        ("bell\x07", "bell"),
        ("\x00\x01\x7f\x85", "\\x00\\x01\\x7f\\x85"),
        ("\u202eright to left", "\\u202eright to left"),
        ("no break\xa0space", "no break\xa0space"),
        ("\ufffd\\xff", "\ufffd\\xff"),
    ],
)
def test_a_line(written: str, shown: str) -> None:
    assert plain(written) == shown


CONTROLS = st.sampled_from("\x00\x07\x08\t\r\x1b\x7f\x90\x98\x9b\x9c\x9d\x9e\u202e")
SYNTAX = st.sampled_from("[]P^_X\\;?0m(cA")


@given(st.lists(CONTROLS | SYNTAX | st.characters()).map("".join))
def test_any_line(written: str) -> None:
    shown = plain(written)
    unsafe = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not unsafe & {unicodedata.category(character) for character in shown}


@pytest.mark.parametrize(
    "piece",
    [
        "\x1b",
        "\x1b[",
        "\x1b]",
        "\x9d",
        "\x1bP",
        "\x90",
        "\x9d\x90",
        "\x1b[1;",
        "\r",
        "\b",
    ],
)
def test_no_line_takes_long(piece: str) -> None:
    line = (piece * 16_384)[:16_384]
    began = time.process_time()
    plain(line)
    assert time.process_time() - began < 0.5


def test_marks_are_not_piled_up() -> None:
    assert plain("a" + 99 * "\u0301" + "b") == "a\u0301\u0301…b"
    assert plain("\x1b[1ma" + 99 * "\u0301") == "a\u0301\u0301…"
    assert plain("日本語 naïve 😀") == "日本語 naïve 😀"
