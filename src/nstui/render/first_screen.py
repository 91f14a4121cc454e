"""The screen of the text UI before it is loaded: the tree, drawn without a library.

The text UI draws it in the same place a little later: what is being read stays there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from nstui.analysis.tree.tree import RowKind, build_tree
from nstui.model.frozen import dataclass
from nstui.render.host_bar import identity_line, state_line
from nstui.render.layout import GAP_PIECE
from nstui.render.rows import row_of
from nstui.render.text import Piece, Tone
from nstui.render.tree_text import SIGN, PlacedRow, fit_columns, row_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.render.rows import RowText

INDENT = 3
FOLD_MARK = "▸ "
LEFT_MARGIN = 1
BAR_LINES, FOOTER_LINES = 2, 1
WIDE_COLUMNS = 100
"""From this width on the details are beside the tree, otherwise below it."""

DETAILS_PERCENT = 38
LEAST_COLUMNS, LEAST_LINES = 40, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SgrPalette:
    """The numbers of the control sequences that set colours (SGR)."""

    bar: str
    tree: str
    cursor: str
    guide: str
    details: str
    tones: Mapping[Tone, str]
    cursor_tones: Mapping[Tone, str]


def _rgb(text: str, *, background: str = "") -> str:
    numbers = [
        f"{ground};2;{';'.join(str(int(colour[i : i + 2], 16)) for i in (0, 2, 4))}"
        for ground, colour in (("38", text), ("48", background))
        if colour
    ]
    return ";".join(numbers)


_ATTRIBUTES = {Tone.STRONG: "1", Tone.MUTED: "2"}
PLAIN = SgrPalette(
    bar="",
    tree="",
    cursor="7",
    guide="2",
    details="",
    tones=_ATTRIBUTES,
    cursor_tones={},
)
DARK = SgrPalette(
    bar=_rgb("e0e0e0", background="242f38"),
    tree=_rgb("e0e0e0", background="272727"),
    cursor=f"1;{_rgb('e0e0e0', background='0c304c')}",
    guide=_rgb("4f4f4f"),
    details=_rgb("", background="121212"),
    tones={
        Tone.STRONG: "1",
        Tone.MUTED: _rgb("a1a1a1"),
        Tone.GOOD: _rgb("8ad4a1"),
        Tone.NOTICE: _rgb("779cb7"),
        Tone.WARNING: _rgb("ffc473"),
        Tone.ERROR: _rgb("d17e92"),
    },
    cursor_tones={Tone.MUTED: _rgb("97a4ad")},
)
"""The colours of the default theme, as Textual computes them."""


def palette_for(environ: Mapping[str, str]) -> SgrPalette:
    """Return the colours for a terminal: those of the default theme, or none."""
    has_theme = environ.get("TEXTUAL_THEME") or "NO_COLOR" in environ
    has_colours = environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"}
    return DARK if has_colours and not has_theme else PLAIN


@dataclass(frozen=True, slots=True)
class _Placed:
    row: TreeRow
    guide: str
    text: RowText
    is_hidden: bool

    @property
    def is_folded(self) -> bool:
        """Whether those beneath it are hidden."""
        return self.row.kind is RowKind.UNSHARED

    @property
    def indent(self) -> int:
        """The columns before its sign."""
        return len(self.guide) + len(FOLD_MARK) * self.is_folded


def first_screen(
    report: Report, columns: int, lines: int, palette: SgrPalette
) -> str | None:
    """Return output that draws the screen; None if it is too small."""
    if columns < LEAST_COLUMNS or lines < LEAST_LINES:
        return None
    is_wide = columns >= WIDE_COLUMNS
    details = columns * DETAILS_PERCENT // 100 if is_wide else 0
    body = lines - BAR_LINES - FOOTER_LINES
    height = body if is_wide else body * 3 // 5
    tree = _tree_lines(report, columns - details, height, palette)
    out = [*_bar_lines(report, columns, palette)]
    for number in range(body):
        if number >= height:
            out.append(_styled(" " * columns, palette.details))
            continue
        line = next(tree, None) or _styled(" " * (columns - details), palette.tree)
        out.append(line + _styled(" " * details, palette.details))
    out.append(_styled(" " * columns, palette.bar))
    return "".join(f"\x1b[{y};1H{line}" for y, line in enumerate(out, start=1))


def _bar_lines(report: Report, columns: int, palette: SgrPalette) -> Iterator[str]:
    width = columns - 2 * LEFT_MARGIN
    for line in (identity_line(report, (), width), state_line(report, (), width)):
        pieces = [part for piece in line for part in (piece, GAP_PIECE)]
        yield _line((Piece(" "), *pieces), columns, palette.bar, palette.tones)


def _tree_lines(
    report: Report, columns: int, height: int, palette: SgrPalette
) -> Iterator[str]:
    placed = [
        one
        for top in build_tree(report)
        for one in _place(top, report, is_hidden=False)
    ]
    shown = [one for one in placed if not one.is_hidden]
    width = columns - LEFT_MARGIN - (len(shown) > height)
    widths = fit_columns(
        [PlacedRow(one.text, one.indent + SIGN) for one in shown], width
    )
    for number, one in enumerate(shown[:height]):
        pieces = row_pieces(one.text, widths, taken=one.indent, width=width)
        label = (*[Piece(FOLD_MARK)] * one.is_folded, *pieces)
        is_cursor = number == 0
        base = palette.cursor if is_cursor else palette.tree
        tones = palette.cursor_tones if is_cursor else palette.tones
        room = width - len(one.guide)
        yield (
            _styled(" " * LEFT_MARGIN, palette.tree)
            + _styled(one.guide, _joined(palette.tree, palette.guide))
            + _line(label, room, base, tones)
            + _styled(" " * (columns - LEFT_MARGIN - width), palette.tree)
        )


def _place(
    row: TreeRow,
    report: Report,
    before: str = "",
    own: str = "",
    *,
    is_hidden: bool,
) -> Iterator[_Placed]:
    """Yield a row and those beneath it, with the guides that lead to them."""
    yield _Placed(row, before + own, row_of(row, report), is_hidden)
    before += {"": "", "├─ ": "│  ", "└─ ": "   "}[own]
    is_hidden = is_hidden or row.kind is RowKind.UNSHARED
    for number, child in enumerate(row.children, start=1):
        guide = "└─ " if number == len(row.children) else "├─ "
        yield from _place(child, report, before, guide, is_hidden=is_hidden)


def _line(
    pieces: Iterable[Piece], width: int, base: str, tones: Mapping[Tone, str]
) -> str:
    """Return pieces as exactly so many columns; what is too long is cut."""
    out, left = [], width
    for piece in pieces:
        text = set_cell_size(piece.text, min(left, cell_len(piece.text)))
        out.append(_styled(text, _joined(base, tones.get(piece.tone, ""))))
        left -= cell_len(text)
    out.append(_styled(" " * left, base))
    return "".join(out)


def _joined(*numbers: str) -> str:
    return ";".join(filter(None, numbers))


def _styled(text: str, numbers: str) -> str:
    if not text:
        return ""
    return f"\x1b[{numbers}m{text}\x1b[0m" if numbers else text
