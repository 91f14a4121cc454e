"""When no trace can be kept: each time one sentence that says where and why."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from nstui.audit.log import FileAuditLog
from nstui.errors import AuditFailed
from tests.unit.audit.traces import entry, removed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOBODY = 65534
WRITES: dict[str, Callable[[FileAuditLog], None]] = {
    "ask": lambda audit_log: audit_log.require_writable(),
    "save": lambda audit_log: audit_log.save(removed()),
    "append": lambda audit_log: audit_log.append(entry(error="x" * 9000)),
}
each_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


def cannot(reason: str) -> None:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a disk of 64 kilobytes."""
    if os.geteuid() != 0:
        cannot("only root may mount")
    for program in ("mount", "umount"):
        if shutil.which(program) is None:
            cannot(f"needs {program}")
    point = tmp_path / "disk"
    point.mkdir()
    command = ("mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", str(point))
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        cannot(f"cannot mount: {tried.stderr.strip()}")
    yield point
    subprocess.run(("umount", "--lazy", str(point)), check=True)


def fill(disk: Path, leave: int = 0) -> None:
    """Leave some bytes free on a disk, or none."""
    with (
        suppress(OSError),
        disk.joinpath("ballast").open("wb", buffering=0) as ballast,
    ):
        while True:
            ballast.write(bytes(4096))
    left = disk.joinpath("ballast").stat().st_size - leave
    os.truncate(disk / "ballast", left)


def make_read_only(disk: Path) -> None:
    """Let nobody write on a disk, root included."""
    subprocess.run(("mount", "-o", "remount,ro", str(disk)), check=True)


def content(folder: Path) -> dict[Path, bytes]:
    """Return every file that has any content."""
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {path: content for path, content in files.items() if content}


def refusal(write: Callable[[FileAuditLog], None], audit_log: FileAuditLog) -> str:
    """Return the sentence that a write is refused with."""
    with pytest.raises(AuditFailed) as caught:
        write(audit_log)
    sentence = str(caught.value)
    assert sentence.isprintable()
    return sentence


@each_write
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "in use"])
def test_a_full_disk(
    disk: Path, write: Callable[[FileAuditLog], None], *, is_new: bool
) -> None:
    audit_log = FileAuditLog(disk / "nstui")
    if not is_new:
        audit_log.save(removed("old", -1))
        audit_log.append(entry(0))
    fill(disk)
    before = content(disk)
    sentence = refusal(write, audit_log)
    assert str(disk) in sentence
    assert sentence.endswith(": no space left on device")
    assert content(disk) == before
    disk.joinpath("ballast").unlink()
    write(audit_log)


def test_a_record_that_does_not_fit_leaves_nothing(disk: Path) -> None:
    audit_log = FileAuditLog(disk / "nstui")
    audit_log.save(removed("old", -1))
    fill(disk, leave=4096)
    before = content(disk)
    big = removed("big")
    object.__setattr__(big, "inspect", {"Env": ["x" * 9000]})
    assert "no space left" in refusal(lambda audit_log: audit_log.save(big), audit_log)
    assert content(disk) == before
    assert not list(disk.rglob(".draft*"))
    assert [one.name for one in audit_log.removed()] == ["old"]


def test_a_line_that_fits_half_is_not_there_at_all(disk: Path) -> None:
    audit_log = FileAuditLog(disk / "nstui")
    audit_log.append(entry(1))
    fill(disk, leave=4096)
    before = content(disk)
    long = entry(2, error="x" * 9000)
    assert "no space left" in refusal(
        lambda audit_log: audit_log.append(long), audit_log
    )
    assert content(disk) == before


@each_write
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "in use"])
def test_a_read_only_disk(
    disk: Path, write: Callable[[FileAuditLog], None], *, is_new: bool
) -> None:
    audit_log = FileAuditLog(disk / "nstui")
    if not is_new:
        audit_log.save(removed("old", -1))
        audit_log.append(entry(0))
    make_read_only(disk)
    sentence = refusal(write, audit_log)
    assert str(disk) in sentence
    assert sentence.endswith(": read-only file system")
    assert len(audit_log.removed()) == (0 if is_new else 1)


def test_what_was_not_removed_stays_on_a_read_only_disk(disk: Path) -> None:
    audit_log = FileAuditLog(disk / "nstui")
    audit_log.save(removed())
    make_read_only(disk)
    sentence = refusal(lambda audit_log: audit_log.discard(removed()), audit_log)
    assert sentence.endswith(": read-only file system")
    assert len(audit_log.removed()) == 1


def test_a_log_that_is_a_folder(tmp_path: Path) -> None:
    audit_log = FileAuditLog(tmp_path)
    tmp_path.joinpath("actions.jsonl").mkdir()
    for name in ("ask", "append"):
        sentence = refusal(WRITES[name], audit_log)
        assert sentence == (
            f"no action can be noted in {tmp_path}/actions.jsonl: is a directory"
        )


@each_write
@pytest.mark.parametrize("name", ["state", "state/nstui", "state/nstui/removed"])
def test_a_folder_that_is_a_file(
    tmp_path: Path, write: Callable[[FileAuditLog], None], name: str
) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("no folder")
    audit_log = FileAuditLog(tmp_path / "state" / "nstui")
    sentence = refusal(write, audit_log)
    assert str(tmp_path / "state") in sentence
    assert sentence.endswith((": not a directory", f"{file} is not a folder"))
    assert file.read_text() == "no folder"
    with pytest.raises(AuditFailed, match="not a"):
        audit_log.removed()


@each_write
@pytest.mark.parametrize("place", ["", "removed"])
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_may_write_in(
    tmp_path: Path, write: Callable[[FileAuditLog], None], place: str, mode: int
) -> None:
    folder = tmp_path / "nstui"
    audit_log = FileAuditLog(folder)
    audit_log.save(removed("old", -1))
    folder.joinpath(place).chmod(mode)
    sentence = refusal(write, audit_log)
    assert f"others may write in {folder.joinpath(place)}; run chmod go-w" in sentence
    with pytest.raises(AuditFailed, match="others may write"):
        audit_log.removed()


def test_a_folder_that_others_may_read_is_taken(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    audit_log = FileAuditLog(tmp_path)
    for write in WRITES.values():
        write(audit_log)
    assert len(audit_log.removed()) == 1


@each_write
@pytest.mark.parametrize("place", ["", "removed"])
def test_a_folder_of_somebody_else(
    tmp_path: Path, write: Callable[[FileAuditLog], None], place: str
) -> None:
    if os.geteuid() != 0:
        cannot("only root may give a folder away")
    folder = tmp_path / "nstui"
    audit_log = FileAuditLog(folder)
    audit_log.save(removed("old", -1))
    os.chown(folder / place, NOBODY, -1)
    sentence = refusal(write, audit_log)
    assert "belongs to nobody, and you are root; set XDG_STATE_HOME" in sentence
    with pytest.raises(AuditFailed, match="belongs to nobody"):
        audit_log.removed()
