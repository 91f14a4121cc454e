"""Whatever a theme's colours are, what is written can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from textual import constants
from textual.color import BLACK, WHITE, Color
from textual.constants import DIM_FACTOR
from textual.theme import BUILTIN_THEMES
from textual.widgets import Button

from nstui.demo.home import demo_world
from nstui.demo.host import SimHost
from nstui.tui.styles import MIN_CONTRAST, contrast, readable
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import App

THEMES = sorted(name for name in BUILTIN_THEMES if not name.startswith("ansi-"))
DRAWN = frozenset(" ─│└├╮╭╯╰▏▎▍▌▋▊▉█▔▁▂▃▄▅▆▇▀┌┐┘•┃")
"""Frames, guides and scroll bars, which need no contrast."""


def faint(app: App[None]) -> Iterator[tuple[str, float]]:
    """Yield the words on the screen that cannot be read well, and their contrast."""
    strips = app.screen._compositor.render_strips()  # noqa: SLF001 - no other way
    # What is behind a prompt is meant to be faint, and so is a button that is disabled.
    shown = (
        app.screen.query("#prompt, #help").first().region
        if app.screen.is_modal
        else app.screen.region
    )
    disabled = {str(each.label) for each in app.screen.query(Button) if each.disabled}
    for strip in strips[shown.y : shown.bottom]:
        for segment in strip.crop(shown.x, shown.right):
            style = segment.style
            if (
                style is None
                or not set(segment.text) - DRAWN
                or segment.text.strip() in disabled
            ):
                continue
            assert not style.dim, segment
            ink = Color.from_rich_color(style.color)
            paper = Color.from_rich_color(style.bgcolor)
            if style.reverse:
                ink, paper = paper, ink
            if (found := contrast(ink, paper)) < MIN_CONTRAST:
                yield segment.text.strip(), round(found, 2)


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_is_made_readable(theme: str) -> None:
    chosen = BUILTIN_THEMES[theme]
    given = chosen.to_color_system().generate() | chosen.variables
    found = readable(given)
    assert found.keys() >= given.keys()
    colour = {
        name: Color.parse(value)
        for name, value in found.items()
        if re.fullmatch("#[0-9a-fA-F]{6}", value)
    }
    for paper in ("background", "surface", "panel", "primary-muted"):
        dim = colour[paper].blend(colour["foreground"], DIM_FACTOR)
        assert contrast(colour[paper], dim) >= MIN_CONTRAST
        for ink in ("success", "secondary", "warning", "error", "primary", "accent"):
            assert contrast(colour[paper], colour[f"text-{ink}"]) >= MIN_CONTRAST
    assert readable(found) == found, "what is readable stays"


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == pytest.approx(1)
    # https://www.w3.org/WAI/WCAG22/Understanding/contrast-minimum names this grey.
    assert contrast(Color.parse("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(
    "theme", ["textual-dark", "textual-light", "atom-one-dark", "solarized-light"]
)
async def test_every_word_can_be_read(theme: str) -> None:
    world = demo_world(lambda: NOON)
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open():
        stage.app.theme = theme
        found = {}
        for name, keys in {
            "tree": (),
            "help": ("question_mark",),
            "findings": ("escape", "f"),
            "log": ("escape", "l", "slash", "e"),
            "prompt": ("escape", "escape", "escape", "d"),
        }.items():
            await stage.goto("vpn") if name in {"prompt", "tree"} else None
            await stage.press(*keys)
            await stage.until(lambda: True)
            if words := dict(faint(stage.app)):
                found[name] = words
    assert not found, "\n".join(f"{name}: {words}" for name, words in found.items())


@pytest.mark.parametrize("system", [None, "standard", "256", "truecolor"])
async def test_few_colours_are_the_terminals_own(
    system: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", system)
    stage = Stage(demo_world(lambda: NOON))
    assert stage.app.current_theme.ansi is (system in {None, "standard"})
