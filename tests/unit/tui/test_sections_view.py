"""Text in sections: how it is laid out, and what of it is drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import on
from textual.app import App
from textual.containers import VerticalScroll

from nstui.render.layout import Section, SectionRow
from nstui.render.text import Piece
from nstui.tui.widgets.details_panel import SectionsView, wrap_sections

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.strip import Strip


def section(title: str, *entries: tuple[str, str]) -> Section:
    """Return a section of labels with their values."""
    return Section(title, tuple(SectionRow(k, (Piece(v),)) for k, v in entries))


@pytest.mark.parametrize(
    ("shown", "lines"),
    [
        pytest.param(
            section("Port", ("8", "a long long story"), ("9", "")),
            ["Port", "  8  a long long", "     story", "  9  "],
            id="a value goes on beneath its beginning",
        ),
        pytest.param(
            section("", ("", "one two three four five")),
            ["one two three four", "five"],
            id="without a title there is no indent",
        ),
        pytest.param(
            section("T", ("much-too-long", "for the value")),
            ["T", "  much-too-long  ", "    for the value"],
            id="a label that leaves no room stands above its value",
        ),
        pytest.param(
            section("", ("網", "value"), ("abc", "value")),
            ["網   value", "abc  value"],
            id="wide characters",
        ),
        pytest.param(
            section("", ("", "012345678901234567890")),
            ["012345678901234567", "890"],
            id="what has no blank is cut",
        ),
    ],
)
def test_what_does_not_fit_is_broken(shown: Section, lines: list[str]) -> None:
    assert [line.plain for line in wrap_sections((shown,), 18)] == lines


def test_a_free_line_stands_between_two_sections() -> None:
    shown = (section("A", ("", "1")), section("B", ("", "2")))
    assert [line.plain for line in wrap_sections(shown, 0)] == [
        "A",
        "  1",
        "",
        "B",
        "  2",
    ]


class Drawn(SectionsView):
    """Remembers which of its lines were drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.lines.append(y)
        return super().render_line(y)


class SheetApp(App[None]):
    """A sheet and nothing else."""

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Drawn()


class StoryApp(SheetApp):
    """Shows a line that breaks in two where there is little room."""

    @on(SectionsView.Widened)
    def draw(self) -> None:
        shown = section("", ("", "one two three four"))
        self.screen.query_one(Drawn).show((shown,))


async def test_only_what_differs_is_drawn_again() -> None:
    app = SheetApp()
    async with app.run_test(size=(30, 8)) as pilot:
        sheet = app.screen.query_one(Drawn)

        async def drawn(*texts: str) -> list[int]:
            sheet.lines.clear()
            sheet.show((section("", *(("", text) for text in texts)),))
            await pilot.pause()
            return sorted(set(sheet.lines))

        assert await drawn("a", "b", "c") == [0, 1, 2]
        assert await drawn("a", "b", "c") == []
        assert await drawn("a", "x", "c") == [1]
        assert await drawn("a", "x") == [2]
        # It becomes higher than what it is seen through, and goes back.
        assert await drawn(*"abcdefghij") == list(range(8))
        assert await drawn(*"abcdefghix") == []
        assert await drawn("a") == list(range(8))


async def test_it_tells_that_lines_may_break_elsewhere() -> None:
    app = StoryApp()
    heights = []
    async with app.run_test(size=(30, 8)) as pilot:
        sheet = app.screen.query_one(Drawn)
        for width in (30, 10):
            await pilot.resize_terminal(width, 8)
            await pilot.pause()
            heights.append(len(sheet.render().split()))
        assert sheet.text == "one two three four"
    assert heights == [1, 2]
