"""What a standing watch leaves on disk: who acts, what it does, and what is asked."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from nstui.audit.files import locked
from nstui.audit.watch_state import WatchStateFile, real_endpoint
from nstui.errors import AuditFailed
from nstui.model.finding import Severity
from nstui.model.watch import (
    Circuit,
    Hold,
    WatchedIncident,
    WatchEvent,
    WatchEventKind,
    WatchStatus,
)
from tests.support.builders import cid

if TYPE_CHECKING:
    from pathlib import Path

ENDPOINT = "unix:///e"
NOW = datetime(2026, 11, 27, 22, 0, 1, 250000, tzinfo=UTC)

PLAIN = WatchStatus(
    pid=7,
    endpoint=ENDPOINT,
    started_at=NOW,
    written_at=NOW,
    looked_at=None,
    findings={},
)

FULL = WatchStatus(
    pid=7,
    endpoint=ENDPOINT,
    started_at=NOW,
    written_at=NOW,
    looked_at=NOW,
    is_dry_run=True,
    is_read_only=True,
    has_events=False,
    problem="the engine does not answer",
    findings={"stale-join": 2},
    incidents=(
        WatchedIncident(
            key="k",
            message="vpn was restarted",
            severity=Severity.ERROR,
            names=("qbit", "tab\tber"),
            since=NOW,
            hold=Hold.SETTLING,
            reason="vpn has not run for 3 s",
            until=NOW,
            command="nstui heal vpn",
        ),
        WatchedIncident(
            key="l",
            message="m",
            severity=Severity.WARNING,
            names=(),
            since=None,
            hold=None,
            reason="",
        ),
    ),
    circuits=(Circuit(container=cid("vpn"), name="vpn", attempts=5, until=NOW),),
    last=WatchEvent(
        kind=WatchEventKind.FAILED,
        at=NOW,
        message="vpn could not be healed",
        severity=Severity.ERROR,
        key="k",
        cause="owner-restarted",
        subject="vpn",
        names=("qbit",),
        hold=Hold.BACK_OFF,
        reason="could not restart qbit: it is busy",
        command="nstui heal vpn",
        steps=("docker restart qbit",),
        is_dry_run=True,
        duration_s=1.5,
        waited_s=4.25,
    ),
    healed=3,
    failed=1,
)

HOLDER = """
import sys, time
from pathlib import Path
from nstui.audit.watch_state import WatchStateFile
print(WatchStateFile(Path(sys.argv[1]), sys.argv[2]).acquire(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "nstui"


@pytest.fixture
def state(folder: Path) -> WatchStateFile:
    return WatchStateFile(folder, ENDPOINT)


@pytest.mark.parametrize("kind", [WatchStatus, WatchedIncident, Circuit, WatchEvent])
def test_the_example_has_every_field(
    kind: type[WatchStatus | WatchedIncident | Circuit | WatchEvent],
) -> None:
    every = (FULL, FULL.last, *FULL.incidents[:1], *FULL.circuits)
    (value,) = (one for one in every if isinstance(one, kind))
    for field in dataclasses.fields(kind):
        assert getattr(value, field.name) != field.default, field.name


@pytest.mark.parametrize("status", [PLAIN, FULL], ids=["plain", "full"])
def test_what_is_written_is_read_again(
    state: WatchStateFile, status: WatchStatus
) -> None:
    assert state.read() is None
    state.write(status)
    assert state.read() == status
    assert state.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no valid JSON"),
        (b"[]", "no JSON object"),
        (b"{}", "another version"),
        (b'{"schema": "nstui/1"}', "no status"),
        (b'{"schema": "nstui/1", "pid": 1, "started_at": "x"}', "no status"),
    ],
)
def test_a_damaged_status_is_not_taken_for_none(
    state: WatchStateFile, content: bytes, says: str
) -> None:
    state.write(PLAIN)
    state.path.write_bytes(content)
    with pytest.raises(ValueError, match=says):
        state.read()


def test_entries_that_make_no_sense_are_left_out(state: WatchStateFile) -> None:
    state.write(FULL)
    document = json.loads(state.path.read_text())
    document["incidents"][0]["severity"] = "loud"
    document["incidents"][1]["hold"] = "tight"
    document["circuits"][0]["until"] = "soon"
    document["last"]["kind"] = "danced"
    state.path.write_text(json.dumps(document))
    status = state.read()
    assert status is not None
    assert [one.key for one in status.incidents] == ["l"]
    assert status.circuits == ()
    assert status.last is None


def test_only_one_holds_the_lock(folder: Path, state: WatchStateFile) -> None:
    other = WatchStateFile(folder, ENDPOINT)
    assert not other.is_watched()
    assert state.acquire()
    assert state.acquire()
    assert state.is_watched()
    assert other.is_watched()
    assert not other.acquire()
    state.release()
    state.release()
    assert not other.is_watched()
    assert other.acquire()


def test_another_engine_has_another_lock(folder: Path, state: WatchStateFile) -> None:
    assert state.acquire()
    assert WatchStateFile(folder, "unix:///other").acquire()


def test_one_socket_has_one_lock(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "var-run").symlink_to(tmp_path / "run")
    first = WatchStateFile(folder, f"unix://{tmp_path}/run/docker.sock")
    assert first.acquire()
    assert not WatchStateFile(
        folder, f"unix://{tmp_path}/var-run/docker.sock"
    ).acquire()
    assert real_endpoint("tcp://h:2375") == "tcp://h:2375"


def test_a_killed_watch_gives_the_lock_back(
    folder: Path, state: WatchStateFile
) -> None:
    with subprocess.Popen(
        (sys.executable, "-c", HOLDER, str(folder), ENDPOINT), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        assert not state.acquire()
        process.kill()
        process.wait()
    assert state.acquire()


def test_what_is_asked_is_taken_once(folder: Path, state: WatchStateFile) -> None:
    assert state.take_resets() == frozenset()
    asker = WatchStateFile(folder, ENDPOINT)
    asker.request_reset(["vpn", "web"])
    asker.request_reset(["a\nb"])
    assert state.take_resets() == {"vpn", "web", "a\nb"}
    assert state.take_resets() == frozenset()
    asker.request_reset(["vpn"])
    assert state.take_resets() == {"vpn"}


def test_a_torn_request_is_no_request(folder: Path, state: WatchStateFile) -> None:
    state.request_reset(["vpn"])
    with (folder / "watch" / f"{state.path.stem}.reset").open("ab") as file:
        file.write(b'{"schema": "nst')
    state.request_reset(["web"])
    assert state.take_resets() == {"vpn", "web"}


def test_requests_wait_while_another_program_writes(
    folder: Path, state: WatchStateFile
) -> None:
    state.request_reset(["vpn"])
    with locked(folder / "watch" / f"{state.path.stem}.reset", 1):
        assert state.take_resets() == frozenset()
    assert state.take_resets() == {"vpn"}


def test_a_folder_that_others_may_write_in_is_not_used(
    folder: Path, state: WatchStateFile
) -> None:
    state.write(PLAIN)
    os.chmod(folder, 0o777)  # noqa: PTH101, S103 - that is the case
    for use in (state.read, state.is_watched, state.acquire):
        with pytest.raises(AuditFailed):
            use()
    with pytest.raises(AuditFailed):
        state.write(PLAIN)
    with pytest.raises(AuditFailed):
        state.request_reset(["vpn"])


def test_a_status_that_cannot_be_written_is_as_before(
    folder: Path, state: WatchStateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.write(PLAIN)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space"):
        state.write(FULL)
    monkeypatch.undo()
    assert state.read() == PLAIN
    assert not list((folder / "watch").glob(".draft*"))
