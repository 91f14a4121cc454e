"""A slow link is sent less."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from nstui.cli.app import slow_frames

PROGRAM = """
from nstui.cli.wiring import connect_demo
from nstui.tui.app import NstuiApp
app = NstuiApp(connect_demo(), connect_demo=connect_demo, interval=None)
print(app.animation_level)
"""


@pytest.mark.parametrize(
    ("asked", "frames"),
    [("", "10"), ("60", "10"), ("4", "4"), ("fast", "10"), ("-3", "10")],
)
def test_frames(asked: str, frames: str) -> None:
    assert slow_frames(asked) == frames


@pytest.mark.parametrize(("frames", "level"), [("14", "none"), ("15", "full")])
def test_few_frames_mean_no_animation(frames: str, level: str) -> None:
    ended = subprocess.run(
        (sys.executable, "-c", PROGRAM),
        env={**os.environ, "TEXTUAL_FPS": frames},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == [level]
