"""The first screen is as the text UI draws it later: the places and the colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyte
import pytest

from nstui.demo.home import demo_world
from nstui.render.first_screen import DARK, PLAIN, first_screen, palette_for
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.segment import Segment

Cell = tuple[str, str, str, bool]
"""A character, its colours, and whether it is bold; the colour of a blank is ""."""

TREE_ENDS = {120: 75, 80: 80, 60: 60}
BAR_LINES = 2


def emulated(output: str, columns: int, lines: int) -> list[list[Cell]]:
    screen = pyte.Screen(columns, lines)
    pyte.Stream(screen).feed(output)
    return [
        [
            (c.data, c.fg if c.data.strip() else "", c.bg, c.bold and c.data != " ")
            for c in (screen.buffer[y][x] for x in range(columns))
        ]
        for y in range(lines)
    ]


def cells(segment: Segment) -> Iterator[Cell]:
    style = segment.style
    assert style is not None
    fg, bg = (
        "" if color is None else color.get_truecolor().hex.removeprefix("#")
        for color in (style.color, style.bgcolor)
    )
    for character in segment.text:
        is_blank = not character.strip()
        yield (
            character,
            "" if is_blank else fg,
            bg,
            bool(style.bold) and not is_blank,
        )


def on_screen(stage: Stage) -> list[list[Cell]]:
    filters = stage.app._filters  # noqa: SLF001 - they change the colours last
    background = stage.app.screen.background_colors[0]
    rows = []
    for strip in stage.app.screen._compositor.render_strips():  # noqa: SLF001 - what is sent to the terminal
        for one in filters:
            strip = strip.apply_filter(one, background)  # noqa: PLW2901 - as Textual does
        rows.append([cell for segment in strip for cell in cells(segment)])
    return rows


@pytest.mark.parametrize(
    ("columns", "lines"), [(120, 40), (120, 16), (80, 24), (60, 20)]
)
async def test_it_is_what_the_text_ui_draws(columns: int, lines: int) -> None:
    stage = Stage(demo_world(lambda: NOON), has_glimpse=False)
    report = stage.connection().observer.look()
    text = first_screen(report, columns, lines, DARK)
    assert text is not None
    early = emulated(text, columns, lines)
    async with stage.open(columns, lines):
        await stage.until(lambda: "3 errors" in stage.bar())
        await stage.press("g")
        later = on_screen(stage)
        end, height = TREE_ENDS[columns], stage.tree.size.height
        scrollbar = int(stage.tree.show_vertical_scrollbar)
    for y in range(BAR_LINES, BAR_LINES + height):
        # The guides to what is beneath the cursor have another colour.
        first = 0 if y != BAR_LINES + 1 else 4
        ends = end - scrollbar
        assert early[y][first:ends] == later[y][first:ends], y
    assert early[0][: len("nstui  ")] == later[0][: len("nstui  ")]


@pytest.mark.parametrize(("columns", "lines"), [(39, 24), (80, 9)])
def test_none_where_there_is_no_room(columns: int, lines: int) -> None:
    report = Stage(demo_world(lambda: NOON)).connection().observer.look()
    assert first_screen(report, columns, lines, DARK) is None


@pytest.mark.parametrize(
    ("environ", "is_dark"),
    [
        ({"COLORTERM": "truecolor"}, True),
        ({"COLORTERM": "24bit"}, True),
        ({"COLORTERM": "truecolor", "NO_COLOR": ""}, False),
        ({"COLORTERM": "truecolor", "TEXTUAL_THEME": "nord"}, False),
        ({"TERM": "xterm-256color"}, False),
        ({}, False),
    ],
)
def test_colours(environ: dict[str, str], *, is_dark: bool) -> None:
    assert palette_for(environ) is (DARK if is_dark else PLAIN)


def test_without_colours_nothing_sets_one() -> None:
    report = Stage(demo_world(lambda: NOON)).connection().observer.look()
    text = first_screen(report, 80, 24, PLAIN)
    assert text is not None
    assert "38;" not in text
    assert "48;" not in text
    assert "\x1b[7m" in text


def test_names_cannot_control_the_terminal() -> None:
    world = demo_world(lambda: NOON)
    report = Stage(world).connection().observer.look()
    text = first_screen(report, 120, 40, PLAIN)
    assert text is not None
    assert set(text) & set("\x07\x08\x9b\x9d\r\n") == set()
