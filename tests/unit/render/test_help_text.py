"""The layout of the help: one or two columns, and nothing cut."""

from __future__ import annotations

import pytest

from nstui.render.help_text import HelpEntry, HelpGroup, help_lines
from nstui.render.text import Piece, words_of

LOOK = HelpGroup(
    "Look",
    (
        HelpEntry(Piece("l"), "Log; on a heading, of its group"),
        HelpEntry(Piece("ctrl+p"), "Palette"),
    ),
)
SIGNS = HelpGroup("Signs", (HelpEntry(Piece("●"), "running"),))


@pytest.mark.parametrize(
    ("groups", "width", "lines"),
    [
        pytest.param((), 80, [], id="nothing"),
        pytest.param(
            (LOOK, SIGNS),
            80,
            [
                "Look",
                "  l       Log; on a heading, of its group",
                "  ctrl+p  Palette",
                "",
                "Signs",
                "  ●       running",
            ],
            id="one column",
        ),
        pytest.param(
            (LOOK,),
            30,
            [
                "Look",
                "  l       Log; on a heading,",
                "          of its group",
                "  ctrl+p  Palette",
            ],
            id="wrapped words",
        ),
        pytest.param(
            (LOOK, SIGNS),
            100,
            [
                "Look".ljust(51) + "Signs",
                "  l       Log; on a heading, of its group".ljust(51) + "  ●  running",
                "  ctrl+p  Palette",
            ],
            id="two columns",
        ),
    ],
)
def test_layout(groups: tuple[HelpGroup, ...], width: int, lines: list[str]) -> None:
    assert [words_of(line) for line in help_lines(groups, width)] == lines
