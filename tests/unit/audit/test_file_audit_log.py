"""The folder and the files of the audit log."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import stat
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.audit.files import DRAFT_LIFE, DRAFT_PREFIX, append_line
from nstui.audit.folders import default_folder
from nstui.audit.log import FileAuditLog
from nstui.errors import AuditFailed
from nstui.model.audit import Restored
from tests.support.builders import NOON, cid
from tests.unit.audit.traces import HOSTILE, entry, removed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the audit log is, once there is anything in it."""
    return tmp_path / "state" / "nstui"


@pytest.fixture
def audit_log(folder: Path) -> FileAuditLog:
    """Return an audit log with nothing in it."""
    return FileAuditLog(folder)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Yield a umask that is in force."""
    mask = int(request.param)
    before = os.umask(mask)
    yield mask
    os.umask(before)


def mode(path: Path) -> int:
    """Return who may do what."""
    return stat.S_IMODE(path.stat().st_mode)


def records(folder: Path) -> list[Path]:
    """Return the files of removed containers, the oldest first."""
    return sorted(folder.joinpath("removed").iterdir())


@pytest.mark.usefixtures("umask")
def test_only_the_owner_may_look(audit_log: FileAuditLog, folder: Path) -> None:
    audit_log.append(entry())
    audit_log.save(removed())
    for place in (folder.parent, folder, folder / "removed"):
        assert mode(place) == 0o700
    for file in (folder / "actions.jsonl", *records(folder)):
        assert mode(file) == 0o600


def test_a_record_is_one_document(audit_log: FileAuditLog, folder: Path) -> None:
    audit_log.save(removed())
    (file,) = records(folder)
    assert file.name == f"20261123T120000.000000Z-{cid('web')}.json"
    content = file.read_bytes()
    assert content.isascii()
    document = json.loads(content)
    inspect = document.pop("inspect")
    assert inspect == removed().inspect
    assert document == {
        "schema": "nstui/1",
        "removed_at": "2026-11-23T12:00:00Z",
        "endpoint": "unix:///var/run/docker.sock",
        "engine_id": None,
        "id": cid("web"),
        "name": "web",
        "image": "busybox:1",
        "confirmed": True,
        "compose": {"project": "media", "service": "web"},
        "ran": None,
        "restored": None,
    }


def test_what_a_container_was_restored_as_is_kept(
    audit_log: FileAuditLog, folder: Path
) -> None:
    restored = Restored(cid("new"), "web", NOON)
    audit_log.save(replace(removed(), ran=True, restored=restored))
    (kept,) = audit_log.removed()
    assert (kept.ran, kept.restored) == (True, restored)
    (file,) = records(folder)
    several: tuple[object, ...] = (
        {},
        {"id": 3, "at": "noon"},
        {"id": cid("new"), "at": "2026"},
        [],
    )
    for odd in several:
        document = json.loads(file.read_bytes()) | {"restored": odd, "ran": "yes"}
        file.write_text(json.dumps(document))
        (kept,) = audit_log.removed()
        assert (kept.ran, kept.restored) == (None, None)


def test_the_log_has_a_line_for_each_entry(
    audit_log: FileAuditLog, folder: Path
) -> None:
    audit_log.append(entry(1))
    audit_log.append(entry(2, error=HOSTILE))
    content = folder.joinpath("actions.jsonl").read_bytes()
    assert content.isascii()
    first, second = (json.loads(line) for line in content.splitlines())
    assert first == {
        "schema": "nstui/1",
        "at": "2026-11-23T12:00:01.000250Z",
        "endpoint": "unix:///var/run/docker.sock",
        "engine_id": None,
        "who": "root (sudo: amy)",
        "plan": "3f2a",
        "number": 1,
        "total": 9,
        "action": "rm",
        "verb": "stop",
        "container": cid("web"),
        "name": "web",
        "why": "nothing depends on it",
        "phase": "done",
        "error": None,
    }
    assert (second["number"], second["phase"], second["error"]) == (
        2,
        "failed",
        HOSTILE,
    )


def test_a_torn_line_stays_alone(audit_log: FileAuditLog, folder: Path) -> None:
    audit_log.append(entry(1))
    log = folder / "actions.jsonl"
    torn = log.read_bytes() + b'{"number": 2, "to'
    log.write_bytes(torn)
    audit_log.append(entry(3))
    lines = log.read_bytes().splitlines()
    assert b"\n".join(lines[:2]) == torn
    assert json.loads(lines[2])["number"] == 3


def test_a_program_that_keeps_the_log_locked_is_not_awaited_for_ever(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"1\n")
    with log.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(AuditFailed, match=r"locked .*/log"):
            append_line(log, b"2\n", limit=0.05)
    assert log.read_bytes() == b"1\n"
    append_line(log, b"2\n", limit=0.05)
    assert log.read_bytes() == b"1\n2\n"


DAMAGE = {
    "empty": (b"", "it is no valid JSON"),
    "cut": (b'{"schema": "nstui/1", "remov', "it is no valid JSON"),
    "no text": (b"\xff\xfe\x00", "it is no valid JSON"),
    "deep": (b"[" * 100_000, "it is no valid JSON"),
    "no object": (b"[]", "it is no JSON object"),
    "no inspect": (b'{"name": "web"}', "it has no inspect"),
    "no moment": (b'{"inspect": {}}', "it has no removed_at"),
    "odd moment": (
        b'{"inspect": {}, "removed_at": "noon"}',
        "its removed_at is no moment",
    ),
    "no zone": (
        b'{"inspect": {}, "removed_at": "2026-11-23T12:00:00"}',
        "its removed_at has no time zone",
    ),
    "no name": (
        b'{"inspect": {}, "removed_at": "2026-11-23T12:00Z", "endpoint": "", "id": ""}',
        "it has no name",
    ),
}


@pytest.mark.parametrize(("content", "problem"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_record_is_told_of_beside_the_others(
    audit_log: FileAuditLog, folder: Path, content: bytes, problem: str
) -> None:
    for minute, name in enumerate(("a", "b", "c")):
        audit_log.save(removed(name, minute))
    damaged = records(folder)[1]
    damaged.write_bytes(content)
    assert [one.name for one in audit_log.removed()] == ["c", "a"]
    (told,) = audit_log.damaged()
    assert (told.place, told.problem) == (str(damaged), problem)


def test_what_is_no_file_is_damaged_too(audit_log: FileAuditLog, folder: Path) -> None:
    audit_log.save(removed())
    (file,) = records(folder)
    file.unlink()
    file.mkdir()
    assert audit_log.removed() == ()
    (told,) = audit_log.damaged()
    assert (told.place, told.problem) == (str(file), "is a directory")


def test_files_of_others_are_left_alone(folder: Path) -> None:
    audit_log = FileAuditLog(folder, keep=1)
    audit_log.save(removed("a", 1))
    for name in ("notes.txt", "2026.json", "~backup.json"):
        folder.joinpath("removed", name).write_text("mine")
    audit_log.save(removed("b", 2))
    assert [one.name for one in audit_log.removed()] == ["b"]
    assert audit_log.damaged() == ()
    assert len(records(folder)) == 4


def test_what_a_killed_program_left_is_cleared_away(
    audit_log: FileAuditLog, folder: Path
) -> None:
    audit_log.save(removed("a", 1))
    old, new = (folder / "removed" / f"{DRAFT_PREFIX}{n}" for n in ("old", "new"))
    for draft in (old, new):
        draft.write_text("half")
    past = time.time() - DRAFT_LIFE - 1
    os.utime(old, (past, past))
    audit_log.save(removed("b", 2))
    assert not old.exists()
    assert new.exists()
    assert len(audit_log.removed()) == 2


def test_the_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere/state")
    assert str(default_folder()) == "/somewhere/state/nstui"
    monkeypatch.setenv("HOME", "/home/amy")
    for ignored in ("", "relative/state"):
        monkeypatch.setenv("XDG_STATE_HOME", ignored)
        assert str(default_folder()) == "/home/amy/.local/state/nstui"
    for ignored in ("", "amy"):
        monkeypatch.setenv("HOME", ignored)
        home = pwd.getpwuid(os.getuid()).pw_dir
        assert str(default_folder()) == f"{home}/.local/state/nstui"


HOMELESS = """
import os
from nstui.errors import AuditFailed
from nstui.audit.folders import default_folder
os.setuid(54321)
try:
    default_folder()
except AuditFailed as problem:
    print(problem)
"""


def test_without_a_home_there_is_no_folder() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become a user that has no home")
    ended = subprocess.run(
        (sys.executable, "-c", HOMELESS),
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == (
        "you have no home folder; set XDG_STATE_HOME to the full path of a folder\n"
    )


@pytest.mark.parametrize(
    "value",
    [None, "media/web", [], {}, {"project": "media"}, {"project": 1, "service": "web"}],
)
def test_a_record_that_tells_no_service_is_of_none(
    audit_log: FileAuditLog, folder: Path, value: object
) -> None:
    audit_log.save(removed())
    (file,) = records(folder)
    document = json.loads(file.read_bytes())
    file.write_text(json.dumps({**document, "compose": value}))
    (found,) = audit_log.removed()
    assert found == replace(removed(), compose=None)
