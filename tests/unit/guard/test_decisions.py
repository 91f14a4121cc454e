"""Decisions are written down, in files that do not grow for ever."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nstui.guard.decisions import DecisionLog, read_decisions

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_was_added_is_read_from_a_time_on(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "decisions.jsonl"
    log = DecisionLog(file)
    for at in (1.0, 2.0, 3.0):
        log.add({"at": at})
    log.flush()
    assert list(read_decisions(file, 2)) == [{"at": 2.0}, {"at": 3.0}]
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_files_are_kept_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.guard.decisions.FILE_BYTES", 200)
    file = tmp_path / "decisions.jsonl"
    log = DecisionLog(file)
    for at in range(1, 101):
        log.add({"at": at})
    log.flush()
    found = [one["at"] for one in read_decisions(file, 0)]
    assert found == list(range(101 - len(found), 101))
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) <= 500
    assert len(list(tmp_path.iterdir())) <= 2


def test_what_is_damaged_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_bytes(b'{"at": 1}\n{"at\n\xff\n[1]\n{"at": "x"}\n{"at": 2}\n')
    assert list(read_decisions(file, 1)) == [{"at": 1}, {"at": 2}]
    assert list(read_decisions(tmp_path / "none", 0)) == []


def test_a_disk_that_is_well_again_is_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.touch()
    log = DecisionLog(folder / "decisions.jsonl")
    log.add({"at": 1})
    log.flush()
    assert (log.lost, log.problem) == (1, "File exists")
    folder.unlink()
    log.add({"at": 2})
    log.flush()
    assert (log.lost, log.problem) == (1, "")


def test_a_disk_that_hangs_delays_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_well = threading.Event()
    monkeypatch.setattr(
        "nstui.guard.decisions.DecisionLog._write", lambda *_: is_well.wait()
    )
    log = DecisionLog(tmp_path / "decisions.jsonl")
    for at in range(2000):
        log.add({"at": at})
    assert log.lost > 0
    assert log.problem == "writing takes too long"
    is_well.set()
    log.flush()
