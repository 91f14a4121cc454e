"""A developer's own settings do not reach the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual import constants

SETTINGS = {
    "COLUMNS": "33",
    "DOCKER_CONTEXT": "prod",
    "DOCKER_HOST": "tcp://prod:2375",
    "ESCDELAY": "999",
    "NSTUI_ORDER": "cpu",
    "NO_COLOR": "1",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_FPS": "7",
    "TEXTUAL_THEME": "nord",
    "XDG_CONFIG_HOME": "/etc",
}


def test_nothing_of_it_is_seen() -> None:
    assert not SETTINGS.keys() & os.environ.keys()
    assert constants.TEXTUAL_ANIMATIONS == "full"
    assert constants.MAX_FPS == 60
    assert constants.DEFAULT_THEME == "textual-dark"
    assert pytest.approx(0.1) == constants.ESCAPE_DELAY
    assert not Path(os.environ["DOCKER_CONFIG"], "config.json").exists()


def test_nothing_of_it_is_seen_where_it_is_set() -> None:
    root = Path(__file__).parents[2]
    test = f"{__file__}::{test_nothing_of_it_is_seen.__name__}"

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", test],
        cwd=root,
        env={**os.environ, **SETTINGS},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
