"""Plain text on a pipe, styles on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.render.terminal import STYLES, text_of
from nstui.render.text import Piece, Tone
from tests.unit.render.paper import STYLE, on_pipe, on_terminal

if TYPE_CHECKING:
    from rich.console import Console

PIECES = tuple(Piece(tone.value, tone) for tone in Tone)
WORDS = " ".join(tone.value for tone in Tone)


def draw(console: Console) -> None:
    console.print(text_of(PIECES, " "))


def test_every_tone_but_plain_has_a_style() -> None:
    assert STYLES.keys() == set(Tone)
    assert [tone for tone, style in STYLES.items() if not style] == [Tone.PLAIN]
    assert len(set(STYLES.values())) == len(Tone)


def test_a_terminal_shows_the_tones(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = on_terminal(draw, 80, monkeypatch)
    assert STYLE.sub("", shown) == f"{WORDS}\n"
    assert "\x1b[31merror\x1b[0m" in shown
    assert "\x1b[2mmuted\x1b[0m" in shown
    assert shown.startswith("plain ")


@pytest.mark.parametrize("colorterm", ["", "truecolor"])
def test_colours_are_those_of_the_terminal(
    colorterm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORTERM", colorterm)
    shown = on_terminal(draw, 80, monkeypatch)
    assert "\x1b[32mgood\x1b[0m" in shown


def test_a_pipe_gets_plain_text() -> None:
    assert on_pipe(draw) == f"{WORDS}\n"


def test_no_color_means_no_bold_and_dim_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert on_terminal(draw, 80, monkeypatch) == f"{WORDS}\n"


def test_an_empty_no_color_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As https://no-color.org has it: "when present and not an empty string"."""
    monkeypatch.setenv("NO_COLOR", "")
    assert "\x1b[" in on_terminal(draw, 80, monkeypatch)


def test_nothing_is_cut_on_a_pipe() -> None:
    long = "x" * 5000
    assert on_pipe(lambda console: console.print(long)) == f"{long}\n"


@pytest.mark.parametrize("text", ["[red]x[/red]", ":bug:", "[/]", "127.0.0.1 'x' 1"])
def test_text_is_shown_as_it_is(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_pipe(lambda console: console.print(text)) == f"{text}\n"
    shown = on_terminal(lambda console: console.print(text), 80, monkeypatch)
    assert shown == f"{text}\n"


def test_pieces_without_text_leave_no_separator() -> None:
    assert text_of((Piece("a"), Piece(""), Piece("b")), " · ").plain == "a · b"
    assert text_of(()).plain == ""
