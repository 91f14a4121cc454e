"""Whatever stands in the place of a file or a folder of the audit log."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.audit.files import read_regular
from nstui.audit.log import MAX_RECORD_BYTES, FileAuditLog
from nstui.errors import AuditFailed
from tests.support.builders import cid
from tests.unit.audit.traces import entry, removed

if TYPE_CHECKING:
    from collections.abc import Callable

SOON_S = 2.0


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def dangle(path: Path) -> None:
    path.symlink_to("nowhere")


def loop(path: Path) -> None:
    path.symlink_to(path)


def device(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes devices")
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))


def listen(path: Path) -> None:
    # The path may be longer than that of a socket can be.
    with (
        socket.socket(socket.AF_UNIX) as listener,
        tempfile.TemporaryDirectory(dir="/tmp") as folder,
    ):
        listener.bind(f"{folder}/s")
        shutil.move(f"{folder}/s", path)


def swell(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 30)


STRANGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (os.mkfifo, "is a pipe"),
    "link": (link, "is a symbolic link"),
    "dangling": (dangle, "is a symbolic link"),
    "loop": (loop, "is a symbolic link"),
    "device": (device, "is a device"),
    "folder": (lambda path: path.mkdir(), "is a directory"),
    "socket": (listen, "is a socket"),
}
each_kind = pytest.mark.parametrize(
    ("make", "why"), STRANGE.values(), ids=STRANGE.keys()
)


@pytest.fixture
def audit_log(tmp_path: Path) -> FileAuditLog:
    """Return an audit log with one record, at ``state/nstui``."""
    audit_log = FileAuditLog(tmp_path / "state" / "nstui")
    audit_log.save(removed("kept", 5))
    return audit_log


def record(tmp_path: Path) -> Path:
    """Return where another record would be."""
    name = f"20261123T110000.000000Z-{cid('odd')}.json"
    return tmp_path / "state" / "nstui" / "removed" / name


@each_kind
def test_what_is_no_file_is_skipped_at_once(
    audit_log: FileAuditLog, tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    make(record(tmp_path))
    began = time.monotonic()
    assert [one.name for one in audit_log.removed()] == ["kept"]
    (told,) = audit_log.damaged()
    assert (told.place, told.problem) == (str(record(tmp_path)), why)
    assert time.monotonic() - began < SOON_S


def test_what_is_far_too_large_is_skipped_at_once(
    audit_log: FileAuditLog, tmp_path: Path
) -> None:
    swell(record(tmp_path))
    began = time.monotonic()
    (told,) = audit_log.damaged()
    assert told.problem == f"is larger than {MAX_RECORD_BYTES // 1_000_000} MB"
    assert time.monotonic() - began < SOON_S


def test_a_file_that_says_to_be_empty_and_is_not() -> None:
    endless = Path("/proc/self/maps")
    assert endless.stat().st_size == 0
    with pytest.raises(OSError, match="larger"):
        read_regular(endless, 64)


def deep(levels: int) -> bytes:
    inner = b"[" * levels + b"]" * levels
    return b'{"inspect": {"a": ' + inner + b"}}"


def at(moment: str) -> bytes:
    document = {"inspect": {}, "removed_at": moment, "endpoint": "", "id": ""}
    return json.dumps({**document, "name": "", "image": ""}).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (deep(100_000), "it is no valid JSON"),
        (deep(300), "it is nested too deeply"),
        (b"\0" * 4096, "it is no valid JSON"),
        (b'{"inspect": {"a": ' + b"9" * 9999 + b"}}", "it is no valid JSON"),
        (at("0001-01-01T00:00:00+14:00"), "its removed_at is out of range"),
        (at("9999-12-31T23:59:59-14:00"), "its removed_at is out of range"),
        (at("99999-12-31T23:59:59Z"), "its removed_at is no moment"),
        (b'{"inspect": {}, "removed_at": 5}', "it has no removed_at"),
    ],
)
def test_what_is_absurd_is_skipped(
    audit_log: FileAuditLog, tmp_path: Path, content: bytes, why: str
) -> None:
    record(tmp_path).write_bytes(content)
    assert [one.name for one in audit_log.removed()] == ["kept"]
    assert [one.problem for one in audit_log.damaged()] == [why]


@each_kind
def test_a_log_that_is_no_file_is_not_written_to(
    audit_log: FileAuditLog, tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    make(tmp_path / "state" / "nstui" / "actions.jsonl")
    for write in (audit_log.require_writable, lambda: audit_log.append(entry())):
        began = time.monotonic()
        with pytest.raises(AuditFailed, match=why):
            write()
        assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize("name", ["nstui", "nstui/removed"])
def test_no_link_is_followed_in_the_place_of_a_folder(
    audit_log: FileAuditLog, tmp_path: Path, name: str
) -> None:
    place = tmp_path / "state" / name
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    for use in (
        audit_log.removed,
        audit_log.require_writable,
        lambda: audit_log.save(removed("new", 6)),
    ):
        with pytest.raises(AuditFailed, match="is a symbolic link"):
            use()


def test_a_link_of_the_users_own_may_lead_to_where_the_folder_is(
    audit_log: FileAuditLog, tmp_path: Path
) -> None:
    (tmp_path / "state").rename(tmp_path / "real")
    (tmp_path / "state").symlink_to("./real/../real")
    assert [one.name for one in audit_log.removed()] == ["kept"]
    audit_log.append(entry())


def test_links_in_a_circle_lead_nowhere(tmp_path: Path) -> None:
    loop(tmp_path / "state")
    with pytest.raises(AuditFailed, match=r"(?i)too many (links|levels)"):
        FileAuditLog(tmp_path / "state" / "nstui").removed()


@pytest.mark.parametrize(("mode", "is_refused"), [(0o777, True), (0o1777, False)])
def test_a_folder_above_in_which_anybody_may_write(
    audit_log: FileAuditLog, tmp_path: Path, mode: int, *, is_refused: bool
) -> None:
    (tmp_path / "state").chmod(mode)
    if not is_refused:
        assert [one.name for one in audit_log.removed()] == ["kept"]
        audit_log.require_writable()
        return
    for use in (
        audit_log.removed,
        audit_log.require_writable,
        lambda: audit_log.append(entry()),
        FileAuditLog(tmp_path / "state" / "new").require_writable,
    ):
        with pytest.raises(AuditFailed, match="anybody may put another folder"):
            use()
    assert not (tmp_path / "state" / "new").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
@pytest.mark.parametrize("what", ["folder", "link"])
def test_a_way_through_what_is_somebody_elses(
    audit_log: FileAuditLog, tmp_path: Path, what: str
) -> None:
    state = tmp_path / "state"
    if what == "link":
        state.rename(tmp_path / "real")
        state.symlink_to("real")
    os.chown(state, 65534, -1, follow_symlinks=False)
    with pytest.raises(AuditFailed, match="belongs to nobody"):
        audit_log.removed()
