"""What is shown of text from outside."""

from __future__ import annotations

import unicodedata

import pytest

from nstui.render.text import plural, printable
from tests.render.paper import HARMLESS, HOSTILE


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


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 groups"), (1, "1 group"), (2, "2 groups")]
)
def test_plural(count: int, words: str) -> None:
    assert plural(count, "group") == words


def test_an_irregular_plural() -> None:
    assert plural(2, "entry", "entries") == "2 entries"
