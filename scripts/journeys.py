"""Counts the files of each of the four journeys in docs/architecture.md.

It starts a private engine, as the tests do, and so needs root. With ``-v`` it lists the
files.
"""

from __future__ import annotations

import asyncio
import io
import sys
import threading
import time
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

from nstui.cli.main import run
from nstui.cli.settings import Settings
from nstui.cli.wiring import connect_demo, wire
from nstui.tui.app import NstuiApp
from nstui.tui.widgets.group_tree import GroupTree
from tests.support.private_engine import PrivateEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from textual.pilot import Pilot

PATIENCE_S = 20.0
QUIET_S = 1.5
"""Seconds after which earlier actions have no further effects."""

SOURCE = "/src/nstui/"

Called = dict[str, set[str]]
"""The functions that were called, by file."""


@contextmanager
def counted(journey: str) -> Iterator[None]:
    """Print how many files and functions are called in the block, in any thread."""
    called: Called = {}

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and SOURCE in file and frame.f_code.co_name != "<module>":
            name = file.rpartition(SOURCE)[2]
            called.setdefault(name, set()).add(frame.f_code.co_qualname)

    _active_profiles.append(profile)
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)
        _active_profiles.remove(profile)
    functions = sum(len(each) for each in called.values())
    print(f"{journey}: {len(called)} files, {functions} functions")  # noqa: T201
    if "-v" in sys.argv:
        print("   ", *sorted(called))  # noqa: T201


_active_profiles: list[Callable[[FrameType, str, object], None]] = []
"""The active profile function, if any: an existing thread cannot be given one, and so
looks here."""


def _dispatch_profile(frame: FrameType, event: str, argument: object) -> None:
    for profile in _active_profiles:
        profile(frame, event, argument)


async def _until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        await pilot.pause(0.1)


async def text_ui(engine: PrivateEngine) -> None:
    """Take the journeys a, b and d."""
    app = NstuiApp(
        wire(Settings(host=engine.url)),
        connect_demo=connect_demo,
        interval=None,
        is_read_only=False,
        first=None,
    )
    async with app.run_test(size=(120, 40)) as pilot:
        tree = app.screen.query_one(GroupTree)

        def rows() -> str:
            return "\n".join(
                str(tree.render_line(y).text) for y in range(tree.size.height)
            )

        await _until(pilot, lambda: "owner" in rows())
        await pilot.pause(QUIET_S)
        with counted("a  a container from the engine's answer to its row"):
            await asyncio.to_thread(engine.run, "late", "--net=container:owner")
            await _until(pilot, lambda: "late" in rows())
        await pilot.press("slash", *"late", "enter", "end")
        await pilot.pause(QUIET_S)
        with counted("b  `d` from the key to the executed step"):
            await pilot.press("d")
            await pilot.pause(QUIET_S)
            await pilot.press("right", "enter")
            await _until(pilot, lambda: "late" not in engine.docker("ps", "-a").stdout)
            await pilot.pause(QUIET_S)
        await pilot.press("escape", "escape", "home", "down")
        await pilot.pause(QUIET_S)
        with counted("d  one read of the Network tab"):
            await pilot.press("2")
            await pilot.pause(QUIET_S)


def main() -> None:
    """Take all four journeys."""
    engine = PrivateEngine()
    engine.start()
    threading.setprofile(_dispatch_profile)
    try:
        engine.run("owner")
        engine.run("member", "--net=container:owner")
        asyncio.run(text_ui(engine))
        with (
            counted("c  `nstui check` from its arguments to its output"),
            redirect_stdout(io.StringIO()),
        ):
            run(["-H", engine.url, "check"])
    finally:
        threading.setprofile(None)
        engine.stop()


if __name__ == "__main__":
    main()
