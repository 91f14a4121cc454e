"""Lines in a file of the user's choice."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

import pytest

from nstui.errors import Unsaved
from nstui.service.saved_file import default_path, save_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_new_file_that_only_the_user_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = os.umask(0)
    try:
        saved = save_lines(" own.log ", ["one", "grün", "\udcff"])
    finally:
        os.umask(before)
    assert saved == tmp_path / "own.log"
    assert saved.read_bytes() == "one\ngrün\n\\udcff\n".encode()
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


def test_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert save_lines("~/own.log", []) == tmp_path / "own.log"


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_nothing_is_overwritten(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "own.log", tmp_path / "target"
    if kind == "file":
        path.write_text("mine")
    elif kind == "link":
        path.symlink_to(target)
    else:
        path.mkdir()
    words = f"{path} exists already: choose another name"
    with pytest.raises(Unsaved, match=f"^{re.escape(words)}$"):
        save_lines(str(path), ["x"])
    assert not target.exists()
    assert kind != "file" or path.read_text() == "mine"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("  ", "a name for the file is missing"),
        ("/none/own.log", "/none/own.log cannot be written: no such file or directory"),
        ("a\0b", "a\0b cannot be written: embedded null byte"),
        ("~nobody-here/x", "~nobody-here/x cannot be written: could not determine"),
        ("/dev/null/x", "/dev/null/x cannot be written: not a directory"),
    ],
)
def test_what_cannot_be_written(path: str, words: str) -> None:
    with pytest.raises(Unsaved, match=f"^{re.escape(words)}"):
        save_lines(path, ["x"])


def test_half_a_file_is_not_left(tmp_path: Path) -> None:
    def lines() -> Iterator[str]:
        yield "one"
        raise OSError(28, "No space left on device")

    path = tmp_path / "own.log"
    with pytest.raises(Unsaved, match="cannot be written: no space left on device"):
        save_lines(str(path), lines())
    assert not path.exists()


def test_the_folder_that_is_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_path("x.log") == "x.log"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert default_path("x.log") == "~/x.log"
