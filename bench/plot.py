"""The programs compared as a bar chart, in SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from bench.measurements import NSTUI

if TYPE_CHECKING:
    from bench.measurements import Measurements

_NAMES_WIDTH, _BARS_WIDTH, _VALUES_WIDTH = 100, 250, 90
_PANEL_WIDTH = _NAMES_WIDTH + _BARS_WIDTH + _VALUES_WIDTH
_ROW, _BAR, _TITLE, _GAP = 24, 14, 30, 18
_COLUMNS = 2
_STYLE = """
text { font: 13px sans-serif; fill: #24292f; }
.title { font-weight: bold; }
.end { text-anchor: end; }
rect { fill: #8c959f; }
.ours { fill: #0969da; }
.second { fill: #d0d7de; }
.paper { fill: #ffffff; }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """The value of one program; `second`, if any, is added to it."""

    name: str
    value: float
    second: float = 0


@dataclass(frozen=True, slots=True)
class Panel:
    """A quantity measured for several programs; less is better."""

    title: str
    unit: str
    bars: tuple[Bar, ...]


def write_plot(found: Measurements) -> str:
    """Return the picture; quantities that were not measured have no panel."""
    panels = [panel for panel in panels_of(found) if panel.bars]
    rows = [panels[i : i + _COLUMNS] for i in range(0, len(panels), _COLUMNS)]
    heights = [max(_height(panel) for panel in row) + _GAP for row in rows]
    width, height = _COLUMNS * (_PANEL_WIDTH + _GAP) + _GAP, sum(heights) + _GAP
    svg = ET.Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=str(width),
        height=str(height),
        viewBox=f"0 0 {width} {height}",
    )
    ET.SubElement(svg, "style").text = _STYLE
    _rect(svg, "paper", (0, 0), (width, height))
    top = _GAP
    for row, row_height in zip(rows, heights, strict=True):
        for column, panel in enumerate(row):
            _draw(svg, panel, _GAP + column * (_PANEL_WIDTH + _GAP), top)
        top += row_height
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def panels_of(found: Measurements) -> tuple[Panel, ...]:
    """Return the panels of the picture."""
    return (
        Panel(
            "start until a container is shown",
            "ms",
            tuple(
                Bar(name, each.first_ms.median)
                for name, each in found.startups.items()
                if each.first_ms.values
            ),
        ),
        Panel(
            "CPU at rest, in 60 s: its own + the engine's",
            "s",
            tuple(
                Bar(
                    name,
                    each.cpu_s * 60 / each.seconds,
                    each.engine_cpu_s * 60 / each.seconds,
                )
                for name, each in found.idle.items()
            ),
        ),
        Panel(
            "bytes to the terminal at rest, in 1 s",
            "",
            tuple(
                Bar(name, each.sent_bytes / each.seconds)
                for name, each in found.idle.items()
            ),
        ),
        Panel(
            "memory",
            "MiB",
            tuple(Bar(name, each.memory_mib) for name, each in found.idle.items()),
        ),
    )


def _height(panel: Panel) -> int:
    return _TITLE + _ROW * len(panel.bars)


def _draw(svg: ET.Element, panel: Panel, left: int, top: int) -> None:
    _text(svg, "title", (left, top + _BAR), panel.title)
    most = max(bar.value + bar.second for bar in panel.bars) or 1
    start = left + _NAMES_WIDTH
    for number, bar in enumerate(panel.bars):
        y = top + _TITLE + number * _ROW
        base = y + _BAR - 2
        _text(svg, "end", (start - 8, base), bar.name)
        kind = "ours" if bar.name == NSTUI else "theirs"
        first = round(_BARS_WIDTH * bar.value / most)
        second = round(_BARS_WIDTH * bar.second / most)
        _rect(svg, kind, (start, y), (max(1, first), _BAR))
        if second:
            _rect(svg, "second", (start + first, y), (second, _BAR))
        text = _number(bar.value) + (f" + {_number(bar.second)}" if bar.second else "")
        position = (start + max(1, first) + second + 6, base)
        _text(svg, "value", position, f"{text} {panel.unit}".strip())


def _number(value: float) -> str:
    small = 10
    return f"{value:,.2f}" if 0 < value < small else f"{value:,.0f}"


def _text(svg: ET.Element, kind: str, at: tuple[int, int], text: str) -> None:
    attributes = {"class": kind, "x": str(at[0]), "y": str(at[1])}
    ET.SubElement(svg, "text", attributes).text = text


def _rect(
    svg: ET.Element, kind: str, at: tuple[int, int], size: tuple[int, int]
) -> None:
    ET.SubElement(
        svg,
        "rect",
        {
            "class": kind,
            "x": str(at[0]),
            "y": str(at[1]),
            "width": str(size[0]),
            "height": str(size[1]),
        },
    )
