"""The theme's colours for each tone, made readable.

The ratio of two colours is that of the Web Content Accessibility Guidelines 2.2, which
ask for 4.5 to 1 for text of normal size. Several of Textual's themes have less.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.color import BLACK, WHITE, Color
from textual.constants import DIM_FACTOR
from textual.content import Content

from nstui.render.text import Piece, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.MUTED: "dim",
    Tone.GOOD: "$text-success",
    Tone.NOTICE: "$text-secondary",
    Tone.WARNING: "$text-warning",
    Tone.ERROR: "$text-error",
}


def content_of(pieces: Iterable[Piece], separator: str = "") -> Content:
    """Return pieces as one text; nothing in them is interpreted as markup."""
    return Content(separator).join(
        Content.styled(piece.text, STYLES[piece.tone]) for piece in pieces if piece.text
    )


def content_lines(lines: Iterable[Iterable[Piece]]) -> Content:
    """Return lines of pieces as one text."""
    return Content("\n").join(content_of(line) for line in lines)


MIN_CONTRAST = 4.5
"""The lowest ratio of the luminances of text and background."""

_PAPERS = ("background", "surface", "panel", "primary-muted", "secondary-muted")
_INKS = ("primary", "secondary", "warning", "error", "success", "accent")
_LIKE: Mapping[str, str] = {
    "block-cursor-background": "primary-muted",
    "block-cursor-foreground": "foreground",
    "footer-background": "panel",
    "footer-description-foreground": "foreground",
    "footer-foreground": "foreground",
    "footer-key-foreground": "text-accent",
}
"""The variables that have the colour of another one, which is readable."""

_WITH_FOCUS = 0.92
"""How much is left of the colour of a button that has the focus or the mouse."""

_BUTTONS = ("primary", "warning", "error", "success")
"""The backgrounds of buttons. Their text is black or white, as Textual decides."""

_FULL = {"button-color-foreground": "auto", "text-muted": "auto 70%"}
"""The variables for text on any colour."""

_TO_DARK_BELOW = 0.18
"""The luminance from which black has more contrast than white."""

_STEPS = 20
_LINEAR_TO = 0.04045


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a theme's variables with those changed that would be hard to read.

    Text is moved towards white or black until it has enough contrast on every
    background, also where it is dim. Where even white is too faint when it is dim, the
    backgrounds are moved in the other direction.

    Args:
        variables: The CSS variables of a theme with RGB colours.

    """
    papers = {name: Color.parse(variables[name]) for name in _PAPERS}
    is_dark = _luminance(papers["background"]) < _TO_DARK_BELOW
    far, near = (WHITE, BLACK) if is_dark else (BLACK, WHITE)
    papers = {
        name: _moved(paper, near, lambda color: _is_readable(far, (color,), DIM_FACTOR))
        for name, paper in papers.items()
    }
    on = tuple(papers.values())
    factors = {"foreground": DIM_FACTOR} | {f"text-{ink}": 1.0 for ink in _INKS}
    found = {name: color.hex for name, color in papers.items()}
    for name, factor in factors.items():
        enough = partial(_is_readable, papers=on, factor=factor)
        found[name] = _moved(Color.parse(variables[name]), far, enough).hex
    for name in _BUTTONS:
        color = Color.parse(variables[name])
        text = color.get_contrast_text(1.0)
        away = BLACK if text == WHITE else WHITE
        enough = partial(_is_readable, papers=(text,), factor=_WITH_FOCUS)
        found[name] = _moved(color, away, enough).hex
    found |= {name: found[other] for name, other in _LIKE.items()}
    return dict(variables) | found | _FULL


def _moved(color: Color, towards: Color, is_enough: Callable[[Color], bool]) -> Color:
    """Return the first colour on the way to another one that is enough."""
    steps = (color.blend(towards, step / _STEPS) for step in range(_STEPS + 1))
    return next((each for each in steps if is_enough(each)), towards)


def _is_readable(ink: Color, papers: Iterable[Color], factor: float) -> bool:
    return all(
        contrast(paper.blend(ink, factor), paper) >= MIN_CONTRAST for paper in papers
    )


def _luminance(color: Color) -> float:
    red, green, blue = (_linear(part / 255) for part in color.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= _LINEAR_TO else ((part + 0.055) / 1.055) ** 2.4
