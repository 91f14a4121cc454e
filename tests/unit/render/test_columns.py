"""How wide the cells of the tree are."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from nstui.render.layout import fit
from nstui.render.rows import RowText
from nstui.render.text import Piece
from nstui.render.tree_text import Columns, PlacedRow, fit_columns, fit_image


def row(  # noqa: PLR0913 - one for each cell, and the indent
    name: str = "vpn",
    *,
    state: str = "running",
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
        state=Piece(state),
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
        pytest.param((FULL,), 80, Columns(20, 7, 0, 10, 18, 17), id="both are cut"),
        pytest.param((FULL,), 61, Columns(20, 7, 0, 10, 8, 8), id="the narrowest two"),
        pytest.param(
            (FULL,), 60, Columns(20, 7, 0, 10, 17, 0), id="service goes first"
        ),
        pytest.param((FULL,), 51, Columns(20, 7, 0, 10, 8, 0), id="the narrowest"),
        pytest.param((FULL,), 50, Columns(20, 7, 0, 10, 0, 0), id="then the image"),
        pytest.param((FULL,), 40, Columns(20, 7, 0, 10, 0, 0), id="the rest stays"),
        pytest.param((FULL,), 1, Columns(20, 7, 0, 10, 0, 0), id="no room at all"),
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
            (row(measure="  3 MB"), row()),
            26,
            Columns(5, 7, 6, 0, 0, 0),
            id="what it is ordered by comes before the image",
        ),
        pytest.param(
            (row("n" * 60),), 90, Columns(40, 7, 0, 0, 9, 0), id="a long name"
        ),
        pytest.param(
            (row("n" * 90),),
            210,
            Columns(70, 7, 0, 0, 9, 0),
            id="but a third it may have",
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


@pytest.mark.parametrize("width", range(60, 130))
def test_a_line_is_never_wider_than_the_terminal(width: int) -> None:
    cells = fit_columns((FULL,), width)
    others = (cells.state, cells.problem, cells.image, cells.compose)
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
