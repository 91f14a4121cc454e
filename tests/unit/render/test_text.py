"""What is shown of text from outside."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from nstui.render.text import plural, printable
from tests.unit.render.paper import HARMLESS, HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("qmcgaw/gluetun:v3.40", "qmcgaw/gluetun:v3.40", id="plain"),
        pytest.param("", "", id="nothing"),
        pytest.param("\x1b[31mred", r"\x1b[31mred", id="C0: an escape sequence"),
        pytest.param("a\nb\rc\td\0", r"a\nb\rc\td\x00", id="C0: lines and tabs"),
        pytest.param("a\x7fb", r"a\x7fb", id="DEL"),
        pytest.param("\x9b31m\x85", r"\x9b31m\x85", id="C1: an escape in one"),
        pytest.param("\u202eevil\u2066", r"\u202eevil\u2066", id="bidi"),
        pytest.param("v\u200bp\u200dn\ufeff", r"v\u200bp\u200dn\ufeff", id="no width"),
        pytest.param("a\u2028b\u2029", r"a\u2028b\u2029", id="line separators"),
        pytest.param("\U000e0041", r"\U000e0041", id="tags, beyond the first plane"),
        pytest.param("\ud800\udc9b", r"\ud800\udc9b", id="surrogates"),
        pytest.param("[red]x[/red] :bug:", "[red]x[/red] :bug:", id="markup stays"),
        pytest.param(r"\x1b", r"\x1b", id="what is escaped already"),
        pytest.param("naïve-日本語-😀", "naïve-日本語-😀", id="other languages"),
        pytest.param(HOSTILE, HARMLESS, id="all at once"),
        pytest.param("e\u0302\u0301", "e\u0302\u0301", id="two marks"),
        pytest.param("a" + 99 * "\u0301" + "b", "a\u0301\u0301…b", id="a stack"),
        pytest.param("a" + 9 * "\u20dd", "a\u20dd\u20dd…", id="a stack of frames"),
        pytest.param(99 * "\u200d", r"\u200d\u200d…", id="a run of joiners"),
        pytest.param(99 * "\ufe0f", "\ufe0f\ufe0f…", id="a run of selectors"),
        pytest.param("각" * 9, "각" * 9, id="Korean"),
        pytest.param("\u1100" + 9 * "\u1161", "\u1100\u1161\u1161…", id="vowels"),
        pytest.param("x" + 9 * "\u3164", "x\u3164\u3164…", id="fillers"),
        pytest.param("👍" + 9 * "🏿", "👍🏿🏿…", id="colours of skin"),
        pytest.param(
            "a" + 2 * "\u0301" + 2 * "\u1161" + "\u200b", "a\u0301\u0301…", id="mixed"
        ),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_nothing_that_is_shown_can_act_on_a_terminal() -> None:
    shown = printable("".join(map(chr, range(0x11000))))
    unsafe = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs"}}
    assert unsafe == set()
    shown.encode()


@given(text=st.text(st.characters(categories=["M", "Cf", "L", "So", "Sk", "Zs"])))
def test_nothing_without_a_width_is_piled_up(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    cells = [cell_len(character) for character in shown]
    assert all(any(cells[at : at + 3]) for at in range(len(cells) - 2))


def test_the_letters_that_are_not_looked_at_have_a_width() -> None:
    for code in range(sys.maxunicode + 1):
        text = 3 * chr(code)
        if text.isprintable() and printable(text) == text:
            assert cell_len(chr(code)) > 0, hex(code)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 groups"), (1, "1 group"), (2, "2 groups")]
)
def test_plural(count: int, words: str) -> None:
    assert plural(count, "group") == words


def test_an_irregular_plural() -> None:
    assert plural(2, "entry", "entries") == "2 entries"
