"""How a line of the tree is drawn in columns."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from nstui.analysis.tree.arrangement import sort_rows
from nstui.analysis.tree.tree import SortOrder, build_tree
from nstui.render.rows import row_of
from nstui.render.text import Piece
from nstui.render.tree_text import SIGN, PlacedRow, draw_row, fit_columns
from tests.support.builders import cid, container, report

HOST = report(
    container("vpn"),
    container("dep", joins=cid("vpn"), health="unhealthy"),
    container("exporter", mode="host"),
    container("a-long-name-that-nobody-shares-with"),
)
USED = MappingProxyType({cid("vpn"): 5e6, cid("dep"): 15e6, cid("exporter"): 2.2e9})


def drawn(width: int = 80) -> list[str]:
    """Return the lines by memory, without their indents."""
    lines = [
        row_of(row, HOST)
        for top in sort_rows(build_tree(HOST), HOST, SortOrder.MEMORY, USED)
        for row in top.walk()
    ]
    columns = fit_columns([PlacedRow(row, SIGN) for row in lines], width)
    return [
        draw_row(
            row, columns, taken=0, width=width, style_of=lambda _: ""
        ).plain.rstrip()
        for row in lines
    ]


def test_numbers_are_beneath_each_other_also_of_what_is_no_container() -> None:
    assert drawn() == [
        "◆ host network (1 container)                            Σ 2.2 GB",
        "● exporter                             running  2.2 GB",
        "● vpn                                  running  5.0 MB  Σ  20 MB",
        "● dep                                  running   15 MB            ✗ unhealthy",
        "◇ 1 container that shares no network",
        "● a-long-name-that-nobody-shares-with  running",
    ]


def test_a_sentence_that_is_too_long_pushes_its_number_aside() -> None:
    row = row_of(build_tree(HOST)[0], HOST)
    sum_ = Piece("        9 MB")
    top = replace(row, state=Piece(""), name=Piece("s" * 60), measure=sum_)
    columns = fit_columns([PlacedRow(row, SIGN)], 80)
    text = draw_row(top, columns, taken=0, width=80, style_of=lambda _: "").plain
    assert text.endswith("s  9 MB")
