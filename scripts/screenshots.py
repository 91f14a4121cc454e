"""Draws the screenshots of the README from the demo: as SVG, and as PNG.

PNG needs ``rsvg-convert`` (Debian's librsvg2-bin) and a monospaced font such as Fira
Code; without it only the SVG files are written.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.cli.wiring import connect_demo
from nstui.demo.kernel import SimClock
from nstui.tui.app import NstuiApp
from nstui.tui.widgets.details_panel import SectionsView
from nstui.tui.widgets.group_tree import GroupTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

FOLDER = Path(__file__).parents[1] / "screenshots"
PATIENCE_S = 10.0
PNG_WIDTH = 1400
NOW = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    name: str
    size: tuple[int, int]
    cursor: str
    """The container under the cursor."""

    keys: tuple[str, ...] = ()
    awaits: str | None = None
    """The class name of the screen to wait for after the keys."""

    shows: str = ""
    """The text to wait for before the remaining keys are pressed."""

    then: tuple[str, ...] = ()
    """The remaining keys."""

    texts: tuple[str, ...] = ()
    """The texts to wait for in the details: the first after one reading, the second
    after another one, two seconds later."""


SHOTS = (
    Shot("tree", (120, 34), "vpn"),
    Shot("network", (120, 34), "vpn", ("2",), texts=(" in", "/s")),
    Shot("members", (120, 34), "vpn", ("3",), texts=(" MB", "%")),
    Shot("evidence", (120, 34), "pihole", ("4",), texts=("config.json",)),
    Shot("block", (120, 34), "vpn", ("d",), "ActionScreen"),
    Shot("block-80x24", (80, 24), "vpn", ("d",), "ActionScreen"),
    Shot("block-60x20", (60, 20), "vpn", ("d",), "ActionScreen"),
    Shot("findings", (120, 34), "vpn", ("f",), "FindingsScreen"),
    Shot("heal", (120, 34), "soulseek", ("H",), "OwnerScreen"),
    Shot("stale", (120, 34), "pihole"),
    Shot(
        "log",
        (120, 34),
        "nginx",
        ("l",),
        "LogsScreen",
        "1,000 lines ·",
        ("slash", *"favicon", "enter", "N"),
    ),
    Shot("narrow", (80, 24), "qbittorrent"),
    Shot("help", (120, 34), "vpn", ("question_mark",), "HelpScreen"),
)


def main() -> None:
    """Draw every picture."""
    FOLDER.mkdir(exist_ok=True)
    for shot in SHOTS:
        svg = asyncio.run(draw(shot))
        path = FOLDER / f"{shot.name}.svg"
        path.write_text(svg, encoding="utf-8")
        print(path.name)  # noqa: T201 - what a script is for
        to_png(path)


async def draw(shot: Shot) -> str:
    """Return the picture of a screen as SVG."""
    clock = SimClock(lambda: NOW)
    app = NstuiApp(connect_demo(clock), connect_demo=connect_demo, interval=3600.0)
    async with app.run_test(size=shot.size) as pilot:
        tree = app.screen.query_one(GroupTree)
        keys = {}

        def is_there() -> bool:
            keys.update({row.label: row.key for row in tree.rows() if row.container})
            return shot.cursor in keys

        await until(pilot, is_there)
        tree.move_to(keys[shot.cursor])
        await pilot.press(*shot.keys)
        await until(
            pilot,
            lambda: shot.awaits in {None, type(app.screen).__name__},
        )
        for text in shot.texts:
            view = app.screen.query_one(SectionsView)
            await until(pilot, partial(_says, view, text))
            clock.advance(timedelta(seconds=2))
            await pilot.press("r")
        await until(pilot, lambda: shot.shows in text_of(app.export_screenshot()))
        await pilot.press(*shot.then)
        await pilot.pause()
        return without_downloads(app.export_screenshot(title="nstui"))


def text_of(svg: str) -> str:
    """Return a picture with plain spaces."""
    return svg.replace("&#160;", " ")


def _says(view: SectionsView, text: str) -> bool:
    return text in view.text


def without_downloads(svg: str) -> str:
    """Return a picture that loads no font when it is opened.

    The browser then uses the reader's own monospaced font.
    """
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until a condition is true, and until that is shown."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the condition is the screen's
            await asyncio.sleep(0.01)
    await pilot.pause()


def to_png(svg: Path) -> None:
    """Convert a picture, if the program for that is installed.

    The program drops leading no-break spaces, which the pictures contain, so it is
    given plain ones with the instruction to keep them.
    """
    program = shutil.which("rsvg-convert")
    if program is None:
        return
    text = svg.read_text(encoding="utf-8")
    text = text.replace("<text ", '<text xml:space="preserve" ').replace("&#160;", " ")
    command = (program, "--width", str(PNG_WIDTH), "--output", svg.with_suffix(".png"))
    subprocess.run(command, input=text.encode(), check=True)  # noqa: S603 - found above


if __name__ == "__main__":
    main()
