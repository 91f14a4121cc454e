"""The screen as last left, on disk: kept by several programs, and never a problem."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.preferences.choices import LastLeft
from nstui.analysis.tree.tree import SortOrder
from nstui.audit.last_left import FileLastLeft

if TYPE_CHECKING:
    from pathlib import Path

WRITER = """
import sys
from pathlib import Path
from nstui.analysis.preferences.choices import LastLeft
from nstui.audit import last_left
last_left.LOCK_LIMIT = 20
kept = last_left.FileLastLeft(Path(sys.argv[1]))
for number in range(40):
    kept.update(LastLeft(folds={sys.argv[2]: {str(number): True}}))
"""

FULL = LastLeft(
    theme="nord",
    order=SortOrder.CPU,
    folds={"unix:///a": {"container:vpn": False, "unshared": True}},
)


@pytest.fixture
def kept(tmp_path: Path) -> FileLastLeft:
    return FileLastLeft(tmp_path / "nstui")


def test_what_is_kept_is_read_again(kept: FileLastLeft) -> None:
    assert kept.read() == LastLeft()
    kept.update(FULL)
    assert kept.read() == FULL
    kept.update(LastLeft(order=SortOrder.NAME))
    assert kept.read().order is SortOrder.NAME
    assert kept.read().theme == "nord"


def test_only_its_user_may_read_it(kept: FileLastLeft) -> None:
    kept.update(FULL)
    assert kept.path.stat().st_mode & 0o777 == 0o600


def test_two_at_once_lose_nothing(kept: FileLastLeft) -> None:
    folder = str(kept.path.parent)
    several = [
        subprocess.Popen((sys.executable, "-c", WRITER, folder, name))
        for name in ("one", "two")
    ]
    assert [each.wait(timeout=60) for each in several] == [0, 0]
    wanted = {str(number): True for number in range(40)}
    assert kept.read().folds == {"one": wanted, "two": wanted}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"schema": "other/1", "theme": "nord"}',
        b'{"theme": "nord"}',
        b" " * 1_000_001,
    ],
)
def test_what_is_damaged_counts_as_nothing_and_is_replaced(
    kept: FileLastLeft, content: bytes
) -> None:
    kept.path.parent.mkdir(mode=0o700)
    kept.path.write_bytes(content)
    assert kept.read() == LastLeft()
    kept.update(FULL)
    assert kept.read() == FULL


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"theme": 1, "order": "sideways", "folds": []}, LastLeft()),
        ({"folds": {"e": 5}}, LastLeft(folds={"e": {}})),
        ({"folds": {"e": {"a": 1, "b": True}}}, LastLeft(folds={"e": {"b": True}})),
    ],
)
def test_strange_fields_are_left_out(
    kept: FileLastLeft, fields: dict[str, object], left: LastLeft
) -> None:
    kept.path.parent.mkdir(mode=0o700)
    kept.path.write_text(json.dumps({"schema": "nstui/1", **fields}))
    assert kept.read() == left


def test_where_nothing_can_be_written_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = FileLastLeft(tmp_path / "file" / "nstui")
    kept.update(FULL)
    assert kept.read() == LastLeft()


def test_nothing_is_written_where_others_may_write(kept: FileLastLeft) -> None:
    kept.path.parent.mkdir()
    kept.path.parent.chmod(0o777)
    kept.update(FULL)
    assert not kept.path.exists()
