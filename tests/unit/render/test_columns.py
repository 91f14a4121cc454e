"""How wide the cells of the tree are."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from nstui.render.layout import fit, fit_ends
from nstui.render.rows import RowText
from nstui.render.text import Piece, Tone
from nstui.render.tree_text import Columns, PlacedRow, fit_columns, fit_image


def row(  # noqa: PLR0913 - one for each cell, and the indent
    name: str = "vpn",
    *,
    state: str = "running",
    tone: Tone = Tone.GOOD,
    measure: str = "",
    problem: str = "",
    shares: str = "",
    image: str = "busybox:1",
    compose: str = "",
    indent: int = 2,
) -> PlacedRow:
    cells = RowText(
        glyph=Piece("●"),
        name=Piece(name),
        state=Piece(state, tone),
        measure=Piece(measure),
        problem=Piece(problem),
        shares=Piece(shares),
        image=Piece(image),
        compose=Piece(compose),
    )
    return PlacedRow(cells, indent)


FULL = row("n" * 18, problem="x" * 10, image="i" * 30, compose="c" * 20)


@pytest.mark.parametrize(
    ("rows", "width", "columns"),
    [
        pytest.param((), 80, Columns(0, 0, 0, 0, 0, 0), id="nothing"),
        pytest.param((row(),), 80, Columns(5, 7, 0, 0, 9, 0), id="as wide as they are"),
        pytest.param(
            (row("a"), row("bcd", indent=8)),
            80,
            Columns(11, 7, 0, 0, 9, 0),
            id="indented",
        ),
        pytest.param((FULL,), 95, Columns(20, 7, 0, 10, 30, 20), id="just enough"),
        pytest.param((FULL,), 94, Columns(20, 7, 0, 10, 29, 20), id="one too few"),
        pytest.param(
            (FULL,), 77, Columns(20, 7, 0, 10, 12, 20), id="the narrowest image"
        ),
        pytest.param(
            (FULL,), 76, Columns(20, 7, 0, 10, 0, 20), id="the image goes first"
        ),
        pytest.param(
            (FULL,), 62, Columns(20, 7, 0, 10, 0, 19), id="then the service is cut"
        ),
        pytest.param(
            (FULL,), 55, Columns(20, 7, 0, 10, 0, 12), id="the narrowest service"
        ),
        pytest.param((FULL,), 54, Columns(20, 7, 0, 10, 0, 0), id="then it goes"),
        pytest.param((FULL,), 41, Columns(20, 7, 0, 10, 0, 0), id="just running"),
        pytest.param(
            (FULL,),
            40,
            Columns(20, 0, 0, 10, 0, 0, has_running=False),
            id="then running goes",
        ),
        pytest.param(
            (FULL, row(state="exited", tone=Tone.MUTED)),
            40,
            Columns(20, 6, 0, 10, 0, 0, has_running=False),
            id="the words of other states stay",
        ),
        pytest.param(
            (FULL, row(state="exited", tone=Tone.MUTED)),
            38,
            Columns(18, 6, 0, 10, 0, 0, has_running=False),
            id="then the name is cut a little",
        ),
        pytest.param(
            (FULL, row(state="exited", tone=Tone.MUTED)),
            37,
            Columns(20, 0, 0, 10, 0, 0, has_running=False),
            id="then the words of states go",
        ),
        pytest.param(
            (FULL,),
            22,
            Columns(10, 0, 0, 10, 0, 0, has_running=False),
            id="then more of the name",
        ),
        pytest.param(
            (FULL,),
            20,
            Columns(10, 0, 0, 8, 0, 0, has_running=False),
            id="the finding is cut last",
        ),
        pytest.param(
            (FULL,), 1, Columns(1, 0, 0, 0, 0, 0, has_running=False), id="no room"
        ),
        pytest.param(
            (row("n" * 18, measure="m" * 16, problem="x" * 10),),
            50,
            Columns(20, 0, 16, 10, 0, 0, has_running=False),
            id="what it is sorted by stays longer than running",
        ),
        pytest.param(
            (row("n" * 18, measure="m" * 16, problem="x" * 10),),
            40,
            Columns(20, 0, 0, 10, 0, 0, has_running=False),
            id="but the finding stays longer",
        ),
        pytest.param(
            (row(shares="+pid +ipc"), row(problem="x" * 10), row()),
            80,
            Columns(5, 7, 0, 10, 9, 0),
            id="what else is shared is where others have a problem",
        ),
        pytest.param(
            (row(problem="x" * 10, shares="+pid"),),
            80,
            Columns(5, 7, 0, 16, 9, 0),
            id="or after it",
        ),
        pytest.param(
            (row(problem="x" * 10, shares="+pid"),),
            19,
            Columns(5, 0, 0, 10, 0, 0, has_running=False),
            id="and gives way to it",
        ),
        pytest.param(
            (row(problem="x" * 10, state="", image=""), row()),
            80,
            Columns(5, 7, 0, 0, 9, 0),
            id="a heading's finding is in no column",
        ),
        pytest.param(
            (row(measure="  3 MB"), row()),
            25,
            Columns(5, 7, 6, 0, 0, 0),
            id="what it is ordered by comes before the image",
        ),
        pytest.param(
            (row("n" * 60),), 90, Columns(62, 7, 0, 0, 9, 0), id="a long name"
        ),
        pytest.param(
            (row("n" * 90),),
            210,
            Columns(92, 7, 0, 0, 9, 0),
            id="a very long name where there is room",
        ),
        pytest.param(
            (row("日本語", image="画"),),
            80,
            Columns(8, 7, 0, 0, 2, 0),
            id="wide characters",
        ),
        pytest.param(
            (row("s" * 60, state="", image=""), row()),
            80,
            Columns(5, 7, 0, 0, 9, 0),
            id="a sentence takes no column",
        ),
    ],
)
def test_fit_columns(rows: tuple[PlacedRow, ...], width: int, columns: Columns) -> None:
    assert fit_columns(rows, width) == columns


@pytest.mark.parametrize(("state", "before"), [(7, 5 + 2 + 7 + 2), (0, 5 + 2)])
def test_what_is_in_front_of_the_measure(state: int, before: int) -> None:
    assert Columns(5, state, 6, 0, 0, 0).before_measure == before


@pytest.mark.parametrize("width", range(1, 130))
def test_a_line_is_never_wider_than_the_terminal(width: int) -> None:
    cells = fit_columns((FULL,), width)
    others = (cells.state, cells.problem, cells.image, cells.compose)
    assert (cells.problem == 10) == (width >= 22)
    assert cells.name + sum(cell + 2 for cell in others if cell) <= width


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("vpn", 5, "vpn  "),
        ("vpn", 3, "vpn"),
        ("gluetun", 5, "glue…"),
        ("gluetun", 1, "…"),
        ("gluetun", 0, ""),
        ("", 2, "  "),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日 …"),
        ("日本語", 2, " …"),
    ],
)
def test_fit(text: str, width: int, cut: str) -> None:
    assert fit(text, width) == cut
    assert cell_len(fit(text, width)) == width


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("vpn", 5, "vpn  "),
        ("vpn", 3, "vpn"),
        ("media-server-web-1", 11, "media…web-1"),
        ("media-server-web-2", 10, "media…eb-2"),
        ("gluetun", 3, "g…n"),
        ("gluetun", 1, "…"),
        ("gluetun", 0, ""),
        ("日本語日本語", 9, "日本…本語"),
        ("日本語日本語", 8, "日本… 語"),
    ],
)
def test_a_name_is_cut_in_its_middle(text: str, width: int, cut: str) -> None:
    assert fit_ends(text, width) == cut
    assert cell_len(fit_ends(text, width)) == width


@pytest.mark.parametrize(
    ("image", "width", "cut"),
    [
        ("reg.lan/a/app:2.7", 17, "reg.lan/a/app:2.7"),
        ("reg.lan/a/app:2.7", 16, "app:2.7         "),
        ("reg.lan/a/app:2.7", 7, "app:2.7"),
        ("reg.lan/a/app:2.7", 6, "app:2…"),
        ("busybox:1", 4, "bus…"),
    ],
)
def test_where_an_image_came_from_is_cut_first(
    image: str, width: int, cut: str
) -> None:
    assert fit_image(image, width) == cut
