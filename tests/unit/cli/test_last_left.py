"""The screen is as it was last left, from one run of the program to the next."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.preferences.choices import LastLeft
from nstui.analysis.tree.tree import SortOrder
from nstui.audit.last_left import FileLastLeft
from nstui.cli.app import keep_last_left
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

NSTUI = (sys.executable, "-m", "nstui", "--demo")
START_S = 30.0
"""How long a start may take while other tests run."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder above those of the configuration and of the state."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "config" / "nstui").mkdir(parents=True)
    return tmp_path


def test_what_was_left_is_there_again(folder: Path) -> None:
    kept = FileLastLeft(folder / "state" / "nstui")
    with Terminal(NSTUI) as terminal:
        terminal.wait_for("vpn", "sonarr", timeout=START_S)
        terminal.press("o")
        terminal.wait_for("by name")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    assert kept.read() == LastLeft(order=SortOrder.NAME)
    with Terminal(NSTUI) as terminal:
        terminal.wait_for("by name", timeout=START_S)
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_where_nothing_can_be_kept_it_ends_as_well(folder: Path) -> None:
    (folder / "state").touch()
    with Terminal(NSTUI) as terminal:
        terminal.wait_for("vpn", "sonarr", timeout=START_S)
        terminal.press("o")
        terminal.wait_for("by name")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
        assert "Traceback" not in terminal.screen()


def test_a_configuration_and_its_mistakes_reach_the_screen(folder: Path) -> None:
    file = folder / "config" / "nstui" / "config.toml"
    file.write_text(
        "order = 'age'\ntheme = 'nrod'\n[keymap]\nstop = 'x'\nhelp = 'd'\n"
        "[check]\nignore = ['*']\n"
    )
    with Terminal(NSTUI) as terminal:
        terminal.wait_for("by age", "nothing wrong", "x Stop", timeout=START_S)
        terminal.wait_for("'nrod'", "keymap.help:")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


class HangingDisk(FileLastLeft):
    """A file on a disk that does not answer until it is told to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answers = threading.Event()

    def update(self, newer: LastLeft) -> None:
        self.answers.wait()
        super().update(newer)


def test_a_disk_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    disk = HangingDisk(tmp_path / "nstui")
    keep_last_left(disk, LastLeft(theme="nord"))
    assert disk.read() == LastLeft()
    disk.answers.set()


def test_nothing_changed_is_nothing_written(tmp_path: Path) -> None:
    kept = FileLastLeft(tmp_path / "nstui")
    keep_last_left(kept, LastLeft())
    assert not kept.path.parent.exists()
    keep_last_left(kept, LastLeft(theme="nord"))
    assert kept.read() == LastLeft(theme="nord")
    keep_last_left(None, LastLeft(theme="nord"))
