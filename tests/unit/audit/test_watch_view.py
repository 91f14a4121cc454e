"""What another program sees of a standing watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.audit.watch_state import WatchStateFile
from nstui.audit.watch_view import FileWatchView
from nstui.errors import AuditFailed
from nstui.model.watch import WatchReading
from tests.support.watching import circuit, status

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = "unix:///run/test.sock"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "nstui"


@pytest.fixture
def watch(folder: Path) -> WatchStateFile:
    return WatchStateFile(folder, ENGINE)


@pytest.fixture
def view(folder: Path) -> FileWatchView:
    return FileWatchView(folder, ENGINE)


def test_no_watch_was_ever_here(view: FileWatchView, folder: Path) -> None:
    place = str(folder / "watch")
    assert view.read() == WatchReading(status=None, is_held=False, place=place)
    assert not folder.exists()


def test_what_a_watch_writes_is_read(
    view: FileWatchView, watch: WatchStateFile
) -> None:
    assert watch.acquire()
    assert (view.read().status, view.read().is_held) == (None, True)
    written = status(circuits=(circuit("web"),))
    watch.write(written)
    assert (view.read().status, view.read().is_held) == (written, True)
    watch.release()
    assert (view.read().status, view.read().is_held) == (written, False)


def test_a_watch_of_another_engine_is_none_of_this_one(
    view: FileWatchView, folder: Path
) -> None:
    other = WatchStateFile(folder, "tcp://10.0.0.1:2375")
    assert other.acquire()
    other.write(status())
    assert (view.read().status, view.read().is_held) == (None, False)
    other.release()


def test_a_damaged_file_is_not_taken_for_none(
    view: FileWatchView, watch: WatchStateFile
) -> None:
    assert watch.acquire()
    watch.path.write_text("{")
    assert view.read().is_held is None
    assert view.read().problem == f"{watch.path} cannot be used: it is no valid JSON"
    watch.release()


def test_a_folder_in_which_others_may_write_is_not_believed(
    view: FileWatchView, watch: WatchStateFile
) -> None:
    watch.write(status())
    watch.path.parent.chmod(0o777)
    assert view.read().status is None
    assert view.read().is_held is None
    assert "others may write" in view.read().problem


def test_a_request_is_taken_by_the_watch(
    view: FileWatchView, watch: WatchStateFile
) -> None:
    assert view.has_taken_requests()
    view.request_reset("web")
    assert not view.has_taken_requests()
    assert watch.take_resets() == {"web"}
    assert view.has_taken_requests()


def test_a_request_that_cannot_be_written_is_refused(
    view: FileWatchView, watch: WatchStateFile
) -> None:
    watch.write(status())
    watch.path.with_suffix(".reset").mkdir()
    with pytest.raises(AuditFailed, match="the watch cannot be asked"):
        view.request_reset("web")
