"""The files of an installation: examined, replaced at once, and removed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from nstui.guard import files

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_as_it_was_found(tmp_path: Path) -> None:
    file = tmp_path / "daemon.json"
    file.write_bytes(b"{}")

    found = files.examine(str(file))

    assert (found.content, found.problem) == (b"{}", "")
    assert files.examine(str(tmp_path / "a" / "b")).content is None
    assert files.examine(str(tmp_path / "a" / "b")).problem == ""


def test_what_cannot_be_replaced_is_told(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"x")
    link.symlink_to(file)
    (tmp_path / "pipe").mkdir()

    assert files.examine(str(link)).problem.startswith(f"is a symbolic link to {file}")
    assert files.examine(str(link)).content == b"x"
    assert files.examine(str(tmp_path / "pipe")).problem == "is not a regular file"
    below = files.examine(str(file / "below"))
    assert "Not a directory" in below.problem
    file.write_bytes(b"x" * (files.LARGEST_BYTES + 1))
    assert files.examine(str(file)).problem == "is larger than 1 MB"


def test_what_is_there_and_was_not_read_is_no_file_that_is_missing(
    tmp_path: Path,
) -> None:
    file, link, large = (tmp_path / name for name in ("file", "link", "large"))
    file.touch()
    link.symlink_to(tmp_path / "nothing")
    large.write_bytes(b"x" * (files.LARGEST_BYTES + 1))

    for path in (file, tmp_path / "nothing", file / "below"):
        assert not files.examine(str(path)).is_unread
    for path in (link, large, tmp_path):
        found = files.examine(str(path))
        assert found.is_unread
        assert found.content is None


def test_a_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As root, which the tests may run as, every folder can be written.
    monkeypatch.setattr("os.access", lambda *_: False)

    problem = files.examine(str(tmp_path / "daemon.json")).problem

    assert problem == f"cannot be written: {tmp_path}: permission denied"


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (0x0008_0000, ""),
        (0x0008_0010, "cannot be replaced: chattr +i forbids it"),
        (0x0008_0020, "cannot be replaced: chattr +a forbids it"),
    ],
)
def test_a_file_that_nobody_may_change_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: int, problem: str
) -> None:
    # Not every file system has these flags, and only root may set them.
    def ioctl(_file: object, _request: int, answer: bytearray) -> None:
        answer[:4] = flags.to_bytes(4, sys.byteorder)

    monkeypatch.setattr("fcntl.ioctl", ioctl)
    file = tmp_path / "daemon.json"
    file.write_bytes(b"{}")

    assert files.examine(str(file)).problem == problem


def test_a_file_keeps_its_mode_when_it_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "new" / "daemon.json"

    files.replace(str(file), b"one")
    assert file.stat().st_mode & 0o777 == files.FILE_MODE
    file.chmod(0o640)
    files.replace(str(file), b"two", 0o644)

    assert file.read_bytes() == b"two"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_a_file_is_as_before_if_it_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "daemon.json"
    file.write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.replace(str(file), b"after")

    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_what_an_interruption_has_left_is_replaced_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "daemon.json"
    draft = tmp_path / f"daemon.json{files.DRAFT_SUFFIX}"
    draft.write_bytes(b"half")

    files.replace(str(file), b"whole")
    assert list(tmp_path.iterdir()) == [file]

    draft.write_bytes(b"half")
    files.remove(str(file))
    files.remove(str(file))
    assert list(tmp_path.iterdir()) == []
